"""A card that is kept up to date: when it may be edited next, and how its end cuts in."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from bot.values import Drawn
from engine import Card


class Live:
    """One card and what is known of its job's news."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.drawn: Drawn | None = None
        """As its message shows it."""
        self.task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._over = asyncio.Event()

    def news(self, *, final: bool) -> None:
        """Something happened to its job; `final`: it ended."""
        self._woken.set()
        if final:
            self._over.set()

    async def pause(self, pace: float, at_most: float) -> None:
        """At least `pace` seconds, then until there is news or `at_most` seconds are over; the end does not wait."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), pace)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), at_most)
        self._woken.clear()

    async def unless_over(self, edit: asyncio.Task[Any], grace: float) -> None:
        """Wait for an edit; once the job ended, `grace` seconds at most."""
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({edit, over}, return_when=asyncio.FIRST_COMPLETED)
            if not edit.done():
                await asyncio.wait({edit}, timeout=grace)
        finally:
            over.cancel()


class Pacer:
    """Spreads the edits that the bot makes as itself: Discord counts them by channel, whatever message they are for."""

    def __init__(self, seconds: float = 1.25) -> None:
        self._seconds = seconds
        self._next: dict[str, float] = {}

    async def turn(self, channel_id: str, *, urgent: bool) -> None:
        """Wait for one's turn in a channel; the end of a job takes its turn at once."""
        now = time.monotonic()
        at = max(now, self._next.get(channel_id, now))
        if len(self._next) > 1_000:  # noqa: PLR2004 - a bound, not a figure
            self._next = {each: then for each, then in self._next.items() if then > now}
        self._next[channel_id] = at + self._seconds
        if not urgent:
            await asyncio.sleep(at - now)
