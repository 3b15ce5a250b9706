"""Taking a job back: at once while it waits here, through Midjourney once it was sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from engine.core.elsewhere import Elsewhere
from engine.core.keepers import Keepers
from engine.core.recent import Recent
from engine.model.actions import ActionKind
from engine.model.catalogue import entry_of
from engine.model.entries import Makes
from engine.model.errors import Conflict, Hindrance, LeaseLost, Unavailable
from engine.model.events import CancelAsked
from engine.model.jobs import UPSTREAM_STATES, Job, JobState, JobUpdate, Origin
from engine.model.transitions import advance, update_of
from engine.ports import Clock, JobChange, Outcome, Store


class Cancelling:
    """Cancels for everybody."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        recent: Recent,
        keepers: Keepers,
        elsewhere: Elsewhere,
        withdrawn: Callable[[Job, JobUpdate], None],
    ) -> None:
        """`withdrawn` hears of each wish to take a job back, once that is stored."""
        self._store = store
        self._clock = clock
        self._recent = recent
        self._keepers = keepers
        self._elsewhere = elsewhere
        self._withdrawn = withdrawn

    async def cancel(self, origin: Origin, job_id: str) -> Job:
        """The job as it is after that; the first job of a request stands for all of them.

        Raises:
            NotFound: no such job in the workspace.
            Conflict: it is finished, Midjourney offers no way to stop it, or its account cannot speak to it now.
            Unavailable: it cannot be stored now; nothing was.
        """
        whole = [job.id for job in await self._store.jobs_of(origin.workspace_id, job_id)]
        cancelled: Job | None = None
        trouble: Conflict | None = None
        for each in whole or [job_id]:
            try:
                after = await self._cancel(origin, each)
            except Conflict as conflict:
                trouble = trouble or conflict
            else:
                cancelled = cancelled or after
        if cancelled is None:
            raise trouble or Conflict(f"job {job_id} cannot be cancelled any more", Hindrance.OVER)
        return cancelled if cancelled.id == job_id else await self._recent.stored(origin.workspace_id, job_id)

    async def cancel_on(self, origin: Origin, account_id: int) -> list[Job]:
        """Take back the calling key's jobs on one account; returns them as they are then, without those that ended."""
        cancelled = []
        for job in await self._store.open_of(origin.workspace_id, origin.key_id, account_id):
            with suppress(Conflict):
                cancelled.append(await self._cancel(origin, job.id))
        return cancelled

    async def _cancel(self, origin: Origin, job_id: str) -> Job:
        while True:
            job = await self._recent.stored(origin.workspace_id, job_id)
            if self._elsewhere.runs(job):  # whoever holds the account finds the wish, and carries it out
                _check_stoppable(job)
            elif job.state is not JobState.QUEUED:
                return await self._stopped(origin, job)
            event = CancelAsked(at=self._clock.now(), by=origin.requester)
            after = advance(job, event)
            if after is job:
                return job
            update = update_of(after, event)
            (outcome,) = await self._store.apply([JobChange(job, after, update)])
            if outcome is Outcome.APPLIED:
                self._withdrawn(after, update)
                return after

    async def _stopped(self, origin: Origin, job: Job) -> Job:
        """A job that was sent from here, once Midjourney is asked to stop it."""
        keeper = self._keepers.get(job.account_id) if job.account_id is not None else None
        if job.state not in UPSTREAM_STATES or keeper is None:
            raise Conflict(f"job {job.id} is {job.state}: it cannot be cancelled any more", Hindrance.OVER)
        _check_stoppable(job)
        try:
            after_all = await keeper.cancel(job, origin.requester)
        except LeaseLost as lost:
            raise Unavailable(str(lost)) from lost
        return after_all or await self._recent.stored(origin.workspace_id, job.id)


def _check_stoppable(job: Job) -> None:
    if _offers_no_cancel(job):
        said = f"job {job.id} is {job.state}: Midjourney offers no way to stop it ({job.action.name})"
        raise Conflict(said, Hindrance.UNSTOPPABLE)


def _offers_no_cancel(job: Job) -> bool:
    """Whether a pressed job shows no Cancel Job button, which is the only way there, or another bot runs it.

    Every first message of a button's job carries one, except those of films (CAP26); an animated picture that was not
    seen yet will carry none.
    """
    if job.action.kind is ActionKind.FACE_SWAP:
        return True
    if job.click is None or job.links.cancel_custom_id is not None:
        return False
    return job.links.progress_message_id is not None or entry_of(job.action).makes is Makes.VIDEOS
