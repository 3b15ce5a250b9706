"""What may be done to a workspace's queue and to who serves it, and what is seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.core.community.minutes import OPERATOR, minute
from engine.core.switches import Switches
from engine.model.accounts import Account, AccountState
from engine.model.actions import Service
from engine.model.errors import Conflict, NotFound
from engine.model.jobs import Job
from engine.ports import AccountChange, Clock, KeepAudit, Load, Store

HISTORY = timedelta(hours=24)
SWITCHED_OFF = "switched off through the API"


@dataclass(frozen=True, slots=True)
class AccountQueue:
    """One linked account and its jobs now."""

    account: Account
    queued: int
    """Jobs that only this account may run; the others wait for whichever is free."""
    running: int
    """At Midjourney."""
    paused: bool
    """It takes nothing new: it is not active, or its workspace's queue is paused."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A job, and the account that runs or ran it; None before one was chosen."""

    job: Job
    account: Account | None


class Queues:
    """The queues of all workspaces. `who` acts, for the audit log."""

    def __init__(self, store: Store, clock: Clock, switches: Switches) -> None:
        self._store = store
        self._clock = clock
        self._switches = switches

    async def pause(self, workspace_id: str, who: str = OPERATOR) -> datetime:
        """Send nothing new; what runs finishes. Returns since when.

        Raises:
            Unavailable: it cannot be stored now.
        """
        now = self._clock.now()
        await self._known(await self._store.pause_workspace(workspace_id, now))
        await self._note(workspace_id, who, "queue paused")
        return now

    async def resume(self, workspace_id: str, who: str = OPERATOR) -> datetime:
        """Go on."""
        await self._known(await self._store.pause_workspace(workspace_id, None))
        await self._note(workspace_id, who, "queue resumed")
        return self._clock.now()

    async def reboot(self, workspace_id: str, who: str = OPERATOR) -> datetime:
        """Look up every open job of the workspace in its channel's history: what that shows moves it on.

        Nothing is dropped, and nothing is sent again without the proof that it was never taken.
        """
        now = self._clock.now()
        await self._known(await self._store.reboot_workspace(workspace_id, now))
        await self._note(workspace_id, who, "queue looked up anew")
        return now

    async def _note(self, workspace_id: str, who: str, what: str) -> None:
        await self._store.apply([KeepAudit(minute(workspace_id, who, what, self._clock.now()))])

    async def _known(self, found: bool) -> None:  # noqa: FBT001 - what the store answered
        if not found:
            raise NotFound("there is no such workspace")
        await self._switches.look()

    async def heed(self) -> None:
        """Heed at once what was changed in the store, as every process does within a second."""
        await self._switches.look()

    async def count(self, workspace_id: str) -> int:
        """How many jobs wait to be sent."""
        return sum(load.queued for load in await self._store.loads(workspace_id))

    async def of_accounts(self, workspace_id: str, *, services: bool = False) -> list[AccountQueue]:
        """The workspace's accounts at Midjourney, by id; with `services` those at other services too."""
        workspace = await self._store.workspace(workspace_id)
        paused = workspace is not None and workspace.paused_at is not None
        loads = {load.account_id: load for load in await self._store.loads(workspace_id)}
        return [
            AccountQueue(
                account,
                loads.get(account.id, _NO_LOAD).queued,
                loads.get(account.id, _NO_LOAD).running,
                paused or account.state is not AccountState.ACTIVE,
            )
            for account in await self._store.accounts(workspace_id, services=services)
        ]

    async def accounts(self, workspace_id: str) -> list[Account]:
        """The workspace's linked accounts at Midjourney, by id."""
        return await self._store.accounts(workspace_id)

    async def account(self, workspace_id: str, account_id: int) -> Account:
        """One of them.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
        """
        found = await self._store.account(account_id)
        if found is None or found.workspace_id != workspace_id or found.state is AccountState.UNLINKED:
            raise NotFound(f"there is no linked account {account_id}")
        if found.service is not Service.MIDJOURNEY:
            raise NotFound(f"there is no linked account {account_id}")
        return found

    async def switch(self, workspace_id: str, account_id: int, *, on: bool, who: str = OPERATOR) -> Account:
        """Let an account take jobs (its owner has seen to what stopped it), or nothing new; one that stopped stays so.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
            Conflict: it is a demo account, and a real one is linked.
        """
        found = await self.account(workspace_id, account_id)
        if on and found.state is not AccountState.ACTIVE:
            if found.demo and any(not each.demo for each in await self._store.accounts()):
                raise Conflict(f"account {account_id} is a demo account; it stays paused while a real one is linked")
            await self._switch(found, AccountChange(account_id, AccountState.ACTIVE), who, "account resumed")
        if not on and found.state is AccountState.ACTIVE:
            off = AccountChange(account_id, AccountState.PAUSED, reason=SWITCHED_OFF)
            await self._switch(found, off, who, "account paused")
        await self._switches.look()
        return await self.account(workspace_id, account_id)

    async def _switch(self, account: Account, change: AccountChange, who: str, what: str) -> None:
        said = minute(account.workspace_id, who, what, self._clock.now(), after=f"{account.id} {account.name}")
        await self._store.apply([change, KeepAudit(said)])

    async def history(self, workspace_id: str, *, page: int, size: int) -> list[Job]:
        """What was made in the last 24 hours and can be seen, the latest first; pages count from 1."""
        since = self._clock.now() - HISTORY
        return await self._store.made(workspace_id, since, limit=size, offset=(page - 1) * size)

    async def traced(self, job: Job) -> Trace:
        """The account that a job ran on, or that alone can run it."""
        account_id = job.bound_account_id if job.account_id is None else job.account_id
        account = None if account_id is None else await self._store.account(account_id)
        return Trace(job, account)


_NO_LOAD = Load(None, 0, 0)
