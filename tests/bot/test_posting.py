"""What discord.py does between two calls by one token."""

from __future__ import annotations

import asyncio

import pytest
from discord.webhook import async_ as webhooks

from bot.posting import ReleasedLock


async def test_a_call_that_is_cancelled_in_the_pause_of_its_limit_lets_the_next_one_through():
    lock, paused = asyncio.Lock(), asyncio.Event()

    async def call():
        async with webhooks.AsyncDeferredLock(lock) as held:
            held.delay_by(3600)
            paused.set()

    calling = asyncio.create_task(call())
    await paused.wait()
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert not lock.locked()


def test_discord_py_uses_that_lock():
    assert webhooks.AsyncDeferredLock is ReleasedLock
