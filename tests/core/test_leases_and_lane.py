"""Who may write, and when the next submission may leave."""

import asyncio

from engine.core.lane import Lane
from engine.core.leases import Leases
from tests.fakes.manual_clock import ManualClock


async def test_a_write_may_start_only_in_the_first_part_of_the_lease(workshop):
    assert workshop.leases.holds(workshop.account.id)
    await workshop.clock.advance(23.9)
    assert workshop.leases.holds(workshop.account.id)
    await workshop.clock.advance(0.2)
    assert not workshop.leases.holds(workshop.account.id)


async def test_renewals_keep_a_lease_for_as_long_as_they_succeed(workshop):
    lost = []
    keeping = asyncio.create_task(workshop.leases.keep(lost.append))
    await workshop.clock.advance(300)
    assert workshop.leases.holds(workshop.account.id)
    assert lost == []
    keeping.cancel()


async def test_a_store_that_cannot_be_written_lets_the_local_deadline_run_out(workshop):
    keeping = asyncio.create_task(workshop.leases.keep(lambda _: None))
    workshop.store.trouble = "locked"
    await workshop.clock.advance(25)
    assert not workshop.leases.holds(workshop.account.id)
    keeping.cancel()


async def test_a_taken_over_account_is_told_and_cannot_be_written_for(workshop):
    lost = []
    workshop.clock.set_wall(workshop.clock.now())
    other = Leases(workshop.store, workshop.clock, owner="other", seconds=30, sole_owner=True)
    assert (await other.take(workshop.account.id)).epoch == 2
    keeping = asyncio.create_task(workshop.leases.keep(lost.append))
    await workshop.clock.advance(8)
    assert lost == [workshop.account.id]
    assert not workshop.leases.holds(workshop.account.id)
    keeping.cancel()


async def test_a_lease_that_another_holds_is_not_taken(workshop):
    other = Leases(workshop.store, workshop.clock, owner="other", seconds=30, sole_owner=False)
    assert await other.take(workshop.account.id) is None
    await workshop.leases.give_back(workshop.account.id)
    assert (await other.take(workshop.account.id)).owner == "other"


async def leave_at(lane, clock, left):
    async with lane.enter():
        left.append(clock.ticks())


async def test_two_submissions_are_a_pause_apart():
    clock = ManualClock()
    lane, left = Lane(clock, 2.0), []
    leaving = [asyncio.create_task(leave_at(lane, clock, left)) for _ in range(3)]
    await clock.advance(10)
    await asyncio.gather(*leaving)
    assert [later - left[0] for later in left] == [0.0, 2.0, 4.0]


async def test_a_reserved_lane_is_not_free_until_its_submission_left():
    clock = ManualClock()
    lane = Lane(clock, 2.0)
    assert lane.free
    lane.reserve()
    assert not lane.free
    await leave_at(lane, clock, [])
    assert not lane.free
    assert lane.free_in == 2.0
    await clock.advance(2.0)
    assert lane.free


async def test_a_rate_limit_prolongs_the_pause():
    clock = ManualClock()
    lane = Lane(clock, 0.0)
    lane.pause(7.5)
    assert lane.free_in == 7.5
