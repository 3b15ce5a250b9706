"""Which tables there are, what is unique in them, and which index answers which question.

Snowflakes are text, moments are `columns.UtcTime`, shapes of Discord are JSON text. A job's row is what changes, its
result, its updates and the nonces it was submitted with are rows of their own that are only ever added.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from engine.store.columns import UtcTime
from engine.store.columns import account as _account
from engine.store.columns import growing_id as _id
from engine.store.columns import moment as _time
from engine.store.columns import partial as _partial
from engine.store.columns import words as _text

# every constraint has a name, or a later migration could not speak of it on PostgreSQL
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_registry = registry(metadata=MetaData(naming_convention=_NAMES))

UNFINISHED = text("finished_at IS NULL")
FINISHED = text("finished_at IS NOT NULL")
TO_COPY = text("copied_at IS NULL")
DUE = text("state = 'due'")
SETTLED = text("settled_at IS NOT NULL")
AWAITED = text("gives_up_at IS NOT NULL")
A_CHILD = text("parent_id IS NOT NULL")
WITH_TOKEN = text("token IS NOT NULL")


class Stored(SQLModel, registry=_registry):
    """The common parent of our tables, with a registry of its own."""

    metadata: ClassVar[MetaData] = _registry.metadata


class WorkspaceRow(Stored, table=True):
    """A workspace; everything else belongs to one."""

    __tablename__ = "workspaces"

    id: str = _text(key=True)
    name: str = _text(unique=True)
    created_at: datetime = _time()
    webhook_url: str | None = _text(null=True)
    webhook_dialect: str | None = _text(null=True)
    webhook_progress: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))
    signing_sealed: str | None = _text(null=True)
    paused_at: datetime | None = _time(null=True)
    rebooted_at: datetime | None = _time(null=True)
    contact: str = _text()
    quota: str | None = _text(null=True)


class KeyRow(Stored, table=True):
    """An API key: the SHA-256 of the whole, never the key. `account_ids` is JSON; NULL: all of them."""

    __tablename__ = "api_keys"

    id: int | None = _id()
    workspace_id: str = _text(to="workspaces.id")
    name: str = _text()
    prefix: str = _text()
    digest: str = _text(unique=True)
    created_at: datetime = _time()
    last_used_at: datetime | None = _time(null=True)
    revoked_at: datetime | None = _time(null=True)
    scopes: str = _text()
    account_ids: str | None = _text(null=True)
    rates: str | None = _text(null=True)
    quota: str | None = _text(null=True)


class AccountRow(Stored, table=True):
    """A linked account, who holds it (`owner`, `epoch`, `owned_until`), and where its session can be resumed.

    `live`: whether the holder noted that its session is ready; it says so only where other processes may ask.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        Index("ix_accounts_workspace_id", "workspace_id"),
        Index("ix_accounts_hash", "hash", unique=True),
    )

    id: int | None = _id()
    hash: str = _text()
    workspace_id: str = _text(to="workspaces.id")
    name: str = _text()
    guild_id: str = _text()
    channel_id: str = _text()
    user_id: str | None = _text(null=True)
    token_sealed: str = _text()
    token_mask: str = _text()
    api_url: str = _text()
    gateway_url: str | None = _text(null=True)
    activity_url: str | None = _text(null=True)
    service: str = _text()
    demo: bool
    concurrency: int
    state: str = _text()
    trouble: str | None = _text(null=True)
    reason: str | None = _text(null=True)
    facts: str | None = _text(null=True)
    linked_at: datetime = _time()
    restarted_at: datetime | None = _time(null=True)

    owner: str | None = _text(null=True)
    epoch: int
    owned_until: datetime | None = _time(null=True)
    live: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))

    session_id: str | None = _text(null=True)
    resume_url: str | None = _text(null=True)
    seq: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    session_since: datetime | None = _time(null=True)


class RequestRow(Stored, table=True):
    """What somebody asked for, as it was given; `seldom` is JSON as that of a job."""

    __tablename__ = "requests"
    __table_args__ = (_partial("ix_requests_token", "key_id", "token", where=WITH_TOKEN, unique=True),)

    id: str = _text(key=True)
    workspace_id: str = _text(to="workspaces.id")
    requester: str = _text()
    dialect: str = _text()
    ref: str | None = _text(null=True)
    callback: str | None = _text(null=True)
    callback_kind: str | None = _text(null=True)
    callback_id: str | None = _text(null=True)
    echo: str | None = _text(null=True)
    action: str = _text()
    prompt: str = _text()
    created_at: datetime = _time()
    seldom: str | None = _text(null=True)
    key_id: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    token: str | None = _text(null=True)


class JobRow(Stored, table=True):
    """A job as it is now. Jobs that ended are in no index that the dispatcher, the keepers or the status page read.

    `given` and `seldom` are JSON; NULL means that every field in them has its usual value. `rank` is the first word in
    the order of the queue: 0 for a boost, 1 for any other job.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        _partial("ix_jobs_queued", "state", "rank", "created_at", "id", where=UNFINISHED),
        _partial("ix_jobs_open", "account_id", "state", where=UNFINISHED),
        _partial("ix_jobs_now", "workspace_id", "state", "created_at", "id", where=UNFINISHED),
        _partial("ix_jobs_ended", "workspace_id", "state", "created_at", "id", where=FINISHED),
        _partial("ix_jobs_ended_at", "workspace_id", "state", "finished_at", where=FINISHED),
        _partial("ix_jobs_ended_by_account", "account_id", "finished_at", where=FINISHED),
        _partial("ix_jobs_gives_up", "gives_up_at", where=AWAITED),
        Index("ix_jobs_list", "workspace_id", "created_at", "id"),
        # whole keys, or the order of ix_jobs_list would tempt SQLite to go through a workspace's million jobs
        Index("ix_jobs_requester", "requester", "workspace_id", "created_at", "id"),
        _partial("ix_jobs_ref", "ref", "workspace_id", "created_at", "id", where=text("ref IS NOT NULL")),
        Index("ix_jobs_request", "request_id", "workspace_id", "created_at", "id"),
        _partial("ix_jobs_children", "parent_id", "action", "workspace_id", "created_at", "id", where=A_CHILD),
    )

    id: str = _text(key=True)
    request_id: str = _text(to="requests.id")
    workspace_id: str = _text(to="workspaces.id")
    application_id: str = _text()
    action: str = _text()
    prompt: str = _text()
    given: str | None = _text(null=True)
    ref: str | None = _text(null=True)
    requester: str | None = _text(null=True)
    parent_id: str | None = _text(null=True)
    root_id: str | None = _text(null=True)
    click: str | None = _text(null=True)
    bound_account_id: int | None = _account(null=True)
    timeout_seconds: float | None
    created_at: datetime = _time()
    rank: int

    state: str = _text()
    version: int
    updated_at: datetime = _time()
    deadline_at: datetime | None = _time(null=True)
    gives_up_at: datetime | None = _time(null=True)
    account_id: int | None = _account(null=True)
    nonces: str = _text()
    sent_at: datetime | None = _time(null=True)
    accepted: bool
    absence_used: bool
    turned_away: int
    upstream_queued: bool
    mode: str | None = _text(null=True)
    interaction_id: str | None = _text(null=True)
    progress_message_id: str | None = _text(null=True)
    uuid: str | None = _text(null=True)
    modal: str | None = _text(null=True)
    note: str | None = _text(null=True)
    seldom: str | None = _text(null=True)
    may_run: bool
    percent: int
    preview_url: str | None = _text(null=True)
    failure_reason: str | None = _text(null=True)
    failure_detail: str | None = _text(null=True)
    finished_at: datetime | None = _time(null=True)


class UpdateRow(Stored, table=True):
    """What watchers are told of one stored step: the outbox, in the order of its ids."""

    __tablename__ = "job_updates"
    __table_args__ = (UniqueConstraint("job_id", "version"),)

    id: int | None = _id()
    job_id: str = _text(to="jobs.id")
    version: int
    state: str = _text()
    event: str = _text()
    at: datetime = _time()
    percent: int
    failure_reason: str | None = _text(null=True)
    failure_detail: str | None = _text(null=True)
    note: str | None = _text(null=True)


class SubmissionRow(Stored, table=True):
    """One nonce of one job; `nonce` is padded to 20 digits, so that the highest text is the highest number."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("account_id", "nonce"),)

    id: int | None = _id()
    account_id: int = _account()
    nonce: str = _text()
    job_id: str = _text(to="jobs.id")
    at: datetime = _time()


class ResultRow(Stored, table=True):
    """The message that carried a job's outcome. `pictures`, `components` and `details` are JSON."""

    __tablename__ = "results"

    job_id: str = _text(key=True, to="jobs.id")
    message_id: str = _text()
    channel_id: str = _text()
    flags: int = Field(sa_column=Column(BigInteger, nullable=False))
    content: str = _text()
    pictures: str = _text()
    components: str = _text()
    uuid: str | None = _text(null=True)
    details: str | None = _text(null=True)


class PictureRow(Stored, table=True):
    """A picture that we serve under `key`. `copied_at`: when the copy was made or, with `failed`, given up."""

    __tablename__ = "pictures"
    __table_args__ = (_partial("ix_pictures_to_copy", "found_at", "job_id", "position", where=TO_COPY),)

    key: str = _text(key=True)
    job_id: str = _text(to="jobs.id")
    account_id: int = _account()
    position: int
    found_at: datetime = _time()
    attachment_id: str = _text()
    filename: str = _text()
    source_url: str = _text()
    proxy_url: str | None = _text(null=True)
    content_type: str | None = _text(null=True)
    width: int | None
    height: int | None
    size: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    copied_as: str | None = _text(null=True)
    copied_at: datetime | None = _time(null=True)
    failed: bool


class DeliveryRow(Stored, table=True):
    """A webhook post, written with the step of the job that made it due; `place` is the receiver's host and port.

    Whoever sends it holds it (`claimed_by`) until `claimed_until`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("job_id", "kind", "version"),
        _partial("ix_deliveries_due", "kind", "due_at", "id", where=DUE),
        _partial("ix_deliveries_settled", "settled_at", where=SETTLED),
        Index("ix_deliveries_request", "request_id", "id"),
        Index("ix_deliveries_list", "workspace_id", "id"),
        Index("ix_deliveries_by_state", "workspace_id", "state", "id"),
    )

    id: int | None = _id()
    workspace_id: str = _text(to="workspaces.id")
    request_id: str = _text(to="requests.id")
    job_id: str = _text(to="jobs.id")
    version: int
    kind: str = _text()
    url: str = _text()
    place: str = _text()
    dialect: str = _text()
    hook_kind: str = _text()
    state: str = _text()
    tries: int
    created_at: datetime = _time()
    due_at: datetime = _time()
    tried_at: datetime | None = _time(null=True)
    settled_at: datetime | None = _time(null=True)
    status: int | None
    error: str | None = _text(null=True)
    claimed_by: str | None = _text(null=True)
    claimed_until: datetime | None = _time(null=True)


class EvidenceRow(Stored, table=True):
    """Something from the wire that is worth a look; the newest 10,000 of the last 30 days."""

    __tablename__ = "wire_evidence"
    __table_args__ = (Index("ix_wire_evidence_at", "at"),)

    id: int | None = _id()
    account_id: int = _account()
    job_id: str | None = _text(null=True)
    kind: str = _text()
    at: datetime = _time()
    body: str = _text()


class AnswerRow(Stored, table=True):
    """What was answered to the call with this Idempotency-Key; no status: its process (`owner`) is still at it."""

    __tablename__ = "kept_answers"
    __table_args__ = (Index("ix_kept_answers_created_at", "created_at"),)

    key_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    token: str = _text(key=True)
    print: str = _text()
    owner: str = _text()
    claimed_until: datetime = _time()
    created_at: datetime = _time()
    status: int | None
    content_type: str | None = _text(null=True)
    body: bytes | None


class SpendingRow(Stored, table=True):
    """Credits spent of a quota in the period that began then; `payer` is `key:7` or `workspace:<id>`."""

    __tablename__ = "spendings"

    payer: str = _text(key=True)
    began: datetime = Field(sa_column=Column(UtcTime, primary_key=True))
    credits: int = Field(sa_column=Column(BigInteger, nullable=False))


METADATA = Stored.metadata


def _table(row: type[Stored]) -> Table:
    return METADATA.tables[str(row.__tablename__)]


workspaces = _table(WorkspaceRow)
api_keys = _table(KeyRow)
accounts = _table(AccountRow)
requests = _table(RequestRow)
jobs = _table(JobRow)
job_updates = _table(UpdateRow)
submissions = _table(SubmissionRow)
results = _table(ResultRow)
pictures = _table(PictureRow)
deliveries = _table(DeliveryRow)
wire_evidence = _table(EvidenceRow)
kept_answers = _table(AnswerRow)
spendings = _table(SpendingRow)
