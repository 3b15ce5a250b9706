"""What watchers are told, and how often."""

import asyncio

import pytest

from engine.core.updates import MAILBOX, Updates
from engine.core.watching import Watch
from engine.model import events as ev
from engine.model.errors import NotFound
from engine.model.jobs import JobState, JobUpdate, Links, Progress
from engine.model.transitions import advance, update_of
from engine.ports import JobChange
from tests.fakes.manual_clock import ManualClock


async def test_progress_is_told_at_most_five_times_a_second_and_the_last_is_not_lost():
    clock = ManualClock()
    updates = Updates(clock)
    mailbox = updates.enter("j")
    for percent in range(1, 101):
        updates.progress(Progress("j", percent, None))
        await clock.advance(0.01)
        updates.flush()
    await clock.advance(0.2)
    updates.flush()
    told = [progress.percent for progress in mailbox.take()]
    assert len(told) <= 7
    assert told[0] == 1
    assert told[-1] == 100


async def test_other_jobs_progress_is_not_told():
    updates = Updates(ManualClock())
    mailbox = updates.enter("j")
    updates.progress(Progress("k", 5, None))
    assert mailbox.take() == []


async def collect(workshop, job_id, after=0):
    return [item async for item in Watch(workshop.store, workshop.updates, job_id, after)]


async def finish(workshop, job):
    await workshop.casebook.happened(
        job.id,
        ev.Acknowledged(
            at=workshop.clock.now(), account_id=1, links=Links(interaction_id="i"), until=workshop.clock.now()
        ),
    )
    await workshop.casebook.happened(job.id, ev.StoppedUpstream(at=workshop.clock.now()))


async def test_a_watcher_is_told_every_stored_version_once_and_then_let_go(workshop):
    job = await workshop.sent()
    watching = asyncio.create_task(collect(workshop, job.id))
    await asyncio.sleep(0)
    await finish(workshop, job)
    told = await asyncio.wait_for(watching, 5)
    assert [update.version for update in told] == [1, 2, 3, 4]
    assert told[-1].state is JobState.CANCELLED


async def test_a_watcher_who_comes_back_is_told_only_what_he_missed(workshop):
    job = await workshop.sent()
    await finish(workshop, job)
    assert [update.version for update in await collect(workshop, job.id, after=2)] == [3, 4]


async def test_what_another_process_stored_is_told_too(workshop):
    job = await workshop.queued()
    watching = asyncio.create_task(collect(workshop, job.id))
    await asyncio.sleep(0)
    event = ev.CancelAsked(at=workshop.clock.now(), by="operator")
    after = advance(job, event)
    await workshop.store.apply([JobChange(job, after, update_of(after, event))])
    told = await asyncio.wait_for(watching, 5)
    assert [update.state for update in told] == [JobState.QUEUED, JobState.CANCELLED]


async def test_what_waits_is_told_at_once_and_only_the_newest_progress_of_it(workshop):
    job = await workshop.sent()
    watching = Watch(workshop.store, workshop.updates, job.id, 0)
    assert [update.version for update in await watching.batch()] == [1, 2]
    for percent in (5, 10, 15):
        workshop.updates.progress(Progress(job.id, percent, None))
        await workshop.clock.advance(1)
    await finish(workshop, job)
    progress, *updates = await watching.batch()
    assert progress == Progress(job.id, 15, None)
    assert [update.version for update in updates] == [3, 4]
    assert await watching.batch() == []


async def test_a_watcher_too_slow_for_its_mailbox_reads_the_store(workshop):
    job = await workshop.sent()
    watching = Watch(workshop.store, workshop.updates, job.id, 2)
    workshop.updates.progress(Progress(job.id, 1, None))
    await watching.batch()
    for percent in range(2, MAILBOX + 2):
        workshop.updates.progress(Progress(job.id, percent, None))
        await workshop.clock.advance(1)
    await finish(workshop, job)
    told = [item async for item in watching]
    assert [update.version for update in told if isinstance(update, JobUpdate)] == [3, 4]


@pytest.mark.parametrize("leaves", ["closed", "cancelled", "told the end", "unknown"])
async def test_nobody_keeps_a_mailbox_who_watches_no_longer(workshop, leaves):
    job = await workshop.sent()

    async def unknown():
        raise NotFound("no such job")

    watching = Watch(workshop.store, workshop.updates, job.id, 0, unknown if leaves == "unknown" else None)
    if leaves == "unknown":
        with pytest.raises(NotFound):
            await watching.batch()
    else:
        await watching.batch()
        assert set(workshop.updates._watchers) == {job.id}
    if leaves == "closed":
        await watching.aclose()
    if leaves == "cancelled":
        waiting = asyncio.create_task(watching.batch())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    if leaves == "told the end":
        await finish(workshop, job)
        await watching.batch()
    assert not workshop.updates._watchers
    assert await watching.batch() == []
