"""Which messages of a history belong to which open job, and when silence is worth a look at the history.

Channel history carries no nonce, no ephemeral and no deleted message (midjourney-protocol §1.5), so words may bind
here, but only when they can mean one job and one message (§3.5 step 7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from engine.model.correlation import (
    Bound,
    Finished,
    Foreign,
    JobBook,
    could_be_swap,
    fits_by_words,
    is_by_hand,
    match,
    same_words_in_time,
)
from engine.model.jobs import Job, JobState, Links
from engine.model.limits import Limits
from engine.model.sightings import Sighting, Stage
from engine.model.transitions import merged

_ENDS = frozenset({Stage.FINAL, Stage.FAILED, Stage.STOPPED})

LOOK_BACK = timedelta(seconds=60)
"""How long before the oldest open job's send time a history is read (§13)."""


def history_start(jobs: Iterable[Job]) -> datetime | None:
    """Since when a history must be read for these jobs; None when none of them was sent."""
    sent = [job.sent_at for job in jobs if job.sent_at is not None]
    return min(sent) - LOOK_BACK if sent else None


def _upstream_identity(sighting: Sighting) -> str:
    """One name for all messages of one upstream job: an imagine's final refers to its progress message."""
    if sighting.stage is Stage.FINAL and sighting.reference_id is not None:
        return sighting.reference_id
    return sighting.message_id or sighting.uuid or ""


def bind_history(book: JobBook, sightings: Iterable[Sighting]) -> list[tuple[str, Sighting]]:
    """(job id, sighting) for every message that belongs to an open job, in the given order; `book` stays as it is.

    Each message that is bound teaches its links to those after it, and a job's final closes it: an edit of a finished
    message then changes nothing. Words decide only what no link decides, and what they decide is followed in turn.
    """
    seen = list(sightings)
    bound, open_ones = _follow(book, seen, {})
    by_words = _by_words(book, seen, open_ones, set(bound.values()))
    if by_words:
        bound, _ = _follow(book, seen, by_words)
    return [(bound[position], sighting) for position, sighting in enumerate(seen) if position in bound]


def _follow(book: JobBook, seen: list[Sighting], begun: Mapping[str, str]) -> tuple[dict[int, str], list[int]]:
    """Position -> job id by links, and the positions that no link explains; `begun`: message id -> job id by words."""
    book = book.copy()
    book.by_message.update(begun)
    bound: dict[int, str] = {}
    open_ones: list[int] = []
    for position, sighting in enumerate(seen):
        matched = match(book, sighting)
        if isinstance(matched, Bound):
            bound[position] = matched.job_id
            _learn(book, matched.job_id, sighting)
        elif isinstance(matched, Foreign):
            open_ones.append(position)
    return bound, open_ones


def _learn(book: JobBook, job_id: str, sighting: Sighting) -> None:
    """What a bound message tells of its job's other messages."""
    job = book.jobs[job_id]
    if sighting.stage in _ENDS:
        book.drop(job)
        if sighting.message_id is not None:
            book.finished[sighting.message_id] = job_id
        return
    seen = Links(sighting.interaction_id, sighting.message_id, sighting.uuid)
    book.put(job.but(links=merged(job.links, seen)))


def _by_words(book: JobBook, seen: list[Sighting], open_ones: list[int], taken: set[str]) -> dict[str, str]:
    """Message id -> job id, where the words can mean one job and one upstream job only (§3.5 step 7)."""
    candidates: dict[str, set[str]] = defaultdict(set)
    jobs_of: dict[str, set[str]] = defaultdict(set)
    strangers: set[str] = set()
    for position in open_ones:
        sighting = seen[position]
        identity = _upstream_identity(sighting)
        for job in book.jobs.values():
            if job.id in taken or not same_words_in_time(job, sighting):
                continue
            if fits_by_words(book, job, sighting):
                candidates[job.id].add(identity)
                jobs_of[identity].add(job.id)
            else:
                strangers.add(job.id)
    found: dict[str, str] = {}
    for job_id, identities in candidates.items():
        if len(identities) == 1 and job_id not in strangers:
            (identity,) = identities
            if len(jobs_of[identity]) == 1:
                found[identity] = job_id
    return found


def attributable(book: JobBook, job: Job, sightings: Iterable[Sighting]) -> bool:
    """Whether anything in the history could be this job: its links, its clicked message, or its words, by anybody.

    However late: a deadline says when we stop waiting, not when Midjourney does.
    """
    job = job.but(deadline_at=None)
    for sighting in sightings:
        matched = match(book, sighting)
        if isinstance(matched, Bound):
            if matched.job_id == job.id:
                return True
        elif isinstance(matched, Finished):
            continue  # the message of another job that ended, whatever its words
        elif is_by_hand(book, sighting):
            continue  # it began with a nonce that is none of ours
        elif same_words_in_time(job, sighting) or _could_be_click(job, sighting) or could_be_swap(job, sighting):
            return True
    return False


def _could_be_click(job: Job, sighting: Sighting) -> bool:
    if job.click is None or job.sent_at is None:
        return False
    referred = job.click.message_id in (sighting.reference_id, sighting.clicked_id)
    return referred and sighting.at >= job.sent_at - timedelta(seconds=30)


def worth_a_look(
    job: Job, *, now: datetime, heard_at: datetime, spacing: float, deleted_at: datetime | None, limits: Limits
) -> bool:
    """Whether the history should be read for this job before its deadline (§13).

    Args:
        job: an open job.
        now: the present.
        heard_at: when anything of it was last seen (or it was sent).
        spacing: the usual seconds between two of its events so far, 0 when unknown.
        deleted_at: when its progress message was deleted.
        limits: the time limits in force.
    """
    silent = (now - heard_at).total_seconds()
    if deleted_at is not None:
        return (now - deleted_at).total_seconds() >= limits.final_after_delete
    if job.state is JobState.RUNNING:
        return silent >= max(limits.quiet, 3 * spacing)
    if job.state is JobState.SENT and not job.upstream_queued:
        return silent >= limits.first_event
    return silent >= limits.first_message


def absence_can_be_judged(
    job: Job,
    *,
    post_timeout: float,
    limits: Limits,
    unbroken_since: datetime | None,
    acknowledged_at: datetime | None,
) -> bool:
    """Whether the session saw enough to prove that a submission was never taken (§13.1); the history must agree.

    The same session, unbroken from before the call until 15 s after its latest end, and a heartbeat ACK after that.
    A painted region is handed in at Midjourney's own page, past Discord: nothing acknowledges it, so silence proves
    nothing (§7).
    """
    if job.form_answered and job.modal is not None and job.modal.frame_path is not None:
        return False
    if job.state not in (JobState.SENT, JobState.NEEDS_ATTENTION) or job.accepted or job.absence_used:
        return False
    if job.upstream_queued or job.answered_unknown:
        return False
    if job.links.interaction_id is not None or job.sent_at is None:
        return False
    if unbroken_since is None or acknowledged_at is None or unbroken_since >= job.sent_at:
        return False
    return acknowledged_at > job.sent_at + timedelta(seconds=post_timeout + limits.first_event)
