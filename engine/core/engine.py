"""The door's deeds: what may be asked of Easel, checked and stored before it is promised."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.core.dispatcher import Dispatcher
from engine.core.keepers import Keepers
from engine.core.leases import Leases
from engine.core.mirroring import Mirroring
from engine.core.parts import Parts
from engine.core.recent import Recent
from engine.core.reporting import Reporting
from engine.core.status import Status
from engine.core.updates import Updates
from engine.core.watching import Watch
from engine.model.accounts import AccountState
from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind, Click
from engine.model.catalogue import action_of_custom_id
from engine.model.errors import Conflict, NotFound, NotOffered, Unauthenticated, Unavailable
from engine.model.events import CancelAsked
from engine.model.jobs import Job, JobState, Origin, Request
from engine.model.limits import Limits
from engine.model.prompts import check_prompt
from engine.model.snowflakes import Nonces
from engine.model.transitions import advance, update_of
from engine.ports import (
    ApiKey,
    Clock,
    Driver,
    Images,
    Inputs,
    JobChange,
    NewRequest,
    Outcome,
    PictureCopy,
    Secrets,
    Store,
)

_LOG = logging.getLogger(__name__)

KEY_REMEMBERED = 2.0
"""Seconds for which a key counts as valid without asking the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How the engine behaves; every value is a setting."""

    version: str
    pace_seconds: float = 2.0
    limits: Limits = field(default_factory=Limits)
    lease_seconds: float = 30.0
    post_timeout_seconds: float = 5.0
    sole_owner: bool = True
    """A lock keeps every other process from this store, so a lease left behind counts as free."""
    picture_concurrency: int = 4
    copy_pictures: bool = True
    upstream_hosts: frozenset[str] = frozenset()


class Engine:
    """One process's engine."""

    def __init__(
        self,
        *,
        store: Store,
        driver: Driver,
        secrets: Secrets,
        clock: Clock,
        images: Images,
        inputs: Inputs,
        options: EngineOptions,
    ) -> None:
        self._store = store
        self._clock = clock
        self._images = images
        self._inputs = inputs
        self._options = options
        self._updates = Updates(clock)
        self._leases = Leases(
            store, clock, owner=str(uuid.uuid4()), seconds=options.lease_seconds, sole_owner=options.sole_owner
        )
        parts = Parts(
            store=store,
            driver=driver,
            secrets=secrets,
            clock=clock,
            leases=self._leases,
            updates=self._updates,
            nonces=Nonces(),
            limits=options.limits,
            pace_seconds=options.pace_seconds,
            post_timeout=options.post_timeout_seconds,
        )
        self._keepers = Keepers(parts, moved=self._moved, wake=self._wake)
        self._dispatcher = Dispatcher(
            store=store, clock=clock, limits=options.limits, updates=self._updates, keepers=self._keepers
        )
        self._mirroring = Mirroring(
            store=store,
            images=images,
            clock=clock,
            concurrency=options.picture_concurrency,
            hosts=self._hosts,
        )
        self._reporting = Reporting(store, clock, self._keepers, version=options.version)
        self._tasks: list[asyncio.Task[None]] = []
        self._keys: dict[str, tuple[ApiKey, float]] = {}
        self._notings: set[asyncio.Task[None]] = set()
        self._newest = clock.now()
        self._recent = Recent(clock)

    async def start(self) -> None:
        """Take the accounts and begin; what an earlier process left open is recovered."""
        await self._keepers.refresh()
        works: list[Coroutine[Any, Any, None]] = [
            self._keepers.run(),
            self._dispatcher.run(),
            self._leases.keep(self._keepers.lease_lost),
            self._flush(),
        ]
        if self._options.copy_pictures:
            works.append(self._mirroring.run())
        self._tasks = [asyncio.create_task(_insist(work)) for work in works]

    async def stop(self) -> None:
        """Stop taking, let open POSTs answer, save, leave each session resumable."""
        self._reporting.stopping = True
        self._dispatcher.stop_taking()
        following, *others = self._tasks
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await self._keepers.stop()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _flush(self) -> None:
        while True:
            await self._clock.sleep(0.1)
            self._updates.flush()

    def _wake(self) -> None:
        self._dispatcher.wake()

    def _moved(self, job: Job) -> None:
        self._recent.learn(job)
        if job.nonces[:-1]:  # it was put back once: only who sent it last still waits for it
            self._keepers.forget(job)
        self._dispatcher.moved(job)
        if job.state is JobState.DONE:
            self._mirroring.wake()

    def now(self) -> datetime:
        """The present."""
        return self._clock.now()

    async def authenticate(self, key: str) -> ApiKey:
        """The stored key.

        Raises:
            Unauthenticated: unknown or revoked.
            Unavailable: the store cannot be read.
        """
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        remembered = self._keys.get(digest)
        ticks = self._clock.ticks()
        if remembered is not None and ticks - remembered[1] < KEY_REMEMBERED:
            return remembered[0]
        found = await self._store.key_by_digest(digest)
        if found is None or found.revoked_at is not None:
            self._keys.pop(digest, None)
            raise Unauthenticated("the API key is unknown or revoked")
        self._keys[digest] = (found, ticks)
        now = self._clock.now()
        if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=1):
            noting = asyncio.create_task(self._note_use(found, now))  # whoever only reads need not wait for a write
            self._notings.add(noting)
            noting.add_done_callback(self._notings.discard)
        return found

    async def _note_use(self, key: ApiKey, now: datetime) -> None:
        try:
            await self._store.touch_key(key.id, now)
        except Unavailable as error:
            _LOG.debug("the last use of key %d was not noted: %s", key.id, error)

    # --- what is asked ---

    async def imagine(self, origin: Origin, prompt: str, *, timeout: float | None = None) -> Job:  # noqa: ASYNC109 - the job's limit, not this call's
        """Take a prompt; it is stored when this returns.

        Raises:
            InvalidInput: the prompt cannot be sent.
            Unavailable: it cannot be stored now; nothing was.
        """
        words = check_prompt(prompt)
        action = Action(ActionKind.IMAGINE)
        job = self._new_job(origin, action, words, MIDJOURNEY_APPLICATION, timeout)
        return await self._submit(origin, job, words)

    async def press(self, origin: Origin, job_id: str, label: str, *, timeout: float | None = None) -> Job:  # noqa: ASYNC109 - the job's limit, not this call's
        """Press a button of a finished job; the new job is stored when this returns.

        Raises:
            NotFound: no such job in the workspace.
            Conflict: it is not finished, or its account is not there any more.
            NotOffered: the result carries no such button.
            Unavailable: it cannot be stored now; nothing was.
        """
        parent = await self.job(origin.workspace_id, job_id)
        if parent.state is not JobState.DONE or parent.result is None:
            raise Conflict(f"job {job_id} is {parent.state}: only a finished job has buttons")
        component = parent.result.button(label)
        if component is None or component.custom_id is None:
            offered = ", ".join(c.name for c in parent.result.components if c.name) or "none"
            raise NotOffered(f"the job offers no button {label!r} (it offers: {offered})")
        action = action_of_custom_id(component.custom_id)
        if action is None:
            raise NotOffered(f"this version of Easel cannot press {label!r} yet")
        await self._account_is_there(parent)
        click = Click(
            parent.application_id,
            parent.result.channel_id,
            parent.result.message_id,
            parent.result.flags,
            component.custom_id,
        )
        job = replace(
            self._new_job(origin, action, parent.prompt, parent.application_id, timeout),
            parent_id=parent.id,
            root_id=parent.root_id or parent.id,
            click=click,
            bound_account_id=parent.account_id,
        )
        return await self._submit(origin, job, parent.prompt)

    async def cancel(self, origin: Origin, job_id: str) -> Job:
        """Take back a job that was not sent.

        Raises:
            NotFound: no such job in the workspace.
            Conflict: it was sent already, or it is finished.
            Unavailable: it cannot be stored now; nothing was.
        """
        job = await self._stored_job(origin.workspace_id, job_id)
        while job.state is JobState.QUEUED:
            event = CancelAsked(at=self._clock.now(), by=origin.requester)
            after = advance(job, event)
            update = update_of(after, event)
            (outcome,) = await self._store.apply([JobChange(job, after, update)])
            if outcome is Outcome.APPLIED:
                self._recent.learn(after)
                self._keepers.forget(after)
                self._dispatcher.remove(job_id)
                self._updates.stored(update)
                return after
            job = await self._stored_job(origin.workspace_id, job_id)
        raise Conflict(f"job {job_id} is {job.state}: only a queued job can be cancelled")

    # --- what is known ---

    async def job(self, workspace_id: str, job_id: str) -> Job:
        """A job with its newest percent and preview.

        Raises:
            NotFound: no such job in the workspace.
        """
        job = self._recent.get(workspace_id, job_id) or await self._stored_job(workspace_id, job_id)
        progress = self._updates.latest(job_id)
        if progress is None or job.is_final:
            return job
        percent = max(job.percent, progress.percent)
        return replace(job, percent=percent, preview_url=progress.preview_url or job.preview_url)

    async def request(self, workspace_id: str, request_id: str) -> Request:
        """What was asked.

        Raises:
            NotFound: no such request in the workspace.
        """
        request = await self._store.request(workspace_id, request_id)
        if request is None:
            raise NotFound(f"no request {request_id}")
        return request

    def watch(self, workspace_id: str, job_id: str, after_version: int | None = None) -> Watch:
        """Stored updates above `after_version`, then live ones, until a final state.

        Raises (when it is first read):
            NotFound: no such job in the workspace.
        """
        return Watch(self._store, self._updates, job_id, after_version or 0, lambda: self.job(workspace_id, job_id))

    async def status(self, workspace_id: str | None) -> Status:
        """How the engine is; with a workspace, its accounts and figures too."""
        return await self._reporting.status(workspace_id)

    # --- pictures ---

    async def picture(self, key: str) -> PictureCopy:
        """The picture under that unguessable key.

        Raises:
            NotFound: there is none.
        """
        copy = await self._store.picture(key)
        if copy is None:
            raise NotFound("no such picture")
        return copy

    def picture_file(self, copy: PictureCopy) -> Path | None:
        """Where its copy lies."""
        return self._images.path(copy.filename) if copy.filename else None

    def picture_source(self, copy: PictureCopy) -> AsyncIterator[bytes]:
        """Its bytes from the source."""
        return self._images.open(copy, self._hosts())

    async def picture_quarter(self, copy: PictureCopy, number: int) -> Path:
        """Where one of a grid's four single images lies. Raises NotFound, Unavailable."""
        return await self._images.quarter(copy, number, self._hosts())

    def _new_job(self, origin: Origin, action: Action, prompt: str, application_id: str, limit: float | None) -> Job:
        # strictly rising, so that first come is first served even within one tick of the clock
        now = self._newest = max(self._clock.now(), self._newest + timedelta(microseconds=1))
        job_id = str(uuid.uuid4())
        return Job(
            id=job_id,
            request_id=job_id,
            workspace_id=origin.workspace_id,
            application_id=application_id,
            action=action,
            prompt=prompt,
            ref=origin.ref,
            created_at=now,
            updated_at=now,
            timeout_seconds=limit,
            deadline_at=None if limit is None else now + timedelta(seconds=limit),
        )

    async def _submit(self, origin: Origin, job: Job, prompt: str) -> Job:
        request = Request(id=job.request_id, origin=origin, action=job.action, prompt=prompt, created_at=job.created_at)
        update = update_of(job, None)
        (outcome,) = await self._store.apply([NewRequest(request, (job,), (update,))])
        if outcome is not Outcome.APPLIED:
            raise Unavailable(f"the request was not stored: {outcome}")
        self._recent.learn(job)
        self._updates.stored(update)
        self._dispatcher.add(job)
        return job

    async def _stored_job(self, workspace_id: str, job_id: str) -> Job:
        job = await self._store.job(workspace_id, job_id)
        if job is None:
            raise NotFound(f"no job {job_id}")
        self._recent.learn(job)
        return job

    async def _account_is_there(self, parent: Job) -> None:
        account = await self._store.account(parent.account_id) if parent.account_id is not None else None
        if account is None or account.state is AccountState.UNLINKED:
            raise Conflict("the account that made this picture is no longer linked; its buttons cannot be pressed")
        if account.state is AccountState.STOPPED:
            raise Conflict(f"the account that made this picture is stopped: {account.reason or account.trouble}")

    def _hosts(self) -> frozenset[str]:
        accounts = (keeper.account for keeper in self._keepers.values())
        places = (urlsplit(account.upstream.api_url).netloc.rpartition("@")[2] for account in accounts)
        return self._options.upstream_hosts | set(places)


async def _insist(work: Coroutine[Any, Any, None]) -> None:
    """A part that breaks down is told of: nothing here may end silently."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except BaseException:
        _LOG.critical("a part of the engine broke down", exc_info=True)
        raise
