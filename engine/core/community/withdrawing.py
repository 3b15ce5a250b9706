"""How jobs that wait are taken back by somebody else than their requester: one at a time, never one that was sent."""

from __future__ import annotations

from collections.abc import Callable

from engine.model.events import CancelAsked, Event
from engine.model.jobs import Job, JobState, JobUpdate
from engine.model.transitions import advance, update_of
from engine.ports import Clock, JobChange, KeepRefusal, Outcome, Store

Told = Callable[[Job, JobUpdate], None]
"""Told of each job that was taken back, once that is stored."""


def nobody(_: Job, __: JobUpdate) -> None:
    """For processes without a queue: those that have one find it in the store within a second."""


class Withdrawing:
    """Ends queued jobs."""

    def __init__(self, store: Store, clock: Clock, told: Told = nobody) -> None:
        self._store = store
        self._clock = clock
        self._told = told

    async def all_of(self, workspace_id: str, requester: str, by: str) -> list[Job]:
        """Take back all that waits of a requester; returns those jobs as they are then."""
        waiting = [job for job in await self._store.unfinished_of(workspace_id, requester) if job.state is _QUEUED]
        ended = [await self.end(job, CancelAsked(at=self._clock.now(), by=by)) for job in waiting]
        return [job for job in ended if job is not None]

    async def end(self, job: Job, event: Event, beside: KeepRefusal | None = None) -> Job | None:
        """End a queued job by an event, and keep what is said `beside`; None: it is queued no longer."""
        current: Job | None = job
        while current is not None and current.state is _QUEUED:
            after = advance(current, event)
            update = update_of(after, event)
            (outcome,) = await self._store.apply([JobChange(current, after, update)])
            if outcome is Outcome.APPLIED:
                self._told(after, update)
                if beside is not None:
                    await self._store.apply([beside])
                return after
            current = await self._store.job(job.workspace_id, job.id)
        return None


_QUEUED = JobState.QUEUED
