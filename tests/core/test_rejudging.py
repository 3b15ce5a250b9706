"""A rule that changes judges again what waits, before it is sent; and what others stored when it comes in."""

from __future__ import annotations

import pytest

from engine.core.rulemaking import Rulemaking
from engine.model.jobs import FailureReason, JobState
from engine.model.moderation import RuleDraft
from tests.core.house import House

FOX = RuleDraft(text="fox")


@pytest.fixture
async def held(house: House):
    """Nothing is sent until the queue goes on."""
    await house.open()
    await house.engine.queues.pause(house.origin.workspace_id)
    return house


def sent(house) -> int:
    return sum(len(session.submissions) for session in house.driver.sessions)


async def test_a_new_rule_ends_what_waits_and_holds_its_word(held):
    place = held.origin.workspace_id
    foxes, cat = [await held.imagine("a red fox") for _ in range(2)], await held.imagine("a cat")
    await held.engine.add_rule(place, FOX, "key:1")
    for job in foxes:
        after = await held.job(job)
        assert (after.state, after.failure.reason) == (JobState.FAILED, FailureReason.BANNED)
        assert '"fox"' in after.failure.detail
    assert (await held.job(cat)).state is JobState.QUEUED
    kept = await held.engine.refusals(place)
    assert {refusal.job_id for refusal in kept} == {job.id for job in foxes}
    await held.engine.queues.resume(place)
    await held.until_posted(1)
    await held.clock.advance(5)
    assert sent(held) == 1


async def test_a_rule_that_was_made_in_another_process_counts_before_the_queue_goes_on(held):
    place = held.origin.workspace_id
    job = await held.imagine("a red fox")
    await Rulemaking(held.store, held.clock).add(place, FOX, "somebody else")
    await held.until_state(job, JobState.FAILED)
    await held.engine.queues.resume(place)
    await held.clock.advance(5)
    assert sent(held) == 0


async def test_what_waited_over_a_restart_is_judged_when_it_comes_in(held):
    place = held.origin.workspace_id
    job = await held.imagine("a red fox")
    await held.stop()
    await Rulemaking(held.store, held.clock).add(place, FOX, "somebody else")
    await held.store.pause_workspace(place, None)
    await held.restart()
    assert (await held.until_state(job, JobState.FAILED)).failure.reason is FailureReason.BANNED
    assert sent(held) == 0


async def test_a_store_that_cannot_be_written_keeps_the_job_from_being_sent(held):
    place = held.origin.workspace_id
    job = await held.imagine("a red fox")
    book = await Rulemaking(held.store, held.clock).add(place, FOX, "somebody else")
    assert book.says == FOX
    held.store.trouble = "the disk is full"
    await held.clock.advance(3)
    held.store.trouble = None
    await held.store.pause_workspace(place, None)
    assert (await held.until_state(job, JobState.FAILED)).failure.reason is FailureReason.BANNED
    assert sent(held) == 0


async def test_a_rule_that_is_removed_leaves_everything_as_it_is(held):
    place = held.origin.workspace_id
    rule = await held.engine.add_rule(place, FOX, "key:1")
    job = await held.imagine("a cat")
    await held.engine.remove_rule(place, rule.id, "key:1")
    assert (await held.job(job)).state is JobState.QUEUED
