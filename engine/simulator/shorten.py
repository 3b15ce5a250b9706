"""/shorten: which words of a prompt weigh, and up to five shorter ones (protocol §4)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from engine.simulator import components, embeds

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.commanding import Work
    from engine.simulator.commissions import Commissions
    from engine.simulator.interaction import Interaction, Voice

_NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣")
_SHARES = (0.8, 0.6, 0.45, 0.3, 0.15)
_USELESS = {
    "a", "an", "the", "of", "and", "or", "with", "in", "on", "at", "to", "very", "stuff", "some", "is", "are", "that",
    "this", "it", "its", "by", "for", "from", "as",
}  # fmt: skip
_FOOTER = "Click on a button to imagine one of the shortened prompts"


class Shorten:
    """A public deferred message that ends in an embed with numbered prompts and their buttons."""

    def __init__(self, *, voice: Voice, clock: Clock, rng: Random, commissions: Commissions) -> None:
        self._voice = voice
        self._clock = clock
        self._rng = rng
        self._commissions = commissions

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {"shorten": self._shorten}

    async def _shorten(self, asked: Interaction, about: dict[str, Any]) -> None:
        body = await self._voice.think(asked, about, ephemeral=False)
        await self._clock.pause(self._rng.uniform(1, 4))
        echo = self._commissions.echo(asked.prompt)
        if echo.complaint is not None:
            footer = {"text": f"/shorten {asked.prompt}"[:2048]}
            body["embeds"] = [{**embeds.embed(*echo.complaint, embeds.RED, None), "footer": footer}]
        else:
            shown, shorter = weighed(echo.words)
            lines = "\n".join(f"{number} {text}" for number, text in zip(_NUMBERS, shorter, strict=False))
            description = f"## Important tokens\n{shown}\n## Shortened prompts\n{lines}"
            body["embeds"] = [{"type": "rich", "description": description[:4096], "footer": {"text": _FOOTER}}]
            chosen = [
                components.button(f"MJ::Job::PromptAnalyzer::{n}", emoji=_NUMBERS[n - 1])
                for n in range(1, len(shorter) + 1)
            ]
            body["components"] = components.rows([chosen])
        self._voice.thought(asked, body)


def weighed(words: str) -> tuple[str, list[str]]:
    """The prompt with its important words bold and its useless ones struck, and one to five shorter prompts."""
    given = words.split(" ")
    weights = [
        0 if word.lower().strip(",.") in _USELESS else len(word) * 10 + zlib.crc32(word.encode()) % 10 for word in given
    ]
    order = sorted(range(len(given)), key=lambda place: (-weights[place], place))
    heavy = set(order[: max(1, len(given) // 4)])
    shown = [
        f"**{word}**" if place in heavy else f"~~{word}~~" if weights[place] == 0 else word
        for place, word in enumerate(given)
    ]
    shorter = [
        " ".join(given[place] for place in sorted(order[: max(1, round(len(given) * share))])).strip(",")
        for share in _SHARES
    ]
    return " ".join(shown), list(dict.fromkeys(shorter))
