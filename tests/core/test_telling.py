"""What watchers are told, and how often."""

import asyncio

from engine.core.updates import Updates
from engine.core.watching import watch
from engine.model import events as ev
from engine.model.jobs import JobState, Links, Progress
from engine.model.transitions import advance, update_of
from engine.ports import JobChange
from tests.fakes.manual_clock import ManualClock


async def test_progress_is_told_at_most_five_times_a_second_and_the_last_is_not_lost():
    clock = ManualClock()
    updates = Updates(clock)
    async with updates.mailbox("j") as mailbox:
        for percent in range(1, 101):
            updates.progress(Progress("j", percent, None))
            await clock.advance(0.01)
            updates.flush()
        await clock.advance(0.2)
        updates.flush()
        told = [mailbox.get_nowait().percent for _ in range(mailbox.qsize())]
    assert len(told) <= 7
    assert told[0] == 1
    assert told[-1] == 100


async def test_other_jobs_progress_is_not_told():
    updates = Updates(ManualClock())
    async with updates.mailbox("j") as mailbox:
        updates.progress(Progress("k", 5, None))
        assert mailbox.empty()


async def collect(workshop, job_id, after=0):
    return [item async for item in watch(workshop.store, workshop.updates, job_id, after)]


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
