"""A clock that stands still until a test moves it (ports.Clock)."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

SETTLE_TURNS = 10
"""Turns of the event loop given to those who were woken, before time goes on to the next sleeper."""


class ManualClock:
    """Time that only `advance` and `set_wall` move; sleepers wake in the order of their moments."""

    def __init__(self, start: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)) -> None:
        self._wall = start
        self._ticks = 1000.0
        self._order = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._wall

    def ticks(self) -> float:
        return self._ticks

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._sleepers, (self._ticks + seconds, self._order, woken))
        await woken

    @property
    def sleepers(self) -> int:
        """How many wait for time to pass."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    def set_wall(self, now: datetime) -> None:
        """Set the wall clock as a person would; ticks and sleepers do not notice."""
        self._wall = now

    async def advance(self, seconds: float, *, turns: int = SETTLE_TURNS) -> None:
        """Let so much time pass: every sleeper due meanwhile wakes at its own moment and may sleep again."""
        await _turns(turns)
        target = self._ticks + seconds
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue
            self._move(due - self._ticks)
            woken.set_result(None)
            await _turns(turns)
        self._move(target - self._ticks)
        await _turns(turns)

    def _move(self, seconds: float) -> None:
        if seconds > 0:
            self._ticks += seconds
            self._wall += timedelta(seconds=seconds)


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
