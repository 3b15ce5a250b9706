"""How each change is written: first the statement with the fence, and the rest only when a row passed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, delete, exists, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from engine.model.accounts import AccountState, Lease
from engine.model.jobs import Job
from engine.ports import (
    AccountChange,
    Change,
    Evidence,
    FactsLearned,
    JobChange,
    KeepAudit,
    KeepEvidence,
    KeepRefusal,
    LiveNoted,
    NewRequest,
    Outcome,
    PictureCopied,
    ProgressNote,
    SaveCheckpoint,
)
from engine.store import account_records, answers, deliveries, dialects, moderation, records, request_records
from engine.store.community import rows
from engine.store.prepared import Prepared
from engine.store.records import Values
from engine.store.tables import accounts, job_updates, jobs, pictures, requests, results, submissions, wire_evidence

EVIDENCE_ROWS = 10_000
EVIDENCE_AGE = timedelta(days=30)

# Parameters of a WHERE start with `is_`, because the names of columns belong to SET.

_NEW_REQUEST = Prepared(insert(requests).inline())
_NEW_JOB = Prepared(insert(jobs).inline())
_NEW_UPDATE = Prepared(insert(job_updates).inline())
_NEW_SUBMISSION = Prepared(insert(submissions).inline())
_NEW_RESULT = Prepared(insert(results).inline())
_NEW_PICTURE = Prepared(insert(pictures).inline())
_NEW_EVIDENCE = Prepared(insert(wire_evidence).inline())

_LEASE_HOLDS = (
    (accounts.c.id == bindparam("is_leased"))
    & (accounts.c.owner == bindparam("is_owner"))
    & (accounts.c.epoch == bindparam("is_epoch"))
)
# FOR SHARE (SQLite needs and has none): nobody can take the account between this check and our COMMIT
_LEASED = select(accounts.c.id).where(_LEASE_HOLDS).with_for_update(read=True)

_MOVE = update(jobs).where(
    jobs.c.id == bindparam("is_id"),
    jobs.c.version == bindparam("is_version"),
    jobs.c.state == bindparam("is_state"),
)
_MOVE_LEASED = _MOVE.where(exists(_LEASED))
_HOLDS = Prepared(_LEASED)

_NOTE = (
    update(jobs)
    .where(
        jobs.c.id == bindparam("is_id"),
        jobs.c.version == bindparam("is_version"),
        jobs.c.percent <= bindparam("is_at_most"),
    )
    .values(uuid=func.coalesce(bindparam("known_uuid"), jobs.c.uuid))
)
_NOTE_PROGRESS = Prepared(_NOTE)
_NOTE_LEASED_PROGRESS = Prepared(_NOTE.where(exists(_LEASED)))

_SAVE_CHECKPOINT = Prepared(
    update(accounts).where(_LEASE_HOLDS).values(user_id=func.coalesce(bindparam("known_user"), accounts.c.user_id))
)
_CHANGE_ACCOUNT = Prepared(
    update(accounts)
    .where(accounts.c.id == bindparam("is_id"), accounts.c.state != AccountState.UNLINKED.value)
    .values(user_id=func.coalesce(bindparam("known_user"), accounts.c.user_id))
)
_LEARN_FACTS = Prepared(
    update(accounts).where(accounts.c.id == bindparam("is_id"), accounts.c.state != AccountState.UNLINKED.value)
)
_NOTE_LIVE = Prepared(update(accounts).where(_LEASE_HOLDS))
_PICTURE_COPIED = Prepared(update(pictures).where(pictures.c.key == bindparam("is_key")))

_FORGET_EVIDENCE = Prepared(
    delete(wire_evidence).where(
        (wire_evidence.c.id <= select(func.max(wire_evidence.c.id)).scalar_subquery() - EVIDENCE_ROWS)
        | (wire_evidence.c.at < bindparam("too_old"))
    )
)


def write_changes(connection: Connection, changes: Sequence[Change], now: datetime, *, careful: bool) -> list[Outcome]:
    """Write the changes in their order.

    Args:
        connection: in a transaction that the caller commits.
        changes: one caller's.
        now: for the age of evidence and of refusals.
        careful: each change under a savepoint, so that a duplicate fails alone; else it raises.

    Raises:
        IntegrityError: a row exists already (not when careful) or names something that is not there.
    """
    leaves = None if careful else _leaves(changes)
    if leaves is not None:
        outcomes = _write_leaving(connection, *leaves)
    else:
        outcomes = [(_carefully if careful else _write)(connection, change, now) for change in changes]
    if any(
        isinstance(change, KeepEvidence) or (isinstance(change, JobChange) and change.evidence) for change in changes
    ):
        _FORGET_EVIDENCE.run(connection, {"too_old": now - EVIDENCE_AGE})
    return outcomes


def _carefully(connection: Connection, change: Change, now: datetime) -> Outcome:
    try:
        with connection.begin_nested():
            return _write(connection, change, now)
    except IntegrityError as error:
        if dialects.is_duplicate(error):
            return Outcome.DUPLICATE
        raise


def _write(connection: Connection, change: Change, now: datetime) -> Outcome:
    match change:
        case JobChange():
            return _write_job_change(connection, change)
        case NewRequest():
            return _write_request(connection, change, change.jobs)
        case SaveCheckpoint():
            return _write_checkpoint(connection, change)
        case ProgressNote():
            return _write_progress(connection, change)
        case KeepEvidence():
            if not _holds(connection, change.lease):
                return Outcome.STALE_LEASE
            return _write_evidence(connection, (change.evidence,))
        case AccountChange():
            return _write_account_change(connection, change)
        case _:
            return _write_seldom(connection, change, now)


def _write_seldom(
    connection: Connection, change: FactsLearned | LiveNoted | PictureCopied | KeepRefusal | KeepAudit, now: datetime
) -> Outcome:
    match change:
        case FactsLearned():
            return _write_facts(connection, change)
        case LiveNoted():
            noted = _rows(connection, _NOTE_LIVE, {"live": change.live, **_fence(change.lease)})
            return Outcome.APPLIED if noted else Outcome.STALE_LEASE
        case PictureCopied():
            return _write_picture_copied(connection, change)
        case KeepRefusal():
            moderation.write_refusal(connection, change.refusal, now)
            return Outcome.APPLIED
        case KeepAudit():
            rows.write_audit(connection, change.entry)
            return Outcome.APPLIED


def _leaves(changes: Sequence[Change]) -> tuple[NewRequest, JobChange] | None:
    """A request of one job and the first step of that job, where they are all that is written."""
    match changes:
        case [NewRequest() as new, JobChange() as step] if len(new.jobs) == 1 and new.jobs[0] is step.before:
            return new, step
        case _:
            return None


def _write_leaving(connection: Connection, new: NewRequest, step: JobChange) -> list[Outcome]:
    """As one by one, but the job's row is written once, as it is after the step."""
    if not _holds(connection, step.lease):
        return [_write_request(connection, new, new.jobs), Outcome.STALE_LEASE]
    outcome = _write_request(connection, new, (step.after,))
    if outcome is not Outcome.APPLIED:
        return [outcome, Outcome.STALE_VERSION]
    return [outcome, _write_step(connection, step)]


def _write_request(connection: Connection, new: NewRequest, jobs_of_it: Sequence[Job]) -> Outcome:
    """Write a request and its jobs, whose rows say what they are by now."""
    if new.spending is not None and not answers.spend(connection, new.spending):
        return Outcome.OVER_QUOTA
    _NEW_REQUEST.run(connection, request_records.request_values(new.request))
    asker = {"requester": new.request.origin.requester}
    for job in jobs_of_it:
        _NEW_JOB.run(connection, records.asked_values(job) | records.moving_values(job) | asker)
        if job.result is not None:  # it repeats another job's, whose pictures have their rows
            _NEW_RESULT.run(connection, records.result_values(job, job.result))
    for told in new.updates:
        _NEW_UPDATE.run(connection, records.update_values(told))
    if (kind := new.delivery) is not None:
        deliveries.write_due(connection, new.jobs[0], kind)
    return Outcome.APPLIED


@cache
def _move_to(_columns: tuple[str, ...], *, leased: bool) -> Prepared:
    """The statement that moves a job by these columns, one for each kind of step."""
    return Prepared(_MOVE_LEASED if leased else _MOVE)


def _write_job_change(connection: Connection, change: JobChange) -> Outcome:
    before, after = change.before, change.after
    values = records.step_values(before, after)
    move = _move_to(tuple(values), leased=change.lease is not None)
    values |= {"is_id": before.id, "is_version": before.version, "is_state": before.state.value}
    if change.lease is not None:
        values |= _fence(change.lease)
    moved = _rows(connection, move, values)
    if not moved:
        return _why_not(connection, change.lease)
    return _write_step(connection, change)


def _write_step(connection: Connection, change: JobChange) -> Outcome:
    """Write what a step brings beside the job's row."""
    before, after = change.before, change.after
    _NEW_UPDATE.run(connection, records.update_values(change.update))
    for nonce in after.nonces[len(before.nonces) :]:
        _NEW_SUBMISSION.run(connection, records.submission_values(after, nonce))
    if after.result is not None and before.result is None:
        _NEW_RESULT.run(connection, records.result_values(after, after.result))
        for position, picture in enumerate(after.result.pictures):
            _NEW_PICTURE.run(connection, records.picture_values(after, picture, position))
    if (kind := change.delivery) is not None:
        deliveries.write_due(connection, after, kind)
    if (charge := change.given_back) is not None:
        answers.give_back(connection, charge)
    if change.checkpoint is not None and change.lease is not None:
        _write_checkpoint(connection, SaveCheckpoint(change.checkpoint, change.lease))
    return _write_evidence(connection, change.evidence)


def _write_progress(connection: Connection, note: ProgressNote) -> Outcome:
    values = {
        "is_id": note.job_id,
        "is_version": note.version,
        "percent": note.percent,
        "is_at_most": note.percent,
        "preview_url": note.preview_url,
        "known_uuid": note.uuid,
    }
    if note.lease is None:
        moved = _rows(connection, _NOTE_PROGRESS, values)
    else:
        moved = _rows(connection, _NOTE_LEASED_PROGRESS, values | _fence(note.lease))
    return Outcome.APPLIED if moved else _why_not(connection, note.lease)


def _write_checkpoint(connection: Connection, change: SaveCheckpoint) -> Outcome:
    point = change.checkpoint
    values = {
        "session_id": point.session_id,
        "resume_url": point.resume_url,
        "seq": point.seq,
        "session_since": point.since,
        "known_user": point.user_id,
    }
    saved = _rows(connection, _SAVE_CHECKPOINT, values | _fence(change.lease))
    return Outcome.APPLIED if saved else Outcome.STALE_LEASE


def _write_evidence(connection: Connection, evidence: Sequence[Evidence]) -> Outcome:
    for piece in evidence:
        _NEW_EVIDENCE.run(connection, records.evidence_values(piece))
    return Outcome.APPLIED


def _write_account_change(connection: Connection, change: AccountChange) -> Outcome:
    if not _holds(connection, change.lease):
        return Outcome.STALE_LEASE
    values = {
        "is_id": change.account_id,
        "state": change.state.value,
        "trouble": None if change.trouble is None else change.trouble.value,
        "reason": change.reason,
        "known_user": change.user_id,
    }
    return Outcome.APPLIED if _rows(connection, _CHANGE_ACCOUNT, values) else Outcome.STALE_VERSION


def _write_facts(connection: Connection, change: FactsLearned) -> Outcome:
    if not _holds(connection, change.lease):
        return Outcome.STALE_LEASE
    values = {"is_id": change.account_id, **account_records.facts_values(change.facts)}
    return Outcome.APPLIED if _rows(connection, _LEARN_FACTS, values) else Outcome.STALE_VERSION


def _write_picture_copied(connection: Connection, change: PictureCopied) -> Outcome:
    values = {
        "is_key": change.key,
        "copied_as": change.filename,
        "copied_at": change.at,
        "failed": change.filename is None,
    }
    return Outcome.APPLIED if _rows(connection, _PICTURE_COPIED, values) else Outcome.STALE_VERSION


def _rows(connection: Connection, statement: Prepared, values: Values) -> int:
    count: int = statement.run(connection, values).rowcount
    return count


def _fence(lease: Lease) -> Values:
    return {"is_leased": lease.account_id, "is_owner": lease.owner, "is_epoch": lease.epoch}


def _holds(connection: Connection, lease: Lease | None) -> bool:
    """Whether the account is still held under this lease; a change without one has nothing to lose."""
    return lease is None or _HOLDS.run(connection, _fence(lease)).fetchone() is not None


def _why_not(connection: Connection, lease: Lease | None) -> Outcome:
    return Outcome.STALE_VERSION if _holds(connection, lease) else Outcome.STALE_LEASE
