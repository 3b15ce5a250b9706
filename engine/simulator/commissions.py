"""How something asked becomes a job: its echo, its refusal, its picture's recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.simulator import embeds, grammar, ids, results, standing
from engine.simulator.jobs import Job, Recipe
from engine.simulator.verbs import VERBS

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.desks import Desks
    from engine.simulator.fetching import Fetching
    from engine.simulator.instead import Instead
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.people import Account

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


@dataclass(frozen=True, slots=True)
class Commission:
    """What a job is to be: a name of verbs.VERBS, the prompt, and what its picture is made from."""

    verb: str
    echo: grammar.Echo
    motif: str
    cells: tuple[tuple[str, str], ...]
    seed: int
    index: int = 0
    ratio: tuple[int, int] | None = None  # None: the echo's
    over: Recipe | None = None  # with `mask`: what was repainted, and where
    mask: str = ""
    remix: str | None = None  # what was typed for it in place of the old prompt
    model: str | None = None  # when the prompt names none; None: the bot's newest


class Commissions:
    """Takes commissions and hands the jobs to the desks."""

    def __init__(self, *, rng: Random, voice: Voice, desks: Desks, instead: Instead, fetching: Fetching) -> None:
        self._instead = instead
        self._fetching = fetching
        self._rng = rng
        self._voice = voice
        self._desks = desks

    def echo(self, prompt: str, account: Account | None = None) -> grammar.Echo:
        """The prompt as Midjourney repeats it; a long link gets a short one.

        With `account` it is a new prompt, to which that account's settings are added.
        """
        if account is not None:
            prompt = standing.completed(account, prompt)
        return grammar.read(prompt, lambda url: url if "s.mj.run" in url else self.short_link())

    def short_link(self) -> str:
        """An address in the place of a picture's own."""
        return "https://s.mj.run/" + "".join(self._rng.choices(_LETTERS, k=11))

    async def begin(
        self, asked: Interaction, wanted: Commission, about: dict[str, Any], *, announced: bool = True
    ) -> None:
        """Refuse a bad prompt, or play the job; returns when its last event was emitted."""
        echo, slot = wanted.echo, not VERBS[wanted.verb].quick
        complaint = (
            echo.complaint
            or self._fetching.complaint(asked.prompt)
            or standing.complaint(asked.account, echo.mode, stealth=echo.stealth, slot=slot)
        )
        if complaint is not None:
            colour = embeds.COLOURS.get(complaint[0], embeds.RED)
            await self._voice.refuse(asked, embeds.embed(*complaint, colour, asked.prompt), about)
            self._instead.refused(asked, complaint[0])
            return
        await self._desks.admit(self._job(asked, wanted, about), asked, announced=announced)

    def _job(self, asked: Interaction, wanted: Commission, about: dict[str, Any]) -> Job:
        uuid, echo = ids.job_uuid(self._rng), wanted.echo
        long_links = "http" in asked.prompt and "https://s.mj.run/" not in asked.prompt
        # the first message shows long links in half of the cases (protocol §3.4)
        shown = " ".join(asked.prompt.split()) if long_links and self._rng.random() < 0.5 else echo.prompt
        caption = f"{uuid[:8]} · seed {wanted.seed} · {echo.words[:48]}"
        stealth = asked.account.stealth if echo.stealth is None else echo.stealth
        return Job(
            uuid=uuid,
            account=asked.account.id,
            channel_id=asked.channel.id,
            application=asked.application,
            seed=wanted.seed,
            verb=wanted.verb,
            prompt=echo.prompt,
            words=echo.words,
            recipe=Recipe(wanted.motif, wanted.cells, wanted.ratio or echo.ratio, caption, wanted.over, wanted.mask),
            mode=(echo.mode or asked.account.mode) + (", stealth" if stealth else ""),
            index=wanted.index,
            model=results.model_of(echo.prompt, wanted.model or ("niji 7" if asked.application == ids.NIJI else "7")),
            nonce=asked.nonce,
            interaction_id=asked.id,
            about=about,
            first_prompt=shown,
            clicked=asked.message_id,
            custom_id=asked.custom_id or None,
            remix=wanted.remix,
            form=asked.modal.custom_id if asked.modal is not None else None,
            faults=asked.faults,
        )
