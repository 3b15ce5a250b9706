"""Which linked accounts a workspace has, by the UUID that UserAPI calls them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from engine.core.elsewhere import Elsewhere
from engine.core.keeper import Keeper
from engine.model.accounts import Account, AccountState
from engine.model.errors import AccountStopped, EaselError, NotFound
from engine.ports import Store

_LOG = logging.getLogger(__name__)

LOOKED_AT_SECONDS = 5.0


class Linked:
    """The linked accounts of all workspaces."""

    def __init__(self, store: Store, keepers: Mapping[int, Keeper], elsewhere: Elsewhere) -> None:
        self._store = store
        self._keepers = keepers
        self._elsewhere = elsewhere
        self._hashes: dict[int, str] = {}
        """Of accounts that are not linked any more, but whose jobs are asked for."""
        self._readings: dict[int, asyncio.Task[None]] = {}
        """Questions for Remix, one an account: whoever polls a silent account does not make it ask on and on."""

    async def of(self, workspace_id: str) -> list[Account]:
        """All of a workspace, by id."""
        return await self._store.accounts(workspace_id)

    async def named(self, workspace_id: str, account_hash: str) -> Account:
        """One of them.

        Raises:
            NotFound: the workspace has no such linked account.
        """
        for account in await self.of(workspace_id):
            if account.hash == account_hash:
                return account
        raise NotFound("no such account")

    async def looked_at(self, workspace_id: str, account_hash: str) -> Account:
        """One of them, with whether its Remix is on, where that can be found out in a moment; Midjourney is asked once.

        Raises:
            NotFound: the workspace has no such linked account.
        """
        account = await self.named(workspace_id, account_hash)
        keeper = self._keepers.get(account.id)
        if keeper is None or account.facts.remix is not None:
            return account
        reading = self._readings.get(account.id)
        if reading is None:
            if account.state is not AccountState.ACTIVE or not keeper.live:
                return account
            reading = self._readings[account.id] = asyncio.create_task(_read_remix(keeper))
        await asyncio.wait([reading], timeout=LOOKED_AT_SECONDS)
        return replace(account, facts=keeper.account.facts)

    async def able(self, workspace_id: str, account_hash: str) -> Account:
        """One of them that takes jobs.

        Raises:
            NotFound: the workspace has no such linked account.
            AccountStopped: it takes none now; with the reason.
        """
        account = await self.named(workspace_id, account_hash)
        if account.state is not AccountState.ACTIVE:
            why = account.reason or (account.trouble.value if account.trouble else account.state.value)
            raise AccountStopped(f"account {account_hash} takes no jobs now: {why}")
        return account

    async def hash_of(self, account_id: int) -> str | None:
        """The UUID of an account, linked or not."""
        keeper = self._keepers.get(account_id)
        if keeper is not None:
            return keeper.account.hash
        if account_id not in self._hashes:
            account = await self._store.account(account_id)
            if account is None:
                return None
            self._hashes[account_id] = account.hash
        return self._hashes[account_id]

    def is_live(self, account_id: int) -> bool:
        """Whether its session is ready, here or in another process."""
        keeper = self._keepers.get(account_id)
        return (keeper is not None and keeper.live) or self._elsewhere.live(account_id)


async def _read_remix(keeper: Keeper) -> None:
    try:
        await keeper.read_remix()
    except EaselError as error:
        _LOG.warning("account %d could not be asked for its settings: %s", keeper.account.id, error)
