"""A part of the engine that breaks down begins anew, and is shown."""

from __future__ import annotations

import asyncio

import pytest

from engine.core.insisting import FIRST_PAUSE, SHOWN_FOR, Insisting
from engine.core.status import Health
from engine.model.jobs import JobState
from tests.fakes.manual_clock import ManualClock


class Brittle:
    """A part that breaks down so many times, then runs to its end."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def run(self) -> None:
        if self.left:
            self.left -= 1
            raise KeyError("not foreseen")


async def kept(clock: ManualClock, insisting: Insisting, part: Brittle) -> None:
    keeping = asyncio.create_task(insisting.keep("dispatcher", part.run))
    await clock.advance(60)
    await keeping


async def test_a_part_that_breaks_down_begins_anew_until_it_runs():
    clock = ManualClock()
    insisting, part = Insisting(clock), Brittle(3)
    await kept(clock, insisting, part)
    (told,) = insisting.breakdowns
    assert (told.part, told.times, told.down, part.left) == ("dispatcher", 3, False, 0)


async def test_what_broke_down_long_ago_is_shown_no_more():
    clock = ManualClock()
    insisting = Insisting(clock)
    await kept(clock, insisting, Brittle(1))
    await clock.advance(SHOWN_FOR.total_seconds() + FIRST_PAUSE)
    assert insisting.breakdowns == ()


@pytest.fixture
async def house(house):
    return await house.open()


async def test_after_a_fault_in_the_dispatcher_jobs_go_on(house, monkeypatch):
    dispatcher = house.engine._dispatcher
    dispatch, faults = dispatcher._dispatch, [KeyError("not foreseen")]

    def brittle(**how):
        if faults:
            raise faults.pop()
        return dispatch(**how)

    monkeypatch.setattr(dispatcher, "_dispatch", brittle)
    job = await house.engine.imagine(house.origin, "a {red, blue} fox")  # several wait in line
    house.session.goes_live()
    await house.until(lambda: len(house.session.submissions) == 2)
    assert (await house.job(job)).state is JobState.SENT
    status = await house.engine.status(None)
    assert status.state is Health.DEGRADED
    assert [(each.part, each.times) for each in status.breakdowns] == [("dispatcher", 1)]
