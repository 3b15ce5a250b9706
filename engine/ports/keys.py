"""API keys as the store knows them."""

from __future__ import annotations

from datetime import datetime

from engine.model.keys import ALL_SCOPES, Scope
from engine.model.quotas import Quota
from engine.model.rates import Rates
from engine.model.values import value


@value(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored: SHA-256 of the whole, the first characters to recognise it by."""

    id: int
    workspace_id: str
    name: str
    prefix: str
    digest: str
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    scopes: frozenset[Scope] = ALL_SCOPES
    account_ids: tuple[int, ...] = ()
    """The accounts that may run its jobs; empty: all of the workspace."""
    rates: Rates | None = None
    """How often it may call; None: as the settings say."""
    quota: Quota | None = None
    """None: the workspace's counts."""
    workspace_quota: Quota | None = None


@value(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What is stored when a key is made; see `ApiKey`."""

    workspace_id: str
    name: str
    prefix: str
    digest: str
    created_at: datetime
    scopes: frozenset[Scope]
    account_ids: tuple[int, ...] = ()
    rates: Rates | None = None
    quota: Quota | None = None
