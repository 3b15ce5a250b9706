"""How fast the simulated world turns, and what time it believes it is: one factor and one offset from ours."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SLICE = 0.5  # a change of speed is felt by sleepers within this many real seconds
_MOST_SKEW_MS = 86_400_000


class Clock:
    """Wall time for ids and stamps, and pauses that shrink with `speed` (50 = fifty times faster).

    A test may give its own: `wall_ms` for the wall clock alone, or a subclass whose `pause` it steps. `skew_ms` is
    how far Discord's clock is ahead of ours.
    """

    def __init__(self, speed: float = 1.0, *, skew_ms: int = 0, wall_ms: Callable[[], int] | None = None) -> None:
        self.speed = 1.0
        self.turn(speed)
        self.skew_ms = 0
        self.skew(skew_ms)
        self._wall_ms = wall_ms or self.wall_ms

    def turn(self, speed: float) -> None:
        """Set the factor. Raises ValueError unless it is a number above 0."""
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= 1_000_000:
            raise ValueError("speed must be a number above 0 and at most 1000000")
        self.speed = float(speed)

    def skew(self, milliseconds: int) -> None:
        """Set how far this clock is ahead (below 0: behind). Raises ValueError beyond a day."""
        if type(milliseconds) is not int or abs(milliseconds) > _MOST_SKEW_MS:
            raise ValueError(f"skew_ms must be a whole number from -{_MOST_SKEW_MS} to {_MOST_SKEW_MS}")
        self.skew_ms = milliseconds

    async def pause(self, seconds: float) -> None:
        """Sleep so many simulated seconds."""
        left = seconds
        while left > 0:
            speed = self.speed
            real = min(left / speed, _SLICE)
            await asyncio.sleep(real)
            left -= real * speed

    def unix_ms(self) -> int:
        """Milliseconds since 1970 as this Discord believes: what its ids, stamps and Date headers say."""
        return self._wall_ms() + self.skew_ms

    @staticmethod
    def wall_ms() -> int:
        """Milliseconds since 1970 by this machine's clock: what the ledger says."""
        return time.time_ns() // 1_000_000

    @staticmethod
    def monotonic_us() -> int:
        """Microseconds of CLOCK_MONOTONIC, comparable between the processes of one machine."""
        return time.monotonic_ns() // 1000
