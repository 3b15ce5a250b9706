"""Midjourney's queue is full: the job was not taken, and is submitted anew when one of the account's jobs ends."""

import pytest

from engine.core.room import Room
from engine.model.actions import Click, ModalAnswer
from engine.model.jobs import FailureReason, JobState
from engine.model.transitions import MOST_TIMES_TURNED_AWAY
from tests.fakes import scripted_session as says
from tests.fakes.manual_clock import ManualClock

UUID = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def room():
    return Room(ManualClock(), pause_seconds=30)


def test_an_account_uses_what_its_owner_allows_until_midjourney_says_less(room):
    assert (room.slots(12, 5), room.full(5)) == (12, False)
    room.turned_away(taken=5)
    assert (room.slots(12, 5), room.full(5)) == (5, True)


def test_the_first_job_that_ends_gives_its_place_and_each_later_one_tries_one_more(room):
    room.turned_away(taken=5)
    room.ended()
    assert (room.slots(12, 4), room.full(4)) == (5, False)
    room.ended()
    assert room.slots(12, 4) == 6
    for _ in range(20):
        room.ended()
    assert room.slots(12, 4) == 12


def test_a_place_that_is_free_in_any_other_way_counts_too(room):
    room.turned_away(taken=5)
    assert not room.full(4)


async def test_where_nothing_of_ours_could_end_another_try_is_made_after_a_while():
    clock = ManualClock()
    room = Room(clock, pause_seconds=30)
    room.turned_away(taken=0)
    await clock.advance(29)
    assert room.full(0)
    await clock.advance(1)
    assert (room.full(0), room.slots(12, 0)) == (False, 1)


async def running(house, prompt="runs"):
    job = await house.imagine(prompt)
    _, nonce = await house.until_posted(1)
    frames = says.an_imagine(nonce, house.clock.now(), UUID)
    house.session.shows(*frames[:4])
    await house.until_state(job, JobState.RUNNING)
    return lambda: house.session.shows(*frames[4:])


async def test_a_job_that_met_a_full_queue_is_submitted_anew_when_another_ends(house):
    await house.open(concurrency=3)
    end = await running(house)
    job = await house.imagine("turned away")
    _, first = await house.until_posted(2)
    house.session.shows(says.acknowledged(first, "811"), says.queue_full(first, interaction_id="811"))
    await house.until_state(job, JobState.QUEUED)
    other = await house.imagine("comes later")
    await house.clock.advance(120)
    assert len(house.session.submissions) == 2
    end()
    again, second = await house.until_posted(3)
    assert (again.options[0][1], int(second) > int(first)) == ("turned away", True)
    await house.clock.advance(20)
    assert len(house.session.submissions) == 3, "one ended, so one was tried"
    house.shows_an_imagine(second, "33333333-3333-4333-8333-333333333333")
    await house.until_state(job, JobState.DONE)
    _, third = await house.until_posted(4)
    house.shows_an_imagine(third, "44444444-4444-4444-8444-444444444444")
    await house.until_state(other, JobState.DONE)


async def test_a_job_of_unknown_outcome_does_not_keep_the_others_from_trying_again(house):
    await house.open(concurrency=3)
    await house.imagine("silent")
    await house.until_posted(1)
    job = await house.imagine("turned away")
    _, first = await house.until_posted(2)
    house.session.shows(says.acknowledged(first, "811"), says.queue_full(first, interaction_id="811"))
    await house.until_state(job, JobState.QUEUED)
    began = house.clock.ticks()
    await house.until_posted(3)
    assert 25 < house.clock.ticks() - began < 35


async def test_a_cancelled_job_that_meets_a_full_queue_is_not_submitted_anew(house):
    await house.open(concurrency=3)
    end = await running(house)
    job = await house.imagine("cancelled")
    _, nonce = await house.until_posted(2)
    house.session.shows(says.acknowledged(nonce, "811"))
    asked = await house.engine.cancel(house.origin, job.id)
    assert asked.cancel_asked
    house.session.shows(says.queue_full(nonce, interaction_id="811"))
    cancelled = await house.until_state(job, JobState.CANCELLED)
    assert "cancelled before Midjourney took it" in cancelled.note
    end()
    await house.clock.advance(60)
    assert len(house.session.submissions) == 2


async def test_what_is_still_shown_of_a_submission_that_was_turned_away_changes_nothing(house):
    await house.open(concurrency=3)
    end = await running(house)
    job = await house.imagine("turned away")
    _, first = await house.until_posted(2)
    answer = says.queue_full(first, interaction_id="811")
    house.session.shows(answer, says.acknowledged(first, "811"), answer)
    await house.clock.advance(5)
    assert (await house.job(job)).state is JobState.QUEUED
    end()
    _, second = await house.until_posted(3)
    house.session.shows(answer, says.acknowledged(first, "811"))
    await house.clock.advance(5)
    assert (await house.job(job)).state is JobState.SENT
    house.shows_an_imagine(second, "33333333-3333-4333-8333-333333333333")
    await house.until_state(job, JobState.DONE)
    assert len(house.session.submissions) == 3


async def test_a_full_queue_that_names_no_submission_fails_the_job_rather_than_run_it_twice(house):
    await house.open(concurrency=3)
    job = await house.imagine("turned away")
    await house.until_posted(1)
    start = says.snowflake_at(house.clock.now())
    house.session.shows(says.queue_full(None, message_id=start, prompt="turned away"))
    failed = await house.until_state(job, JobState.FAILED)
    assert failed.failure.reason is FailureReason.TRANSIENT
    await house.clock.advance(60)
    assert len(house.session.submissions) == 1


async def test_a_queue_that_stays_full_is_tried_a_few_times_and_then_the_job_fails(house):
    await house.open()
    house.session.on_submit = lambda _, nonce: house.session.shows(says.queue_full(nonce))
    job = await house.imagine("turned away")
    await house.until_posted(1)
    await house.clock.advance(20)
    assert len(house.session.submissions) == 1
    failed = await house.until_state(job, JobState.FAILED, seconds=60 * MOST_TIMES_TURNED_AWAY)
    assert failed.failure.reason is FailureReason.TRANSIENT
    assert "Queue full" in failed.failure.detail
    assert len({nonce for _, nonce in house.session.submissions}) == MOST_TIMES_TURNED_AWAY + 1


@pytest.mark.parametrize("button", ["U2", "V2"])
async def test_a_button_waits_for_its_own_account_though_another_is_free(house, button):
    await house.open(accounts=2, concurrency=3)
    parent = await house.imagine()
    _, nonce = await house.until_posted(1)
    own = next(each for each in house.driver.sessions if each.submissions)
    own.shows(*says.an_imagine(nonce, house.clock.now(), UUID))
    await house.until_state(parent, JobState.DONE)
    child = await house.engine.press(house.origin, parent.id, button)
    _, nonce = await house.until_posted(2)
    own.shows(says.queue_full(nonce))
    await house.until_state(child, JobState.QUEUED)
    await house.clock.advance(20)
    assert len(own.submissions) == 2
    await house.until(lambda: len(own.submissions) == 3)
    (first, first_nonce), (second, second_nonce) = own.submissions[-2:]
    assert isinstance(first, Click)
    assert (first, first_nonce != second_nonce) == (second, True)
    assert sum(len(each.submissions) for each in house.driver.sessions) == 3


async def test_a_form_that_met_a_full_queue_begins_with_its_click_again(house):
    await house.open()
    parent = await house.finished()
    child = await house.engine.press(house.origin, parent.id, "V3")
    _, click = await house.until_posted(2)
    house.session.shows(says.asked(click))
    _, form = await house.until_posted(3)
    house.session.shows(says.queue_full(form))
    await house.until_state(child, JobState.QUEUED)
    _, click = await house.until_posted(4)
    house.session.shows(says.asked(click, interaction_id="822"))
    answer, form = await house.until_posted(5)
    assert [type(what) for what, _ in house.session.submissions[3:]] == [Click, ModalAnswer]
    assert answer.interaction_id == "822"
    house.shows_an_imagine(form, UUID)
    await house.until_state(child, JobState.DONE)


async def test_job_queued_stays_a_wait(house):
    await house.open(concurrency=3)
    job = await house.imagine("waits at Midjourney")
    _, nonce = await house.until_posted(1)
    house.session.shows(says.queued_upstream(nonce, prompt="waits at Midjourney"))
    await house.clock.advance(60)
    waiting = await house.job(job)
    assert (waiting.state, waiting.upstream_queued) == (JobState.SENT, True)
    assert len(house.session.submissions) == 1
