"""How the core waits: until something happens or some time has passed, by the clock it was given."""

from __future__ import annotations

import asyncio

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
