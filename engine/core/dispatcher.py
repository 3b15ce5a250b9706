"""Which queued job is sent next: oldest first, to an account that can take it now."""

from __future__ import annotations

import asyncio
import logging
from bisect import insort
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from engine.core.keeper import Keeper
from engine.core.patience import Alarm
from engine.core.updates import Updates
from engine.model.catalogue import entry_of
from engine.model.choosing import Assignment, Waiting, choose, slots_wanted
from engine.model.errors import Unavailable
from engine.model.events import DeadlinePassed
from engine.model.jobs import Job, JobState
from engine.model.limits import Limits
from engine.model.transitions import advance, update_of
from engine.ports import Clock, JobChange, Outcome, Store

_LOG = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""Notifications are hints; the store is the truth, read this often."""
BATCH = 1000
NEXT_PAGE_SECONDS = 0.05


class Dispatcher:
    """The queue of this process, and its way to the keepers."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        limits: Limits,
        updates: Updates,
        keepers: Mapping[int, Keeper],
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._updates = updates
        self._keepers = keepers
        self._jobs: dict[str, Job] = {}
        self._order: list[tuple[datetime, str]] = []
        self._on_the_way: set[str] = set()
        self._awake = asyncio.Event()
        self._alarm = Alarm(self._awake, clock)
        self._taking = True
        self._page_after: Job | None = None
        self.reasons: dict[str, Waiting] = {}

    @property
    def wake(self) -> Callable[[], None]:
        """Look again soon: a job came, a place may be free."""
        return self._awake.set

    def add(self, job: Job) -> None:
        """A stored job that is QUEUED."""
        if job.id not in self._jobs:
            insort(self._order, (job.created_at, job.id))
        self._jobs[job.id] = job
        self._on_the_way.discard(job.id)
        self._awake.set()

    def remove(self, job_id: str) -> None:
        """The job is not queued any more."""
        self._jobs.pop(job_id, None)
        self._on_the_way.discard(job_id)
        self.reasons.pop(job_id, None)

    def stop_taking(self) -> None:
        """Send nothing more; what is queued stays queued."""
        self._taking = False

    async def run(self) -> None:
        """Dispatch for ever."""
        polled_at = -POLL_SECONDS
        try:
            while True:
                if self._page_after is not None or self._clock.ticks() - polled_at >= POLL_SECONDS:
                    try:
                        await self._poll()
                    except Unavailable as error:
                        _LOG.warning("the queue could not be read: %s", error)
                    polled_at = self._clock.ticks()
                waiting = len(self._jobs) > len(self._on_the_way)
                pause = self._dispatch() if self._taking and waiting else POLL_SECONDS
                if self._page_after is not None:
                    pause = NEXT_PAGE_SECONDS
                await self._alarm.wait(min(POLL_SECONDS, max(pause, 0.001)))
        finally:
            self._alarm.cancel()

    async def _poll(self) -> None:
        """Compare a page of the queue with what is known; the next page is looked at the next time, and so on."""
        known = {job.id: (job.created_at, job.id) for job in self._jobs.values()}
        after = self._page_after
        page = await self._store.queued(BATCH, after)
        stored = {job.id: job for job in page}
        first = (after.created_at, after.id) if after is not None else None
        last = (page[-1].created_at, page[-1].id) if len(page) == BATCH else None
        self._page_after = page[-1] if len(page) == BATCH else None
        for job_id, place in known.items():
            in_page = (first is None or place > first) and (last is None or place <= last)
            if in_page and job_id not in stored:
                self.remove(job_id)  # somebody else took or cancelled it
        for job in stored.values():
            here = self._jobs.get(job.id)
            if job.id not in self._on_the_way and (here is None or here.version < job.version):
                self.add(job)
        await self._drop_overdue()

    async def _drop_overdue(self) -> None:
        now = self._clock.now()
        for job in list(self._jobs.values()):
            deadline = job.deadline_at or job.created_at + timedelta(seconds=self._limits.queued)
            if now < deadline or job.id in self._on_the_way:
                continue
            event = DeadlinePassed(
                at=now, detail=f"it was never sent: {self.reasons.get(job.id, 'it waited too long')}"
            )
            after = advance(job, event)
            update = update_of(after, event)
            (outcome,) = await self._store.apply([JobChange(job, after, update)])
            self.remove(job.id)
            if outcome is Outcome.APPLIED:
                self._updates.stored(update)

    def _dispatch(self) -> float:
        """Assign what can be assigned; returns the seconds until a pause ends that somebody waits for."""
        pause = POLL_SECONDS
        standings = {keeper.account.id: keeper.standing() for keeper in self._keepers.values()}
        if len(self._order) > 2 * len(self._jobs) + 100:
            self._order = [key for key in self._order if key[1] in self._jobs]
        hopeless: dict[tuple[str, bool], Waiting] = {}
        for _, job_id in list(self._order):
            job = self._jobs.get(job_id)
            if job is None or job_id in self._on_the_way:
                continue
            kind = (job.workspace_id, entry_of(job.action).takes_slot)
            if job.bound_account_id is None and kind in hopeless:
                self.reasons[job_id] = hopeless[kind]
                continue
            chosen = choose(job, standings.values())
            if isinstance(chosen, Assignment):
                self.reasons.pop(job_id, None)
                self._send(job, self._keepers[chosen.account_id])
                standings[chosen.account_id] = self._keepers[chosen.account_id].standing()
                continue
            self.reasons[job_id] = chosen
            if job.bound_account_id is None:
                hopeless[kind] = chosen
            if chosen in (Waiting.NO_SLOT, Waiting.QUEUE_FULL):
                for account_id in slots_wanted(job, standings.values()):
                    self._keepers[account_id].slot_wanted()
            if chosen is Waiting.PACE:
                pause = min(pause, *(keeper.free_in or POLL_SECONDS for keeper in self._keepers.values()))
        return pause

    def _send(self, job: Job, keeper: Keeper) -> None:
        self._on_the_way.add(job.id)
        keeper.take(job, self._returned)

    def _returned(self, job: Job, still_queued: bool) -> None:  # noqa: FBT001 - a callback's only word
        """A keeper is through with it: it was sent, or is still queued as it was, or somebody else moved it on."""
        self._on_the_way.discard(job.id)
        if not still_queued and self._jobs.get(job.id) is job:
            self.remove(job.id)
        if still_queued:
            self._awake.set()

    def moved(self, job: Job) -> None:
        """A keeper stored a change of a job."""
        if job.state is JobState.QUEUED:
            self.remove(job.id)
            self.add(job)
        elif job.id in self._jobs:
            self._on_the_way.discard(job.id)
            self.remove(job.id)

    @property
    def queued(self) -> list[Job]:
        """What waits here, oldest first."""
        return [self._jobs[job_id] for _, job_id in self._order if job_id in self._jobs]
