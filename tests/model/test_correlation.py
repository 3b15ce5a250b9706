"""Whose sighting it is."""

from datetime import timedelta

import pytest

from engine.model.actions import Action, ActionKind
from engine.model.correlation import Ambiguous, Bound, Disagreement, Finished, Foreign, JobBook, match, same_words
from engine.model.details import Details
from engine.model.inputs import Given
from engine.model.jobs import JobState
from engine.model.sightings import Channel, Stage
from tests.model.jobs_at_hand import NOW, OTHER_UUID, UUID, a_click, a_job, a_result, links, sighted, snowflake


def book_of(*jobs, user_id="u1") -> JobBook:
    book = JobBook(user_id=user_id)
    for job in jobs:
        book.put(job)
    return book


@pytest.mark.parametrize(
    ("by", "job_links", "sighting"),
    [
        ("nonce", {}, {"nonce": "997"}),
        ("message", {"progress_message_id": "m1"}, {"message_id": "m1"}),
        ("interaction", {"interaction_id": "i1"}, {"interaction_id": "i1"}),
        ("uuid", {"uuid": UUID}, {"uuids": frozenset({UUID})}),
        ("reference", {"progress_message_id": "m1"}, {"reference_id": "m1"}),
    ],
)
def test_each_link_binds_by_itself(by, job_links, sighting):
    book = book_of(a_job("a", links=links(**job_links)), a_job("b"))
    assert match(book, sighted(Stage.PROGRESS, **sighting)) == Bound("a", by)


def test_links_that_name_different_jobs_bind_nothing():
    book = book_of(a_job("a", links=links(uuid=UUID)), a_job("b"))
    matched = match(book, sighted(Stage.FINAL, nonce="998", uuids=frozenset({UUID})))
    assert matched == Disagreement(frozenset({"a", "b"}))


def test_an_earlier_nonce_of_the_job_is_still_evidence():
    assert match(book_of(a_job("a", nonces=("1", "2"))), sighted(Stage.WAITING, nonce="1")) == Bound("a", "nonce")


def test_a_letter_with_a_seed_is_the_answer_to_whoever_asked_for_it_and_no_pictures_final():
    letter = sighted(Stage.FINAL, message_id=snowflake(5), uuids=frozenset({UUID}), details=Details(seed="7"))
    picture = a_job("a", links=links(uuid=UUID))
    assert isinstance(match(book_of(picture), letter), Foreign)
    asked = a_job("b", action=Action(ActionKind.SEED), given=Given(value=UUID))
    assert match(book_of(picture, asked), letter) == Bound("b", "seed")


def test_an_edit_of_a_finished_message_changes_nothing():
    done = a_job("a", JobState.DONE, result=a_result("m9"))
    book = book_of(a_job("b", click=a_click("m0"), action=Action(ActionKind.UPSCALE, 2)))
    book.remember_finished(done)
    edit = sighted(Stage.FINAL, Channel.EDITED, message_id="m9", reference_id="m0", verb="image", index=2)
    assert match(book, edit) == Finished("a")


def test_an_edit_of_an_unknown_message_is_not_taken_for_the_answer_to_a_click():
    book = book_of(a_job("b", click=a_click("m0"), action=Action(ActionKind.UPSCALE, 2)))
    edit = sighted(Stage.FINAL, Channel.EDITED, message_id=snowflake(5), reference_id="m0", verb="image", index=2)
    assert isinstance(match(book, edit), Foreign)


def upscale(name, index, **changes):
    return a_job(
        name,
        action=Action(ActionKind.UPSCALE, index),
        click=a_click("m0", f"MJ::JOB::upsample::{index}::{UUID}"),
        **changes,
    )


def test_a_clicked_message_with_its_verb_and_number_binds():
    book = book_of(upscale("a", 1), upscale("b", 2))
    final = sighted(Stage.FINAL, message_id=snowflake(5), reference_id="m0", verb="image", index=2, user_id="u1")
    assert match(book, final) == Bound("b", "clicked message")


def test_of_two_identical_clicks_the_older_is_answered_first():
    book = book_of(upscale("a", 2, sent_at=NOW + timedelta(seconds=1)), upscale("b", 2))
    final = sighted(Stage.FINAL, message_id=snowflake(5), reference_id="m0", verb="image", index=2)
    assert match(book, final) == Bound("b", "clicked message")


def test_a_variation_without_its_number_is_not_guessed_between_two():
    def variation(name, index):
        custom_id = f"MJ::JOB::variation::{index}::{UUID}"
        return a_job(name, action=Action(ActionKind.VARIATION, index), click=a_click("m0", custom_id))

    book = book_of(variation("a", 1), variation("b", 2))
    final = sighted(Stage.FINAL, message_id=snowflake(5), reference_id="m0", verb="variations")
    assert match(book, final) == Ambiguous(frozenset({"a", "b"}))


def test_a_message_from_before_the_click_does_not_answer_it():
    book = book_of(upscale("a", 2))
    old = sighted(Stage.FINAL, message_id=snowflake(-120), reference_id="m0", verb="image", index=2)
    assert isinstance(match(book, old), Foreign)


def test_another_verb_on_the_clicked_message_is_not_taken_for_a_reroll():
    reroll = a_job("a", action=Action(ActionKind.REROLL), click=a_click("m0", f"MJ::JOB::reroll::0::{UUID}::SOLO"))
    zoom = sighted(Stage.FINAL, message_id=snowflake(5), reference_id="m0", verb="zoom out")
    assert isinstance(match(book_of(reroll), zoom), Foreign)
    final = sighted(Stage.FINAL, message_id=snowflake(5), reference_id="m0")
    assert match(book_of(reroll), final) == Bound("a", "clicked message")


def test_words_do_not_bind_a_live_message():
    fresh = sighted(Stage.WAITING, message_id=snowflake(1), prompt="a red fox --ar 16:9", user_id="u1")
    assert match(book_of(a_job("a")), fresh) == Foreign(own_user=True)


def test_an_error_footer_binds_by_words_when_one_job_fits():
    refusal = {"message_id": snowflake(1), "prompt": "a red fox --ar 16:9", "user_id": "u1"}
    assert match(book_of(a_job("a")), sighted(Stage.FAILED, **refusal)) == Bound("a", "words")
    two = book_of(a_job("a"), a_job("b"))
    assert match(two, sighted(Stage.FAILED, **refusal)) == Ambiguous(frozenset({"a", "b"}))


def test_the_late_start_of_a_job_queued_upstream_binds_by_words():
    book = book_of(a_job("a", upstream_queued=True), a_job("b"))
    start = sighted(Stage.WAITING, message_id=snowflake(5), prompt="a red fox --ar 16:9", user_id="u1")
    assert match(book, start) == Bound("a", "words")


def test_the_owners_own_work_with_the_same_words_is_never_taken_for_a_job_that_midjourney_queued():
    waiting = a_job("a", upstream_queued=True, links=links(interaction_id="i-ours"))
    words = {"prompt": "a red fox --ar 16:9", "user_id": "u1"}
    book = book_of(waiting)
    final = sighted(Stage.FINAL, message_id=snowflake(9), interaction_id="i-theirs", **words)
    assert match(book, final) == Foreign(own_user=True)
    ours = sighted(Stage.WAITING, message_id=snowflake(5), interaction_id="i-ours", **words)
    assert match(book, ours) == Bound("a", "interaction")


def test_what_began_with_a_nonce_that_is_none_of_ours_is_known_by_hand_to_its_end():
    book = book_of(a_job("a", upstream_queued=True))
    words = {"prompt": "a red fox --ar 16:9", "user_id": "u1"}
    start = sighted(Stage.WAITING, message_id=snowflake(3), nonce="5", interaction_id="i", **words)
    assert match(book, start) == Foreign(own_user=True)
    book.note_by_hand(start)
    edit = sighted(Stage.PROGRESS, message_id=snowflake(3), uuids=frozenset({UUID}), **words)
    book.note_by_hand(edit)
    finals = (
        sighted(Stage.FINAL, message_id=snowflake(8), interaction_id="i", **words),
        sighted(Stage.FINAL, message_id=snowflake(8), uuids=frozenset({UUID}), **words),
        sighted(Stage.FINAL, message_id=snowflake(8), reference_id=snowflake(3), **words),
    )
    assert all(match(book, final) == Foreign(own_user=True) for final in finals)
    assert match(book, sighted(Stage.WAITING, message_id=snowflake(6), **words)) == Bound("a", "words")


def test_a_foreign_message_without_a_nonce_is_not_held_to_be_by_hand():
    book = book_of(a_job("a", upstream_queued=True))
    book.note_by_hand(sighted(Stage.FINAL, message_id=snowflake(8), interaction_id="i", prompt="a red fox --ar 16:9"))
    assert not book.by_hand


def test_somebody_elses_message_is_foreign():
    theirs = sighted(Stage.FAILED, message_id=snowflake(1), prompt="a red fox --ar 16:9", user_id="u2")
    assert match(book_of(a_job("a")), theirs) == Foreign(own_user=False)


def test_a_dropped_job_leaves_no_link_behind():
    job = upscale("a", 2, links=links(interaction_id="i", progress_message_id="m", uuid=OTHER_UUID))
    book = book_of(job)
    book.drop(job)
    assert not any((book.jobs, book.by_nonce, book.by_interaction, book.by_message, book.by_uuid, book.by_clicked))
    assert "m" in book.finished


@pytest.mark.parametrize(
    ("sent", "echoed", "same"),
    [
        ("a red fox --v 7 --style raw", "a red fox --raw --v 7.0", True),
        ("https://x.example/a.png a  fox", "<https://s.mj.run/abc> a fox", True),
        ("“quoted” fox — run", '"quoted" fox - run', True),
        ("a red fox", "a red foxes", False),
        ("a red fox", "a blue fox", False),
        ("word " * 1000, ("word " * 400)[:1996] + "...", True),
        ("x" * 3000, "x" * 1990 + "...", True),
    ],
)
def test_words_are_compared_without_what_midjourney_rewrites(sent, echoed, same):
    assert same_words(sent, echoed) is same
