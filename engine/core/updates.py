"""Who is told what: stored updates at once, progress at most five times a second for each job."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.model.jobs import FINAL_STATES, JobUpdate, Progress
from engine.ports import Clock

PROGRESS_PERIOD = 0.2
"""Seconds between two progress updates of one job."""

MAILBOX = 1000
"""Updates that may wait for a slow watcher; past that it reads the store instead."""


class Updates:
    """The watchers of this process. Nobody is told what is not on disk; percent and preview are volatile."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watchers: dict[str, set[asyncio.Queue[JobUpdate | Progress]]] = defaultdict(set)
        self._latest: dict[str, Progress] = {}
        self._told_at: dict[str, float] = {}
        self._held_back: dict[str, Progress] = {}

    def stored(self, update: JobUpdate) -> None:
        """Tell of a change that is on disk."""
        if update.state in FINAL_STATES:
            for memory in (self._latest, self._told_at, self._held_back):
                memory.pop(update.job_id, None)
        self._tell(update.job_id, update)

    def progress(self, progress: Progress) -> None:
        """Tell of percent and preview, now or when the job's fifth of a second is over (`flush`)."""
        known = self._latest.get(progress.job_id)
        if known == progress:
            return
        self._latest[progress.job_id] = progress
        now = self._clock.ticks()
        if now - self._told_at.get(progress.job_id, -PROGRESS_PERIOD) >= PROGRESS_PERIOD:
            self._told_at[progress.job_id] = now
            self._held_back.pop(progress.job_id, None)
            self._tell(progress.job_id, progress)
        else:
            self._held_back[progress.job_id] = progress

    def flush(self) -> None:
        """Tell what was held back long enough."""
        now = self._clock.ticks()
        for job_id, progress in list(self._held_back.items()):
            if now - self._told_at.get(job_id, -PROGRESS_PERIOD) >= PROGRESS_PERIOD:
                del self._held_back[job_id]
                self._told_at[job_id] = now
                self._tell(job_id, progress)

    def latest(self, job_id: str) -> Progress | None:
        """The newest volatile progress of a job, if any."""
        return self._latest.get(job_id)

    def _tell(self, job_id: str, item: JobUpdate | Progress) -> None:
        for mailbox in self._watchers.get(job_id, ()):
            if not mailbox.full():
                mailbox.put_nowait(item)

    @asynccontextmanager
    async def mailbox(self, job_id: str) -> AsyncIterator[asyncio.Queue[JobUpdate | Progress]]:
        """A queue that receives everything told of the job while the context is open."""
        queue: asyncio.Queue[JobUpdate | Progress] = asyncio.Queue(MAILBOX)
        self._watchers[job_id].add(queue)
        try:
            yield queue
        finally:
            self._watchers[job_id].discard(queue)
            if not self._watchers[job_id]:
                del self._watchers[job_id]
