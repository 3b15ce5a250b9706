"""What can be written, as values: each is one change, and each has an outcome."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from engine.model.accounts import AccountState, Checkpoint, Lease
from engine.model.deliveries import DeliveryKind, due
from engine.model.details import AccountFacts
from engine.model.jobs import Job, JobState, JobUpdate, Request
from engine.model.quotas import Charge, Spending
from engine.model.sightings import Trouble
from engine.model.values import value
from engine.ports.moderation import KeepAudit, KeepRefusal


@value(frozen=True, slots=True)
class Evidence:
    """Something from the wire that we keep: stripped of secrets, at most 16 kB."""

    account_id: int
    kind: str
    at: datetime
    body: str
    job_id: str | None = None


@value(frozen=True, slots=True)
class NewRequest:
    """Change: a request with its jobs and their first updates.

    A job that is over already brings its updates up to the end, and may repeat the result of another one: its pictures
    are that one's.
    """

    request: Request
    jobs: tuple[Job, ...]
    updates: tuple[JobUpdate, ...]
    spending: Spending | None = None
    """What it spends of a quota; when there is not so much left, nothing is written."""

    @property
    def delivery(self) -> DeliveryKind | None:
        """The webhook post that it makes due, in the same transaction; its first job speaks for it."""
        return due(None, self.jobs[0])


@value(frozen=True, slots=True)
class JobChange:
    """Change: one stored step of a job.

    Applies only while the stored row has `before`'s version and state and, with a lease, the account has its epoch and
    owner.
    """

    before: Job
    after: Job
    update: JobUpdate
    lease: Lease | None = None
    evidence: tuple[Evidence, ...] = ()
    checkpoint: Checkpoint | None = None
    """Saved with the change, and only with it; needs the lease."""

    @property
    def given_back(self) -> Charge | None:
        """What is given back to its payer, in the same transaction: a job without a result costs nothing."""
        lost = self.after.state in (JobState.FAILED, JobState.CANCELLED)
        return self.after.charge if lost and self.before.state is not self.after.state else None

    @property
    def delivery(self) -> DeliveryKind | None:
        """The webhook post that it makes due, in the same transaction."""
        return due(self.before, self.after)


@value(frozen=True, slots=True)
class ProgressNote:
    """Change: what is new of a running job without a new version; lost silently when the job moved on."""

    job_id: str
    version: int
    percent: int
    preview_url: str | None
    lease: Lease | None = None
    uuid: str | None = None
    """None: as it is stored."""


@value(frozen=True, slots=True)
class SaveCheckpoint:
    """Change: everything up to `checkpoint.seq` is stored."""

    checkpoint: Checkpoint
    lease: Lease


@value(frozen=True, slots=True)
class KeepEvidence:
    """Change: a frame worth keeping that belongs to no job (or to several)."""

    evidence: Evidence
    lease: Lease | None = None


@value(frozen=True, slots=True)
class AccountChange:
    """Change: the account takes another state; `user_id` is filled once it is known."""

    account_id: int
    state: AccountState
    trouble: Trouble | None = None
    reason: str | None = None
    user_id: str | None = None
    lease: Lease | None = None


@value(frozen=True, slots=True)
class FactsLearned:
    """Change: what is now known of an account's switches at Midjourney, in place of what was."""

    account_id: int
    facts: AccountFacts
    lease: Lease | None = None


@value(frozen=True, slots=True)
class LiveNoted:
    """Change: whether the account's session is ready now, for other processes; a new lease begins with False."""

    live: bool
    lease: Lease


@value(frozen=True, slots=True)
class PictureCopied:
    """Change: the copy of a picture lies under this name in our folder, or (None) could not be made."""

    key: str
    filename: str | None
    at: datetime


Change = (
    NewRequest
    | JobChange
    | ProgressNote
    | SaveCheckpoint
    | KeepEvidence
    | AccountChange
    | FactsLearned
    | LiveNoted
    | PictureCopied
    | KeepRefusal
    | KeepAudit
)


class Outcome(StrEnum):
    """What became of one change."""

    APPLIED = "applied"
    STALE_VERSION = "stale version"
    """The job has moved on meanwhile (or does not exist); nothing of this change was written."""
    STALE_LEASE = "stale lease"
    """Another owner or epoch holds the account; nothing of this change was written."""
    OVER_QUOTA = "over quota"
    """The credits of the period do not suffice; nothing of this change was written."""
    DUPLICATE = "duplicate"
    """The id, nonce or update exists already; nothing of this change was written."""
