"""/blend: two to five uploaded pictures become a grid without words (protocol §4, §9.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.simulator import embeds
from engine.simulator.derived import imagined
from engine.simulator.shelf import File

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.commanding import Work
    from engine.simulator.commissions import Commissions
    from engine.simulator.interaction import Interaction, Voice

_DUPLICATE = ("Duplicate images detected", "Please blend images that are different from each other.")


class Blend:
    """Deferred, then like an imagine whose prompt is the pictures' links."""

    def __init__(self, *, voice: Voice, clock: Clock, rng: Random, commissions: Commissions) -> None:
        self._voice = voice
        self._clock = clock
        self._rng = rng
        self._commissions = commissions

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {"blend": self._blend}

    async def _blend(self, asked: Interaction, about: dict[str, Any]) -> None:
        files = [value for value in asked.options.values() if isinstance(value, File)]
        if len({file.sha256 for file in files}) < len(files):
            body = await self._voice.think(asked, about, ephemeral=False)
            await self._clock.pause(self._rng.uniform(0.5, 1.5))
            body["embeds"] = [embeds.embed(*_DUPLICATE, embeds.RED, None)]
            self._voice.thought(asked, body)
            return
        links = [self._commissions.short_link() for _ in files]
        asked.prompt = " ".join([*links, str(asked.options.get("dimensions", ""))]).strip()
        echo = self._commissions.echo(asked.prompt, asked.account)
        # the same pictures give kindred ones again, as the words of a prompt do
        drawn = replace(echo, words=" ".join(sorted(file.sha256[:12] for file in files)))
        wanted = imagined(drawn, self._rng.getrandbits(32))
        await self._commissions.begin(asked, replace(wanted, verb="blend", echo=echo), about)
