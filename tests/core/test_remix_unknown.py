"""A press with words while nothing told yet whether Remix is on: /settings is read first."""

from __future__ import annotations

import pytest

from engine.model.errors import Conflict
from engine.model.jobs import FailureReason, JobState
from engine.model.sightings import Trouble
from engine.ports import Answer, AnswerKind, Refusal
from tests.core.answers_at_hand import CHILD

WORDS = "a blue fox"


async def at_hand(house, *, on, switches_remix=False):
    """A finished grid of an account of which nothing is known, in a session that answers /settings."""
    await house.open(switches_remix=switches_remix)
    parent = await house.finished()
    house.answers_remix_from_now_on(on=on)
    await house.knows(remix=None)
    return parent


async def test_words_are_not_pressed_when_settings_tell_that_remix_is_off(house):
    parent = await at_hand(house, on=False)
    job = await house.engine.press(house.origin, parent.id, "V1", words=WORDS)
    failed = await house.until_state(job, JobState.FAILED)
    assert failed.failure.reason is FailureReason.PROMPT
    assert "Remix is off" in failed.failure.detail
    assert failed.sent_at is None
    assert house.sent_in_words() == ["settings"]
    assert house.account_facts().remix is False


async def test_after_that_words_are_refused_at_once_and_settings_are_not_read_again(house):
    parent = await at_hand(house, on=False)
    job = await house.engine.press(house.origin, parent.id, "V1", words=WORDS)
    failed = await house.until_state(job, JobState.FAILED)
    with pytest.raises(Conflict) as refused:
        await house.engine.press(house.origin, parent.id, "V2", words=WORDS)
    assert str(refused.value) == failed.failure.detail
    assert house.sent_in_words() == ["settings"]


async def test_words_are_pressed_when_settings_tell_that_remix_is_on_and_nothing_is_sent_between(house):
    parent = await at_hand(house, on=True)
    job = await house.engine.press(house.origin, parent.id, "V1", words=WORDS)
    await house.imagine("meanwhile")
    await house.until(lambda: len(house.session.submissions) == 4)
    assert house.sent_in_words()[:2] == ["settings", "Click"]
    assert sorted(house.sent_in_words()[2:]) == ["ModalAnswer", "imagine"]
    assert (await house.job(job)).form_answered
    assert house.account_facts().remix is True


async def test_where_switching_is_allowed_remix_that_is_found_off_is_turned_on_and_back(house):
    parent = await at_hand(house, on=False, switches_remix=True)
    await house.engine.press(house.origin, parent.id, "V1", words=WORDS)
    await house.until(lambda: len(house.session.submissions) == 5)
    assert house.sent_in_words() == ["settings", "prefer remix", "Click", "ModalAnswer", "prefer remix"]
    await house.until(lambda: house.account_facts().remix_owed is None)
    assert house.account_facts().remix is False


async def test_a_press_goes_on_and_is_marked_when_settings_are_not_answered(house):
    await house.open()
    parent = await house.finished()
    job = await house.engine.press(house.origin, parent.id, "V1", words=WORDS)
    _, nonce = await house.until_posted(3)
    assert house.sent_in_words() == ["imagine", "settings", "Click"]
    house.shows_an_imagine(nonce, CHILD)
    assert (await house.until_state(job, JobState.DONE)).prompt_ignored


async def test_a_check_that_discord_demands_of_the_settings_stops_the_account_before_the_press(house):
    parent = await at_hand(house, on=True)
    captcha = Answer(AnswerKind.REFUSED, "captcha", Refusal.ACCOUNT, Trouble.CAPTCHA)
    house.session.on_submit = lambda what, nonce: captcha
    await house.engine.press(house.origin, parent.id, "V1", words=WORDS)
    await house.until(house.stopped)
    await house.clock.advance(30)
    assert house.sent_in_words() == ["settings"]


async def test_a_press_stays_queued_when_the_question_did_not_leave_and_is_made_when_it_does(house):
    parent = await at_hand(house, on=True)
    house.session.answers(Answer(AnswerKind.NEVER_LEFT, "connect refused"))
    await house.engine.press(house.origin, parent.id, "V1", words=WORDS)
    await house.until(lambda: "ModalAnswer" in house.sent_in_words())
    assert [name for name in house.sent_in_words() if name != "settings"] == ["Click", "ModalAnswer"]


async def test_without_words_and_without_a_press_settings_are_never_read(house):
    parent = await at_hand(house, on=False)
    await house.clock.advance(30)
    assert house.sent_in_words() == []
    await house.engine.press(house.origin, parent.id, "V1")
    await house.until(lambda: bool(house.session.submissions))
    await house.clock.advance(30)
    assert house.sent_in_words() == ["Click"]
