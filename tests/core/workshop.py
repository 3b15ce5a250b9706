"""A core at hand: store in memory, manual clock, one leased account, and jobs to move."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from engine.core.casebook import Casebook
from engine.core.elsewhere import Elsewhere
from engine.core.leases import Leases
from engine.core.updates import Updates
from engine.model import events as ev
from engine.model.accounts import Account
from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind
from engine.model.jobs import Job, Origin, Request
from engine.model.limits import Limits
from engine.model.transitions import update_of
from engine.ports import NewRequest
from tests.contracts.store_examples import new_account, new_nonce, new_request
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore

LIMITS = Limits()


@dataclass
class Workshop:
    store: MemoryStore
    clock: ManualClock
    updates: Updates
    leases: Leases
    account: Account
    casebook: Casebook
    moved: list[Job]
    workspace_id: str

    async def queued(self, prompt: str = "a red fox", **changes) -> Job:
        request = new_request(self.workspace_id, prompt=prompt, at=self.clock.now(), **changes)
        await self.store.apply([request])
        return request.jobs[0]

    async def sent(self, prompt: str = "a red fox") -> Job:
        return await self.casebook.assign(await self.queued(prompt), self.assigned())

    def assigned(self) -> ev.Assigned:
        now = self.clock.now()
        until = LIMITS.until_started("", now)
        return ev.Assigned(at=now, account_id=self.account.id, nonce=new_nonce(), until=until)

    async def stored(self, job: Job) -> Job:
        return await self.store.job(self.workspace_id, job.id)


def nobody_else(store, clock) -> Elsewhere:
    """No other process holds anything, and neither does this one."""
    return Elsewhere(clock, Leases(store, clock, owner="me", seconds=30, sole_owner=True))


async def stored_job(store, now, workspace_id, state, **changes) -> Job:
    """A job that stands in the store as it is given, whatever led there."""
    values = {
        "id": str(uuid.uuid4()),
        "workspace_id": workspace_id,
        "application_id": MIDJOURNEY_APPLICATION,
        "action": Action(ActionKind.IMAGINE),
        "prompt": "a red fox",
        "state": state,
        "note": "no answer",
        "created_at": now,
        "updated_at": now,
        **changes,
    }
    job = Job(request_id=values["id"], **values)
    origin = Origin(workspace_id=workspace_id, requester="key:1", dialect="native")
    request = Request(id=job.id, origin=origin, action=job.action, prompt=job.prompt, created_at=now)
    await store.apply([NewRequest(request, (job,), (update_of(job, None),))])
    return job


async def open_workshop() -> Workshop:
    store, clock = MemoryStore(), ManualClock()
    workspace = await store.ensure_workspace("default", clock.now())
    account = await store.add_account(new_account(workspace.id))
    updates = Updates(clock)
    leases = Leases(store, clock, owner="me", seconds=30, sole_owner=False)
    await leases.take(account.id)
    moved: list[Job] = []
    casebook = Casebook(account.id, store=store, leases=leases, updates=updates, clock=clock, moved=moved.append)
    await casebook.load()
    return Workshop(store, clock, updates, leases, account, casebook, moved, workspace.id)
