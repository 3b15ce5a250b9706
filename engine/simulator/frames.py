"""Which pages are open inside a client for Vary (Region), and by which token each is known (protocol §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.simulator.clock import Clock

if TYPE_CHECKING:
    from engine.simulator.buttons import Press
    from engine.simulator.instead import Instead
    from engine.simulator.interaction import Interaction, Voice

_TOKEN = 80  # characters
_INPAINT = ("Inpaint", "inpaint/index.html")


@dataclass(frozen=True, slots=True)
class Frame:
    """An open page: who opened it by which button, and since when."""

    opener: Interaction
    press: Press
    opened_us: int


class Frames:
    """All open pages."""

    def __init__(self, voice: Voice, instead: Instead) -> None:
        self._voice = voice
        self._instead = instead
        self._open: dict[str, Frame] = {}

    async def open(self, asked: Interaction, press: Press) -> None:
        """Tell the client to show the page where a region is painted."""
        token = self._instead.token(_TOKEN)
        self._open[token] = Frame(asked, press, Clock.monotonic_us())
        await self._voice.frame(asked, *_INPAINT, token)

    def of(self, token: str, life_ms: float) -> Frame | None:
        """The page of a token, if it is not too old."""
        frame = self._open.get(token)
        if frame is None or (Clock.monotonic_us() - frame.opened_us) / 1000 > life_ms:
            return None
        return frame

    def close(self, token: str) -> None:
        """The page was handed in."""
        frame = self._open.pop(token, None)
        if frame is not None:
            self._voice.frame_closed(frame.opener)
