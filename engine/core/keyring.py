"""What may be done to API keys, and what is refused: make, change, revoke. They are shown once."""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Collection
from dataclasses import dataclass, replace

from engine.model.accounts import mask
from engine.model.errors import Conflict, InvalidInput, NotFound
from engine.model.keys import USUAL_SCOPES, Scope
from engine.model.quotas import Quota, read_quota
from engine.model.rates import Rates, read_rates
from engine.ports import ApiKey, Clock, NewKey, Store

KEY_BEGINS = "easel_"
KEY_BYTES = 32
PREFIX_LENGTH = len(KEY_BEGINS) + 6
LONGEST_NAME = 100
USUAL_RATES = "usual"
"""The word for the settings' rates again."""


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new API key; `key` is known only now."""

    key: str
    stored: ApiKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a key may do, for making and changing one; None: as it is, or as usual."""

    name: str | None = None
    scopes: Collection[Scope] | None = None
    account_ids: tuple[int, ...] | None = None
    """Empty: every account of the workspace."""
    rates: Rates | None = None
    quota: Quota | None = None
    no_rates: bool = False
    """The settings' rates again."""
    no_quota: bool = False
    """The workspace's quota again."""

    def limited(self, rates: str | None, quota: str | None) -> Terms:
        """These terms with rates and quota as a person writes them; None leaves each as it is.

        Raises:
            InvalidInput: one of them is none.
        """
        read = None if quota is None else read_quota(quota)
        return replace(
            self,
            rates=None if rates in {None, USUAL_RATES} else read_rates(rates or ""),
            no_rates=rates == USUAL_RATES,
            quota=read,
            no_quota=quota is not None and read is None,
        )


def digest_of(key: str) -> str:
    """An API key as the store knows it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Keyring:
    """The keys of all workspaces; a running engine sees what is changed here within a second."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def make(self, workspace_id: str, terms: Terms, *, key: str | None = None) -> CreatedKey:
        """A new API key, or the given one again; only its SHA-256 and its first characters are stored.

        Raises:
            InvalidInput: a term is wrong, or names an account that is not the workspace's.
        """
        await self._check(workspace_id, terms)
        key = key or KEY_BEGINS + randomness.token_urlsafe(KEY_BYTES)
        new = NewKey(
            workspace_id=workspace_id,
            name=terms.name or "unnamed",
            prefix=key[:PREFIX_LENGTH],
            digest=digest_of(key),
            created_at=self._clock.now(),
            scopes=USUAL_SCOPES if terms.scopes is None else frozenset(terms.scopes),
            account_ids=terms.account_ids or (),
            rates=terms.rates,
            quota=terms.quota,
        )
        return CreatedKey(key, await self._store.add_key(new))

    async def keys(self, workspace_id: str) -> list[ApiKey]:
        """Every key of the workspace, revoked ones too."""
        return await self._store.keys(workspace_id)

    async def is_known(self, key: str) -> bool:
        """Whether this key is stored, revoked or not."""
        return await self._store.key_by_digest(digest_of(key)) is not None

    async def is_in_force(self, key: str) -> bool:
        """Whether this key opens something."""
        stored = await self._store.key_by_digest(digest_of(key))
        return stored is not None and stored.revoked_at is None

    async def meant(self, workspace_id: str, which: str) -> ApiKey:
        """The key in force with that number, or that begins so.

        Raises:
            NotFound: no key in force of this workspace is meant.
            Conflict: several begin so.
        """
        in_force = [key for key in await self._store.keys(workspace_id) if key.revoked_at is None]
        meant = [key for key in in_force if which == str(key.id) or which[:PREFIX_LENGTH] == key.prefix]
        if not meant:
            raise NotFound(f"no key in force is {mask(which) if which.startswith(KEY_BEGINS) else repr(which)}")
        if len(meant) > 1:
            raise Conflict("several keys begin so; give the number instead")
        return meant[0]

    async def change(self, workspace_id: str, which: str, terms: Terms) -> ApiKey:
        """Give a key other terms.

        Raises:
            InvalidInput: a term is wrong, or names an account that is not the workspace's.
            NotFound, Conflict: see `meant`.
        """
        await self._check(workspace_id, terms)
        key = await self.meant(workspace_id, which)
        after = replace(
            key,
            name=key.name if terms.name is None else terms.name,
            scopes=key.scopes if terms.scopes is None else frozenset(terms.scopes),
            account_ids=key.account_ids if terms.account_ids is None else terms.account_ids,
            rates=None if terms.no_rates else terms.rates or key.rates,
            quota=None if terms.no_quota else terms.quota or key.quota,
        )
        if not await self._store.change_key(after):
            raise NotFound(f"no key in force is {which!r}")
        return after

    async def revoke(self, workspace_id: str, which: str) -> ApiKey:
        """Revoke a key.

        Raises:
            NotFound, Conflict: see `meant`.
        """
        key = await self.meant(workspace_id, which)
        await self._store.revoke_key(workspace_id, key.id, self._clock.now())
        return key

    async def _check(self, workspace_id: str, terms: Terms) -> None:
        if terms.name is not None and not 0 < len(terms.name) <= LONGEST_NAME:
            raise InvalidInput("name", f"has {len(terms.name)} characters", allowed=f"1 to {LONGEST_NAME}")
        if terms.scopes is not None and not terms.scopes:
            raise InvalidInput("scopes", "are none", allowed=", ".join(Scope))
        if terms.account_ids:
            linked = {account.id for account in await self._store.accounts(workspace_id)}
            unknown = sorted(set(terms.account_ids) - linked)
            if unknown:
                allowed = ", ".join(map(str, sorted(linked))) or "none is linked"
                raise InvalidInput("account", f"{unknown[0]} is not linked here", allowed=allowed)
