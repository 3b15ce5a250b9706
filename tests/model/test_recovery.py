"""What a history binds, proves and is worth."""

from datetime import timedelta

import pytest

from engine.model.correlation import JobBook
from engine.model.jobs import JobState, Modal
from engine.model.limits import Limits
from engine.model.recovery import (
    absence_can_be_judged,
    attributable,
    bind_history,
    history_start,
    worth_a_look,
)
from engine.model.sightings import Channel, Stage
from tests.model.jobs_at_hand import NOW, OTHER_UUID, UUID, a_click, a_job, links, sighted, snowflake

WORDS = "a red fox --ar 16:9"
LIMITS = Limits()


def final(uuid=UUID, *, seconds=30, user_id="u1", reference_id=None, prompt=WORDS):
    return sighted(
        Stage.FINAL,
        Channel.HISTORY,
        message_id=snowflake(seconds),
        uuids=frozenset({uuid}),
        user_id=user_id,
        prompt=prompt,
        reference_id=reference_id,
    )


def book_of(*jobs):
    book = JobBook(user_id="u1")
    for job in jobs:
        book.put(job)
    return book


def test_the_history_is_read_from_a_minute_before_the_oldest_open_job():
    jobs = [a_job("a", sent_at=NOW + timedelta(minutes=5)), a_job("b"), a_job("c", JobState.QUEUED)]
    assert history_start(jobs) == NOW - timedelta(seconds=60)
    assert history_start([a_job("c", JobState.QUEUED)]) is None


def test_one_job_and_one_message_of_the_same_words_belong_together():
    message = final()
    assert bind_history(book_of(a_job("a")), [message]) == [("a", message)]


def test_two_jobs_of_the_same_words_stay_open_rather_than_be_swapped():
    assert bind_history(book_of(a_job("a"), a_job("b")), [final()]) == []


def test_two_results_of_the_same_words_leave_one_job_open():
    assert bind_history(book_of(a_job("a")), [final(), final(OTHER_UUID, seconds=40)]) == []


def test_the_same_words_by_somebody_else_make_words_useless():
    assert bind_history(book_of(a_job("a")), [final(), final(OTHER_UUID, user_id="u2")]) == []


def test_progress_and_final_of_one_upstream_job_are_one():
    progress = sighted(Stage.PROGRESS, Channel.HISTORY, message_id=snowflake(5), prompt=WORDS, user_id="u1")
    done = final(reference_id=progress.message_id)
    assert [job_id for job_id, _ in bind_history(book_of(a_job("a")), [progress, done])] == ["a", "a"]


def test_a_job_known_by_its_link_does_not_stand_in_the_way_of_another():
    book = book_of(a_job("a", links=links(uuid=UUID)), a_job("b"))
    bound = {job_id: s.uuid for job_id, s in bind_history(book, [final(), final(OTHER_UUID, seconds=40)])}
    assert bound == {"a": UUID, "b": OTHER_UUID}


def test_an_imagine_that_an_appeal_began_is_found_by_its_words():
    message = final()
    appealed = a_job("a", click=a_click(custom_id="MJ::Prompts::Appeal::AbC3dEf6GhI"))
    assert bind_history(book_of(appealed), [message]) == [("a", message)]


def test_a_message_from_before_the_job_was_sent_is_not_its_result():
    assert bind_history(book_of(a_job("a")), [final(seconds=-120)]) == []


def test_anything_with_the_jobs_words_speaks_against_its_absence():
    book = book_of(a_job("a"))
    assert attributable(book, book.jobs["a"], [final(user_id="u2")])
    assert not attributable(book, book.jobs["a"], [final(prompt="a blue whale")])


def test_the_picture_of_another_job_with_the_same_words_does_not():
    book = book_of(a_job("a"))
    twin = final()
    book.finished[twin.message_id] = "b"
    assert not attributable(book, book.jobs["a"], [twin])


def test_a_reply_to_the_clicked_message_speaks_against_a_clicks_absence():
    book = book_of(a_job("a", click=a_click("m0")))
    reply = sighted(Stage.FINAL, Channel.HISTORY, message_id=snowflake(3), reference_id="m0")
    assert attributable(book, book.jobs["a"], [reply])


EDITOR = Modal("i1", "MJ::iframe::TOKEN", "Inpaint", (), "/inpaint/index.html")
JUDGED = {
    "post_timeout": 5.0,
    "limits": LIMITS,
    "unbroken_since": NOW - timedelta(seconds=1),
    "acknowledged_at": NOW + timedelta(seconds=21),
}


@pytest.mark.parametrize(
    ("case", "job", "changes"),
    [
        ("the session began after the call", {}, {"unbroken_since": NOW + timedelta(seconds=1)}),
        ("the session is away", {}, {"unbroken_since": None}),
        ("no heartbeat was acknowledged since", {}, {"acknowledged_at": NOW + timedelta(seconds=19)}),
        ("Discord answered 204", {"accepted": True}, {}),
        ("it was put back once already", {"absence_used": True}, {}),
        ("it was acknowledged", {"links": links(interaction_id="i")}, {}),
        ("Midjourney queued it", {"upstream_queued": True}, {}),
        ("Midjourney answered something", {"answered_unknown": True}, {}),
        ("it was a painted region", {"modal": EDITOR, "form_answered": True}, {}),
    ],
)
def test_absence_is_not_judged_when(case, job, changes):
    assert absence_can_be_judged(a_job("a"), **JUDGED)
    assert not absence_can_be_judged(a_job("a", **job), **{**JUDGED, **changes}), case


def test_absence_of_an_unknown_outcome_can_still_be_judged():
    assert absence_can_be_judged(a_job("a", JobState.NEEDS_ATTENTION), **JUDGED)


def test_a_picture_that_came_after_the_deadline_speaks_against_absence_too():
    book = book_of(a_job("a", deadline_at=NOW + timedelta(seconds=1)))
    assert attributable(book, book.jobs["a"], [final(seconds=300)])


@pytest.mark.parametrize(
    ("state", "silent", "deleted", "worth"),
    [
        (JobState.RUNNING, 29, None, False),
        (JobState.RUNNING, 31, None, True),
        (JobState.RUNNING, 6, 6, True),
        (JobState.RUNNING, 4, 4, False),
        (JobState.SENT, 14, None, False),
        (JobState.SENT, 16, None, True),
    ],
)
def test_silence_is_worth_a_look_after_a_while(state, silent, deleted, worth):
    now = NOW + timedelta(minutes=2)
    looked = worth_a_look(
        a_job("a", state),
        now=now,
        heard_at=now - timedelta(seconds=silent),
        spacing=2.0,
        deleted_at=None if deleted is None else now - timedelta(seconds=deleted),
        limits=LIMITS,
    )
    assert looked is worth
