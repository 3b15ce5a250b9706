"""What one reader is told of many jobs: the stored updates it missed, then the live ones, each once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.core.updates import MAILBOX, Mailbox, Updates
from engine.core.watching import REREAD_SECONDS
from engine.model.errors import Unavailable
from engine.model.jobs import FINAL_STATES, JobUpdate, Progress
from engine.ports import Store


class Feed:
    """A reader's mailbox for all jobs that it follows. Percent is volatile: only a job's latest is told."""

    def __init__(self, store: Store, updates: Updates) -> None:
        self._store = store
        self._updates = updates
        self._mailbox: Mailbox[JobUpdate | Progress] = Mailbox()
        self._versions: dict[str, int] = {}
        """What the reader knows of each job."""
        self._behind: set[str] = set()
        """Jobs of which the store is asked next."""

    def follow(self, job_id: str, version: int = 0, *, behind: bool = True) -> None:
        """Tell of a job what comes after this version, until its end; a job that is followed is left as it is.

        `behind` False: nothing came after it yet, so the store is not asked before something does.
        """
        if job_id in self._versions:
            return
        self._versions[job_id] = version
        self._updates.join(job_id, self._mailbox)
        if behind:
            self._behind.add(job_id)
            self._mailbox.wake()

    def leave(self, job_id: str) -> None:
        """Tell of a job no more."""
        if self._versions.pop(job_id, None) is not None:
            self._updates.leave(job_id, self._mailbox)
            self._behind.discard(job_id)

    async def aclose(self) -> None:
        """Tell of nothing more."""
        for job_id in list(self._versions):
            self.leave(job_id)

    async def batch(self) -> Sequence[JobUpdate | Progress]:
        """All that is ready, at least one; waits as long as nothing happens. One reader at a time."""
        ready: list[JobUpdate | Progress] = []
        while not ready:
            items = self._mailbox.take()
            if not items and not self._behind:
                try:
                    async with asyncio.timeout(REREAD_SECONDS):
                        items = await self._mailbox.wait()
                except TimeoutError:  # another process may have moved a job
                    await self._look()
            if len(items) >= MAILBOX:  # some were dropped
                self._behind.update(self._versions)
            self._sort(items, ready)
            await self._catch_up(ready)
        return ready

    def _sort(self, items: Sequence[JobUpdate | Progress], ready: list[JobUpdate | Progress]) -> None:
        latest: dict[str, Progress] = {}
        for item in items:
            if item.job_id in self._behind or item.job_id not in self._versions:
                continue  # what it says is read from the store, or nobody wants it
            if isinstance(item, Progress):
                latest[item.job_id] = item
            elif item.version == self._versions[item.job_id] + 1:
                self._tell(item, ready)
            elif item.version > self._versions[item.job_id]:
                self._behind.add(item.job_id)
        ready += [progress for job_id, progress in latest.items() if job_id in self._versions]

    async def _look(self) -> None:
        try:
            stored = await self._store.versions(list(self._versions))
        except Unavailable:
            return
        self._behind.update(
            job_id for job_id, version in stored.items() if version > self._versions.get(job_id, version)
        )

    async def _catch_up(self, ready: list[JobUpdate | Progress]) -> None:
        for job_id in list(self._behind):
            try:
                missed = await self._store.updates(job_id, self._versions.get(job_id, 0))
            except Unavailable:
                await asyncio.sleep(REREAD_SECONDS)  # asked again at the next turn
                return
            self._behind.discard(job_id)
            for update in missed:
                if update.version > self._versions.get(job_id, update.version):
                    self._tell(update, ready)
            progress = self._updates.latest(job_id)
            if progress is not None and job_id in self._versions:
                ready.append(progress)

    def _tell(self, update: JobUpdate, ready: list[JobUpdate | Progress]) -> None:
        self._versions[update.job_id] = update.version
        ready.append(update)
        if update.state in FINAL_STATES:
            self.leave(update.job_id)
