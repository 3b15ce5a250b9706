"""How fast the simulated world turns: one factor between its seconds and ours."""

from __future__ import annotations

import asyncio
import time

_SLICE = 0.5  # a change of speed is felt by sleepers within this many real seconds


class Clock:
    """Wall time for ids and stamps, and pauses that shrink with `speed` (50 = fifty times faster)."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = 1.0
        self.turn(speed)

    def turn(self, speed: float) -> None:
        """Set the factor. Raises ValueError unless it is a number above 0."""
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= 1_000_000:
            raise ValueError("speed must be a number above 0 and at most 1000000")
        self.speed = float(speed)

    async def pause(self, seconds: float) -> None:
        """Sleep so many simulated seconds."""
        left = seconds
        while left > 0:
            speed = self.speed
            real = min(left / speed, _SLICE)
            await asyncio.sleep(real)
            left -= real * speed

    @staticmethod
    def unix_ms() -> int:
        """Milliseconds since 1970 by the wall clock."""
        return time.time_ns() // 1_000_000

    @staticmethod
    def monotonic_us() -> int:
        """Microseconds of CLOCK_MONOTONIC, comparable between the processes of one machine."""
        return time.monotonic_ns() // 1000
