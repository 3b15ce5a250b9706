"""Jobs of a parent that is not finished yet: queued at once, and given their button when the parent is done.

The parent is read once a second, and at once when this process stored its end; so a restart changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Protocol

from engine.core.chores import Chores
from engine.core.parents import Parents, click_on
from engine.core.patience import wait_for
from engine.model.actions import Action, ActionKind, Click
from engine.model.errors import Refused, Unavailable
from engine.model.jobs import Failure, FailureReason, Job, JobState
from engine.ports import Clock, Store

_LOG = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
_NUMBERS = range(1, 5)


class Heir(Protocol):
    """Who is told what became of a parent."""

    def has_button(self, job_id: str, click: Click) -> None:
        """The parent is done, and this is the button to press."""
        ...

    async def unsendable(self, job_id: str, failure: Failure) -> None:
        """There will be no button. Raises Unavailable."""
        ...


class Awaiting(Chores):
    """Which queued jobs wait for their parents."""

    def __init__(self, store: Store, parents: Parents, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._parents = parents
        self._clock = clock
        self._stirred: dict[str, asyncio.Event] = {}
        """By parent; set when it ended here."""

    def begin(self, job: Job, heir: Heir) -> bool:
        """Wait for a job's parent; False: it has its button, and `heir` hears nothing."""
        if not job.given.awaits_parent or job.click is not None:
            return False
        if job.id not in self._tasks:
            self._tasks[job.id] = asyncio.create_task(self._wait(job, heir))
        return True

    def moved(self, job: Job) -> None:
        """A change of a job was stored here."""
        if job.is_final and job.id in self._stirred:
            self._stirred[job.id].set()

    async def _wait(self, job: Job, heir: Heir) -> None:
        try:
            found = await self._found(job)
        except Exception:  # noqa: BLE001 - a fault of ours: this job ends with it, and stands in nobody's way
            _LOG.exception("job %s: its button could not be found", job.id)
            found = Failure(FailureReason.NOT_SENT, "its button could not be found; the log of this moment says why")
        if isinstance(found, Click):
            del self._tasks[job.id]
            heir.has_button(job.id, found)
            return
        while job.id in self._tasks:
            try:
                await heir.unsendable(job.id, found)
            except Unavailable as error:
                _LOG.warning("job %s stays queued: %s", job.id, error)
                await self._clock.sleep(LOOK_SECONDS)
            else:
                self._tasks.pop(job.id, None)

    async def _found(self, job: Job) -> Click | Failure:
        assert job.parent_id is not None
        stirred = self._stirred.setdefault(job.parent_id, asyncio.Event())
        try:
            while True:
                try:
                    parent = await self._store.job(job.workspace_id, job.parent_id)
                except Unavailable as error:
                    _LOG.warning("job %s waits: its parent could not be read: %s", job.id, error)
                else:
                    if parent is None or parent.is_final:
                        return self._button_of(job, parent)
                await wait_for(stirred, self._clock, LOOK_SECONDS)
                stirred.clear()
        finally:
            self._stirred.pop(job.parent_id, None)

    def _button_of(self, job: Job, parent: Job | None) -> Click | Failure:
        if parent is None:
            return Failure(FailureReason.GONE, "it was never sent: what it is made of is not there any more")
        if parent.state is not JobState.DONE:
            why = parent.failure or Failure(FailureReason.NOT_SENT, parent.note or parent.state)
            return Failure(
                why.reason, f"it was never sent: {parent.action.name}, which comes first, failed: {why.detail}"
            )
        try:
            _, component = self._parents.by_action(parent, *_alike(job.action))
        except Refused as wrong:
            return Failure(FailureReason.GONE, f"it was never sent: {wrong}")
        assert component is not None
        return click_on(parent, component)


def _alike(action: Action) -> list[Action]:
    """The action; a single video is extended by one button of each motion, whatever number that says."""
    if action.kind is not ActionKind.EXTEND:
        return [action]
    return [replace(action, index=number) for number in _NUMBERS]
