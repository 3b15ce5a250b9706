"""How often this process may begin a new gateway session or try to connect again."""

from __future__ import annotations

import asyncio
import random

from engine.ports import Clock


class IdentifyPace:
    """One IDENTIFY at a time for all sessions of the process: many a day put a token under suspicion (§2.3)."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = asyncio.Lock()
        self._free_at = 0.0

    async def turn(self) -> None:
        """Return when it is this session's turn."""
        async with self._lock:
            wait = self._free_at - self._clock.ticks()
            if wait > 0:
                await self._clock.sleep(wait)
            self._free_at = self._clock.ticks() + self._seconds


class Backoff:
    """Pauses between connections: doubled with each failure, jittered so that accounts do not return together."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self.failures = 0

    def settled(self) -> None:
        """The last connection lasted."""
        self.failures = 0

    def next(self) -> float:
        """Seconds to wait now."""
        pause = min(self._longest, self._first * float(2 ** min(self.failures, 16)))
        self.failures += 1
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it
