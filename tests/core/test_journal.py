"""Readers of all jobs of a workspace: what they missed, then what happens, each entry once and none left out."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from engine.core import journal as journals
from engine.core.journal import Journal, JournalWanted
from engine.core.recent import Recent
from engine.core.updates import MAILBOX, Updates
from engine.model.errors import Unavailable
from engine.model.jobs import JobState, Progress
from engine.ports import JournalEntry
from tests.contracts.store_examples import after, assigned, furnish, new_request, seen, step
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore

ALL = JournalWanted()


class GappedStore(MemoryStore):
    """As with PostgreSQL: what stands at a place of `unseen` is not committed yet. Counts readings."""

    def __init__(self) -> None:
        super().__init__()
        self.unseen: set[int] = set()
        self.readings = 0
        self.unreadable = 0

    async def journal(self, after, limit, **more):
        self._read()
        return [entry for entry in await super().journal(after, limit, **more) if entry.place not in self.unseen]

    async def journal_of(self, *where, **more):
        self._read()
        return [entry for entry in await super().journal_of(*where, **more) if entry.place not in self.unseen]

    def _read(self):
        self.readings += 1
        if self.unreadable:
            self.unreadable -= 1
            raise Unavailable("the database is away")


class House:
    """A store with one account, and the journal at work."""

    def __init__(self, store, furnished):
        self.store = store
        self.clock = ManualClock(after(0))
        self.updates = Updates(self.clock)
        self.workspace_id = furnished.workspace_id
        self.furnished = furnished
        self.jobs = {}
        self.recent = Recent(store, self.clock)
        self.journal = Journal(store, self.updates, self.clock, self.recent, self.jobs.values)

    async def submit(self, *, told=True, **changes):
        new = new_request(changes.pop("workspace_id", self.workspace_id), at=self.clock.now())
        requester = changes.pop("requester", None)
        job = replace(new.jobs[0], **changes)
        request = replace(new.request, origin=replace(new.request.origin, requester=requester))
        await self.store.apply([replace(new, jobs=(job,), request=request)])
        self.jobs[job.id] = job
        if told:
            self.updates.stored(new.updates[0])
        return job

    async def runs(self, job):
        account = self.furnished.account.id
        for event in (assigned(account), seen(account)):
            change = step(job, event, self.furnished.lease)
            await self.store.apply([change])
            job = self.jobs[job.id] = change.after
            self.updates.stored(change.update)
        return job


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(journals, "REREAD_SECONDS", 0.05)


@pytest.fixture
async def house():
    store = GappedStore()
    made = House(store, await furnish(store))
    running = asyncio.create_task(made.journal.run())
    turning = asyncio.create_task(_turn(made.clock))
    yield made
    for task in (running, turning):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _turn(clock):
    """Let the clock go on, so that nobody waits for it."""
    while True:
        await asyncio.sleep(0.001)
        await clock.advance(0.01)


async def told(reader, wanted):
    """So many entries, and the progress between them."""
    items = []
    async with asyncio.timeout(10):
        while sum(isinstance(item, JournalEntry) for item in items) < wanted:
            items += await reader.batch()
    return items


def jobs_of(items):
    return [item.update.job_id for item in items if isinstance(item, JournalEntry)]


async def nothing_more(reader):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.15):
            await reader.batch()


async def test_a_new_reader_is_told_what_is_stored_from_then_on(house):
    await house.submit()
    reader = await house.journal.open(house.workspace_id, ALL)
    later = [await house.submit() for _ in range(3)]
    assert jobs_of(await told(reader, 3)) == [job.id for job in later]


async def test_who_comes_back_is_told_what_was_missed_and_then_what_comes_each_once(house):
    jobs = [await house.submit() for _ in range(5)]
    reader = await house.journal.open(house.workspace_id, ALL, after=2)
    assert jobs_of(await told(reader, 3)) == [job.id for job in jobs[2:]]
    jobs.append(await house.submit())
    items = await told(reader, 1)
    assert jobs_of(items) == [jobs[-1].id]
    assert items[-1].place == reader.place == 6


async def test_a_place_that_was_never_reached_means_from_now_on(house):
    await house.submit()
    reader = await house.journal.open(house.workspace_id, ALL, after=999)
    job = await house.submit()
    assert jobs_of(await told(reader, 1)) == [job.id]


async def test_a_long_absence_is_read_page_by_page(house, monkeypatch):
    monkeypatch.setattr(journals, "PAGE", 3)
    monkeypatch.setattr(journals, "SPAN", 5)
    other = await house.store.ensure_workspace("other", after(0))
    jobs = []
    for number in range(23):
        job = await house.submit(**({"workspace_id": other.id} if number % 3 == 0 else {}))
        jobs += [job.id] if number % 3 else []
    reader = await house.journal.open(house.workspace_id, ALL, after=0)
    assert jobs_of(await told(reader, len(jobs))) == jobs


async def test_what_was_missed_can_be_read_by_itself(house):
    jobs = [(await house.submit()).id for _ in range(3)]
    reader = await house.journal.open(house.workspace_id, ALL, after=1)
    assert jobs_of(await reader.missed()) == jobs[1:]
    await house.submit()
    assert await reader.missed() == []


async def test_another_workspaces_jobs_are_never_told(house):
    other = await house.store.ensure_workspace("other", after(0))
    reader = await house.journal.open(house.workspace_id, ALL)
    await house.submit(workspace_id=other.id)
    job = await house.submit()
    assert jobs_of(await told(reader, 1)) == [job.id]


async def test_what_another_process_stored_is_told_too(house):
    reader = await house.journal.open(house.workspace_id, ALL)
    job = await house.submit(told=False)
    assert jobs_of(await told(reader, 1)) == [job.id]


async def test_a_private_job_is_told_of_only_to_who_may_see_it(house):
    hidden = await house.journal.open(house.workspace_id, ALL)
    shown = await house.journal.open(house.workspace_id, JournalWanted(private=True))
    secret = await house.runs(await house.submit(private=True))
    house.updates.progress(Progress(secret.id, 40, None))
    assert jobs_of(await told(shown, 3)) == [secret.id] * 3
    await nothing_more(hidden)


async def test_only_the_states_that_are_wanted_are_told_and_the_place_goes_on(house):
    wanted = JournalWanted(states=frozenset({JobState.RUNNING}))
    reader = await house.journal.open(house.workspace_id, wanted)
    job = await house.runs(await house.submit())
    items = await told(reader, 1)
    assert [item.update.state for item in items if isinstance(item, JournalEntry)] == [JobState.RUNNING]
    await house.submit()
    await nothing_more(reader)
    assert reader.place == job.version + 1


async def test_one_end_users_jobs_can_be_followed_alone_with_their_percent(house):
    reader = await house.journal.open(house.workspace_id, JournalWanted(requester="anna"))
    hers = await house.runs(await house.submit(requester="anna"))
    his = await house.runs(await house.submit(requester="ben"))
    for job in (his, hers):
        house.updates.progress(Progress(job.id, 40, None))
    items = await told(reader, 3)
    while not any(isinstance(item, Progress) for item in items):
        items += await reader.batch()
    assert {item.update.job_id if isinstance(item, JournalEntry) else item.job_id for item in items} == {hers.id}


async def test_percent_comes_behind_the_entry_that_it_follows_and_only_the_latest(house):
    reader = await house.journal.open(house.workspace_id, ALL)
    job = await house.runs(await house.submit())
    await house.clock.advance(1)
    house.updates.progress(Progress(job.id, 40, None))
    items = await told(reader, 3)
    while not isinstance(items[-1], Progress):
        items += await reader.batch()
    assert items[-1] == Progress(job.id, 40, None)
    assert all(isinstance(item, JournalEntry) for item in items[:-1])


async def test_a_reader_who_lags_behind_is_told_all_the_same(house):
    reader = await house.journal.open(house.workspace_id, ALL)
    jobs = [(await house.submit()).id for _ in range(MAILBOX + 50)]
    async with asyncio.timeout(10):
        while house.journal.place < len(jobs):  # noqa: ASYNC110 - the journal tells its readers, and nobody else
            await asyncio.sleep(0.01)
    assert jobs_of(await told(reader, len(jobs))) == jobs
    jobs.append((await house.submit()).id)
    assert jobs_of(await told(reader, 1)) == jobs[-1:]


async def test_what_stands_behind_a_gap_waits_for_it(house):
    """Two processes on PostgreSQL: the one that took the lower number may commit later."""
    reader = await house.journal.open(house.workspace_id, ALL)
    house.store.unseen = {2}
    jobs = [(await house.submit()).id for _ in range(3)]
    assert jobs_of(await told(reader, 1)) == jobs[:1]
    house.store.unseen = set()
    assert jobs_of(await told(reader, 2)) == jobs[1:]


async def test_a_gap_that_stays_is_passed_over(house):
    """A transaction that was rolled back leaves its numbers unused."""
    reader = await house.journal.open(house.workspace_id, ALL)
    house.store.unseen = {1}
    jobs = [(await house.submit()).id for _ in range(2)]
    assert jobs_of(await told(reader, 1)) == jobs[1:]


async def test_the_first_reader_begins_before_a_gap_that_may_still_be_filled(house):
    jobs = [(await house.submit()).id for _ in range(3)]
    house.store.unseen = {2}
    reader = await house.journal.open(house.workspace_id, ALL)
    assert reader.place == 1
    house.store.unseen = set()
    assert jobs_of(await told(reader, 2)) == jobs[1:]


async def test_who_only_catches_up_is_told_up_to_such_a_gap_and_the_rest_the_next_time(house):
    jobs = [(await house.submit()).id for _ in range(4)]
    house.store.unseen = {3}
    reader = await house.journal.open(house.workspace_id, ALL, after=1)
    assert jobs_of(await reader.missed()) == jobs[1:2]
    assert await reader.missed() == []
    reader.close()
    house.store.unseen = set()
    reader = await house.journal.open(house.workspace_id, ALL, after=reader.place)
    assert jobs_of(await reader.missed()) == jobs[2:]


async def test_who_only_catches_up_passes_a_gap_that_stays_some_seconds_later(house):
    jobs = [(await house.submit()).id for _ in range(3)]
    house.store.unseen = {2}
    reader = await house.journal.open(house.workspace_id, ALL, after=1)
    assert await reader.missed() == []
    reader.close()
    await house.clock.advance(journals.HOLD_SECONDS)
    reader = await house.journal.open(house.workspace_id, ALL, after=1)
    assert jobs_of(await reader.missed()) == jobs[2:]


async def test_a_new_reader_is_not_told_what_is_old_because_of_an_old_gap(house):
    for _ in range(3):
        await house.submit()
    house.store.unseen = {2}
    await house.clock.advance(journals.YOUNG.total_seconds())
    reader = await house.journal.open(house.workspace_id, ALL)
    assert reader.place == 3
    job = await house.submit()
    assert jobs_of(await told(reader, 1)) == [job.id]


async def test_each_gap_is_waited_for_by_itself(house):
    reader = await house.journal.open(house.workspace_id, ALL)
    house.store.unseen = {1}
    jobs = [(await house.submit()).id for _ in range(2)]
    assert jobs_of(await told(reader, 1)) == jobs[1:]
    reader.close()
    house.store.unseen = {3}
    jobs += [(await house.submit()).id for _ in range(2)]
    reader = await house.journal.open(house.workspace_id, ALL, after=2)
    house.store.unseen = set()
    assert jobs_of(await told(reader, 2)) == jobs[2:]


async def test_who_comes_while_others_read_is_told_all_that_is_stored(house):
    other = await house.journal.open(house.workspace_id, ALL)
    jobs = [(await house.submit(told=False)).id for _ in range(2)]
    reader = await house.journal.open(house.workspace_id, ALL, after=0)
    assert jobs_of(await reader.missed()) == jobs
    assert jobs_of(await told(other, 2)) == jobs


async def test_percent_of_a_job_that_an_earlier_process_began_is_told(house):
    job = await house.runs(await house.submit())
    reader = await house.journal.open(house.workspace_id, ALL)
    house.updates.progress(Progress(job.id, 40, None))
    async with asyncio.timeout(5):
        assert await reader.batch() == [Progress(job.id, 40, None)]


async def test_percent_of_an_end_users_running_job_is_told_to_who_comes_later(house):
    hers = await house.runs(await house.submit(requester="anna"))
    his = await house.runs(await house.submit(requester="ben"))
    reader = await house.journal.open(house.workspace_id, JournalWanted(requester="anna"))
    for job in (his, hers):
        house.updates.progress(Progress(job.id, 40, None))
    async with asyncio.timeout(5):
        assert await reader.batch() == [Progress(hers.id, 40, None)]


async def test_nothing_is_left_out_while_the_store_cannot_be_read(house):
    reader = await house.journal.open(house.workspace_id, ALL)
    house.store.unreadable = 2
    job = await house.submit()
    assert jobs_of(await told(reader, 1)) == [job.id]


async def test_what_was_missed_and_cannot_be_read_is_asked_for_again(house):
    job = await house.submit()
    reader = await house.journal.open(house.workspace_id, ALL, after=0)
    house.store.unreadable = 1
    with pytest.raises(Unavailable):
        await reader.batch()
    assert jobs_of(await told(reader, 1)) == [job.id]


async def test_nothing_is_read_while_nobody_reads(house):
    reader = await house.journal.open(house.workspace_id, ALL)
    await house.submit()
    await told(reader, 1)
    reader.close()
    await asyncio.sleep(0.1)
    before = house.store.readings
    await house.submit()
    await asyncio.sleep(0.15)
    assert house.store.readings == before
    assert house.updates.follower is None
    reader = await house.journal.open(house.workspace_id, ALL)
    job = await house.submit()
    assert jobs_of(await told(reader, 1)) == [job.id]
