"""Jobs that are asked for before the job whose button they press is finished."""

from __future__ import annotations

import pytest

from engine.model.actions import Action, ActionKind, Click
from engine.model.choosing import Waiting
from engine.model.errors import Conflict
from engine.model.jobs import FailureReason, JobState
from tests.core.answers_at_hand import CHILD, UUID, button, message_id, with_buttons
from tests.fakes import scripted_session as says

TAKEN_OUT = Action(ActionKind.VIDEO_UPSCALE, 2)
LONGER = Action(ActionKind.EXTEND, 1, "high")
FILMS = button(f"MJ::JOB::video_virtual_upscale::2::{UUID}", "U2")


async def waiting_for_its_video(house, **wishes):
    """A grid's second video that is being taken out, its nonce, and the extension that waits for it."""
    grid = await with_buttons(house, FILMS)
    first = await house.engine.act(house.origin, grid.id, TAKEN_OUT)
    _, nonce = await house.until_posted(2)
    return first, nonce, await house.engine.act(house.origin, first.id, LONGER, early=True, **wishes)


def shows_the_video(house, nonce, *buttons):
    house.session.shows(says.a_final(message_id(house, 800), CHILD, nonce=nonce, verb="", components=buttons))


async def test_it_waits_saying_why_and_presses_the_button_once_its_parent_is_done(house):
    await house.open()
    first, nonce, longer = await waiting_for_its_video(house)
    await house.clock.advance(3)
    assert house.engine.waits_because(await house.job(longer)) == Waiting.PARENT
    assert len(house.session.submissions) == 2
    custom_id = f"MJ::JOB::animate_high_extend::3::{CHILD}"  # whatever number the button says
    shows_the_video(house, nonce, button(custom_id, "Extend (High)"))
    done = await house.until_state(first, JobState.DONE)
    await house.until(lambda: any(_pressed(what, custom_id) for what, _ in house.session.submissions), seconds=0.5)
    sent = await house.job(longer)
    assert (sent.state, sent.parent_id, sent.root_id) == (JobState.SENT, first.id, first.parent_id)
    assert sent.click == Click(
        first.application_id, done.result.channel_id, done.result.message_id, done.result.flags, custom_id
    )


def _pressed(what, custom_id):
    return isinstance(what, Click) and what.custom_id == custom_id


async def test_another_process_goes_on_waiting_for_it(house):
    await house.open()
    _, nonce, longer = await waiting_for_its_video(house)
    await house.restart()
    await house.clock.advance(2)
    assert house.engine.waits_because(await house.job(longer)) == Waiting.PARENT
    custom_id = f"MJ::JOB::animate_high_extend::1::{CHILD}"
    shows_the_video(house, nonce, button(custom_id, "Extend (High)"))
    await house.until_state(longer, JobState.SENT)
    (press, _) = house.session.submissions[-1]
    assert _pressed(press, custom_id)


async def test_it_fails_unsent_with_the_reason_of_its_parent(house):
    await house.open()
    _, nonce, longer = await waiting_for_its_video(house)
    house.session.shows(says.refused(nonce, "Invalid link", reason=FailureReason.GONE))
    failed = await house.until_state(longer, JobState.FAILED, seconds=3)
    assert failed.failure.reason is FailureReason.GONE
    assert "video_upscale_2" in failed.failure.detail
    assert "Invalid link" in failed.failure.detail
    assert len(house.session.submissions) == 2


async def test_it_fails_unsent_when_its_parent_was_cancelled(house):
    await house.open(accounts=1)
    grid = await with_buttons(house, FILMS)
    house.session.loses()
    first = await house.engine.act(house.origin, grid.id, TAKEN_OUT)
    longer = await house.engine.act(house.origin, first.id, LONGER, early=True)
    await house.engine.cancel(house.origin, first.id)
    failed = await house.until_state(longer, JobState.FAILED, seconds=3)
    assert failed.failure.reason is FailureReason.NOT_SENT
    assert "cancelled by key:1" in failed.failure.detail


async def test_it_fails_unsent_when_the_finished_parent_does_not_offer_it(house):
    await house.open()
    _, nonce, longer = await waiting_for_its_video(house)
    shows_the_video(house, nonce, button(f"MJ::JOB::animate_low_extend::1::{CHILD}", "Extend (Low)"))
    failed = await house.until_state(longer, JobState.FAILED, seconds=3)
    assert failed.failure.reason is FailureReason.GONE
    assert "Extend (Low)" in failed.failure.detail


async def test_it_can_be_cancelled_while_it_waits(house):
    await house.open()
    _, nonce, longer = await waiting_for_its_video(house)
    assert (await house.engine.cancel(house.origin, longer.id)).state is JobState.CANCELLED
    shows_the_video(house, nonce, button(f"MJ::JOB::animate_high_extend::1::{CHILD}", "Extend (High)"))
    await house.clock.advance(3)
    assert (await house.job(longer)).state is JobState.CANCELLED
    assert len(house.session.submissions) == 2


async def test_its_own_time_counts_while_it_waits(house):
    await house.open()
    _, _, longer = await waiting_for_its_video(house, timeout=10)
    failed = await house.until_state(longer, JobState.FAILED, seconds=15)
    assert failed.failure.reason is FailureReason.NOT_SENT
    assert str(Waiting.PARENT) in failed.failure.detail


async def test_a_press_that_is_not_asked_for_early_needs_a_finished_parent(house):
    await house.open()
    grid = await with_buttons(house, FILMS)
    first = await house.engine.act(house.origin, grid.id, TAKEN_OUT)
    with pytest.raises(Conflict, match="only a finished job"):
        await house.engine.act(house.origin, first.id, LONGER)
