"""When a job that was sent is no longer waited for: at its own limit, or at the deadline of an unknown outcome."""

from __future__ import annotations

import logging

from engine.core.recent import Recent
from engine.core.updates import Updates
from engine.model.errors import Unavailable
from engine.model.events import GaveUp
from engine.model.transitions import advance, update_of
from engine.ports import Clock, JobChange, Outcome, Store

_LOG = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
AT_ONCE = 100


class GivingUp:
    """Marks such jobs, whichever process or account runs them; what is marked goes on."""

    def __init__(self, store: Store, clock: Clock, recent: Recent, updates: Updates) -> None:
        self._store = store
        self._clock = clock
        self._recent = recent
        self._updates = updates

    async def run(self) -> None:
        """Mark for ever."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Unavailable as error:
                _LOG.warning("jobs that nobody waits for could not be marked: %s", error)

    async def look(self) -> None:
        """Mark those whose moment has come; one that moves on meanwhile is looked at the next time.

        Raises:
            Unavailable: the store cannot be read or written now.
        """
        now = self._clock.now()
        jobs = await self._store.awaited_until(now, AT_ONCE)
        event = GaveUp(at=now)
        moved = [advance(job, event) for job in jobs]
        changes = [JobChange(job, after, update_of(after, event)) for job, after in zip(jobs, moved, strict=True)]
        if not changes:
            return
        for change, outcome in zip(changes, await self._store.apply(changes), strict=True):
            if outcome is Outcome.APPLIED:
                self._recent.learn(change.after)
                self._updates.stored(change.update)
