"""A job that can leave at once does so with its request: one COMMIT before its POST, and nobody is overtaken."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.model.errors import Unavailable
from engine.model.jobs import JobState
from engine.ports import JobChange, NewRequest
from tests.fakes import scripted_session as says


class Applied:
    """Which kinds of changes were written together."""

    def __init__(self, store, monkeypatch):
        self.together: list[list[type]] = []
        apply = store.apply

        async def noted(changes):
            self.together.append([type(change) for change in changes])
            return await apply(changes)

        monkeypatch.setattr(store, "apply", noted)


@pytest.fixture
async def opened(house):
    await house.open(concurrency=1)
    await house.clock.advance(2)
    return house


@pytest.fixture
def applied(opened, monkeypatch):
    return Applied(opened.store, monkeypatch)


def posts(house):
    return [submission.options[0][1] for submission, _ in house.session.submissions]


async def events_of(house, job):
    return [update.event for update in await house.store.updates(job.id)]


async def test_the_request_and_the_intent_are_stored_together(opened, applied):
    job = await opened.imagine()
    assert applied.together == [[NewRequest, JobChange]]
    await opened.until_posted(1)
    assert (await opened.job(job)).state is JobState.SENT
    assert await events_of(opened, job) == ["Submitted", "Assigned"]


async def test_whoever_asked_is_told_that_it_was_taken_and_watchers_that_it_left(opened):
    job = await opened.imagine()
    assert (job.state, job.version) == (JobState.QUEUED, 1)
    watch = opened.engine.watch(job.workspace_id, job.id)
    told = [update.state for update in await watch.batch()]
    assert told == [JobState.QUEUED, JobState.SENT]
    await watch.aclose()


@pytest.mark.parametrize("prompt", ["a {red, blue} fox", "https://cdn.discordapp.com/fox.png a fox"])
async def test_several_jobs_and_words_with_a_link_wait_in_line(opened, applied, prompt):
    await opened.imagine(prompt)
    assert applied.together == [[NewRequest]]


async def test_who_finds_no_slot_waits_in_line_and_is_overtaken_by_nobody(opened, applied):
    first = await opened.imagine("first")
    second = await opened.imagine("second")
    assert applied.together[-1] == [NewRequest]
    _, nonce = await opened.until_posted(1)
    opened.shows_an_imagine(nonce, "11111111-1111-4111-8111-111111111111")
    await opened.until_state(first, JobState.DONE)
    third = await opened.imagine("third")
    await opened.until_posted(2)
    assert posts(opened) == ["first", "second"]
    assert (await opened.job(second)).state is JobState.SENT
    assert (await opened.job(third)).state is JobState.QUEUED


async def test_a_paused_queue_keeps_it(opened):
    await opened.engine.queues.pause(opened.origin.workspace_id)
    job = await opened.imagine()
    await opened.clock.advance(5)
    assert (await opened.job(job)).state is JobState.QUEUED
    assert posts(opened) == []


async def test_an_engine_that_stops_sends_nothing_more(opened):
    opened.engine._dispatcher.stop_taking()
    job = await opened.imagine()
    await opened.clock.advance(5)
    assert (await opened.job(job)).state is JobState.QUEUED


async def test_an_account_that_another_process_took_sends_nothing_and_the_job_stays_queued(opened):
    (account_id,) = opened.store._accounts
    opened.store._holds[account_id].epoch += 1
    opened.store._holds[account_id].owner = "another process"
    job = await opened.imagine()
    await opened.clock.advance(0.01)
    assert posts(opened) == []
    assert await events_of(opened, job) == ["Submitted"]
    opened.store._holds[account_id].owner = None
    opened.store._holds[account_id].until = opened.clock.now()
    await opened.until(lambda: any(session.submissions for session in opened.driver.sessions) or opens(opened))
    await opened.until_posted(1)
    assert (await opened.job(job)).state is JobState.SENT


def opens(house):
    """The account was taken again: its new session is ready as soon as somebody says so."""
    if len(house.driver.sessions) > 1:
        house.session.goes_live()
    return False


async def test_a_caller_who_is_cancelled_stops_nothing(opened):
    asking = asyncio.create_task(opened.imagine())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await opened.until_posted(1)
    (job,) = await opened.store.jobs(opened.origin.workspace_id)
    assert job.state is JobState.SENT


async def test_trouble_with_the_store_is_told_nothing_is_sent_and_the_next_one_leaves(opened):
    opened.store.trouble = "the disk is full"
    with pytest.raises(Unavailable, match="the disk is full"):
        await opened.imagine("lost")
    await opened.clock.advance(2)
    assert posts(opened) == []
    opened.store.trouble = None
    await opened.imagine("next")
    await opened.until_posted(1)
    assert posts(opened) == ["next"]


async def test_a_request_that_is_not_stored_sends_nothing_and_the_next_one_leaves(opened):
    origin = replace(opened.origin, key_id=1, token="order 7")
    first = await opened.engine.imagine(origin, "first")
    _, nonce = await opened.until_posted(1)
    opened.shows_an_imagine(nonce, "11111111-1111-4111-8111-111111111111")
    await opened.until_state(first, JobState.DONE)
    again = await opened.engine.imagine(origin, "first")
    assert again.id == first.id
    await opened.imagine("next")
    await opened.until_posted(2)
    assert posts(opened) == ["first", "next"]


async def test_a_listener_that_breaks_keeps_no_job_from_leaving(opened, monkeypatch):
    monkeypatch.setattr(opened.engine._asking._filing, "_filed", lambda *_: 1 / 0)
    async with asyncio.timeout(5):
        await opened.imagine()
        await asyncio.sleep(0)
    assert posts(opened) == ["a red fox"]


async def test_what_cannot_be_made_ready_is_told_to_whoever_asked(opened, monkeypatch):
    (keeper,) = opened.engine._keepers.values()
    monkeypatch.setattr(keeper._sender, "_assigned", lambda *_: 1 / 0)
    with pytest.raises(Unavailable, match="nothing was stored"):
        async with asyncio.timeout(5):
            await opened.imagine()
    assert await opened.store.jobs(opened.origin.workspace_id) == []
    monkeypatch.undo()
    await opened.imagine("next")
    await opened.until_posted(1)


async def test_a_call_that_never_left_goes_back_to_the_queue_and_is_sent_again(opened):
    opened.session.answers(says.NEVER_LEFT)
    job = await opened.imagine()
    await opened.until_posted(2)
    current = await opened.job(job)
    assert current.state is JobState.SENT
    assert len(current.nonces) == 2


async def test_two_at_one_moment_leave_by_two_accounts(house):
    await house.open(accounts=2, concurrency=1)
    await house.clock.advance(2)
    await asyncio.gather(house.imagine("one"), house.imagine("two"))
    await house.until_posted(2)
    assert sorted(len(session.submissions) for session in house.driver.sessions) == [1, 1]
