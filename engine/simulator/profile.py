"""/info: what the account has, has used and is doing now (protocol §9.1, wire/info-embed.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import embeds
from engine.simulator.people import HOURS

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.commanding import Work
    from engine.simulator.desks import Desks
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.jobs import Job
    from engine.simulator.messages import Post
    from engine.simulator.people import Account
    from engine.simulator.world import World

_MONTH_SECONDS = 30 * 86400


class Profile:
    """One deferred ephemeral embed."""

    def __init__(self, *, world: World, post: Post, voice: Voice, clock: Clock, rng: Random, desks: Desks) -> None:
        self._world = world
        self._post = post
        self._voice = voice
        self._clock = clock
        self._rng = rng
        self._desks = desks

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {"info": self._info}

    async def _info(self, asked: Interaction, about: dict[str, Any]) -> None:
        body = await self._voice.think(asked, about, ephemeral=True)
        await self._clock.pause(self._rng.uniform(0.5, 1.5))
        account = asked.account
        words = "\n".join([*self._plan(account), *_used(account), "", *self._work(account)])
        body["embeds"] = [embeds.embed(f"Your info - {account.name}", words, embeds.YELLOW, None)]
        self._voice.thought(asked, body)

    def _plan(self, account: Account) -> list[str]:
        until = self._clock.unix_ms() // 1000 // _MONTH_SECONDS * _MONTH_SECONDS + _MONTH_SECONDS
        paid = f"{account.plan.capitalize()} (Active monthly, renews next on <t:{until}>)"
        whole = HOURS[account.plan]
        left = f"{round(account.fast_hours, 2)}/{whole} hours ({account.fast_hours / whole:.2%})"
        if account.plan == "trial":
            left = f"{account.fast_hours * 60:.2f} minutes"
        return [
            f"**User ID**: {account.midjourney_id()}",
            f"**Subscription**: {'None (Trial)' if account.plan == 'trial' else paid}",
            f"**Job Mode**: {account.mode.capitalize()}",
            f"**Visibility Mode**: {'Stealth' if account.stealth else 'Public'}",
            f"**Fast Time Remaining**: {left}",
        ]

    def _work(self, account: Account) -> list[str]:
        running, waiting = self._desks.of_account(account)
        relaxed = sum(job.mode.startswith("relaxed") for job in waiting)
        links = [f"[Job {number}]({self._link(job)})" for number, job in enumerate(running, start=1)]
        return [
            f"**Queued Jobs (fast)**: {len(waiting) - relaxed}",
            f"**Queued Jobs (relax)**: {relaxed}",
            f"**Running Jobs**: {', '.join(links) or 'None'}",
        ]

    def _link(self, job: Job) -> str:
        guild = self._world.channels[job.channel_id].guild_id or "@me"
        return f"https://discord.com/channels/{guild}/{job.channel_id}/{job.progress_id or job.interaction_id}"


def _used(account: Account) -> list[str]:
    def line(name: str, rows: list[tuple[int, float]]) -> str:
        return f"**{name} Usage**: {sum(row[0] for row in rows)} images ({sum(row[1] for row in rows):.2f} hours)"

    modes = [("Relaxed", "relaxed"), ("Fast", "fast"), ("Turbo", "turbo")]
    each = [line(name, [account.usage[mode]]) for name, mode in modes if mode in account.usage]
    return [line("Lifetime", list(account.usage.values())), *each]
