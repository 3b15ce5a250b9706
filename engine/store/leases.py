"""Who may take, prolong and give back an account; the epoch rises each time it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, false, select, update
from sqlalchemy.engine import Connection

from engine.model.accounts import AccountState, Lease
from engine.store.prepared import Prepared
from engine.store.tables import accounts

AT_ONCE = 500
"""Leases renewed by one statement; an older SQLite takes no more than 999 values."""

_OURS = (
    (accounts.c.id == bindparam("is_id"))
    & (accounts.c.owner == bindparam("is_owner"))
    & (accounts.c.epoch == bindparam("is_epoch"))
)

# SKIP LOCKED (SQLite needs and has none): a row in somebody's open transaction is in use, and waiting for it would hold
# up everything that this process writes
_FREE = (
    select(accounts.c.id)
    .where(
        accounts.c.id == bindparam("is_id"),
        accounts.c.state != AccountState.UNLINKED.value,
        accounts.c.owner.is_(None)
        | (accounts.c.owner == bindparam("is_owner"))
        | accounts.c.owned_until.is_(None)
        | (accounts.c.owned_until < bindparam("is_now")),
    )
    .with_for_update(skip_locked=True)
)
_TAKE = Prepared(
    update(accounts)
    .where(accounts.c.id == _FREE.scalar_subquery())
    .values(epoch=accounts.c.epoch + 1, owner=bindparam("owner"), owned_until=bindparam("owned_until"), live=false())
)
_EPOCH = Prepared(select(accounts.c.epoch).where(accounts.c.id == bindparam("is_id")))
_HELD = (
    select(accounts.c.id, accounts.c.owner, accounts.c.epoch)
    .where(accounts.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(accounts.c.id)
    .with_for_update()
)
_RENEW = (
    update(accounts)
    .where(accounts.c.id.in_(bindparam("ids", expanding=True)))
    .values(owned_until=bindparam("owned_until"))
)
_RELEASE = Prepared(update(accounts).where(_OURS).values(owner=None, owned_until=None))


def take(connection: Connection, account_id: int, owner: str, now: datetime, until: datetime) -> Lease | None:
    """The account under a new epoch when it is free, expired or the owner's own; else None."""
    values = {"is_id": account_id, "is_owner": owner, "is_now": now, "owner": owner, "owned_until": until}
    if not _TAKE.run(connection, values).rowcount:
        return None
    # the row is locked by our own update, so this is the epoch that we made
    (epoch,) = _EPOCH.run(connection, {"is_id": account_id}).fetchone()
    return Lease(account_id, owner, epoch, until)


def renew(connection: Connection, leases: Sequence[Lease], until: datetime) -> list[Lease]:
    """The leases that still hold, prolonged."""
    renewed: list[Lease] = []
    for start in range(0, len(leases), AT_ONCE):
        part = leases[start : start + AT_ONCE]
        ids = [lease.account_id for lease in part]
        now_held = {(row.id, row.owner, row.epoch) for row in connection.execute(_HELD, {"ids": ids})}
        held = [lease for lease in part if (lease.account_id, lease.owner, lease.epoch) in now_held]
        if held:
            ids = [lease.account_id for lease in held]
            connection.execute(_RENEW, {"ids": ids, "owned_until": until})
        renewed += (replace(lease, until=until) for lease in held)
    return renewed


def release(connection: Connection, lease: Lease) -> None:
    """Give the account back, unless the lease is stale."""
    _RELEASE.run(connection, _of(lease))


def _of(lease: Lease) -> dict[str, object]:
    return {"is_id": lease.account_id, "is_owner": lease.owner, "is_epoch": lease.epoch}
