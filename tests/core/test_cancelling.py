"""Jobs that are taken back after they were sent."""

from __future__ import annotations

from engine.model.actions import (
    CANCEL_JOB,
    CROSS,
    Click,
    MessageCommand,
    Reaction,
)
from engine.model.jobs import JobState
from engine.model.sightings import Channel, Stage, Trouble
from engine.ports import Answer, AnswerKind, Refusal
from tests.core.answers_at_hand import CHILD, UUID, button, message_id
from tests.fakes import scripted_session as says


async def test_a_running_imagine_is_cancelled_through_midjourney(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    asked = await house.engine.cancel(house.origin, job.id)
    assert (asked.state, asked.cancel_asked) == (JobState.RUNNING, True)
    way, _ = await house.until_posted(2)
    assert way == MessageCommand(says.MIDJOURNEY_APPLICATION, CANCEL_JOB, house.channel_id(), shown)
    house.session.shows(says._seen(Channel.EDITED, Stage.STOPPED, message_id=shown))
    await house.until_state(job, JobState.CANCELLED)


async def test_a_cancelled_job_whose_message_vanishes_without_a_result_is_cancelled(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    await house.engine.cancel(house.origin, job.id)
    house.session.shows(says.deleted(shown))
    await house.until_state(job, JobState.CANCELLED)


async def test_a_running_variation_is_cancelled_by_its_own_button(house):
    await house.open()
    parent = await house.finished()
    job = await house.engine.press(house.origin, parent.id, "V1")
    _, nonce = await house.until_posted(2)
    shown = message_id(house, 20)
    cancel = button(f"MJ::CancelJob::ByJobid::{CHILD}", "Cancel Job")
    house.session.shows(says.waiting(nonce, shown, flags=64, components=(cancel,)))
    await house.until_state(job, JobState.RUNNING)
    await house.engine.cancel(house.origin, job.id)
    way, _ = await house.until_posted(3)
    assert way == Click(says.MIDJOURNEY_APPLICATION, house.channel_id(), shown, 64, cancel.custom_id)


async def test_a_way_of_cancelling_that_discord_refuses_is_followed_by_the_next_at_once(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    house.session.answers(Answer(AnswerKind.REFUSED, "no such command", Refusal.GONE))
    began = house.clock.ticks()
    await house.engine.cancel(house.origin, job.id)
    way, _ = await house.until_posted(3)
    assert way == Reaction(house.channel_id(), shown, CROSS)
    assert house.clock.ticks() - began < 2


async def test_a_cancel_that_does_not_help_is_tried_another_way_and_the_result_is_kept(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    shown = message_id(house, 10)
    house.session.shows(says.waiting(nonce, shown))
    await house.until_state(job, JobState.RUNNING)
    await house.engine.cancel(house.origin, job.id)
    await house.until_posted(3)
    assert isinstance(house.session.submissions[2][0], Reaction)
    house.session.shows(says.a_final(message_id(house, 11), UUID, reference_id=shown))
    assert (await house.until_state(job, JobState.DONE)).cancel_asked


async def test_a_check_that_discord_demands_of_a_cancel_stops_the_account(house):
    await house.open()
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    house.session.shows(says.waiting(nonce, message_id(house, 10)))
    await house.until_state(job, JobState.RUNNING)
    house.session.answers(Answer(AnswerKind.REFUSED, "captcha", Refusal.ACCOUNT, Trouble.CAPTCHA))
    await house.engine.cancel(house.origin, job.id)
    await house.until(house.stopped)
    await house.clock.advance(40)
    assert len(house.session.submissions) == 2


async def test_a_cancel_that_comes_before_anything_can_be_cancelled_is_carried_out_once_it_can(house):
    await house.open()
    await house.clock.advance(10)  # the account has been idle
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    asked = await house.engine.cancel(house.origin, job.id)
    assert (asked.state, asked.cancel_asked) == (JobState.SENT, True)
    house.session.shows(says.waiting(nonce, message_id(house, 10)))
    began = house.clock.ticks()
    await house.until_posted(2)
    assert house.clock.ticks() - began < 0.5
