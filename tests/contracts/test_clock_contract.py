"""What every ports.Clock promises."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from engine.clock import SystemClock
from engine.ports import Clock
from tests.fakes.manual_clock import ManualClock


@pytest.fixture(params=["system", "manual"])
def clock(request) -> Clock:
    return SystemClock() if request.param == "system" else ManualClock()


async def pass_time(clock: Clock, seconds: float) -> None:
    if isinstance(clock, ManualClock):
        await clock.advance(seconds)
    else:
        await asyncio.sleep(seconds)


async def test_now_is_aware_utc(clock):
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now().tzinfo is UTC


async def test_time_that_passes_is_seen_by_both_readings(clock):
    wall, ticks = clock.now(), clock.ticks()
    await pass_time(clock, 0.02)
    assert clock.ticks() - ticks >= 0.019
    assert (clock.now() - wall).total_seconds() >= 0.019


async def test_ticks_never_go_back(clock):
    readings = []
    for _ in range(50):
        readings.append(clock.ticks())
        await pass_time(clock, 0)
    assert readings == sorted(readings)


async def test_a_sleeper_returns_after_its_seconds_and_not_before(clock):
    woken = asyncio.create_task(clock.sleep(0.05))
    await pass_time(clock, 0.01)
    assert not woken.done()
    await pass_time(clock, 0.06)
    await asyncio.wait_for(woken, 1)


async def test_sleeping_no_time_returns_at_once(clock):
    await asyncio.wait_for(clock.sleep(0), 1)
    await asyncio.wait_for(clock.sleep(-3), 1)


async def test_a_cancelled_sleeper_is_gone(clock):
    sleeper = asyncio.create_task(clock.sleep(3600))
    await pass_time(clock, 0)
    sleeper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sleeper
    await pass_time(clock, 0.01)
    assert sleeper.cancelled()


async def test_the_shorter_sleep_ends_first(clock):
    ended: list[str] = []

    async def nap(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        ended.append(name)

    naps = [asyncio.create_task(nap("long", 0.06)), asyncio.create_task(nap("short", 0.02))]
    await pass_time(clock, 0.1)
    await asyncio.gather(*naps)
    assert ended == ["short", "long"]


async def test_with_the_manual_clock_a_repeated_sleep_wakes_once_for_each_period():
    clock, wakes = ManualClock(), []

    async def beat() -> None:
        while True:
            await clock.sleep(10)
            wakes.append(clock.now())

    beating = asyncio.create_task(beat())
    start = clock.now()
    await clock.advance(35)
    beating.cancel()
    assert wakes == [start + timedelta(seconds=s) for s in (10, 20, 30)]
    assert clock.now() == start + timedelta(seconds=35)


async def test_with_the_manual_clock_setting_the_wall_wakes_nobody():
    clock = ManualClock()
    sleeper = asyncio.create_task(clock.sleep(5))
    await clock.advance(0)
    clock.set_wall(datetime(2030, 1, 1, tzinfo=UTC))
    await clock.advance(1)
    assert clock.sleepers == 1
    assert not sleeper.done()
    await clock.advance(5)
    assert sleeper.done()
