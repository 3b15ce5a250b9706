"""Which account runs a job, and why a job waits: late binding, decided when a place is free."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from engine.model.accounts import Account, AccountState
from engine.model.catalogue import entry_of
from engine.model.jobs import Job
from engine.model.values import value


@value(frozen=True, slots=True)
class Standing:
    """An account as the dispatcher sees it now."""

    account: Account
    live: bool
    """Its session is ready and its lease holds."""
    taken: int
    """Slots in use, foreign jobs included."""
    lane_free: bool
    """Nothing is being sent and the pause between two submissions is over."""
    idle_since: float = 0.0
    """When it last sent something (any clock, for the order among equals)."""
    slots: int | None = None
    """Slots it may use now; None: as many as its owner allows."""
    full: bool = False
    """Midjourney's queue is full, and nothing of the account has ended since."""


class Waiting(StrEnum):
    """Why a job stays queued; the first reason that holds."""

    NO_ACCOUNT = "no account is linked"
    BOUND_ACCOUNT = "the account that made the picture is not available"
    NOT_ACTIVE = "no linked account is active"
    NOT_LIVE = "no linked account is connected"
    QUEUE_FULL = "Midjourney's queue is full"
    NO_SLOT = "all slots are taken"
    PACE = "the pause between two submissions"


@value(frozen=True, slots=True)
class Assignment:
    """The job goes to this account now."""

    job_id: str
    account_id: int


def slots_wanted(job: Job, standings: Iterable[Standing]) -> list[int]:
    """The accounts that would take this job, had they a slot."""
    return [
        s.account.id
        for s in standings
        if s.account.workspace_id == job.workspace_id
        and job.bound_account_id in (None, s.account.id)
        and s.account.state is AccountState.ACTIVE
        and s.live
    ]


def choose(job: Job, standings: Iterable[Standing]) -> Assignment | Waiting:
    """The account for a job: the least loaded that can take it now, the longest idle among equals.

    Demo accounts serve only while no real account is linked: they are paused when one is.
    """
    own = [s for s in standings if s.account.workspace_id == job.workspace_id]
    if not own:
        return Waiting.NO_ACCOUNT
    if job.bound_account_id is not None:
        own = [s for s in own if s.account.id == job.bound_account_id]
        if not own or own[0].account.state is not AccountState.ACTIVE:
            return Waiting.BOUND_ACCOUNT
    active = [s for s in own if s.account.state is AccountState.ACTIVE]
    if not active:
        return Waiting.NOT_ACTIVE
    live = [s for s in active if s.live]
    if not live:
        return Waiting.NOT_LIVE
    live = [s for s in live if not s.full]
    if not live:
        return Waiting.QUEUE_FULL
    if entry_of(job.action).takes_slot:
        live = [s for s in live if s.taken < (s.account.concurrency if s.slots is None else s.slots)]
        if not live:
            return Waiting.NO_SLOT
    free = [s for s in live if s.lane_free]
    if not free:
        return Waiting.PACE
    best = min(free, key=lambda s: (s.taken / s.account.concurrency, s.idle_since, s.account.id))
    return Assignment(job.id, best.account.id)
