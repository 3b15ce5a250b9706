"""Which webhook posts a stored change makes due, and when a post that failed is tried again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from engine.model.hooks import HookKind
from engine.model.jobs import Job, JobState
from engine.model.values import value

TRIED_FOR = timedelta(days=3)
"""How long a post is tried, from the moment it was due."""
_PAUSES = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 2 * 3600.0, 4 * 3600.0, 8 * 3600.0, 12 * 3600.0)
"""Seconds after each failed try; the last one again and again."""


class DeliveryKind(StrEnum):
    """What a post tells of."""

    FINAL = "final"
    """The request is over."""
    PROGRESS = "progress"
    """It goes on; the next one of the request takes its place."""


class DeliveryState(StrEnum):
    """What became of a post."""

    DUE = "due"
    """It is to be sent, or sent again; a crash leaves it so."""
    DELIVERED = "delivered"
    """The receiver took it."""
    FAILED = "failed"
    """Not taken within three days, or not wanted any more (410); kept, and sent again when somebody says so."""
    REPLACED = "replaced"
    """A newer one took its place, or there was nothing left to say."""


@value(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One post to one receiver, as it is stored. What it says is written when it is sent."""

    id: int
    workspace_id: str
    request_id: str
    job_id: str
    version: int
    """Of the job's update that made it due."""
    kind: DeliveryKind
    url: str
    dialect: str
    hook_kind: HookKind
    state: DeliveryState
    tries: int
    created_at: datetime
    """When it was due first, or again by a replay; the three days count from here."""
    due_at: datetime
    tried_at: datetime | None = None
    settled_at: datetime | None = None
    status: int | None = None
    """HTTP status of the last try, if there was an answer."""
    error: str | None = None
    """Why the last try failed."""

    @property
    def webhook_id(self) -> str:
        """The same at each try, so that receivers can drop doubles."""
        return webhook_id(self.job_id, self.version)


def webhook_id(job_id: str, version: int) -> str:
    """The id of the post that an update of a job makes due."""
    return f"msg_{job_id.replace('-', '')}_{version}"


def place_of(url: str) -> str:
    """Host and port of a receiver: posts to one place share its patience."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def is_over(job: Job) -> bool:
    """Whether its requester was told an end; one that was given up may still turn out well."""
    return job.is_final or job.given_up


def all_over(jobs: Sequence[Job]) -> bool:
    """Whether a request's jobs are all over."""
    return all(is_over(job) for job in jobs)


def due(before: Job | None, after: Job) -> DeliveryKind | None:
    """What a stored change (None: from nothing) makes due.

    An end is told once; the good end of a job whose bad one was told is told too. Of a request of several jobs each end
    makes one due, and who sends it looks whether the others are over.
    """
    hook = after.hook
    if hook is None:
        return None
    was_over = before is not None and is_over(before)
    if is_over(after):
        turned_out_well = after.state is JobState.DONE and before is not None and before.state is not JobState.DONE
        return DeliveryKind.FINAL if not was_over or turned_out_well else None
    if hook.kind is HookKind.RESULT:
        return None
    return DeliveryKind.PROGRESS if before is None or _shown(before) != _shown(after) else None


def _shown(job: Job) -> tuple[JobState, bool, int, bool]:
    return job.state, job.upstream_queued, job.percent, is_over(job)


def next_try(tries: int, created_at: datetime, now: datetime, *, asked: float = 0.0) -> datetime | None:
    """When to try again after so many failures; None: never. `asked`: seconds that the receiver asks to wait."""
    last = created_at + TRIED_FOR
    if now >= last:
        return None
    pause = _PAUSES[min(tries, len(_PAUSES)) - 1]
    return min(now + timedelta(seconds=max(pause, min(asked, _PAUSES[-1]))), last)
