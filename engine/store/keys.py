"""How API keys and the terms of workspaces are written and read. Each function is one transaction's work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from engine.model import errors
from engine.model.keys import Scope
from engine.model.quotas import Quota, read_quota
from engine.model.rates import read_rates
from engine.ports import ApiKey, NewKey
from engine.store.records import Values, as_json
from engine.store.tables import api_keys, workspaces

TOUCH_EVERY = timedelta(minutes=1)

_KEY = select(api_keys, workspaces.c.quota.label("workspace_quota")).join(workspaces)
_KEYS = _KEY.where(api_keys.c.workspace_id == bindparam("of")).order_by(api_keys.c.id)
_ONE_KEY = _KEY.where(api_keys.c.digest == bindparam("is_digest"))

_accounts = msgspec.json.Decoder(tuple[int, ...])


def key_of(row: Any) -> ApiKey:
    """The API key in a row."""
    return ApiKey(
        row.id,
        row.workspace_id,
        row.name,
        row.prefix,
        row.digest,
        row.created_at,
        row.last_used_at,
        row.revoked_at,
        frozenset(Scope(word) for word in row.scopes.split()),
        () if row.account_ids is None else _accounts.decode(row.account_ids),
        None if row.rates is None else read_rates(row.rates),
        quota_of(row.quota),
        quota_of(row.workspace_quota),
    )


def quota_of(text: str | None) -> Quota | None:
    """The quota in a column."""
    return None if text is None else read_quota(text)


def _terms(key: NewKey | ApiKey) -> Values:
    return {
        "name": key.name,
        "scopes": " ".join(sorted(key.scopes)),
        "account_ids": as_json(key.account_ids) if key.account_ids else None,
        "rates": None if key.rates is None else str(key.rates),
        "quota": None if key.quota is None else str(key.quota),
    }


def add_key(connection: Connection, new: NewKey) -> ApiKey:
    """Store a key's digest and terms.

    Raises:
        NotFound: there is no such workspace.
        Conflict: that key is stored already.
    """
    if connection.execute(select(workspaces.c.id).where(workspaces.c.id == new.workspace_id)).first() is None:
        raise errors.NotFound("there is no such workspace")
    if key_by_digest(connection, new.digest) is not None:
        raise errors.Conflict("this key is already stored")
    values = {
        "workspace_id": new.workspace_id,
        "prefix": new.prefix,
        "digest": new.digest,
        "created_at": new.created_at,
        **_terms(new),
    }
    connection.execute(insert(api_keys).values(values))
    return key_of(connection.execute(_ONE_KEY, {"is_digest": new.digest}).one())


def change_key(connection: Connection, key: ApiKey) -> bool:
    """Give a key in force another name and other terms; False when there is no such key in force."""
    own = (api_keys.c.id == key.id) & (api_keys.c.workspace_id == key.workspace_id)
    changed = connection.execute(update(api_keys).where(own, api_keys.c.revoked_at.is_(None)).values(_terms(key)))
    return changed.rowcount == 1


def revoke_key(connection: Connection, workspace_id: str, key_id: int, now: datetime) -> bool:
    """Revoke; False when the workspace has no such key in force."""
    own = (api_keys.c.id == key_id) & (api_keys.c.workspace_id == workspace_id)
    revoked = connection.execute(update(api_keys).where(own, api_keys.c.revoked_at.is_(None)).values(revoked_at=now))
    return revoked.rowcount == 1


def touch_key(connection: Connection, key_id: int, now: datetime) -> None:
    """Note a key's last use, unless that was noted less than a minute ago."""
    worth_it = api_keys.c.last_used_at.is_(None) | (api_keys.c.last_used_at <= now - TOUCH_EVERY)
    connection.execute(update(api_keys).where(api_keys.c.id == key_id, worth_it).values(last_used_at=now))


def keys(connection: Connection, workspace_id: str) -> list[ApiKey]:
    """A workspace's keys, revoked or not."""
    return [key_of(row) for row in connection.execute(_KEYS, {"of": workspace_id})]


def key_by_digest(connection: Connection, digest: str) -> ApiKey | None:
    """The key with that SHA-256."""
    row = connection.execute(_ONE_KEY, {"is_digest": digest}).first()
    return None if row is None else key_of(row)


def set_contact(connection: Connection, workspace_id: str, contact: str) -> bool:
    """Note whom to ask about a workspace; False when there is no such workspace."""
    of = update(workspaces).where(workspaces.c.id == workspace_id)
    return connection.execute(of.values(contact=contact)).rowcount == 1


def set_quota(connection: Connection, workspace_id: str, quota: Quota | None) -> bool:
    """Give a workspace a quota, or none; False when there is no such workspace."""
    of = update(workspaces).where(workspaces.c.id == workspace_id)
    return connection.execute(of.values(quota=None if quota is None else str(quota))).rowcount == 1
