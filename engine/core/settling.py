"""What the operator may decide of a job whose outcome is unknown; each decision is kept with the job."""

from __future__ import annotations

from datetime import timedelta

from engine.model.accounts import AccountState
from engine.model.chance import new_key
from engine.model.errors import Conflict, InvalidInput, NotFound
from engine.model.events import Event, Finished, SentAgain, SettledDone, SettledFailed
from engine.model.jobs import Job, JobState
from engine.model.limits import Limits
from engine.model.reading import event_of
from engine.model.sightings import Sighting, Stage
from engine.model.snowflakes import time_of
from engine.model.transitions import advance, update_of
from engine.ports import Clock, Driver, JobChange, Outcome, Secrets, Store

AGAIN_WITHIN = timedelta(hours=24)
"""How long a job that was sent again may wait in the queue."""


class Settling:
    """The three ways out of NEEDS_ATTENTION that are a person's to take."""

    def __init__(self, store: Store, driver: Driver, secrets: Secrets, clock: Clock) -> None:
        self._store = store
        self._driver = driver
        self._secrets = secrets
        self._clock = clock

    async def failed(self, workspace_id: str, job_id: str, by: str) -> Job:
        """Declare it failed.

        Raises:
            NotFound: unknown, or another workspace's.
            Conflict: its outcome is not unknown, or something happened to it just now.
        """
        job = await self._unknown(workspace_id, job_id)
        return await self._decide(job, SettledFailed(at=self._clock.now(), by=by))

    async def sent_again(self, workspace_id: str, job_id: str, by: str) -> Job:
        """Put it back to the queue, knowing that the first submission may have run, or still run, and be billed.

        Raises:
            NotFound: unknown, or another workspace's.
            Conflict: its outcome is not unknown, or something happened to it just now.
        """
        job = await self._unknown(workspace_id, job_id)
        now = self._clock.now()
        return await self._decide(job, SentAgain(at=now, by=by, until=now + AGAIN_WITHIN))

    async def done_as(self, workspace_id: str, job_id: str, message_id: str, by: str) -> Job:
        """Take the result from this message of the account's channel.

        Raises:
            InvalidInput: it is no message id, no finished picture, older than the job, or another job's result.
            NotFound: unknown job, or the channel has no such message.
            Conflict: its outcome is not unknown, or its account is gone.
            Unavailable: Discord could not be asked.
        """
        job = await self._unknown(workspace_id, job_id)
        if not (message_id.isascii() and message_id.isdigit() and len(message_id) <= 20):  # noqa: PLR2004 - 64 bits
            raise InvalidInput("message id", "is not an id of Discord", value=message_id, allowed="digits")
        account = await self._store.account(job.account_id) if job.account_id is not None else None
        if account is None or account.state is AccountState.UNLINKED:
            raise Conflict(f"the account that ran job {job_id} is no longer linked, so its channel cannot be read")
        for other in await self._store.finished_since(account.id, time_of(message_id) - timedelta(hours=1)):
            if other.result is not None and other.result.message_id == message_id and other.id != job_id:
                raise InvalidInput("message id", f"is the result of another job, {other.id}", value=message_id)
        found = await self._driver.message(account, self._secrets.unseal(account.token_sealed), message_id)
        if not isinstance(found, Sighting):
            raise NotFound(f"the channel of account {account.id} has no message {message_id} by Midjourney")
        if found.stage is not Stage.FINAL:
            raise InvalidInput("message id", f"is no finished result: it is {found.stage}", value=message_id)
        if job.sent_at is not None and time_of(message_id) < job.sent_at - timedelta(minutes=1):
            raise InvalidInput("message id", f"is older than the job, which was sent {job.sent_at:%Y-%m-%d %H:%M:%S}")
        now = self._clock.now()
        read = event_of(job, found, account_id=account.id, limits=Limits(), now=now, new_key=new_key)
        if not isinstance(read, Finished):
            raise InvalidInput("message id", "is no finished result", value=message_id)
        return await self._decide(job, SettledDone(at=now, by=by, result=read.result))

    async def _unknown(self, workspace_id: str, job_id: str) -> Job:
        job = await self._store.job(workspace_id, job_id)
        if job is None:
            raise NotFound(f"there is no job {job_id}")
        if job.state is not JobState.NEEDS_ATTENTION:
            raise Conflict(f"job {job_id} is {job.state}; only NEEDS_ATTENTION can be settled")
        return job

    async def _decide(self, before: Job, event: Event) -> Job:
        after = advance(before, event)
        (outcome,) = await self._store.apply([JobChange(before, after, update_of(after, event))])
        if outcome is not Outcome.APPLIED:
            raise Conflict(
                f"something happened to job {before.id} just now; look again with: easel job show {before.id}"
            )
        return after
