"""How an account's jobs change: one event at a time, stored first, then told.

Frames, HTTP answers and timers all come through `happened`, which holds the account's turn from reading the job to
COMMIT; so no two events of one account ever see the same version.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from engine.core.leases import Leases
from engine.core.leaving import Leaving
from engine.core.updates import Updates
from engine.core.withheld import Acknowledgments
from engine.model.accounts import Checkpoint, Lease
from engine.model.actions import ActionKind
from engine.model.correlation import JobBook
from engine.model.errors import LeaseLost, Unavailable
from engine.model.events import Assigned, Event, Unsendable
from engine.model.jobs import OPEN_STATES, UPSTREAM_STATES, Job, JobState, Links, Progress
from engine.model.transitions import advance, update_of
from engine.ports import Change, Clock, Evidence, JobChange, Outcome, ProgressNote, Store

_LOG = logging.getLogger(__name__)

REMEMBER_FINISHED = timedelta(hours=24)
STORE_RETRY_SECONDS = 0.5


class Casebook:
    """The open jobs of one account, in memory and in the store."""

    def __init__(
        self,
        account_id: int,
        *,
        store: Store,
        leases: Leases,
        updates: Updates,
        clock: Clock,
        moved: Callable[[Job], None],
    ) -> None:
        self.book = JobBook()
        self.acknowledgments = Acknowledgments()
        self._account_id = account_id
        self._store = store
        self._leases = leases
        self._updates = updates
        self._clock = clock
        self._moved = moved
        self._turn = asyncio.Lock()
        self._unsaved: set[str] = set()
        self._late_links: set[str] = set()
        """Jobs whose uuid is only in memory."""

    @property
    def jobs(self) -> list[Job]:
        """The open jobs as they are now."""
        return list(self.book.jobs.values())

    @property
    def taken(self) -> int:
        """Slots that the account's jobs hold."""
        jobs = self.book.jobs
        if not jobs:
            return 0
        now = self._clock.now()
        return sum(job.holds_slot(now) for job in jobs.values())

    @property
    def shown(self) -> int:
        """Those of jobs that Midjourney showed: they end by themselves, as one of unknown outcome may not."""
        now = self._clock.now()
        jobs = self.book.jobs.values()
        return sum(job.holds_slot(now) for job in jobs if job.upstream_queued or job.links != Links())

    @property
    def swapping(self) -> bool:
        """Whether a face swap is under way."""
        jobs = self.book.jobs.values()
        return any(job.action.kind is ActionKind.FACE_SWAP and job.state in UPSTREAM_STATES for job in jobs)

    def job(self, job_id: str) -> Job | None:
        """An open job as it is now."""
        return self.book.jobs.get(job_id)

    async def load(self) -> None:
        """Read the account's jobs from the store, in place of what was known."""
        user_id = self.book.user_id
        self.acknowledgments.forget_all()
        self.book = JobBook(user_id=user_id)
        for job in await self._store.finished_since(self._account_id, self._clock.now() - REMEMBER_FINISHED):
            self.book.remember_finished(job)
        for job in await self._store.open_jobs(self._account_id):
            self.book.put(job)

    async def fail_unsent(self, job: Job, event: Unsendable) -> Job | None:
        """Store that a queued job can never be sent; None when it moved on meanwhile.

        Raises:
            Unavailable: it could not be stored.
            LeaseLost: the account is not ours any more.
        """
        return await self._from_queue(job, event)

    async def assign(self, job: Job, event: Assigned) -> Job | None:
        """Store the intent to submit a queued job; None when the job moved on meanwhile.

        Raises:
            Unavailable: it could not be stored; nothing may be sent.
            LeaseLost: the account is not ours any more.
        """
        return await self._from_queue(job, event)

    async def file(self, leaving: Leaving, event: Assigned | None) -> Job | None:
        """Store a new job's request, and with it the intent to submit the job; None: it is not to be submitted.

        No turn is taken: nobody else knows the job yet.

        Raises:
            LeaseLost: the account is not ours any more; the request is stored.
        """
        lease = self._leases.lease(self._account_id)
        intent = None
        if event is not None and lease is not None:
            after = advance(leaving.job, event)
            intent = JobChange(leaving.job, after, update_of(after, event), lease)
        outcome = await leaving.store(self._store, intent)
        if outcome is Outcome.STALE_LEASE or lease is None:
            raise LeaseLost(f"account {self._account_id}")
        if intent is None or outcome is not Outcome.APPLIED:
            return None
        self._learn(intent.after, intent)
        return intent.after

    async def _from_queue(self, job: Job, event: Event) -> Job | None:
        async with self._turn:
            after = advance(job, event)
            change = JobChange(job, after, update_of(after, event), self.lease())
            (outcome,) = await self._store.apply([change])
            if outcome is Outcome.STALE_LEASE:
                raise LeaseLost(f"account {self._account_id}")
            if outcome is not Outcome.APPLIED:
                return None
            self._learn(after, change)
            return after

    async def happened(
        self,
        job_id: str,
        event: Event,
        *,
        seq: int | None = None,
        checkpoint: Checkpoint | None = None,
        evidence: Sequence[Evidence] = (),
    ) -> Job | None:
        """Move a job on; returns it as it is then, None when it is not open any more.

        `checkpoint`, the place behind the frame `seq` that says so, is saved with the change and only with it.
        Waits until the store can write: an event that was seen is never dropped.

        Raises:
            LeaseLost: the account is not ours any more.
        """
        async with self._turn:
            while True:
                job = self.book.jobs.get(job_id)
                if job is None:
                    return None
                after = advance(job, event)
                if self.acknowledgments.withholds(job, after, event, seq):
                    self.book.put(after.but(version=job.version))
                    return self.book.jobs[job_id]
                if after.version == job.version and job_id not in self.acknowledgments:
                    self._note(job, after)
                    return after
                before, after, told = self.acknowledgments.told(job, after, event)
                change = JobChange(before, after, update_of(after, told), self.lease(), tuple(evidence), checkpoint)
                (outcome,) = await self.store([change])
                if outcome is Outcome.APPLIED:
                    self._learn(after, change)
                    return after
                if outcome is Outcome.STALE_LEASE:
                    raise LeaseLost(f"account {self._account_id}")
                await self._reread(job)

    async def store(self, changes: Sequence[Change]) -> list[Outcome]:
        """Apply, and try again until the store takes it; links that are only in memory ride along.

        So a place in the wire that is saved here is never ahead of a link that was seen before it.
        """
        complained = False
        while changes:
            riding = self._notes(self._late_links)
            try:
                outcomes = await self._store.apply([*riding, *changes])
            except Unavailable as error:
                if not complained:
                    _LOG.warning("account %d: waiting for the store: %s", self._account_id, error)
                    complained = True
                await self._clock.sleep(STORE_RETRY_SECONDS)
            else:
                self.progress_saved(riding)
                return outcomes[len(riding) :]
        return []

    async def heed(self, job_id: str, version: int) -> None:
        """The store has this version of an open job: a newer one than is known is another process's, and is read.

        Raises:
            Unavailable: the store cannot be read now.
        """
        async with self._turn:
            job = self.book.jobs.get(job_id)
            if job is not None and job.version < version:
                await self._reread(job)

    def forget(self, job: Job) -> None:
        """Another account runs it now, or it was cancelled."""
        known = self.book.jobs.get(job.id)
        if known is not None and known.state is JobState.QUEUED:
            self.book.drop(known)
            self.acknowledgments.known(job.id)

    def unsaved_progress(self) -> list[ProgressNote]:
        """Percent, preview and uuid that are only in memory, to be written with whatever is written next."""
        return self._notes(self._unsaved)

    def progress_saved(self, notes: Iterable[ProgressNote]) -> None:
        """These notes are on disk; what a job came to since they were made is not."""
        for note in notes:
            job = self.book.jobs.get(note.job_id)
            if job is None or self._note_of(job, note.lease) == note:
                self._unsaved.discard(note.job_id)
                self._late_links.discard(note.job_id)

    def _notes(self, job_ids: Iterable[str]) -> list[ProgressNote]:
        jobs = (self.book.jobs.get(job_id) for job_id in job_ids)
        return [self._note_of(job, self.lease()) for job in jobs if job is not None]

    @staticmethod
    def _note_of(job: Job, lease: Lease | None) -> ProgressNote:
        return ProgressNote(job.id, job.version, job.percent, job.preview_url, lease, job.links.uuid)

    def lease(self) -> Lease:
        """What every write that follows from the account's session carries.

        Raises:
            LeaseLost: the account is not ours any more.
        """
        lease = self._leases.lease(self._account_id)
        if lease is None:
            raise LeaseLost(f"account {self._account_id}")
        return lease

    def _note(self, before: Job, after: Job) -> None:
        if after is before:
            return
        if after.links is before.links:
            self.book.jobs[after.id] = after
        else:
            self.book.put(after)
            self._late_links.add(after.id)
        self._unsaved.add(after.id)
        self._updates.progress(Progress(after.id, after.percent, after.preview_url))

    def _learn(self, job: Job, change: JobChange) -> None:
        self._unsaved.discard(job.id)
        self._late_links.discard(job.id)
        self.acknowledgments.known(job.id)
        self.book.put(job)
        if job.state not in OPEN_STATES:
            self.book.drop(job)
            if job.state is JobState.QUEUED and job.nonces:
                self.book.put(job)  # put back, it may show up after all, and is then not sent again
        self._updates.stored(change.update)
        self._moved(job)

    async def _reread(self, job: Job) -> None:
        """Somebody else moved the job on (it was taken back, or settled): take the store's word."""
        current = await self._store.job(job.workspace_id, job.id)
        if current is None or current.is_final or current.account_id != self._account_id:
            self.book.drop(job)
            self.acknowledgments.known(job.id)
            if current is not None and current.is_final:
                self.book.remember_finished(current)
        elif current.state in UPSTREAM_STATES and current.nonces == job.nonces:
            self._keep_unsaved(job, self.acknowledgments.beside(current))
        else:
            self.book.put(self.acknowledgments.beside(current))
        if current is not None:
            self._moved(current)

    def _keep_unsaved(self, job: Job, current: Job) -> None:
        """The same submission as the store has it, with the percent, preview and uuid that may be here alone."""
        percent, preview_url = max(job.percent, current.percent), job.preview_url or current.preview_url
        links = replace(current.links, uuid=current.links.uuid or job.links.uuid)
        kept = current.but(percent=percent, preview_url=preview_url, links=links)
        self.book.put(kept)
        if kept != current:
            self._unsaved.add(job.id)
        if links != current.links:
            self._late_links.add(job.id)
