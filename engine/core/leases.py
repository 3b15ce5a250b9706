"""Whether this process may write for an account: one lease for each, renewed together, given up when in doubt.

A session may write to a socket only while its local deadline holds: ticks read before the renewal was sent plus 0.8 of
the lease. The database's fence alone let calls out after a lease was lost (docs/architecture.md, Ownership).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from engine.model.accounts import Lease
from engine.model.errors import Unavailable
from engine.ports import Clock, Store

_LOG = logging.getLogger(__name__)

SAFE_PART = 0.8
"""The part of a lease in which its holder may still start a write."""

_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class Leases:
    """The leases of this process. `sole_owner` says that a lock on the folder keeps every other process out."""

    def __init__(self, store: Store, clock: Clock, *, owner: str, seconds: float, sole_owner: bool) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner
        self._seconds = seconds
        self._sole_owner = sole_owner
        self._held: dict[int, tuple[Lease, float]] = {}

    async def take(self, account_id: int) -> Lease | None:
        """Take the account; None while somebody else holds it."""
        ticks, now = self._clock.ticks(), self._clock.now()
        expired_before = _END_OF_TIME if self._sole_owner else now
        until = now + timedelta(seconds=self._seconds)
        lease = await self._store.take(account_id, self._owner, expired_before, until)
        if lease is not None:
            self._held[account_id] = (lease, ticks + SAFE_PART * self._seconds)
        return lease

    def lease(self, account_id: int) -> Lease | None:
        """The lease as it was last renewed."""
        held = self._held.get(account_id)
        return held[0] if held else None

    def holds(self, account_id: int) -> bool:
        """Whether a write for this account may start now."""
        held = self._held.get(account_id)
        return held is not None and self._clock.ticks() < held[1]

    async def give_back(self, account_id: int) -> None:
        """Release at once; a lease that is not ours any more is left alone."""
        held = self._held.pop(account_id, None)
        if held is not None:
            await self._store.release(held[0])

    async def keep(self, lost: Callable[[int], None]) -> None:
        """Renew for ever, four times in a lease; tell of each account that was lost."""
        while True:
            await self._clock.sleep(self._seconds / 4)
            held = {account_id: lease for account_id, (lease, _) in self._held.items()}
            if not held:
                continue
            ticks = self._clock.ticks()
            until = self._clock.now() + timedelta(seconds=self._seconds)
            try:
                renewed = {lease.account_id: lease for lease in await self._store.renew(list(held.values()), until)}
            except Unavailable as error:
                _LOG.warning("the leases could not be renewed: %s", error)
                continue
            for account_id, before in held.items():
                current = self._held.get(account_id)
                if current is None or current[0].epoch != before.epoch:
                    continue  # given back or taken anew meanwhile
                if account_id in renewed:
                    self._held[account_id] = (renewed[account_id], ticks + SAFE_PART * self._seconds)
                else:
                    del self._held[account_id]
                    _LOG.warning("account %d: the lease was lost", account_id)
                    lost(account_id)
