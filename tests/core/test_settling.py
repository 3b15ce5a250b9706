"""What the operator may decide of a job whose outcome is unknown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.core.settling import Settling
from engine.model.errors import Conflict, InvalidInput, NotFound
from engine.model.jobs import FailureReason, JobState
from engine.model.sightings import Channel
from engine.model.snowflakes import snowflake_at
from tests.core.workshop import stored_job
from tests.fakes import scripted_session as says
from tests.fakes.plain_secrets import PlainSecrets

OPERATOR = "the operator"


@pytest.fixture
def driver(workshop):
    return says.ScriptedDriver(workshop.clock)


@pytest.fixture
def settling(workshop, driver):
    return Settling(workshop.store, driver, PlainSecrets(), workshop.clock)


async def unknown(workshop, **changes):
    now = workshop.clock.now()
    values = {"account_id": workshop.account.id, "sent_at": now, "nonces": ("1",), **changes}
    return await stored_job(workshop.store, now, workshop.workspace_id, JobState.NEEDS_ATTENTION, **values)


def final(workshop, driver, seconds=30, **changes):
    message_id = snowflake_at(workshop.clock.now() + timedelta(seconds=seconds))
    driver.messages[message_id] = replace(says.a_final(message_id), channel=Channel.HISTORY, **changes)
    return message_id


async def test_a_job_is_declared_failed_and_who_did_it_is_kept(workshop, settling):
    job = await unknown(workshop)
    await workshop.clock.advance(60)
    settled = await settling.failed(workshop.workspace_id, job.id, OPERATOR)
    assert settled == await workshop.stored(job)
    assert (settled.state, settled.failure.reason) == (JobState.FAILED, FailureReason.SETTLED)
    assert settled.failure.detail == "settled as failed by the operator; it was: no answer"
    assert settled.finished_at == job.created_at + timedelta(seconds=60)
    assert [update.event for update in await workshop.store.updates(job.id)] == ["Submitted", "SettledFailed"]


async def test_a_message_that_the_operator_names_becomes_the_result(workshop, settling, driver):
    job = await unknown(workshop)
    message_id = final(workshop, driver)
    settled = await settling.done_as(workshop.workspace_id, job.id, message_id, OPERATOR)
    assert settled == await workshop.stored(job)
    assert (settled.state, settled.result.message_id) == (JobState.DONE, message_id)
    assert settled.note == "settled as done by the operator"
    (copy,) = await workshop.store.pictures_to_copy(10)
    assert copy.job_id == job.id


async def test_another_jobs_result_is_not_given_twice(workshop, settling, driver):
    first, second = await unknown(workshop), await unknown(workshop)
    message_id = final(workshop, driver)
    await settling.done_as(workshop.workspace_id, first.id, message_id, OPERATOR)
    with pytest.raises(InvalidInput, match=f"result of another job, {first.id}"):
        await settling.done_as(workshop.workspace_id, second.id, message_id, OPERATOR)


async def test_what_is_no_result_of_the_job_is_refused(workshop, settling, driver):
    job = await unknown(workshop)
    older = final(workshop, driver, seconds=-300)
    running = snowflake_at(workshop.clock.now() + timedelta(seconds=3))
    driver.messages[running] = says.progress(running, 30)
    for message_id, error, words in [
        ("12x", InvalidInput, "not an id"),
        (older, InvalidInput, "older than the job"),
        (running, InvalidInput, "no finished result"),
        ("99", NotFound, "no message 99"),
    ]:
        with pytest.raises(error, match=words):
            await settling.done_as(workshop.workspace_id, job.id, message_id, OPERATOR)
    assert await workshop.stored(job) == job


async def test_a_job_is_sent_again_with_a_new_nonce_and_time_of_its_own(workshop, settling):
    job = await unknown(workshop, timeout_seconds=10.0, accepted=True)
    await workshop.clock.advance(3600)
    again = await settling.sent_again(workshop.workspace_id, job.id, OPERATOR)
    assert again == await workshop.stored(job)
    assert (again.state, again.accepted, again.nonces) == (JobState.QUEUED, False, ("1",))
    assert again.deadline_at == workshop.clock.now() + timedelta(hours=24)
    assert [queued.id for queued in await workshop.store.queued(10)] == [job.id]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE])
async def test_only_an_unknown_outcome_can_be_settled(workshop, settling, state):
    job = await stored_job(workshop.store, workshop.clock.now(), workshop.workspace_id, state)
    for decision in (settling.failed, settling.sent_again):
        with pytest.raises(Conflict, match=f"is {state}; only NEEDS_ATTENTION"):
            await decision(workshop.workspace_id, job.id, OPERATOR)
    assert await workshop.stored(job) == job


async def test_another_workspaces_job_is_as_unknown_as_none(workshop, settling):
    job = await unknown(workshop)
    for job_id in (job.id, "no such id"):
        with pytest.raises(NotFound, match=f"there is no job {job_id}"):
            await settling.failed("another", job_id, OPERATOR)
