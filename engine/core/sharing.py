"""What a process tells the others on its database of the accounts that it holds, and what it hears of theirs.

It notes which of its accounts are live, when that changes; and it takes the store's word for open jobs that another
process moved on: that were taken back there, or settled by an operator.
"""

from __future__ import annotations

import logging

from engine.core.keeper import Keeper
from engine.core.keepers import Keepers
from engine.core.leases import Leases
from engine.model.errors import Unavailable
from engine.ports import Clock, LiveNoted, Outcome, Store

_LOG = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Sharing:
    """For the accounts of this process; one question for all their open jobs, and none where there are none."""

    def __init__(self, store: Store, clock: Clock, leases: Leases, keepers: Keepers) -> None:
        self._store = store
        self._clock = clock
        self._leases = leases
        self._keepers = keepers
        self._noted: dict[int, int] = {}
        """The epochs of the leases under which accounts are noted as live."""

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            try:
                await self.note()
                await self.heed()
            except Unavailable as error:
                _LOG.warning("what other processes share could not be read or written: %s", error)

    async def note(self) -> None:
        """Store which accounts are live, where that changed.

        Raises:
            Unavailable: it cannot be stored now.
        """
        changes = []
        for account_id, keeper in self._keepers.items():
            lease = self._leases.lease(account_id)
            if lease is not None and keeper.live != (self._noted.get(account_id) == lease.epoch):
                changes.append(LiveNoted(keeper.live, lease))
        outcomes = await self._store.apply(changes) if changes else []
        for change, outcome in zip(changes, outcomes, strict=True):
            if change.live and outcome is Outcome.APPLIED:
                self._noted[change.lease.account_id] = change.lease.epoch
            else:
                self._noted.pop(change.lease.account_id, None)

    async def heed(self) -> None:
        """Take over what other processes decided of open jobs.

        Raises:
            Unavailable: the store cannot be read now.
        """
        keepers = {job.id: keeper for keeper in self._held() for job in keeper.open_jobs}
        versions = await self._store.versions(list(keepers)) if keepers else {}
        for job_id, version in versions.items():
            await keepers[job_id].heed(job_id, version)

    def _held(self) -> list[Keeper]:
        return [keeper for account_id, keeper in self._keepers.items() if self._leases.holds(account_id)]
