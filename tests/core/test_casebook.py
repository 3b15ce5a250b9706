"""Jobs change one event at a time, stored first, then told."""

import asyncio
from dataclasses import replace

import pytest

from engine.model import events as ev
from engine.model.errors import LeaseLost, Unavailable
from engine.model.jobs import JobState, Links, Progress
from engine.model.transitions import advance, update_of
from engine.ports import JobChange


def seen(workshop, percent=10):
    return ev.Seen(
        at=workshop.clock.now(),
        account_id=workshop.account.id,
        links=Links(progress_message_id="m"),
        percent=percent,
        preview_url=None,
        mode=None,
        until=workshop.clock.now(),
    )


async def test_nobody_is_told_what_is_not_stored(workshop):
    job = await workshop.sent()
    mailbox = workshop.updates.enter(job.id)
    workshop.store.trouble = "disk full"
    working = asyncio.create_task(workshop.casebook.happened(job.id, seen(workshop)))
    await workshop.clock.advance(0.1)
    assert mailbox.take() == []
    assert not working.done()
    workshop.store.trouble = None
    await workshop.clock.advance(1.0)
    assert (await working).state is JobState.RUNNING
    assert [update.state for update in mailbox.take()] == [JobState.RUNNING]
    assert (await workshop.stored(job)).state is JobState.RUNNING


async def test_an_intent_that_cannot_be_stored_is_refused_at_once(workshop):
    job = await workshop.queued()
    workshop.store.trouble = "locked"
    with pytest.raises(Unavailable):
        await workshop.casebook.assign(job, workshop.assigned())
    assert workshop.casebook.jobs == []


async def test_a_job_that_was_cancelled_meanwhile_is_not_assigned(workshop):
    job = await workshop.queued()
    event = ev.CancelAsked(at=workshop.clock.now(), by="key:1")
    after = advance(job, event)
    await workshop.store.apply([JobChange(job, after, update_of(after, event))])
    assert await workshop.casebook.assign(job, workshop.assigned()) is None


async def test_percent_is_told_but_not_stored_until_something_else_is(workshop):
    job = await workshop.sent()
    await workshop.casebook.happened(job.id, seen(workshop, 10))
    await workshop.casebook.happened(job.id, seen(workshop, 62))
    assert workshop.updates.latest(job.id) == Progress(job.id, 62, None)
    assert (await workshop.stored(job)).percent == 10
    await workshop.store.apply(workshop.casebook.unsaved_progress())
    assert (await workshop.stored(job)).percent == 62


async def test_a_uuid_in_memory_binds_at_once_and_is_stored_with_whatever_is_stored_next(workshop):
    job, other = await workshop.sent(), await workshop.sent("a blue fox")
    first, linked = seen(workshop), Links("i", "m", "u")
    await workshop.casebook.happened(job.id, replace(first, links=Links("i", "m")))
    await workshop.casebook.happened(job.id, replace(first, links=linked))
    assert workshop.casebook.book.by_uuid == {"u": job.id}
    assert (await workshop.stored(job)).links.uuid is None
    await workshop.casebook.happened(other.id, replace(first, links=Links("j", "n")))
    assert (await workshop.stored(job)).links == linked
    assert len(await workshop.store.updates(job.id)) == len(await workshop.store.updates(other.id))


async def test_what_the_operator_settled_meanwhile_stands(workshop):
    job = await workshop.sent()
    unknown = await workshop.casebook.happened(job.id, ev.DeadlinePassed(at=workshop.clock.now(), detail="what?"))
    event = ev.SettledFailed(at=workshop.clock.now(), by="operator")
    after = advance(unknown, event)
    await workshop.store.apply([JobChange(unknown, after, update_of(after, event))])
    assert await workshop.casebook.happened(job.id, seen(workshop)) is None
    assert (await workshop.stored(job)).state is JobState.FAILED
    assert workshop.casebook.jobs == []


async def test_without_the_lease_nothing_is_written(workshop):
    job = await workshop.sent()
    await workshop.clock.advance(31)
    await workshop.store.take(workshop.account.id, "other", workshop.clock.now(), workshop.clock.now())
    with pytest.raises(LeaseLost):
        await workshop.casebook.happened(job.id, seen(workshop))
    assert (await workshop.stored(job)).state is JobState.SENT


async def test_open_jobs_are_known_again_after_a_restart(workshop):
    job = await workshop.sent()
    await workshop.casebook.load()
    assert [known.id for known in workshop.casebook.jobs] == [job.id]
    assert workshop.casebook.book.by_nonce == {job.nonce: job.id}


async def cancelled_elsewhere(workshop, job):
    """Another process stores that a job is taken back; returns its new version."""
    stored = await workshop.stored(job)
    event = ev.CancelAsked(at=workshop.clock.now(), by="key:2")
    after = advance(stored, event)
    await workshop.store.apply([JobChange(stored, after, update_of(after, event))])
    return after.version


async def test_what_another_process_decided_is_taken_over_and_what_is_only_here_is_kept(workshop):
    job, links = await workshop.sent(), Links("i", "m", "u")
    await workshop.casebook.happened(job.id, replace(seen(workshop, 10), links=Links("i", "m")))
    await workshop.casebook.happened(job.id, replace(seen(workshop, 62), links=links))
    version = await cancelled_elsewhere(workshop, job)
    await workshop.casebook.heed(job.id, version)
    known = workshop.casebook.job(job.id)
    assert (known.version, known.cancel_asked, known.percent, known.links) == (version, True, 62, links)
    assert workshop.moved[-1].cancel_asked
    await workshop.store.apply(workshop.casebook.unsaved_progress())
    assert ((await workshop.stored(job)).percent, (await workshop.stored(job)).links) == (62, links)


async def test_a_version_that_is_known_is_not_read_again(workshop):
    job = await workshop.sent()
    told = len(workshop.moved)
    await workshop.casebook.heed(job.id, job.version)
    await workshop.casebook.heed("no such job", 99)
    assert (workshop.casebook.job(job.id), len(workshop.moved)) == (job, told)


async def test_a_job_that_another_process_ended_is_open_no_longer_and_its_end_is_told(workshop):
    job = await workshop.sent()
    unknown = await workshop.casebook.happened(job.id, ev.DeadlinePassed(at=workshop.clock.now(), detail="what?"))
    event = ev.SettledFailed(at=workshop.clock.now(), by="operator")
    after = advance(unknown, event)
    await workshop.store.apply([JobChange(unknown, after, update_of(after, event))])
    await workshop.casebook.heed(job.id, after.version)
    assert workshop.casebook.jobs == []
    assert workshop.moved[-1] == after
