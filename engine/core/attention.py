"""What an account's silence tells: when each job was last heard of, and when its history was last read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.durations import Durations
from engine.model.jobs import UPSTREAM_STATES, Job, JobState
from engine.model.limits import Limits
from engine.model.recovery import worth_a_look
from engine.ports import Clock

LONGEST_PAUSE = 300.0
"""Seconds between two looks for one job, at most."""
WANTED_FOR = timedelta(seconds=2)
"""How long a slot counts as wanted after the dispatcher said so; it says so every second while a job waits."""
A_BREATH = timedelta(seconds=5)
"""Whatever was heard of so lately is alive (§10: progress comes every 2-6 s)."""


@dataclass(slots=True)
class _Trail:
    heard_at: datetime
    spacing: float = 0.0
    deleted_at: datetime | None = None
    looked_at: datetime | None = None
    looks: int = 0


class Attention:
    """Per open job: last sign of life, usual spacing, looks so far. Forgotten with the process: only timing."""

    def __init__(self, clock: Clock, limits: Limits, durations: Durations) -> None:
        self._clock = clock
        self._limits = limits
        self._durations = durations
        self._slot_wanted_at: datetime | None = None
        quiet = timedelta(seconds=min(limits.quiet, limits.first_event, limits.first_message))
        self._soonest = min(quiet, A_BREATH)
        """The least silence that anything can be concluded from."""
        self._trails: dict[str, _Trail] = {}
        self._asked_for: set[str] = set()

    def heard(self, job_id: str) -> None:
        """Something of the job was seen now."""
        now = self._clock.now()
        trail = self._trails.get(job_id)
        if trail is None:
            self._trails[job_id] = _Trail(now)
            return
        gap = (now - trail.heard_at).total_seconds()
        trail.spacing = gap if trail.spacing == 0 else 0.7 * trail.spacing + 0.3 * gap
        trail.heard_at = now
        trail.looks = 0

    def progress_deleted(self, job_id: str) -> None:
        """The job's progress message was deleted: the final should follow within seconds."""
        now = self._clock.now()
        self._trails.setdefault(job_id, _Trail(now)).deleted_at = now

    def slot_wanted(self) -> None:
        """A job waits that could run here but for the slots."""
        self._slot_wanted_at = self._clock.now()

    def look_up(self, job_ids: Iterable[str]) -> None:
        """Somebody wants to know what became of these jobs, however they are."""
        self._asked_for.update(job_ids)

    def was_deleted(self, job_id: str) -> bool:
        """Whether the job's progress message was deleted, so long ago that its final should have come."""
        trail = self._trails.get(job_id)
        if trail is None or trail.deleted_at is None:
            return False
        return self._clock.now() - trail.deleted_at >= timedelta(seconds=self._limits.final_after_delete)

    def forget(self, job_id: str) -> None:
        """The job is not open any more."""
        self._trails.pop(job_id, None)
        self._asked_for.discard(job_id)

    def wants_a_look(self, job: Job, now: datetime) -> bool:
        """Whether the history should be read for this job now."""
        if job.id in self._asked_for:
            return True
        trail = self._trails.get(job.id)
        if trail is None:
            trail = self._trails[job.id] = _Trail(now)
        if trail.deleted_at is None and now - trail.heard_at < self._soonest:
            return False
        if job.state not in UPSTREAM_STATES or job.sent_at is None:
            return False
        if trail.looked_at is not None:
            pause = min(LONGEST_PAUSE, self._limits.final_after_delete * 2**trail.looks)
            if now - trail.looked_at < timedelta(seconds=pause):
                return False
        return self._keeps_a_wanted_slot(job, trail, now) or worth_a_look(
            job,
            now=now,
            heard_at=trail.heard_at,
            spacing=trail.spacing,
            deleted_at=trail.deleted_at,
            limits=self._limits,
        )

    def _keeps_a_wanted_slot(self, job: Job, trail: _Trail, now: datetime) -> bool:
        if self._slot_wanted_at is None or now - self._slot_wanted_at > WANTED_FOR:
            return False
        silent = now - trail.heard_at >= max(A_BREATH, timedelta(seconds=2 * trail.spacing))
        asks = job.state is JobState.WAITING_MODAL
        return silent and not asks and job.holds_slot(now) and self._durations.overdue(job, now)

    def looked(self, jobs: list[Job]) -> None:
        """The history was read for these jobs."""
        now = self._clock.now()
        self._asked_for.difference_update(job.id for job in jobs)
        for job in jobs:
            trail = self._trails.setdefault(job.id, _Trail(now))
            trail.looked_at = now
            trail.looks += 1
