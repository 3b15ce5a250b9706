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
