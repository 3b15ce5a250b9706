"""What each event does in each state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model import events as ev
from engine.model.actions import MIDJOURNEY_APPLICATION, Click
from engine.model.diagram import diagram
from engine.model.errors import NoSuchTransition
from engine.model.inputs import Given
from engine.model.jobs import FINAL_STATES, Failure, FailureReason, JobState, Links, Modal
from engine.model.labels import Label
from engine.model.transitions import MOST_TIMES_TURNED_AWAY, TABLE, advance, update_of
from tests.model.jobs_at_hand import NOW, a_click, a_job, a_result

UNTIL = NOW + timedelta(minutes=10)
AT = NOW + timedelta(seconds=1)
NONCE = "997"

SEEN = ev.Seen(
    at=AT, account_id=1, links=Links(progress_message_id="m"), percent=31, preview_url="p", mode=None, until=UNTIL
)
FINISHED = ev.Finished(at=AT, account_id=1, links=Links(uuid="u"), result=a_result())
EVENTS = {
    type(event): event
    for event in (
        ev.Assigned(at=AT, account_id=1, nonce="1000", until=UNTIL),
        ev.ModalAnswered(at=AT, nonce="1000", until=UNTIL),
        ev.Accepted(at=AT, nonce=NONCE),
        ev.Unsendable(at=AT, failure=Failure(FailureReason.PROMPT, "no picture")),
        ev.Prefiltered(
            at=AT,
            failure=Failure(FailureReason.PREFILTERED, 'holds "damn"'),
            labels=(Label.PROFANITY,),
        ),
        ev.Rejected(at=AT, nonce=NONCE, failure=None, detail="429"),
        ev.NeverLeft(at=AT, nonce=NONCE, detail="refused"),
        ev.OutcomeUnknown(at=AT, nonce=NONCE, detail="time-out"),
        ev.Acknowledged(at=AT, account_id=1, links=Links(interaction_id="i"), until=UNTIL),
        SEEN,
        ev.QueuedUpstream(at=AT, account_id=1, links=Links(), until=UNTIL),
        ev.TurnedAway(at=AT, nonce=NONCE, failure=Failure(FailureReason.TRANSIENT, "Queue full")),
        ev.ModalAsked(at=AT, account_id=1, modal=Modal("i", "c", "t", ())),
        FINISHED,
        ev.FailedUpstream(at=AT, failure=Failure(FailureReason.CONTENT, "no")),
        ev.StoppedUpstream(at=AT),
        ev.AnsweredUnknown(at=AT, detail="what?", until=UNTIL),
        ev.AbsenceProven(at=AT, nonce=NONCE, detail="nowhere"),
        ev.DeadlinePassed(at=AT, detail="late"),
        ev.GaveUp(at=AT),
        ev.CancelAsked(at=AT, by="key:1"),
        ev.SettledFailed(at=AT, by="operator"),
        ev.SettledDone(at=AT, by="operator", result=a_result()),
        ev.SentAgain(at=AT, by="operator", until=UNTIL),
    )
}
OURS = {
    ev.Unsendable,
    ev.Prefiltered,
    ev.Assigned,
    ev.ModalAnswered,
    ev.CancelAsked,
    ev.SettledFailed,
    ev.SettledDone,
    ev.SentAgain,
}
UPSTREAM = [kind for kind in EVENTS if kind not in OURS]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.event.__name__} in {'/'.join(row.states)}")
def test_every_row_leads_only_where_it_says(row):
    for state in row.states:
        after = advance(a_job(state=state), EVENTS[row.event])
        assert after.state in (row.leads_to or (state,))


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("kind", UPSTREAM, ids=lambda kind: kind.__name__)
def test_every_state_has_an_answer_to_whatever_the_outside_does(state, kind):
    advance(a_job(state=state), EVENTS[kind])


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
@pytest.mark.parametrize("kind", UPSTREAM, ids=lambda kind: kind.__name__)
def test_a_final_state_is_never_left(state, kind):
    job = a_job(state=state)
    assert advance(job, EVENTS[kind]) is job


def test_what_the_prefilter_objects_to_fails_with_its_labels():
    after = advance(a_job(state=JobState.QUEUED), EVENTS[ev.Prefiltered])
    assert (after.state, after.failure.reason) == (JobState.FAILED, FailureReason.PREFILTERED)
    assert (after.labels, after.finished_at) == ((Label.PROFANITY,), AT)


@pytest.mark.parametrize("state", [JobState.SENT, JobState.RUNNING, JobState.NEEDS_ATTENTION, JobState.QUEUED])
def test_a_result_is_taken_in_every_open_state(state):
    after = advance(a_job(state=state), FINISHED)
    assert (after.state, after.percent, after.version) == (JobState.DONE, 100, 2)


def test_only_the_ways_of_13_1_and_a_full_queue_lead_from_sent_back_to_the_queue():
    back = {row.event for row in TABLE if JobState.SENT in row.states and JobState.QUEUED in row.leads_to}
    assert back == {ev.NeverLeft, ev.Rejected, ev.AbsenceProven, ev.TurnedAway}


def test_what_discord_showed_on_the_gateway_is_accepted_before_its_204_comes():
    shown = advance(a_job(), EVENTS[ev.Acknowledged])
    assert shown.accepted
    assert advance(shown, EVENTS[ev.Accepted]) is shown
    assert advance(shown, EVENTS[ev.AbsenceProven]) is shown


def test_the_uuid_of_an_imagine_needs_no_version_once_its_other_links_are_stored():
    running = a_job(state=JobState.RUNNING, links=Links("i", "m"))
    seen = replace(SEEN, links=Links("i", "m", "u"))
    after = advance(running, seen)
    assert (after.version, after.links.uuid, after.percent) == (running.version, "u", 31)
    assert advance(after, seen) is after


@pytest.mark.parametrize(
    "changes", [{"links": Links(None, "m")}, {"links": Links("i", "m"), "click": a_click()}], ids=["unlinked", "click"]
)
def test_a_uuid_that_may_be_the_only_way_to_a_job_is_stored_at_once(changes):
    running = a_job(state=JobState.RUNNING, **changes)
    assert advance(running, replace(SEEN, links=Links(None, "m", "u"))).version == running.version + 1


def test_an_accepted_submission_is_never_put_back():
    accepted = advance(a_job(), EVENTS[ev.Accepted])
    assert accepted.accepted
    assert advance(accepted, EVENTS[ev.AbsenceProven]) is accepted


def test_absence_puts_a_job_back_once_only():
    queued = advance(a_job(), EVENTS[ev.AbsenceProven])
    assert (queued.state, queued.absence_used, queued.nonces) == (JobState.QUEUED, True, (NONCE,))
    again = replace(queued, state=JobState.SENT, nonces=(NONCE, "1001"), sent_at=AT)
    assert advance(again, ev.AbsenceProven(at=AT, nonce="1001", detail="nowhere")) is again


def test_absence_cannot_be_proven_of_a_job_that_was_seen():
    acknowledged = advance(a_job(), EVENTS[ev.Acknowledged])
    assert advance(acknowledged, EVENTS[ev.AbsenceProven]) is acknowledged


def test_an_answer_to_an_older_submission_changes_nothing():
    job = a_job()
    assert advance(job, ev.Rejected(at=AT, nonce="1", failure=None, detail="old")) is job
    assert advance(job, ev.Accepted(at=AT, nonce="1")) is job


def test_a_late_answer_changes_nothing_once_the_final_is_stored():
    done = advance(a_job(), FINISHED)
    for kind in (ev.Accepted, ev.Rejected, ev.OutcomeUnknown, ev.NeverLeft):
        assert advance(done, EVENTS[kind]) is done


def test_percent_and_preview_alone_do_not_make_a_new_version():
    running = advance(a_job(), SEEN)
    assert (running.state, running.version) == (JobState.RUNNING, 2)
    later = advance(running, replace(SEEN, percent=62))
    assert (later.percent, later.version) == (62, 2)


def test_progress_never_decreases():
    running = advance(a_job(), SEEN)
    assert advance(running, replace(SEEN, percent=5)).percent == 31


def test_a_new_link_is_worth_storing():
    running = advance(a_job(), SEEN)
    linked = advance(running, replace(SEEN, links=Links(uuid="u")))
    assert (linked.version, linked.links) == (3, Links(None, "m", "u"))


def test_a_link_that_is_known_is_not_overwritten():
    running = advance(a_job(), SEEN)
    assert advance(running, replace(SEEN, links=Links(progress_message_id="other"))).links.progress_message_id == "m"


def test_a_refusal_for_good_fails_the_job_with_its_words():
    failure = Failure(FailureReason.REFUSED, "Unknown Channel")
    after = advance(a_job(), ev.Rejected(at=AT, nonce=NONCE, failure=failure, detail="400"))
    assert (after.state, after.failure, after.finished_at) == (JobState.FAILED, failure, AT)


def test_a_job_whose_form_was_not_sent_goes_on_waiting_for_it():
    waiting = a_job(state=JobState.WAITING_MODAL)
    sent = advance(waiting, EVENTS[ev.ModalAnswered])
    assert (sent.state, sent.nonces) == (JobState.SENT, (NONCE, "1000"))
    back = advance(sent, ev.NeverLeft(at=AT, nonce="1000", detail="refused"))
    assert back.state is JobState.WAITING_MODAL


def test_a_deadline_never_means_failed_for_what_may_have_been_sent():
    for state in (JobState.SENT, JobState.RUNNING, JobState.WAITING_MODAL):
        assert advance(a_job(state=state), EVENTS[ev.DeadlinePassed]).state is JobState.NEEDS_ATTENTION
    never_sent = advance(a_job(state=JobState.QUEUED), EVENTS[ev.DeadlinePassed])
    assert (never_sent.state, never_sent.failure.reason) == (JobState.FAILED, FailureReason.NOT_SENT)


def test_a_job_proven_absent_that_shows_up_is_not_sent_again():
    queued = advance(a_job(), EVENTS[ev.AbsenceProven])
    after = advance(queued, EVENTS[ev.Acknowledged])
    assert (after.state, after.accepted) == (JobState.SENT, True)


@pytest.mark.parametrize("sign", [ev.Acknowledged, ev.QueuedUpstream, ev.Accepted])
@pytest.mark.parametrize("late", [ev.Rejected, ev.NeverLeft, ev.AbsenceProven])
def test_no_late_answer_puts_a_job_back_that_was_seen(sign, late):
    seen = advance(a_job(), EVENTS[sign])
    assert advance(seen, EVENTS[late]) is seen


def test_a_job_that_was_put_back_and_shows_up_has_a_deadline_again():
    queued = advance(a_job(), EVENTS[ev.Rejected])
    after = advance(queued, EVENTS[ev.Acknowledged])
    assert (after.state, after.sent_at, after.deadline_at) == (JobState.SENT, NOW, UNTIL)


def test_the_callers_own_limit_withdraws_what_waits_and_ends_nothing_that_was_sent():
    limit = NOW + timedelta(seconds=60)
    job = a_job(state=JobState.QUEUED, timeout_seconds=60.0, deadline_at=limit, gives_up_at=limit)
    sent = advance(job, EVENTS[ev.Assigned])
    assert (sent.deadline_at, sent.gives_up_at) == (UNTIL, limit)
    back = advance(sent, ev.NeverLeft(at=AT, nonce="1000", detail="no route"))
    assert (back.state, back.deadline_at, back.gives_up_at) == (JobState.QUEUED, limit, limit)


@pytest.mark.parametrize("state", [JobState.SENT, JobState.RUNNING, JobState.WAITING_MODAL, JobState.NEEDS_ATTENTION])
def test_a_job_that_is_not_waited_for_goes_on_and_its_late_picture_is_kept(state):
    waited = a_job(state=state, gives_up_at=AT)
    given_up = advance(waited, EVENTS[ev.GaveUp])
    assert (given_up.state, given_up.given_up, given_up.gives_up_at) == (state, True, None)
    assert given_up.version == waited.version + 1
    assert advance(given_up, EVENTS[ev.GaveUp]) is given_up
    done = advance(given_up, FINISHED)
    assert (done.state, done.version) == (JobState.DONE, waited.version + 2)


def test_an_unknown_outcome_at_its_deadline_is_given_up_in_the_same_step():
    late = ev.DeadlinePassed(at=NOW + timedelta(minutes=12), detail="late")
    assert advance(a_job(state=JobState.RUNNING), late).given_up


def test_an_unknown_outcome_before_its_deadline_is_waited_for_until_then():
    job = a_job(state=JobState.RUNNING)
    unlinked = advance(job, EVENTS[ev.DeadlinePassed])
    assert (unlinked.given_up, unlinked.gives_up_at) == (False, job.deadline_at)
    hurried = advance(replace(job, gives_up_at=AT), EVENTS[ev.DeadlinePassed])
    assert hurried.gives_up_at == AT


@pytest.mark.parametrize("event", [EVENTS[ev.SentAgain], EVENTS[ev.AbsenceProven]])
def test_what_goes_back_to_the_queue_is_waited_for_again(event):
    given_up = a_job(state=JobState.NEEDS_ATTENTION, given_up=True)
    again = advance(given_up, event)
    assert (again.state, again.given_up, again.gives_up_at) == (JobState.QUEUED, False, None)
    hurried = advance(replace(given_up, given_up=False, gives_up_at=AT), event)
    assert (hurried.given_up, hurried.gives_up_at) == (False, None)


@pytest.mark.parametrize(("seconds", "is_given_up"), [(0.5, True), (3600.0, False)])
def test_an_absent_job_is_waited_for_again_until_its_callers_own_limit(seconds, is_given_up):
    job = a_job(state=JobState.NEEDS_ATTENTION, given_up=True, timeout_seconds=seconds)
    again = advance(job, EVENTS[ev.AbsenceProven])
    assert again.given_up is is_given_up
    assert again.gives_up_at == (None if is_given_up else job.created_at + timedelta(seconds=seconds))


@pytest.mark.parametrize("event", [FINISHED, EVENTS[ev.FailedUpstream], EVENTS[ev.StoppedUpstream]])
def test_nobody_waits_for_what_is_over(event):
    assert advance(a_job(gives_up_at=UNTIL), event).gives_up_at is None


def test_cancelling_what_was_sent_waits_for_midjourneys_word():
    asked = advance(a_job(state=JobState.RUNNING), EVENTS[ev.CancelAsked])
    assert (asked.state, asked.cancel_asked) == (JobState.RUNNING, True)
    assert advance(asked, EVENTS[ev.StoppedUpstream]).state is JobState.CANCELLED
    assert advance(asked, FINISHED).state is JobState.DONE


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (JobState.SENT, ev.Rejected),
        (JobState.SENT, ev.NeverLeft),
        (JobState.SENT, ev.TurnedAway),
        (JobState.SENT, ev.AbsenceProven),
        (JobState.NEEDS_ATTENTION, ev.AbsenceProven),
    ],
)
def test_what_was_cancelled_and_never_taken_is_not_sent_again(state, kind):
    asked = a_job(state=state, cancel_asked=True)
    assert advance(asked, EVENTS[kind]).state is JobState.CANCELLED
    assert advance(replace(asked, cancel_asked=False), EVENTS[kind]).state is JobState.QUEUED


def test_what_the_operator_sends_again_is_not_cancelled_by_an_earlier_wish():
    again = advance(a_job(state=JobState.NEEDS_ATTENTION, cancel_asked=True), EVENTS[ev.SentAgain])
    assert (again.state, again.cancel_asked) == (JobState.QUEUED, False)


@pytest.mark.parametrize("state", [*FINAL_STATES, JobState.NEEDS_ATTENTION])
def test_what_has_ended_cannot_be_cancelled(state):
    with pytest.raises(NoSuchTransition):
        advance(a_job(state=state), EVENTS[ev.CancelAsked])


def test_an_unknown_answer_gives_the_job_a_minute_and_then_a_person_must_look():
    answered = advance(a_job(state=JobState.SENT), EVENTS[ev.AnsweredUnknown])
    assert (answered.state, answered.note, answered.deadline_at) == (JobState.SENT, "what?", UNTIL)
    running = advance(answered, SEEN)
    assert (running.state, running.note, running.answered_unknown) == (JobState.RUNNING, None, False)
    late = advance(answered, EVENTS[ev.DeadlinePassed])
    assert late.state is JobState.NEEDS_ATTENTION


def test_a_running_job_that_goes_on_after_an_unknown_answer_has_its_time_again():
    running = advance(a_job(state=JobState.SENT), SEEN)
    answered = advance(running, replace(EVENTS[ev.AnsweredUnknown], until=AT + timedelta(seconds=1)))
    assert answered.deadline_at == AT + timedelta(seconds=1)
    again = advance(answered, SEEN)
    assert (again.answered_unknown, again.note, again.deadline_at) == (False, None, SEEN.until)


def test_words_for_a_form_that_never_opened_are_marked_as_not_applied():
    click = Click(MIDJOURNEY_APPLICATION, "c", "m", 0, "MJ::JOB::variation::1::u")
    asked = a_job(state=JobState.RUNNING, click=click, given=Given(words="a blue fox"))
    assert advance(asked, FINISHED).prompt_ignored
    answered = replace(asked, form_answered=True)
    assert not advance(answered, FINISHED).prompt_ignored


def test_needs_attention_frees_its_slot_unless_it_may_still_run():
    unknown = advance(a_job(state=JobState.RUNNING), EVENTS[ev.DeadlinePassed])
    assert not unknown.holds_slot(AT)
    may_run = replace(unknown, may_run=True)
    assert may_run.holds_slot(AT)
    assert not may_run.holds_slot(may_run.deadline_at)


def test_only_proven_absence_or_the_operator_lead_from_an_unknown_outcome_to_the_queue():
    ways = {row.event for row in TABLE if JobState.NEEDS_ATTENTION in row.states and JobState.QUEUED in row.leads_to}
    assert ways == {ev.AbsenceProven, ev.SentAgain}
    assert advance(a_job(state=JobState.NEEDS_ATTENTION), EVENTS[ev.AbsenceProven]).state is JobState.QUEUED
    for seen in ({"accepted": True}, {"absence_used": True}, {"links": Links(interaction_id="i")}):
        unknown = a_job(state=JobState.NEEDS_ATTENTION, **seen)
        assert advance(unknown, EVENTS[ev.AbsenceProven]) is unknown
    again = advance(a_job(state=JobState.NEEDS_ATTENTION, note="no answer"), EVENTS[ev.SentAgain])
    assert (again.state, again.nonces, again.deadline_at) == (JobState.QUEUED, (NONCE,), UNTIL)
    assert again.note == "sent again by operator; it was: no answer"


def test_an_update_says_what_happened():
    after = advance(a_job(), FINISHED)
    update = update_of(after, FINISHED)
    assert (update.version, update.state, update.event, update.at) == (2, JobState.DONE, "Finished", AT)


def test_the_diagram_shows_every_state():
    drawn = diagram()
    assert all(state in drawn for state in JobState)
    assert "SENT --> QUEUED: AbsenceProven, NeverLeft, Rejected, TurnedAway" in drawn


FULL = EVENTS[ev.TurnedAway]


def test_a_full_queue_puts_a_job_back_even_after_the_204_and_its_nonce_is_no_evidence_any_more():
    taken = advance(advance(a_job(), EVENTS[ev.Accepted]), EVENTS[ev.Acknowledged])
    queued = advance(taken, FULL)
    assert (queued.state, queued.nonces, queued.turned_away) == (JobState.QUEUED, (), 1)
    assert (queued.accepted, queued.links, queued.note) == (False, Links(), "Queue full")


def test_an_earlier_nonce_stays_evidence_when_the_queue_is_full():
    again = replace(advance(a_job(), EVENTS[ev.AbsenceProven]), state=JobState.SENT, nonces=("1", NONCE))
    assert advance(again, FULL).nonces == ("1",)


def test_a_form_that_meets_a_full_queue_begins_with_its_click_again():
    form = advance(a_job(state=JobState.WAITING_MODAL), EVENTS[ev.ModalAnswered])
    queued = advance(form, replace(FULL, nonce="1000"))
    assert (queued.state, queued.nonces, queued.modal) == (JobState.QUEUED, (), None)


def test_a_job_that_is_turned_away_again_and_again_fails_with_midjourneys_words():
    job = a_job()
    for times in range(1, MOST_TIMES_TURNED_AWAY + 1):
        queued = advance(job, FULL)
        assert (queued.state, queued.turned_away) == (JobState.QUEUED, times)
        job = replace(queued, state=JobState.SENT, nonces=(NONCE,))
    failed = advance(job, FULL)
    assert (failed.state, failed.failure) == (JobState.FAILED, FULL.failure)


def test_a_full_queue_says_nothing_of_another_submission_or_of_one_that_waits_at_midjourney():
    assert advance(job := a_job(), replace(FULL, nonce="1")) is job
    assert advance(job := a_job(upstream_queued=True), FULL) is job


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.WAITING_MODAL, JobState.NEEDS_ATTENTION])
def test_a_full_queue_puts_nothing_back_that_was_seen_to_run_or_whose_outcome_is_unknown(state):
    assert advance(a_job(state=state), FULL).state is JobState.FAILED
