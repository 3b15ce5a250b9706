"""What the bot answers to commands about the account: /info, /settings, /prefer and the modes (protocol §9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import components, embeds
from engine.simulator.interaction import COMMAND
from engine.simulator.messages import EPHEMERAL, LOADING, bot_message, metadata

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.messages import Post
    from engine.simulator.people import Account
    from engine.simulator.world import World

_REMIX_ON = (
    "Remix mode turned on! Clicking the variation buttons will now give you a chance to edit your prompt! "
    "You can always turn this off by running `/prefer remix` again."
)
_REMIX_OFF = "Remix mode turned off! You can always turn this on by running `/prefer remix` again."
_MODES = {
    "fast": "Done! Note that once you exhaust your fast hours, jobs might take a little longer.",
    "relax": "Done! Your jobs now do not consume fast-hours, but might take a little longer. "
    "You can always switch back with /fast",
    "turbo": "Done! Your jobs will now use turbo mode.",
}


class Replies:
    """Answers that start no job."""

    def __init__(self, world: World, post: Post, voice: Voice, clock: Clock, rng: Random) -> None:
        self._world = world
        self._post = post
        self._voice = voice
        self._clock = clock
        self._rng = rng

    async def command(self, asked: Interaction) -> None:
        """A slash command other than imagine; those not served end in INTERACTION_FAILURE."""
        account, name = asked.account, asked.name
        about = metadata(COMMAND, asked.id, account, name=name)
        if name == "info":
            await self._info(asked, about)
        elif name == "settings":
            await self._settings(asked, about)
        elif name == "prefer remix":
            self._world.change_account(account, {"remix": not account.remix})
            await self._voice.plain(asked, _REMIX_ON if account.remix else _REMIX_OFF, about)
        elif name == "prefer variability":
            self._world.change_account(account, {"high_variation": not account.high_variation})
            await self._voice.plain(asked, "Done!", about)
        elif name in _MODES:
            self._world.change_account(account, {"mode": "relaxed" if name == "relax" else name})
            await self._voice.plain(asked, _MODES[name], about)
        else:
            await self._voice.failure(asked)

    async def _info(self, asked: Interaction, about: dict[str, Any]) -> None:
        """Deferred: first "thinking" with the nonce, then the same message filled (wire/info-embed.json)."""
        await self._voice.open(asked)
        account = asked.account
        body = bot_message(
            self._world.new_id(), asked.channel.id, "", type=20, flags=EPHEMERAL | LOADING, interaction=about
        )
        self._post.create(body, wire_nonce=asked.nonce, only=account.id, nonce=asked.nonce, interaction=asked.id)
        self._voice.success(asked)
        await self._clock.pause(self._rng.uniform(0.5, 1.5))
        mode = {"fast": "Fast", "relaxed": "Relaxed", "turbo": "Turbo"}[account.mode]
        lines = [
            "**User ID**: 00000000-0000-4000-8000-000000000000",
            f"**Subscription**: {account.plan.capitalize()} (Active monthly, renews next on <t:1893456000>)",
            f"**Job Mode**: {mode}",
            f"**Visibility Mode**: {'Stealth' if account.stealth else 'Public'}",
            "**Fast Time Remaining**: 14.57/15.0 hours (97.13%)",
            "**Lifetime Usage**: 102 images (1.77 hours)",
            "**Relaxed Usage**: 19 images (0.29 hours)",
            "",
            "**Queued Jobs (fast)**: 0",
            "**Queued Jobs (relax)**: 0",
            "**Running Jobs**: None",
        ]
        body["flags"] = EPHEMERAL
        body["embeds"] = [embeds.embed(f"Your info - {account.name}", "\n".join(lines), embeds.YELLOW, None)]
        self._post.edit(body, only=account.id, interaction=asked.id)

    async def _settings(self, asked: Interaction, about: dict[str, Any]) -> None:
        await self._voice.open(asked)
        body = bot_message(
            self._world.new_id(),
            asked.channel.id,
            "Adjust your settings here. Current suffix: ``",
            type=20,
            flags=EPHEMERAL,
            interaction=about,
            components=components.settings(**_switches(asked.account)),
        )
        self._post.create(body, wire_nonce=asked.nonce, only=asked.account.id, nonce=asked.nonce, interaction=asked.id)
        self._voice.success(asked)

    async def rated(self, asked: Interaction, about: dict[str, Any]) -> None:
        """❤️ under a picture: a reply to it (CAP26)."""
        channel, clicked = asked.channel, asked.message_id or ""
        where = f"{channel.guild_id or '@me'}/{channel.id}/{clicked}"
        words = f"You have successfully rated [this job](https://discord.com/channels/{where}) with 😍"
        await self._voice.plain(asked, words, about, reply=True)

    async def click(self, asked: Interaction) -> bool:
        """A settings button: the same message is edited. False if the button is none of ours."""
        change = components.SETTINGS.get(asked.custom_id)
        message = self._world.messages.get(asked.message_id or "")
        if change is None or message is None:
            return False
        await self._voice.open(asked)
        name, value = change
        if value is None:
            value = not getattr(asked.account, name)
        self._world.change_account(asked.account, {name: value})
        self._voice.success(asked)
        body = message.read()
        body["components"] = components.settings(**_switches(asked.account))
        self._post.edit(body, only=message.only, interaction=asked.id)
        return True


def _switches(account: Account) -> dict[str, Any]:
    return {"mode": account.mode, "remix": account.remix, "high_variation": account.high_variation}
