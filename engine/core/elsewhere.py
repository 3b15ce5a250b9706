"""Which accounts are live in another process on the same database, as whoever holds them noted it there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.core.leases import Leases
from engine.model.jobs import UPSTREAM_STATES, Job
from engine.ports import Clock


class Elsewhere:
    """What the store said last of accounts that are not held here; a note counts no longer than its holder's lease."""

    def __init__(self, clock: Clock, leases: Leases) -> None:
        self._clock = clock
        self._leases = leases
        self._live_until: Mapping[int, datetime] = {}

    def read(self, live_until: Mapping[int, datetime]) -> None:
        """So the store says it just now: see `ports.Switches`."""
        self._live_until = live_until

    def away(self, account_id: int) -> bool:
        """Whether this process does not hold the account."""
        return self._leases.lease(account_id) is None

    def live(self, account_id: int) -> bool:
        """Whether another process can speak for the account now."""
        until = self._live_until.get(account_id)
        return until is not None and self.away(account_id) and self._clock.now() <= until

    def runs(self, job: Job) -> bool:
        """Whether a job runs there now: what comes of it is heard by way of the store."""
        return job.account_id is not None and job.state in UPSTREAM_STATES and self.live(job.account_id)
