"""What Discord shows while it answers the POST is stored with what follows, and the place in the wire waits for it."""

from __future__ import annotations

import asyncio

import pytest

from engine.core.sender import A_MOMENT
from engine.core.withheld import Acknowledgments
from engine.model import events as ev
from engine.model.jobs import JobState, Links
from engine.model.transitions import advance
from engine.store.records import step_values
from tests.contracts.store_examples import T0, assigned, new_request, seen
from tests.fakes import scripted_session as says

UUID = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
async def opened(house):
    await house.open()
    await house.clock.advance(2)
    return house


@pytest.fixture
async def answer(opened):
    """What the next POST waits for."""
    opened.answer = asyncio.get_running_loop().create_future()
    opened.session.answers(opened.answer)
    return opened.answer


async def stored(house, job):
    return await house.store.job(job.workspace_id, job.id)


async def events_of(house, job):
    return [update.event for update in await house.store.updates(job.id)]


def place(house):
    (checkpoint,) = house.store._checkpoints.values()
    return checkpoint.seq


async def test_it_is_stored_with_the_message_that_follows_at_once(opened):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    interaction, message, *_ = says.an_imagine(nonce, opened.clock.now(), UUID)
    opened.session.shows(interaction)
    await opened.clock.advance(A_MOMENT / 2)
    assert (await stored(opened, job)).links.interaction_id is None
    opened.session.shows(message)
    await opened.clock.advance(A_MOMENT)
    runs = await stored(opened, job)
    assert (runs.state, runs.version, runs.accepted) == (JobState.RUNNING, 3, True)
    assert runs.links.interaction_id == interaction.interaction_id
    assert runs.links.progress_message_id == message.message_id
    assert await events_of(opened, job) == ["Submitted", "Assigned", "Seen"]
    await opened.clock.advance(3)
    assert place(opened) == opened.session._seq


async def test_alone_it_is_stored_a_moment_after_the_answer(opened):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(A_MOMENT * 2)
    sent = await stored(opened, job)
    assert (sent.state, sent.version, sent.accepted, sent.links.interaction_id) == (JobState.SENT, 3, True, "801")
    assert await events_of(opened, job) == ["Submitted", "Assigned", "Acknowledged"]


async def test_what_comes_later_than_that_is_stored_at_once(opened):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    await opened.clock.advance(A_MOMENT * 2)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(0.001)
    assert await events_of(opened, job) == ["Submitted", "Assigned", "Accepted", "Acknowledged"]


async def test_it_rules_out_that_the_answer_puts_the_job_back(opened, answer):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(1)
    assert (await stored(opened, job)).version == 2
    answer.set_result(says.NEVER_LEFT)
    await opened.clock.advance(1)
    sent = await stored(opened, job)
    assert (sent.state, sent.accepted, sent.links.interaction_id) == (JobState.SENT, True, "801")
    assert len(opened.session.submissions) == 1


async def test_an_answer_that_is_lost_leaves_it_accepted(opened, answer):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(1)
    answer.set_result(says.NO_ANSWER)
    await opened.clock.advance(0.01)
    sent = await stored(opened, job)
    assert (sent.accepted, sent.note, sent.links.interaction_id) == (True, None, "801")


async def test_the_place_stays_before_it_whatever_else_is_stored_meanwhile(opened, answer):
    first = await opened.imagine("first")
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    before = opened.session._seq - 1
    other = says.waiting(None, "4100", prompt="somebody else's words")
    opened.session.shows(other)
    opened.session.passes_foreign_frames(20)
    await opened.clock.advance(5)
    assert place(opened) == before
    answer.set_result(says.ACCEPTED)
    await opened.clock.advance(5)
    assert (await stored(opened, first)).links.interaction_id == "801"
    assert place(opened) == opened.session._seq


async def test_after_a_crash_it_is_shown_again(opened, answer):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(5)
    assert (await stored(opened, job)).links.interaction_id is None
    assert place(opened) < opened.session._seq
    opened.engine = opened._engine()  # the other process died as it stood
    opened.store._holds[1].until = opened.clock.now()
    before = len(opened.driver.sessions)
    await opened.engine.start()
    await opened.until(lambda: len(opened.driver.sessions) > before)
    opened.session.goes_live(resumed=True)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.until(lambda: opened.store._jobs[job.id].links.interaction_id == "801")
    assert opened.store._jobs[job.id].accepted


async def test_somebody_elses_change_meanwhile_is_not_overwritten(opened, answer):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(0.01)
    withdrawn = opened.store._jobs[job.id]
    opened.store._jobs[job.id] = withdrawn.but(version=withdrawn.version + 1, cancel_asked=True)
    answer.set_result(says.ACCEPTED)
    await opened.clock.advance(1)
    sent = await stored(opened, job)
    assert (sent.cancel_asked, sent.accepted, sent.version) == (True, True, 4)
    assert sent.links.interaction_id == "801"


@pytest.mark.parametrize("change", [{"given_up": True}, {"cancel_asked": True}])
async def test_somebody_elses_change_does_not_make_it_forgotten_so_that_nothing_is_sent_twice(opened, answer, change):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(0.01)
    before = opened.store._jobs[job.id]
    opened.store._jobs[job.id] = before.but(version=before.version + 1, **change)
    answer.set_result(says.NO_ANSWER)
    for _ in range(10):
        await opened.clock.advance(10)
        opened.session.beats()
    told = await stored(opened, job)
    assert (told.links.interaction_id, told.accepted) == ("801", True)
    assert "AbsenceProven" not in await events_of(opened, job)
    assert len(opened.session.submissions) == 1


async def test_a_job_that_somebody_else_ended_is_left_as_it_is(opened, answer):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    opened.session.shows(says.acknowledged(nonce, "801"))
    await opened.clock.advance(0.01)
    before = opened.store._jobs[job.id]
    opened.store._jobs[job.id] = before.but(version=before.version + 1, state=JobState.FAILED)
    answer.set_result(says.ACCEPTED)
    await opened.clock.advance(3)
    assert (await stored(opened, job)).state is JobState.FAILED
    assert place(opened) == opened.session._seq


def test_the_store_is_told_of_all_that_it_does_not_know():
    """Only columns that differ are written, so the step begins at what the store has."""
    acknowledgments = Acknowledgments()
    job = advance(new_request("w").jobs[0], assigned(1))
    event = ev.Acknowledged(at=T0, account_id=1, links=Links(interaction_id="801"), until=T0)
    acknowledgments.await_answer(job.id)
    shown = advance(job, event)
    assert acknowledgments.withholds(job, shown, event, 7)
    in_memory = shown.but(version=job.version)
    for following in (seen(1), ev.Accepted(at=T0, nonce=job.nonce)):
        before, after, told = acknowledgments.told(in_memory, advance(in_memory, following), following)
        values = step_values(before, after)
        assert (values["interaction_id"], values["accepted"], values["version"]) == ("801", True, job.version + 1)
        assert told in (following, event)
