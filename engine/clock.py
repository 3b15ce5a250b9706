"""Which clocks we believe: the wall clock for dates, the boot-time clock for what must not go back."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

# CLOCK_MONOTONIC stands still while a laptop sleeps, and a lease would seem to hold longer than it does
_TICKING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The real time (ports.Clock)."""

    def now(self) -> datetime:
        """Wall clock, aware UTC."""
        return datetime.now(UTC)

    def ticks(self) -> float:
        """Seconds since the machine started, suspended time included where the system counts it."""
        return time.clock_gettime(_TICKING)

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)
