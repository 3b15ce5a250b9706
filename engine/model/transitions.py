"""What each event does in each state: one table, one function.

Every upstream state accepts every upstream event, because Discord promises no order between an HTTP answer and gateway
events of the same action (midjourney-protocol §1.2): even the final may come before the 204.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.model import events as ev
from engine.model.errors import NoSuchTransition
from engine.model.jobs import FINAL_STATES, Failure, FailureReason, Job, JobState, JobUpdate, Links, Mode
from engine.model.limits import mode_asked

QUEUED, SENT, RUNNING, MODAL = JobState.QUEUED, JobState.SENT, JobState.RUNNING, JobState.WAITING_MODAL
DONE, FAILED, CANCELLED, ATTENTION = (
    JobState.DONE,
    JobState.FAILED,
    JobState.CANCELLED,
    JobState.NEEDS_ATTENTION,
)

Effect = Callable[[Job, Any], Job]

MOST_TIMES_TURNED_AWAY = 5
"""So often a job that meets a full queue goes back to ours; then it fails."""


def _own_deadline(job: Job) -> datetime | None:
    if job.timeout_seconds is None:
        return None
    return job.created_at + timedelta(seconds=job.timeout_seconds)


def merged(old: Links, new: Links) -> Links:
    """What was known stays, what was empty is filled; the same object when nothing was."""
    merged = Links(
        old.interaction_id or new.interaction_id,
        old.progress_message_id or new.progress_message_id,
        old.uuid or new.uuid,
        old.cancel_custom_id or new.cancel_custom_id,
    )
    return old if merged == old else merged


def _nothing(job: Job, _: ev.Event) -> Job:
    return job


def _assigned(job: Job, event: ev.Assigned) -> Job:
    return job.but(
        state=SENT,
        account_id=event.account_id,
        nonces=(*job.nonces, event.nonce),
        sent_at=event.at,
        deadline_at=event.until,
        mode=mode_asked(job.prompt) or Mode.FAST,
        sent_prompt=event.sent_prompt or job.sent_prompt,
        note=None,
    )


def _modal_answered(job: Job, event: ev.ModalAnswered) -> Job:
    return job.but(
        state=SENT,
        nonces=(*job.nonces, event.nonce),
        sent_at=event.at,
        accepted=False,
        form_answered=True,
        links=Links(),
        deadline_at=event.until,
    )


def _accepted(job: Job, event: ev.Accepted) -> Job:
    if event.nonce != job.nonce or job.accepted:
        return job
    return job.but(accepted=True, note=job.note if job.answered_unknown else None)


def _requeued(job: Job, note: str) -> Job:
    """Queued again, as nothing was taken; who asked to cancel it meanwhile has what they asked for."""
    if job.cancel_asked:
        return job.but(state=CANCELLED, modal=None, note=f"cancelled before Midjourney took it ({note})", may_run=False)
    return job.but(
        state=QUEUED,
        accepted=False,
        upstream_queued=False,
        links=Links(),
        modal=None,
        form_answered=False,
        answered_unknown=False,
        percent=0,
        preview_url=None,
        deadline_at=_own_deadline(job),
        note=note,
    )


def _was_seen(job: Job) -> bool:
    """Whether Discord or Midjourney showed that the submission was taken: a late answer then changes nothing."""
    return job.accepted or job.upstream_queued or job.links != Links()


def _rejected(job: Job, event: ev.Rejected) -> Job:
    if event.nonce != job.nonce or _was_seen(job):
        return job
    if event.failure is not None:
        return job.but(state=FAILED, failure=event.failure)
    return _requeued(job, event.detail)


def _never_left(job: Job, event: ev.NeverLeft) -> Job:
    if event.nonce != job.nonce or _was_seen(job):
        return job
    if job.modal is not None:
        return job.but(state=MODAL, note=event.detail)
    return _requeued(job, event.detail)


def _unknown(job: Job, event: ev.OutcomeUnknown) -> Job:
    if event.nonce != job.nonce or job.accepted:
        return job
    return job.but(note=event.detail)


def _acknowledged(job: Job, event: ev.Acknowledged) -> Job:
    links = merged(job.links, event.links)
    if job.state is QUEUED:
        # refused or proven absent, and yet it shows up: the earlier submission runs, nothing is sent again
        return job.but(
            state=SENT,
            account_id=event.account_id,
            links=links,
            accepted=True,
            deadline_at=event.until,
            note=None,
        )
    if links is job.links and job.accepted:
        return job
    # Discord shows only what it took, so this says what the 204 says, whichever comes first
    note = job.note if job.state is ATTENTION else None
    return job.but(links=links, accepted=True, note=note)


def _may_wait(job: Job, links: Links) -> bool:
    """Whether these links need no version of their own: uuid and Cancel Job of an imagine whose other links are stored.

    Its final refers to the progress message and names the interaction, so no crash can make it a stranger, and each
    edit shows both again. A button's uuid is stored at once: its final refers to the clicked message, as those of
    other clicks do.
    """
    known = job.links.interaction_id is not None and job.links.progress_message_id is not None
    return links is job.links or (known and job.click is None)


def _seen(job: Job, event: ev.Seen) -> Job:
    links = merged(job.links, event.links)
    mode = event.mode or job.mode
    percent, preview_url = max(job.percent, event.percent), event.preview_url or job.preview_url
    if job.state is RUNNING and mode is job.mode and not job.answered_unknown and _may_wait(job, links):
        if percent == job.percent and preview_url == job.preview_url and links is job.links:
            return job
        return job.but(percent=percent, preview_url=preview_url, links=links)
    if job.state is ATTENTION:
        return job.but(percent=percent, preview_url=preview_url, links=links, mode=mode)
    return job.but(
        state=RUNNING,
        percent=percent,
        preview_url=preview_url,
        links=links,
        mode=mode,
        account_id=event.account_id,
        upstream_queued=False,
        modal=None,
        answered_unknown=False,
        note=None,
        deadline_at=event.until,
    )


def _queued_upstream(job: Job, event: ev.QueuedUpstream) -> Job:
    links = merged(job.links, event.links)
    if job.upstream_queued and links == job.links:
        return job
    told = job.but(upstream_queued=True, links=links, account_id=event.account_id)
    if job.state is ATTENTION:
        return told
    return told.but(state=SENT, accepted=True, deadline_at=event.until)


def _turned_away(job: Job, event: ev.TurnedAway) -> Job:
    if event.nonce != job.nonce or job.upstream_queued:
        return job
    if job.state is not SENT or job.turned_away == MOST_TIMES_TURNED_AWAY:
        return job.but(state=FAILED, failure=event.failure, may_run=False)
    took_nothing = 2 if job.modal is not None else 1  # the click that was answered with a form, and the form
    queued = _requeued(job, event.failure.detail)
    return queued.but(nonces=job.nonces[:-took_nothing], turned_away=job.turned_away + 1)


def _modal_asked(job: Job, event: ev.ModalAsked) -> Job:
    return job.but(state=MODAL, modal=event.modal)


def _finished(job: Job, event: ev.Finished) -> Job:
    return job.but(
        state=DONE,
        account_id=event.account_id,
        links=merged(job.links, event.links),
        result=event.result,
        percent=100,
        failure=None,
        note=None,
        prompt_ignored=_was_not_asked(job),
        answered_unknown=False,
        may_run=False,
    )


def _was_not_asked(job: Job) -> bool:
    """Whether words were given for a form that Midjourney never opened."""
    return job.given.words is not None and job.click is not None and not job.form_answered


def _failed(job: Job, event: ev.FailedUpstream) -> Job:
    return job.but(state=FAILED, failure=event.failure, appeal=event.appeal, may_run=False)


def _stopped(job: Job, _: ev.StoppedUpstream) -> Job:
    return job.but(state=CANCELLED, note="stopped at Midjourney", may_run=False)


def _answered(job: Job, event: ev.AnsweredUnknown) -> Job:
    if job.state is ATTENTION:
        return job.but(note=event.detail, answered_unknown=True, may_run=False)
    return job.but(note=event.detail, answered_unknown=True, deadline_at=event.until)


def _absent(job: Job, event: ev.AbsenceProven) -> Job:
    if event.nonce != job.nonce or job.absence_used or _was_seen(job):
        return job
    own = _own_deadline(job)
    over = job.given_up and own is not None and event.at >= own  # else somebody waits for it again
    queued = _requeued(job, event.detail).but(absence_used=True, may_run=False)
    return queued.but(given_up=over, gives_up_at=None if over else own)


def _late(job: Job, event: ev.DeadlinePassed) -> Job:
    if job.state is QUEUED:
        return job.but(state=FAILED, failure=Failure(FailureReason.NOT_SENT, event.detail))
    if job.deadline_at is not None and event.at < job.deadline_at:  # nobody can look for it any more
        gives_up_at = min(job.gives_up_at or job.deadline_at, job.deadline_at)
        return job.but(state=ATTENTION, note=event.detail, may_run=False, gives_up_at=gives_up_at)
    return job.but(state=ATTENTION, note=event.detail, may_run=False, given_up=True, gives_up_at=None)


def _gave_up(job: Job, _: ev.GaveUp) -> Job:
    return job.but(given_up=True, gives_up_at=None)


def _unsendable(job: Job, event: ev.Unsendable) -> Job:
    return job.but(state=FAILED, failure=event.failure)


def _cancelled(job: Job, event: ev.CancelAsked) -> Job:
    if job.state is QUEUED:
        return job.but(state=CANCELLED, note=f"cancelled by {event.by}")
    return job.but(cancel_asked=True)


def _settled(job: Job, event: ev.SettledFailed) -> Job:
    detail = f"settled as failed by {event.by}" + (f"; it was: {job.note}" if job.note else "")
    return job.but(state=FAILED, failure=Failure(FailureReason.SETTLED, detail), may_run=False)


def _settled_done(job: Job, event: ev.SettledDone) -> Job:
    links = merged(job.links, Links(uuid=event.result.uuid))
    return job.but(
        state=DONE,
        links=links,
        result=event.result,
        percent=100,
        note=f"settled as done by {event.by}",
        may_run=False,
    )


def _sent_again(job: Job, event: ev.SentAgain) -> Job:
    queued = _requeued(job.but(cancel_asked=False), f"sent again by {event.by}; it was: {job.note or 'unknown'}")
    anew = queued.but(timeout_seconds=None, deadline_at=event.until, gives_up_at=None, given_up=False)
    return anew.but(absence_used=False, turned_away=0, may_run=False)


def _prefiltered(job: Job, event: ev.Prefiltered) -> Job:
    return job.but(state=FAILED, failure=event.failure, labels=event.labels)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in any of these states this event leads to one of those (none: it stays), by this effect."""

    states: tuple[JobState, ...]
    event: type[ev.Event]
    leads_to: tuple[JobState, ...]
    effect: Effect


_FINALS = (DONE, FAILED, CANCELLED)

TABLE: tuple[Row, ...] = (
    Row((QUEUED,), ev.Assigned, (SENT,), _assigned),
    Row((MODAL,), ev.ModalAnswered, (SENT,), _modal_answered),
    Row((SENT, ATTENTION), ev.Accepted, (), _accepted),
    Row((QUEUED, RUNNING, MODAL, *_FINALS), ev.Accepted, (), _nothing),
    Row((SENT,), ev.Rejected, (QUEUED, FAILED, CANCELLED), _rejected),
    Row((QUEUED, RUNNING, MODAL, ATTENTION, *_FINALS), ev.Rejected, (), _nothing),
    Row((SENT,), ev.NeverLeft, (QUEUED, MODAL, CANCELLED), _never_left),
    Row((QUEUED, RUNNING, MODAL, ATTENTION, *_FINALS), ev.NeverLeft, (), _nothing),
    Row((SENT,), ev.OutcomeUnknown, (), _unknown),
    Row((QUEUED, RUNNING, MODAL, ATTENTION, *_FINALS), ev.OutcomeUnknown, (), _nothing),
    Row((QUEUED,), ev.Acknowledged, (SENT,), _acknowledged),
    Row((SENT, RUNNING, ATTENTION), ev.Acknowledged, (), _acknowledged),
    Row((MODAL, *_FINALS), ev.Acknowledged, (), _nothing),
    Row((QUEUED, SENT, RUNNING, MODAL), ev.Seen, (RUNNING,), _seen),
    Row((ATTENTION,), ev.Seen, (ATTENTION,), _seen),
    Row(_FINALS, ev.Seen, (), _nothing),
    Row((QUEUED, SENT), ev.QueuedUpstream, (SENT,), _queued_upstream),
    Row((ATTENTION,), ev.QueuedUpstream, (ATTENTION,), _queued_upstream),
    Row((RUNNING, MODAL, *_FINALS), ev.QueuedUpstream, (), _nothing),
    Row((SENT,), ev.TurnedAway, (QUEUED, FAILED, CANCELLED), _turned_away),
    Row((RUNNING, MODAL, ATTENTION), ev.TurnedAway, (FAILED,), _turned_away),
    Row((QUEUED, *_FINALS), ev.TurnedAway, (), _nothing),
    Row((SENT,), ev.ModalAsked, (MODAL,), _modal_asked),
    Row((QUEUED, RUNNING, MODAL, ATTENTION, *_FINALS), ev.ModalAsked, (), _nothing),
    Row((QUEUED, SENT, RUNNING, MODAL, ATTENTION), ev.Finished, (DONE,), _finished),
    Row(_FINALS, ev.Finished, (), _nothing),
    Row((SENT, RUNNING, MODAL, ATTENTION), ev.FailedUpstream, (FAILED,), _failed),
    Row((QUEUED, *_FINALS), ev.FailedUpstream, (), _nothing),
    Row((SENT, RUNNING, MODAL, ATTENTION), ev.StoppedUpstream, (CANCELLED,), _stopped),
    Row((QUEUED, *_FINALS), ev.StoppedUpstream, (), _nothing),
    Row((SENT, RUNNING, MODAL, ATTENTION), ev.AnsweredUnknown, (), _answered),
    Row((QUEUED, *_FINALS), ev.AnsweredUnknown, (), _nothing),
    Row((SENT, ATTENTION), ev.AbsenceProven, (QUEUED, CANCELLED), _absent),
    Row((QUEUED, RUNNING, MODAL, *_FINALS), ev.AbsenceProven, (), _nothing),
    Row((QUEUED,), ev.DeadlinePassed, (FAILED,), _late),
    Row((SENT, RUNNING, MODAL), ev.DeadlinePassed, (ATTENTION,), _late),
    Row((ATTENTION, *_FINALS), ev.DeadlinePassed, (), _nothing),
    Row((SENT, RUNNING, MODAL, ATTENTION), ev.GaveUp, (), _gave_up),
    Row((QUEUED, *_FINALS), ev.GaveUp, (), _nothing),
    Row((QUEUED,), ev.Unsendable, (FAILED,), _unsendable),
    Row((QUEUED,), ev.Prefiltered, (FAILED,), _prefiltered),
    Row((QUEUED,), ev.CancelAsked, (CANCELLED,), _cancelled),
    Row((SENT, RUNNING, MODAL), ev.CancelAsked, (), _cancelled),
    Row((ATTENTION,), ev.SettledFailed, (FAILED,), _settled),
    Row((ATTENTION,), ev.SettledDone, (DONE,), _settled_done),
    Row((ATTENTION,), ev.SentAgain, (QUEUED,), _sent_again),
)

_EFFECTS: dict[tuple[JobState, type[ev.Event]], Effect] = {
    (state, row.event): row.effect for row in TABLE for state in row.states
}


def advance(job: Job, event: ev.Event) -> Job:
    """The job after the event.

    Three answers: the same object (nothing happened), a job of the same version (only percent, preview or the uuid that
    comes with them is new, which is volatile), or a job of the next version (to be stored before anybody is told).

    Raises:
        NoSuchTransition: the table does not pair this state with this event.
    """
    effect = _EFFECTS.get((job.state, type(event)))
    if effect is None:
        raise NoSuchTransition(f"{type(event).__name__} in {job.state}")
    after = effect(job, event)
    if after is job:
        return job
    kept = after.state is job.state and after.mode is job.mode and after.answered_unknown is job.answered_unknown
    if type(event) is ev.Seen and kept and _may_wait(job, after.links):
        return after  # percent, preview and what `_may_wait` names alone
    if after == job:
        return job
    if after.state not in FINAL_STATES:
        return after.but(version=job.version + 1, updated_at=event.at, finished_at=None)
    return after.but(version=job.version + 1, updated_at=event.at, finished_at=event.at, gives_up_at=None)


def update_of(job: Job, event: ev.Event | None) -> JobUpdate:
    """What watchers are told of a job that `advance` has just moved (None: of a new one)."""
    name = "Submitted" if event is None else type(event).__name__
    return JobUpdate(job.id, job.version, job.state, name, job.updated_at, job.percent, job.failure, job.note)
