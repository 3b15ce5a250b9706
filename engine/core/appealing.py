"""What the operator may do against Midjourney's refusal: press its Appeal button, once and as a job of its own."""

from __future__ import annotations

import uuid

from engine.model.accounts import AccountState
from engine.model.errors import Conflict, NotFound, NotOffered, Unavailable
from engine.model.jobs import FINAL_STATES, Job, JobState, Origin, Request
from engine.model.transitions import update_of
from engine.ports import Clock, NewRequest, Outcome, Store

DIALECT = "operator"
_LEFT_THE_BUTTON = FINAL_STATES - {JobState.DONE}
"""An appeal that ended so may be made again, if Midjourney still takes the press."""


class Appealing:
    """The desk where the operator appeals; nothing else presses this button."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def offered(self, workspace_id: str, job_id: str) -> Job:
        """The refused job, if its appeal can be pressed now.

        Raises:
            NotFound: unknown, or another workspace's.
            NotOffered: the job did not fail, or Midjourney offered no appeal.
            Conflict: it is appealed already, or its account cannot press.
        """
        refused = await self._store.job(workspace_id, job_id)
        if refused is None:
            raise NotFound(f"there is no job {job_id}")
        if refused.appeal is None:
            raise NotOffered(f"job {job_id} is {refused.state}, and Midjourney offered no appeal")
        for known in await self._store.children(workspace_id, refused.id, refused.action):
            if known.click == refused.appeal and known.state not in _LEFT_THE_BUTTON:
                raise Conflict(f"job {job_id} is appealed already, by job {known.id}, which is {known.state}")
        account = await self._store.account(refused.account_id) if refused.account_id is not None else None
        if account is None or account.state is AccountState.UNLINKED:
            raise Conflict("the account that was refused is no longer linked; its buttons cannot be pressed")
        if account.state is AccountState.STOPPED:
            raise Conflict(f"account {account.name} is stopped: {account.reason or account.trouble}")
        return refused

    async def press(self, workspace_id: str, job_id: str, by: str) -> Job:
        """Store a job that presses it: the refused job's action and words, on the account that was refused.

        Raises:
            NotFound, NotOffered, Conflict: see `offered`.
            Unavailable: it cannot be stored now; nothing was.
        """
        refused = await self.offered(workspace_id, job_id)
        now = self._clock.now()
        new_id = str(uuid.uuid4())
        job = Job(
            id=new_id,
            request_id=new_id,
            workspace_id=refused.workspace_id,
            application_id=refused.application_id,
            action=refused.action,
            prompt=refused.prompt,
            ref=refused.ref,
            parent_id=refused.id,
            root_id=refused.root_id or refused.id,
            click=refused.appeal,
            bound_account_id=refused.account_id,
            created_at=now,
            updated_at=now,
        )
        origin = Origin(workspace_id=job.workspace_id, requester=by, dialect=DIALECT, ref=job.ref)
        request = Request(id=new_id, origin=origin, action=job.action, prompt=job.prompt, created_at=now)
        (outcome,) = await self._store.apply([NewRequest(request, (job,), (update_of(job, None),))])
        if outcome is not Outcome.APPLIED:
            raise Unavailable(f"the appeal was not stored: {outcome}")
        return job
