"""What the status says: figures from the store and the sessions at the call, nothing counted on the side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from engine.core.elsewhere import Elsewhere
from engine.core.insisting import Insisting
from engine.core.keeper import Keeper
from engine.core.status import AccountStatus, Health, Status, UnknownWire, WorkspaceStatus
from engine.model.accounts import Account, AccountState
from engine.model.errors import Unavailable
from engine.model.jobs import UPSTREAM_STATES, JobState
from engine.ports import Clock, Store


class Reporting:
    """The engine's view of itself."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keepers: Mapping[int, Keeper],
        elsewhere: Elsewhere,
        insisting: Insisting,
        *,
        version: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._keepers = keepers
        self._elsewhere = elsewhere
        self._insisting = insisting
        self._version = version
        self._started = clock.ticks()
        self.stopping = False

    async def status(self, workspace_id: str | None) -> Status:
        """The status, with the workspace's figures when one is given."""
        writable = await self._writable()
        workspace = None if workspace_id is None else await self._workspace(workspace_id)
        breakdowns = self._insisting.breakdowns
        stopped = any(keeper.account.state is AccountState.STOPPED for keeper in self._keepers.values())
        healthy = writable and not breakdowns and not stopped
        state = Health.STOPPING if self.stopping else Health.OK if healthy else Health.DEGRADED
        return Status(
            state=state,
            version=self._version,
            uptime_seconds=self._clock.ticks() - self._started,
            store_writable=writable,
            breakdowns=breakdowns,
            workspace=workspace,
        )

    async def _writable(self) -> bool:
        try:
            await self._store.probe()
        except Unavailable:
            return False
        return True

    async def _workspace(self, workspace_id: str) -> WorkspaceStatus:
        now = self._clock.now()
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
        tally = await self._store.tally(workspace_id, midnight)
        waiting = [job for job in await self._store.queued(1000) if job.workspace_id == workspace_id]
        bound: dict[int | None, int] = {}
        for job in waiting:
            bound[job.bound_account_id] = bound.get(job.bound_account_id, 0) + 1
        oldest = tally.oldest_queued_at
        accounts = await self._store.accounts(workspace_id, services=True)
        running = await self._running(workspace_id, accounts)
        posts = await self._store.delivery_counts(workspace_id)
        return WorkspaceStatus(
            accounts=tuple(
                self._account(account, bound.get(account.id, 0), running.get(account.id, 0)) for account in accounts
            ),
            queued=tally.by_state.get(JobState.QUEUED, 0),
            running=sum(tally.by_state.get(state, 0) for state in UPSTREAM_STATES),
            needs_attention=tally.by_state.get(JobState.NEEDS_ATTENTION, 0),
            done_today=tally.done_since,
            failed_today=tally.failed_since,
            oldest_wait_seconds=None if oldest is None else (now - oldest).total_seconds(),
            unknown_wire=tuple(
                UnknownWire(row.kind, row.count, row.last_at) for row in await self._store.evidence_counts(workspace_id)
            ),
            webhooks_due=posts.due,
            webhooks_failed=posts.failed,
        )

    async def _running(self, workspace_id: str, accounts: Sequence[Account]) -> dict[int, int]:
        """Slots in use by account; of those that are not held here, the jobs that the store counts as sent."""
        here = {each.id for each in accounts if each.id in self._keepers and not self._elsewhere.away(each.id)}
        running = {account_id: self._keepers[account_id].taken for account_id in here}
        if len(here) < len(accounts):
            for load in await self._store.loads(workspace_id):
                if load.account_id is not None:
                    running.setdefault(load.account_id, load.running)
        return running

    def _account(self, account: Account, queued: int, running: int) -> AccountStatus:
        keeper = self._keepers.get(account.id)
        return AccountStatus(
            id=account.id,
            name=account.name,
            state=account.state,
            live=(keeper is not None and keeper.live) or self._elsewhere.live(account.id),
            trouble=account.trouble,
            reason=account.reason,
            running=running,
            concurrency=account.concurrency,
            queued=queued,
            demo=account.demo,
            remix=account.facts.remix,
            warnings=() if keeper is None else _warnings(keeper),
        )


def _warnings(keeper: Keeper) -> tuple[str, ...]:
    told = []
    if keeper.strange.kinds:
        told.append(f"Midjourney says things that are not known: {'; '.join(keeper.strange.kinds)}")
    if keeper.account.facts.remix_owed is not None:
        told.append(f"Remix has to be turned {'on' if keeper.account.facts.remix_owed else 'off'} again")
    return tuple(told)
