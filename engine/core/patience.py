"""How the core waits: until something happens or some time has passed, by the clock it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from engine.ports import Clock


async def wait_for(event: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Return when the event is set, at the latest after that many seconds."""
    if event.is_set():
        return
    waiting = (asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds)))
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


class Alarm:
    """Waits for an event again and again, at most so long each time; costs a task a period, not two a wait."""

    def __init__(self, event: asyncio.Event, clock: Clock) -> None:
        self._event = event
        self._clock = clock
        self._rings_at = 0.0
        self._ringing: asyncio.Task[None] | None = None

    async def wait(self, seconds: float) -> None:
        """Return when the event was set, by others or by the alarm of this or an earlier wait; it is clear then."""
        if not self._event.is_set():
            at = self._clock.ticks() + seconds
            if self._ringing is None or self._ringing.done() or at < self._rings_at:
                self.cancel()
                self._rings_at = at
                self._ringing = asyncio.ensure_future(self._ring(seconds))
            await self._event.wait()
        self._event.clear()

    def cancel(self) -> None:
        """Ring no more."""
        if self._ringing is not None:
            self._ringing.cancel()
            self._ringing = None

    async def _ring(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._event.set()


async def until_first(change: Coroutine[Any, Any, Any], *tasks: asyncio.Task[None]) -> None:
    """Until the change, or until one of the tasks ends; an error of a task is raised here."""
    changing = asyncio.ensure_future(change)
    try:
        await asyncio.wait({changing, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        changing.cancel()
    for task in tasks:
        if task.done():
            task.result()
