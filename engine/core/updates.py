"""Who is told what: stored updates at once, progress at most five times a second for each job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from engine.model.jobs import FINAL_STATES, JobUpdate, Progress
from engine.ports import Clock

PROGRESS_PERIOD = 0.2
"""Seconds between two progress updates of one job."""

MAILBOX = 1000
"""Updates that may wait for a slow watcher; past that it reads the store instead."""


Item = TypeVar("Item")
Told = JobUpdate | Progress


class Mailbox(Generic[Item]):
    """What one watcher was not told yet. Only one may wait at it."""

    __slots__ = ("_items", "_waiter")

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._waiter: asyncio.Future[None] | None = None

    def put(self, item: Item) -> None:
        """Add what is told; a full mailbox takes nothing more."""
        if len(self._items) < MAILBOX:
            self._items.append(item)
            self.wake()

    def take(self) -> list[Item]:
        """All that is there, perhaps nothing."""
        items, self._items = self._items, []
        return items

    @property
    def waited_for(self) -> bool:
        """Whether somebody waits."""
        return self._waiter is not None

    def wake(self) -> None:
        """Let the waiting one look."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self) -> list[Item]:
        """All that is there after the next `put` or `wake`."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
        return self.take()


class Updates:
    """The watchers of this process. Nobody is told what is not on disk; percent and preview are volatile."""

    def __init__(self, clock: Clock) -> None:
        self.follower: Callable[[Told], None] | None = None
        """Who is told of all jobs."""
        self._clock = clock
        self._watchers: dict[str, set[Mailbox[Told]]] = {}
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

    def _tell(self, job_id: str, item: Told) -> None:
        if self.follower is not None:
            self.follower(item)
        for mailbox in self._watchers.get(job_id, ()):
            mailbox.put(item)

    def enter(self, job_id: str) -> Mailbox[Told]:
        """A mailbox that receives everything told of the job until it leaves."""
        mailbox: Mailbox[Told] = Mailbox()
        self._watchers.setdefault(job_id, set()).add(mailbox)
        return mailbox

    def join(self, job_id: str, mailbox: Mailbox[Told]) -> None:
        """Put what is told of a job into this mailbox too, until it leaves."""
        self._watchers.setdefault(job_id, set()).add(mailbox)

    def leave(self, job_id: str, mailbox: Mailbox[Told]) -> None:
        """Put nothing more into the mailbox; one that left already is left alone."""
        watchers = self._watchers.get(job_id)
        if watchers is not None:
            watchers.discard(mailbox)
            if not watchers:
                del self._watchers[job_id]
