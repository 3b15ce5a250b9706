"""How long Midjourney takes: what was measured lately, and from when on a job is unusually late."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from engine.model.actions import MIDJOURNEY_APPLICATION, ActionKind
from engine.model.jobs import Job, JobState, Mode
from engine.model.snowflakes import time_of

WINDOW = 200
"""Only so many of the latest count: Midjourney is not always equally fast."""
ENOUGH = 20
"""From so many on a 99th percentile is measured; before, it is assumed."""
A_FEW = 5
"""From so many on a usual duration is told."""
ASSUMED = {Mode.TURBO: 40.0, Mode.FAST: 75.0, Mode.RELAX: 600.0}
"""Seconds; the long end of what was observed (midjourney-protocol §10: turbo 10-40, animate 50-73, relax 90-600)."""


def ran_for(job: Job) -> float | None:
    """Seconds from a finished job's first message to its final one; None when either is not known.

    By Discord's own ids, so neither our clock nor when we found the final (perhaps in a history) has a part in it.
    """
    final = job.result.message_id if job.result is not None else None
    first = job.links.progress_message_id
    if job.state is not JobState.DONE or not first or not final:
        return None
    seconds = (time_of(final) - time_of(first)).total_seconds()
    return seconds if seconds >= 0 else None


def running_since(job: Job) -> datetime | None:
    """When an open job was sent, or began after it had waited in Midjourney's queue; None while it waits there."""
    if job.sent_at is None or job.upstream_queued:
        return None
    if job.links.progress_message_id is None:
        return job.sent_at
    return max(job.sent_at, time_of(job.links.progress_message_id))


@dataclass(slots=True)
class _Window:
    latest: deque[float] = field(default_factory=deque)
    in_order: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        if len(self.latest) == WINDOW:
            del self.in_order[bisect_left(self.in_order, self.latest.popleft())]
        self.latest.append(seconds)
        insort(self.in_order, seconds)

    def percentile(self, share: float) -> float:
        """The least measured duration that this share of all does not exceed (nearest rank)."""
        return self.in_order[max(0, ceil(share * len(self.in_order)) - 1)]


class Durations:
    """The durations of one upstream's jobs by application, verb and speed. Forgotten with the process."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, ActionKind, Mode], _Window] = {}

    def learn(self, job: Job) -> None:
        """Count a job that has just finished; without two messages or a speed it tells nothing."""
        seconds = ran_for(job)
        if seconds is not None and job.mode is not None:
            key = (job.application_id, job.action.kind, job.mode)
            self._windows.setdefault(key, _Window()).add(seconds)

    def usual(self, kind: ActionKind, mode: Mode, application_id: str = MIDJOURNEY_APPLICATION) -> float | None:
        """The median in seconds, from the first message to the final one; None until a few were measured."""
        if not self._windows:
            return None
        window = self._windows.get((application_id, kind, mode))
        return None if window is None or len(window.latest) < A_FEW else window.percentile(0.5)

    def longest(self, kind: ActionKind, mode: Mode, application_id: str = MIDJOURNEY_APPLICATION) -> float:
        """The 99th percentile in seconds, assumed until enough were measured."""
        window = self._windows.get((application_id, kind, mode))
        return ASSUMED[mode] if window is None or len(window.latest) < ENOUGH else window.percentile(0.99)

    def overdue(self, job: Job, now: datetime) -> bool:
        """Whether an open job runs longer than 99 of 100 like it."""
        since = running_since(job)
        if since is None:
            return False
        longest = self.longest(job.action.kind, job.mode or Mode.FAST, job.application_id)
        return (now - since).total_seconds() > longest
