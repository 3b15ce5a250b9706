"""Which accounts this process keeps: what the store lists, looked at every second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from engine.core.keeper import Keeper
from engine.core.parts import Parts
from engine.model.accounts import Account, AccountState
from engine.model.actions import Service
from engine.model.errors import Unavailable
from engine.model.jobs import Job, JobState

_LOG = logging.getLogger(__name__)

POLL_SECONDS = 1.0


class Keepers(Mapping[int, Keeper]):
    """The keepers at work, by account id."""

    def __init__(self, parts: Parts, *, moved: Callable[[Job], None], wake: Callable[[int], None]) -> None:
        """`wake` is told which account stands otherwise than before."""
        self._parts = parts
        self._moved = moved
        self._wake = wake
        self._keepers: dict[int, Keeper] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._known: dict[int, Account] = {}
        """As they were when `plans` and `hosts` were last told."""
        self._plans: dict[str, frozenset[str | None]] = {}
        self._hosts: frozenset[str] | None = None

    def __getitem__(self, account_id: int) -> Keeper:
        return self._keepers[account_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._keepers)

    def __len__(self) -> int:
        return len(self._keepers)

    def plans(self, workspace_id: str) -> frozenset[str | None]:
        """The plans of a workspace's Discord accounts, as /info names them; None for those that have not told."""
        if workspace_id not in self._plans:
            accounts = (keeper.account for keeper in self._keepers.values())
            self._plans[workspace_id] = frozenset(
                account.facts.plan
                for account in accounts
                if account.workspace_id == workspace_id and account.service is Service.MIDJOURNEY
            )
        return self._plans[workspace_id]

    def hosts(self) -> frozenset[str]:
        """The hosts, with their ports, that the accounts' own addresses name."""
        if self._hosts is None:
            addresses = {keeper.account.upstream.api_url for keeper in self._keepers.values()}
            self._hosts = frozenset(urlsplit(address).netloc.rpartition("@")[2] for address in addresses)
        return self._hosts

    def _changed(self, account_id: int) -> None:
        """An account stands otherwise; only what it is, not how busy, is summed up here."""
        keeper = self._keepers.get(account_id)
        account = None if keeper is None else keeper.account
        if account is None or self._known.get(account_id) is not account:
            self._known.pop(account_id, None)
            if account is not None:
                self._known[account_id] = account
            self._plans.clear()
            self._hosts = None
        self._wake(account_id)

    async def run(self) -> None:
        """Follow the store for ever: accounts that were linked, changed or unlinked meanwhile."""
        while True:
            try:
                await self.refresh()
            except Unavailable as error:
                _LOG.warning("the accounts could not be read: %s", error)
            await self._parts.clock.sleep(POLL_SECONDS)

    async def refresh(self) -> None:
        """Start keepers for new accounts, tell the others of changes, end those whose account was unlinked."""
        learnt = {account_id: keeper.learnt for account_id, keeper in self._keepers.items()}
        linked = {account.id: account for account in await self._parts.store.accounts(services=True)}
        for account_id, account in linked.items():
            keeper = self._keepers.get(account_id)
            if keeper is None:
                keeper = Keeper(account, self._parts, self._moved, partial(self._changed, account_id))
                self._keepers[account_id] = keeper
                self._changed(account_id)
                self._tasks[account_id] = asyncio.create_task(self._run(keeper))
            elif keeper.account != account:
                keeper.refreshed(account, learnt.get(account_id, keeper.learnt))
        for account_id in [account_id for account_id in self._keepers if account_id not in linked]:
            keeper = self._keepers.pop(account_id)
            keeper.refreshed(replace(keeper.account, state=AccountState.UNLINKED), keeper.learnt)
            await keeper.stop()
            self._changed(account_id)
            await self._ended([self._tasks.pop(account_id)])

    def forget(self, job: Job) -> None:
        """A job that was once put back is another account's now, or was cancelled: nobody else waits for it."""
        for keeper in self._keepers.values():
            if keeper.account.id != job.account_id or job.state is JobState.CANCELLED:
                keeper.forget(job)

    def lease_lost(self, account_id: int) -> None:
        """Another owner holds the account."""
        keeper = self._keepers.get(account_id)
        if keeper is not None:
            keeper.lease_lost()

    async def stop(self) -> None:
        """Let every keeper end in order, all at once."""
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers.values()))
        await self._ended(list(self._tasks.values()))

    async def _ended(self, tasks: list[asyncio.Task[None]]) -> None:
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=3 * self._parts.post_timeout)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, keeper: Keeper) -> None:
        while True:
            try:
                await keeper.run()
            except Exception:  # noqa: BLE001 - one account's trouble must not end the others
                _LOG.exception("account %d: its keeper broke down, starting over", keeper.account.id)
                await self._parts.clock.sleep(POLL_SECONDS)
            else:
                return
