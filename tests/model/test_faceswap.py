"""Which of the bot's words are about a face swap's present command, and what its history proves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model import events as ev
from engine.model.actions import SWAP_APPLICATION, Action, ActionKind
from engine.model.choosing import Assignment, Standings, Waiting, choose
from engine.model.correlation import JobBook
from engine.model.faceswap import NAME, NAMES, NamesInTurn
from engine.model.inputs import Given
from engine.model.jobs import JobState, Modal
from engine.model.limits import Limits
from engine.model.reading import event_of
from engine.model.recovery import attributable, bind_history
from engine.model.sightings import Channel, Stage
from engine.model.transitions import advance
from tests.model.jobs_at_hand import NOW, a_job, links, sighted, snowflake
from tests.model.test_choosing import standing

LIMITS = Limits()
SAVED = Modal("i1", "swapid", "idname easel3 created.", ())


def a_swap(state: JobState = JobState.SENT, **changes):
    action = Action(ActionKind.FACE_SWAP)
    return a_job(
        "f", state, **{"action": action, "application_id": SWAP_APPLICATION, "given": Given(value="easel3")} | changes
    )


def in_the_first(**changes):
    return a_swap(nonces=("n1",), links=links(interaction_id="i1"), **changes)


def in_the_second(**changes):
    return a_swap(nonces=("n1", "n2"), form_answered=True, modal=SAVED, links=links(interaction_id="i2"), **changes)


def said(stage, verb="saveid", channel=Channel.CREATED, *, seconds=5, **values):
    values = {"application_id": SWAP_APPLICATION, "message_id": snowflake(seconds), "verb": verb, **values}
    return sighted(stage, channel, **values)


def what(job, sighting):
    return event_of(job, sighting, account_id=1, limits=LIMITS, now=NOW, new_key=lambda: "k" * 32)


def test_the_saved_face_is_to_the_job_what_a_form_is_to_a_press():
    event = what(in_the_first(), said(Stage.ASKED, interaction_id="i1", modal=SAVED))
    assert isinstance(event, ev.ModalAsked)
    assert advance(in_the_first(), event).state is JobState.WAITING_MODAL


def test_a_reply_that_is_deferred_leaves_the_first_command_unanswered():
    event = what(in_the_first(), said(Stage.WAITING, interaction_id="i1"))
    after = advance(in_the_first(), event)
    assert (after.state, after.accepted) == (JobState.SENT, True)
    assert after.links.progress_message_id == snowflake(5)
    assert advance(after, what(after, said(Stage.ASKED, modal=SAVED))).state is JobState.WAITING_MODAL


LATE = [
    said(Stage.ASKED, interaction_id="i1", modal=SAVED),
    said(Stage.ASKED, None, interaction_id="i1", modal=SAVED),
    said(Stage.ASKED, None, modal=SAVED),
    said(Stage.FAILED, interaction_id="i1"),
    said(Stage.UNKNOWN, interaction_id="i1"),
    said(Stage.WAITING, interaction_id="i1"),
    sighted(Stage.ACKNOWLEDGED, Channel.INTERACTION, nonce="n1", interaction_id="i1"),
]


@pytest.mark.parametrize("sighting", LATE, ids=range(len(LATE)))
def test_what_still_comes_of_the_first_command_changes_nothing_in_the_second(sighting):
    assert what(in_the_second(), sighting) is None


def test_the_second_command_is_answered_by_its_picture():
    event = what(in_the_second(), said(Stage.FINAL, "swapid", interaction_id="i2"))
    assert advance(in_the_second(), event).state is JobState.DONE


def test_an_unknown_answer_is_called_the_other_bots():
    event = what(in_the_first(), said(Stage.UNKNOWN, interaction_id="i1", words="Hello"))
    assert event.detail == "InsightFaceSwap answered: Hello"


def test_names_come_in_turn_and_are_ones_that_the_bot_takes():
    names = NamesInTurn()
    assert sorted(names.next() for _ in NAMES) == sorted(NAMES)
    assert all(name.isalnum() and len(name) <= 8 and NAME.fullmatch(name) for name in NAMES)


def book_of(job):
    book = JobBook(user_id="u1")
    book.put(job)
    return book


def test_a_history_binds_the_first_reply_by_the_name_it_repeats():
    lost = a_swap(nonces=("n1",))
    ours = said(Stage.ASKED, channel=Channel.HISTORY, prompt="easel3", user_id="u1", interaction_id="i1", modal=SAVED)
    others = said(Stage.ASKED, channel=Channel.HISTORY, prompt="easel4", user_id="u1", interaction_id="i0", seconds=2)
    assert bind_history(book_of(lost), [others, ours]) == [("f", ours)]


def test_a_history_never_guesses_whose_picture_it_is():
    lost = in_the_second().but(links=links())
    picture = said(Stage.FINAL, "swapid", Channel.HISTORY, user_id="u1", interaction_id="i9")
    assert bind_history(book_of(lost), [picture]) == []
    assert attributable(book_of(lost), lost, [picture])


def test_pictures_of_before_prove_nothing():
    lost = in_the_second().but(links=links())
    picture = said(Stage.FINAL, "swapid", Channel.HISTORY, seconds=-120, user_id="u1", interaction_id="i9")
    assert not attributable(book_of(lost), lost, [picture])


QUEUED = a_swap(JobState.QUEUED)


def swapping(number, *, busy):
    return replace(standing(number), swapping=busy)


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([swapping(1, busy=True)], Waiting.FACE_SWAP),
        ([swapping(1, busy=True), swapping(2, busy=False)], Assignment("f", 2)),
        ([standing(taken=3)], Assignment("f", 1)),
    ],
)
def test_an_account_swaps_one_face_at_a_time_and_needs_no_slot(standings, expected):
    assert choose(QUEUED, Standings(standings)) == expected


def test_pictures_do_not_wait_for_a_face_swap():
    assert choose(a_job("q", JobState.QUEUED), Standings([swapping(1, busy=True)])) == Assignment("q", 1)
