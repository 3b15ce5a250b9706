"""What is asked of the database, and by which index it is answered however many jobs have ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, case, func, select, tuple_, union_all
from sqlalchemy.engine import Connection

from engine.model.accounts import Account, AccountState, Checkpoint
from engine.model.actions import Action
from engine.model.jobs import FINAL_STATES, OPEN_STATES, UPSTREAM_STATES, Job, JobState, JobUpdate, Request
from engine.ports import EvidenceCount, Load, PictureCopy, Switches, Tally, Workspace
from engine.store import account_records, records, request_records
from engine.store.prepared import Prepared
from engine.store.private import IS_PRIVATE
from engine.store.tables import (
    AWAITED,
    FINISHED,
    TO_COPY,
    UNFINISHED,
    accounts,
    job_updates,
    jobs,
    pictures,
    requests,
    results,
    submissions,
    wire_evidence,
    workspaces,
)

_RESULT = [column.label(f"result_{column.name}") for column in results.c if column.name != "job_id"]
JOB = select(*jobs.c, *_RESULT).select_from(jobs.outerjoin(results, results.c.job_id == jobs.c.id))

_OPEN = sorted(state.value for state in OPEN_STATES)
_OPEN_OR_QUEUED = [*_OPEN, JobState.QUEUED.value]
_UNENDED = [state for state in JobState if state not in FINAL_STATES]

_PLACE = (jobs.c.rank, jobs.c.created_at, jobs.c.id)
_QUEUED = JOB.where(UNFINISHED, jobs.c.state == JobState.QUEUED.value).order_by(*_PLACE).limit(bindparam("most"))
_QUEUED_BEHIND = (
    JOB.where(
        UNFINISHED,
        jobs.c.state == JobState.QUEUED.value,
        tuple_(*_PLACE)
        > tuple_(
            bindparam("ranked", type_=jobs.c.rank.type),
            bindparam("since", type_=jobs.c.created_at.type),
            bindparam("behind", type_=jobs.c.id.type),
        ),
    )
    .order_by(*_PLACE)
    .limit(bindparam("most"))
)
_AWAITED_UNTIL = (
    JOB.where(AWAITED, jobs.c.gives_up_at <= bindparam("now"), jobs.c.state.in_(_OPEN))
    .order_by(jobs.c.gives_up_at)
    .limit(bindparam("most"))
)
_OPEN_JOBS = JOB.where(UNFINISHED, jobs.c.account_id == bindparam("of"), jobs.c.state.in_(_OPEN_OR_QUEUED)).order_by(
    jobs.c.created_at, jobs.c.id
)
_FINISHED_SINCE = JOB.where(
    FINISHED, jobs.c.account_id == bindparam("of"), jobs.c.finished_at >= bindparam("since")
).order_by(jobs.c.finished_at, jobs.c.id)
_MADE = (
    JOB.where(
        FINISHED,
        jobs.c.workspace_id == bindparam("of"),
        jobs.c.state == JobState.DONE.value,
        jobs.c.finished_at >= bindparam("since"),
        results.c.pictures != "[]",
        ~IS_PRIVATE,
    )
    .order_by(jobs.c.finished_at.desc(), jobs.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skipped"))
)
_OPEN_OF = (
    JOB.join(requests, requests.c.id == jobs.c.request_id)
    .where(
        UNFINISHED,
        jobs.c.workspace_id == bindparam("of"),
        jobs.c.state.in_(_OPEN_OR_QUEUED),
        requests.c.key_id == bindparam("by"),
        (jobs.c.account_id == bindparam("on")) | (jobs.c.bound_account_id == bindparam("on")),
    )
    .order_by(jobs.c.created_at, jobs.c.id)
)
_RUNS_ON = case((jobs.c.state == JobState.QUEUED.value, jobs.c.bound_account_id), else_=jobs.c.account_id)
_IS_QUEUED = (jobs.c.state == JobState.QUEUED.value).label("is_queued")
_LOADS = (
    select(_RUNS_ON.label("runs_on"), _IS_QUEUED, func.count().label("jobs"))
    .where(
        UNFINISHED,
        jobs.c.workspace_id == bindparam("of"),
        jobs.c.state.in_([JobState.QUEUED.value, *(state.value for state in sorted(UPSTREAM_STATES))]),
    )
    .group_by(_RUNS_ON, _IS_QUEUED)
)
_ONE_JOB = Prepared(JOB.where(jobs.c.id == bindparam("is_id"), jobs.c.workspace_id == bindparam("of")))
_JOBS_OF = Prepared(
    JOB.where(jobs.c.request_id == bindparam("is_request"), jobs.c.workspace_id == bindparam("of")).order_by(
        jobs.c.created_at, jobs.c.id
    )
)
_CHILDREN = JOB.where(
    jobs.c.parent_id == bindparam("is_parent"),
    jobs.c.action == bindparam("is_action"),
    jobs.c.workspace_id == bindparam("of"),
).order_by(jobs.c.created_at, jobs.c.id)
_ONE_REQUEST = select(requests).where(requests.c.id == bindparam("is_id"), requests.c.workspace_id == bindparam("of"))
_UPDATES = (
    select(job_updates)
    .where(job_updates.c.job_id == bindparam("of"), job_updates.c.version > bindparam("above"))
    .order_by(job_updates.c.version)
)
_HIGHEST_NONCE = select(func.max(submissions.c.nonce)).where(submissions.c.account_id == bindparam("of"))
_TO_COPY = Prepared(
    select(pictures)
    .where(TO_COPY)
    .order_by(pictures.c.found_at, pictures.c.job_id, pictures.c.position)
    .limit(bindparam("most"))
)
_ONE_PICTURE = Prepared(select(pictures).where(pictures.c.key == bindparam("is_key")))

_LINKED = select(accounts).where(accounts.c.state != AccountState.UNLINKED.value).order_by(accounts.c.id)
_LINKED_OF = _LINKED.where(accounts.c.workspace_id == bindparam("of"))
_ONE_ACCOUNT = select(accounts).where(accounts.c.id == bindparam("is_id"))
_STATES = select(accounts.c.id, accounts.c.state, accounts.c.live, accounts.c.owned_until).where(
    accounts.c.state != AccountState.UNLINKED.value
)
_ONE_WORKSPACE = select(workspaces).where(workspaces.c.id == bindparam("is_id"))
_WORKSPACES = select(workspaces).order_by(workspaces.c.created_at, workspaces.c.id)
_EVIDENCE_COUNTS = (
    select(wire_evidence.c.kind, func.count(), func.max(wire_evidence.c.at))
    .join(accounts, accounts.c.id == wire_evidence.c.account_id)
    .where(accounts.c.workspace_id == bindparam("of"), wire_evidence.c.at >= bindparam("since"))
    .group_by(wire_evidence.c.kind)
    .order_by(wire_evidence.c.kind)
)
_OPEN_COUNTS = (
    select(jobs.c.state, func.count(), func.min(jobs.c.created_at))
    .where(UNFINISHED, jobs.c.workspace_id == bindparam("of"), jobs.c.state.in_([state.value for state in _UNENDED]))
    .group_by(jobs.c.state)
)
_ENDED_COUNTS = (
    select(jobs.c.state, func.count().label("ended"))
    .where(
        FINISHED,
        jobs.c.workspace_id == bindparam("of"),
        jobs.c.state.in_([JobState.DONE.value, JobState.FAILED.value]),
        jobs.c.finished_at >= bindparam("since"),
    )
    .group_by(jobs.c.state)
)


# --- for the core


def linked_accounts(connection: Connection, workspace_id: str | None) -> list[Account]:
    """Linked accounts by id, of all workspaces or of one."""
    rows = connection.execute(_LINKED) if workspace_id is None else connection.execute(_LINKED_OF, {"of": workspace_id})
    return [account_records.account_of(row) for row in rows]


def account(connection: Connection, account_id: int) -> Account | None:
    """One account, linked or not."""
    row = connection.execute(_ONE_ACCOUNT, {"is_id": account_id}).first()
    return None if row is None else account_records.account_of(row)


def checkpoint(connection: Connection, account_id: int) -> Checkpoint | None:
    """Where the account's session can be resumed."""
    row = connection.execute(_ONE_ACCOUNT, {"is_id": account_id}).first()
    return None if row is None or row.session_id is None else account_records.checkpoint_of(row)


def queued(connection: Connection, limit: int, after: Job | None) -> list[Job]:
    """The first queued jobs, or the first behind one of them."""
    if after is not None:
        behind = {"most": limit, "ranked": records.rank_of(after), "since": after.created_at, "behind": after.id}
        return [records.job_of(row) for row in connection.execute(_QUEUED_BEHIND, behind)]
    return [records.job_of(row) for row in connection.execute(_QUEUED, {"most": limit})]


def awaited_until(connection: Connection, now: datetime, limit: int) -> list[Job]:
    """What was sent and is no longer waited for, and was not told so yet."""
    return [records.job_of(row) for row in connection.execute(_AWAITED_UNTIL, {"now": now, "most": limit})]


def open_jobs(connection: Connection, account_id: int) -> list[Job]:
    """What may run upstream on an account, and what it submitted before and is queued again, oldest first."""
    return [records.job_of(row) for row in connection.execute(_OPEN_JOBS, {"of": account_id})]


def finished_since(connection: Connection, account_id: int, since: datetime) -> list[Job]:
    """What ended on an account since then, in the order of its ending."""
    return [records.job_of(row) for row in connection.execute(_FINISHED_SINCE, {"of": account_id, "since": since})]


def highest_nonce(connection: Connection, account_id: int) -> int:
    """The highest nonce of an account; the padding makes the highest text the highest number."""
    return int(connection.execute(_HIGHEST_NONCE, {"of": account_id}).scalar() or 0)


def pictures_to_copy(connection: Connection, limit: int) -> list[PictureCopy]:
    """Pictures that wait for their copy, oldest first."""
    return [records.copy_of(row) for row in _TO_COPY.rows(connection, {"most": limit})]


def picture(connection: Connection, key: str) -> PictureCopy | None:
    """The picture under a key."""
    found = _ONE_PICTURE.rows(connection, {"is_key": key})
    return records.copy_of(found[0]) if found else None


# --- for the door


def job(connection: Connection, workspace_id: str, job_id: str) -> Job | None:
    """One job of a workspace with its result."""
    rows = _ONE_JOB.rows(connection, {"is_id": job_id, "of": workspace_id})
    return records.job_of(rows[0]) if rows else None


def request(connection: Connection, workspace_id: str, request_id: str) -> Request | None:
    """One request of a workspace."""
    row = connection.execute(_ONE_REQUEST, {"is_id": request_id, "of": workspace_id}).first()
    return None if row is None else request_records.request_of(row)


def jobs_of(connection: Connection, workspace_id: str, request_id: str) -> list[Job]:
    """The jobs of a request, in the order in which they were made."""
    found = _JOBS_OF.rows(connection, {"is_request": request_id, "of": workspace_id})
    return [records.job_of(row) for row in found]


def made(connection: Connection, workspace_id: str, since: datetime, limit: int, offset: int) -> list[Job]:
    """What was made since then and can be seen, the latest first."""
    wanted = {"of": workspace_id, "since": since, "most": limit, "skipped": offset}
    return [records.job_of(row) for row in connection.execute(_MADE, wanted)]


def open_of(connection: Connection, workspace_id: str, key_id: int | None, account_id: int) -> list[Job]:
    """The jobs of one API key on one account that are not over."""
    wanted = {"of": workspace_id, "by": key_id, "on": account_id}
    return [records.job_of(row) for row in connection.execute(_OPEN_OF, wanted)]


def loads(connection: Connection, workspace_id: str) -> list[Load]:
    """How many jobs wait for each account alone, or for any, and how many run there."""
    found: dict[int | None, list[int]] = {}
    for row in connection.execute(_LOADS, {"of": workspace_id}):
        found.setdefault(row.runs_on, [0, 0])[0 if row.is_queued else 1] += row.jobs
    in_order = sorted(found.items(), key=lambda each: (each[0] is not None, each[0]))
    return [Load(account_id, queued, running) for account_id, (queued, running) in in_order]


def children(connection: Connection, workspace_id: str, parent_id: str, action: Action) -> list[Job]:
    """What was made of a job by an action, oldest first."""
    wanted = {"is_parent": parent_id, "is_action": action.name, "of": workspace_id}
    return [records.job_of(row) for row in connection.execute(_CHILDREN, wanted)]


def listed(
    connection: Connection, workspace_id: str, states: Sequence[JobState], limit: int, before: datetime | None
) -> list[Job]:
    """Jobs of a workspace, newest first.

    Each state asked for is read by itself from the end of its index: one state's jobs may lie under a million others.
    """
    own = select(jobs.c.id, jobs.c.created_at).where(jobs.c.workspace_id == workspace_id)
    if before is not None:
        own = own.where(jobs.c.created_at < before)
    if not states:
        newest = _newest(own, limit).subquery()
    else:
        parts = [
            _newest(own.where(FINISHED if state in FINAL_STATES else UNFINISHED, jobs.c.state == state.value), limit)
            for state in dict.fromkeys(states)
        ]
        newest = union_all(*(select(part.subquery()) for part in parts)).subquery()
    found = JOB.join(newest, newest.c.id == jobs.c.id)
    return [records.job_of(row) for row in connection.execute(_newest(found, limit))]


def _newest(rows: Select[tuple[object, ...]], limit: int) -> Select[tuple[object, ...]]:
    return rows.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)


def updates(connection: Connection, job_id: str, after_version: int) -> list[JobUpdate]:
    """A job's updates above a version, in order."""
    found = connection.execute(_UPDATES, {"of": job_id, "above": after_version})
    return [records.update_of(row) for row in found]


def tally(connection: Connection, workspace_id: str, since: datetime) -> Tally:
    """What is open and what ended since."""
    by_state = dict.fromkeys(_UNENDED, 0)
    oldest = None
    for state, count, first in connection.execute(_OPEN_COUNTS, {"of": workspace_id}):
        by_state[JobState(state)] = count
        if state == JobState.QUEUED.value:
            oldest = first
    found = connection.execute(_ENDED_COUNTS, {"of": workspace_id, "since": since})
    ended: dict[str, int] = {row.state: row.ended for row in found}
    return Tally(by_state, ended.get(JobState.DONE.value, 0), ended.get(JobState.FAILED.value, 0), oldest)


def evidence_counts(connection: Connection, workspace_id: str, since: datetime) -> list[EvidenceCount]:
    """What was kept from the wire of a workspace's accounts since then, by kind."""
    found = connection.execute(_EVIDENCE_COUNTS, {"of": workspace_id, "since": since})
    return [EvidenceCount(kind, count, last) for kind, count, last in found]


# --- for the operator


def all_workspaces(connection: Connection) -> list[Workspace]:
    """All workspaces, oldest first."""
    return [account_records.workspace_of(row) for row in connection.execute(_WORKSPACES)]


def workspace(connection: Connection, workspace_id: str) -> Workspace | None:
    """One workspace."""
    row = connection.execute(_ONE_WORKSPACE, {"is_id": workspace_id}).first()
    return None if row is None else account_records.workspace_of(row)


def switches(connection: Connection) -> Switches:
    """Every workspace, the state of every linked account, and until when others surely hold it live."""
    rows = connection.execute(_STATES).all()
    live_until = {row.id: row.owned_until for row in rows if row.live and row.owned_until is not None}
    states = {row.id: AccountState(row.state) for row in rows}
    return Switches(tuple(all_workspaces(connection)), states, live_until)
