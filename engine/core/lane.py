"""When an account may send its next submission: one at a time, with a fixed pause, longer after a 429."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.ports import Clock


class Lane:
    """The one way out of an account."""

    def __init__(self, clock: Clock, pace_seconds: float, left: Callable[[], None] = lambda: None) -> None:
        """`left` is told each time that somebody leaves it."""
        self._clock = clock
        self._left = left
        self._pace = pace_seconds
        self._next_at = 0.0
        self._taken = asyncio.Lock()
        self._reserved = False
        self.idle_since = 0.0
        self.unreachable = False
        """Whether the last call did not reach the place to which it was sent."""
        self._spoke_at = -pace_seconds

    @property
    def free(self) -> bool:
        """Whether a submission could leave now."""
        return not self._reserved and not self._taken.locked() and self._clock.ticks() >= self._next_at

    @property
    def free_in(self) -> float:
        """Seconds until the pause is over (0 when only the present submission is in the way)."""
        return max(0.0, self._next_at - self._clock.ticks())

    def reserve(self) -> None:
        """Keep the lane for the caller, who enters it at once in a task of its own."""
        self._reserved = True

    def pause(self, seconds: float) -> None:
        """Nothing leaves for that long."""
        self._next_at = max(self._next_at, self._clock.ticks() + seconds)

    def enter(self) -> Lane:
        """Hold the lane for one submission (`async with`); the pause begins when it leaves."""
        return self

    async def breathe(self) -> None:
        """Wait until the pause since the last call is over; for whoever holds the lane for several calls."""
        wait = self._spoke_at + self._pace - self._clock.ticks()
        if wait > 0:
            await self._clock.sleep(wait)
        self._spoke_at = self._clock.ticks()

    async def __aenter__(self) -> None:
        await self._taken.acquire()
        try:
            while (wait := self._next_at - self._clock.ticks()) > 0:
                await self._clock.sleep(wait)
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self._reserved = False
        self.idle_since = self._clock.ticks()
        self._next_at = max(self._next_at, self.idle_since + self._pace)
        self._taken.release()
        self._left()
