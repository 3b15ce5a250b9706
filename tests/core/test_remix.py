"""Remix, turned over for one press and put back."""

from __future__ import annotations

from engine.model.actions import (
    Click,
    Slash,
)
from engine.model.jobs import FailureReason, JobState
from engine.model.sightings import Trouble
from engine.ports import Answer, AnswerKind, Refusal
from tests.core.answers_at_hand import CHILD
from tests.fakes import scripted_session as says


async def test_remix_is_turned_on_for_one_action_and_back_while_nothing_else_leaves(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    house.answers_remix_from_now_on(on=False)
    await house.knows(remix=False)
    job = await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    other = await house.imagine("meanwhile")
    await house.until(house.facts_owed)
    await house.until_posted(5)
    await house.until_posted(6)
    assert house.sent_in_words() == ["prefer remix", "Click", "ModalAnswer", "prefer remix", "imagine"]
    assert house.account_facts().remix is False
    assert house.account_facts().remix_owed is None
    assert (await house.job(job)).form_answered
    assert (await house.job(other)).state is JobState.SENT


async def test_remix_is_put_back_right_after_each_action_however_soon_the_next_one_comes(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    house.answers_remix_from_now_on(on=False)
    await house.knows(remix=False)
    for turn, label in enumerate(("V1", "V2"), start=1):
        job = await house.engine.press(house.origin, parent.id, label, words="a blue fox")
        await house.until(lambda posts=4 * turn: len(house.sent_in_words()) == posts, seconds=5)
        assert house.sent_in_words()[-4:] == ["prefer remix", "Click", "ModalAnswer", "prefer remix"]
        await house.until(lambda: not house.facts_owed(), seconds=1)
        assert house.account_facts().remix is False
        house.shows_an_imagine(house.session.submissions[-2][1], f"{turn}0000000-0000-4000-8000-000000000000")
        await house.until_state(job, JobState.DONE)


async def test_after_a_crash_remix_is_put_back(house):
    await house.open(switches_remix=True)
    house.answers_remix_from_now_on(on=True)
    await house.knows(remix=True, remix_owed=False)
    await house.until(lambda: bool(house.session.submissions))
    command, _ = house.session.submissions[0]
    assert command == Slash(says.MIDJOURNEY_APPLICATION, "prefer remix")
    await house.until(lambda: house.account_facts().remix_owed is None)
    assert house.account_facts().remix is False


async def test_a_form_that_opens_before_remix_can_be_put_back_is_filled_in_first(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=True)
    job = await house.engine.press(house.origin, parent.id, "V1")
    _, nonce = await house.until_posted(2)
    house.answers_remix_from_now_on(on=True)
    await house.knows(remix=True, remix_owed=False)
    await house.clock.advance(2)
    house.session.shows(says.asked(nonce, value="the old words"))
    await house.until(lambda: bool(house.session.submissions), seconds=5)
    assert (await house.until_state(job, JobState.SENT)).form_answered
    house.shows_an_imagine(house.session.submissions[-1][1], CHILD)
    await house.until(lambda: house.account_facts().remix_owed is None, seconds=5)
    assert house.sent_in_words() == ["ModalAnswer", "prefer remix"]


async def test_remix_is_put_back_although_the_answer_to_a_press_was_missed(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=True)
    job = await house.engine.press(house.origin, parent.id, "V1")
    await house.until_posted(2)
    house.answers_remix_from_now_on(on=True)
    await house.knows(remix=True, remix_owed=False)
    await house.until(lambda: house.account_facts().remix_owed is None, seconds=30)
    assert (await house.job(job)).state is JobState.SENT


async def test_a_check_that_discord_demands_of_the_remix_command_stops_the_account_at_once(house):
    house.answers_remix_from_now_on(on=False)
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=False)
    captcha = Answer(AnswerKind.REFUSED, "captcha", Refusal.ACCOUNT, Trouble.CAPTCHA)
    house.session.on_submit = lambda what, nonce: captcha
    await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    await house.until(house.stopped)
    await house.clock.advance(30)
    assert len(house.session.submissions) == 1


async def test_a_remix_command_that_is_never_answered_fails_the_press_after_a_few_tries(house):
    await house.open(switches_remix=True)
    parent = await house.finished()
    await house.knows(remix=False)
    job = await house.engine.press(house.origin, parent.id, "V1", words="a blue fox")
    failed = await house.until_state(job, JobState.FAILED, seconds=300)
    assert failed.failure.reason is FailureReason.TRANSIENT
    assert "Remix" in failed.failure.detail
    assert not any(isinstance(what, Click) for what, _ in house.session.submissions)
