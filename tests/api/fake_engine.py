"""An engine in memory behind the HTTP side's door: jobs move when a test says so."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.clock import SystemClock
from engine.core.credit import Credit, Credits
from engine.core.journal import JournalWanted
from engine.core.repeats import Repeats
from engine.core.status import AccountStatus, Health, Status, UnknownWire, WorkspaceStatus
from engine.core.webhooks import Webhooks
from engine.model.accounts import AccountState
from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind
from engine.model.catalogue import action_of_custom_id
from engine.model.errors import Conflict, NotFound, NotOffered, UnknownKey
from engine.model.inputs import Given
from engine.model.jobs import (
    FINAL_STATES,
    Attachment,
    Component,
    Job,
    JobState,
    JobUpdate,
    Origin,
    Picture,
    Progress,
    Request,
    Result,
)
from engine.model.prompts import check_prompt
from engine.model.transitions import update_of
from engine.ports import ApiKey, JournalEntry, PictureCopy, Workspace
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.plain_secrets import PlainSecrets
from tests.fakes.rule_door import RulesInMemory

START = datetime(2026, 1, 15, 12, 0, 0, 250_000, tzinfo=UTC)
KEY = "easel_0123456789abcdef"
OTHER_KEY = "easel_fedcba9876543210"
PICTURE_KEY = "0123456789abcdef0123456789abcdef"
PARENT_UUID = "11111111-2222-3333-4444-555555555555"


def grid_result(key: str = PICTURE_KEY, filename: str = "someone_a_red_fox.webp") -> Result:
    url = f"https://cdn.discordapp.com/attachments/1/2/{filename}?ex=1&is=2&hm=3"
    components = [
        Component(2, f"MJ::JOB::upsample::{n}::{PARENT_UUID}", f"U{n}", None, 2, None, 0, n - 1) for n in range(1, 5)
    ]
    components.append(Component(2, f"MJ::JOB::reroll::0::{PARENT_UUID}::SOLO", "", "🔄", 2, None, 0, 4))
    components += [
        Component(2, f"MJ::JOB::variation::{n}::{PARENT_UUID}", f"V{n}", None, 2, None, 1, n - 1) for n in range(1, 5)
    ]
    components.append(Component(2, None, "Web", None, 5, "https://www.midjourney.com/jobs/1", 1, 4))
    # the order of a message is that of rows and columns, whatever the order of the list
    components.reverse()
    attachment = Attachment("9", filename, url, None, "image/webp", 2048, 2048, 1000)
    return Result("77", "88", 0, "**a red fox**", (Picture(key, attachment),), tuple(components), PARENT_UUID)


def job(**changes: Any) -> Job:
    """A job of the workspace `ws`, QUEUED unless said otherwise."""
    job_id = str(changes.pop("id", uuid.uuid4()))
    values: dict[str, Any] = {
        "id": job_id,
        "request_id": job_id,
        "workspace_id": "ws",
        "application_id": MIDJOURNEY_APPLICATION,
        "action": Action(ActionKind.IMAGINE),
        "prompt": "a red fox",
        "created_at": START,
        "updated_at": START + timedelta(seconds=2),
    }
    return Job(**{**values, **changes})


def api_key(number: int, workspace_id: str) -> ApiKey:
    return ApiKey(number, workspace_id, "test", "easel_0123", "digest", START)


class FakeWatch:
    """Everything that is ready, until a final state was told."""

    def __init__(self, engine: FakeEngine, workspace_id: str, job_id: str, after_version: int) -> None:
        self.engine = engine
        self.workspace_id = workspace_id
        self.job_id = job_id
        self.after_version = after_version
        self.queue: asyncio.Queue[JobUpdate | Progress] | None = None
        self.over = False

    async def batch(self) -> list[JobUpdate | Progress]:
        if self.queue is None:
            await self.engine.job(self.workspace_id, self.job_id)
            self.queue = asyncio.Queue()
            for update in self.engine.updates[self.job_id]:
                if update.version > self.after_version:
                    self.queue.put_nowait(update)
            self.engine.listeners.setdefault(self.job_id, []).append(self.queue)
        told = [] if self.over else [await self.queue.get()]
        while told and not self.queue.empty():
            told.append(self.queue.get_nowait())
        self.over = any(isinstance(item, JobUpdate) and item.state in FINAL_STATES for item in told)
        return told

    async def aclose(self) -> None:
        listeners = self.engine.listeners.get(self.job_id, [])
        if self.queue in listeners:
            listeners.remove(self.queue)


class FakeReader:
    """What the engine was made to tell, for the test to put in by `tell`."""

    def __init__(self, wanted: JournalWanted, after: int | None) -> None:
        self.wanted = wanted
        self.after = after
        self.place = 41 if after is None else after
        self.queue: asyncio.Queue[JournalEntry | Progress | Exception] = asyncio.Queue()
        self.closed = False

    def tell(self, job: Job, place: int, requester: str | None = None) -> None:
        self.queue.put_nowait(
            JournalEntry(
                place=place,
                workspace_id=job.workspace_id,
                request_id=job.request_id,
                action=job.action,
                ref=job.ref,
                requester=requester,
                private=job.private,
                update=update_of(job, None),
            )
        )

    async def batch(self) -> list[JournalEntry | Progress]:
        told = await self.queue.get()
        if isinstance(told, Exception):
            raise told
        return [told]

    async def missed(self) -> list[JournalEntry | Progress]:
        return [] if self.queue.empty() else await self.batch()

    def close(self) -> None:
        self.closed = True


class FakeLinks:
    """Links of which only those in `renewed` can be signed anew."""

    def __init__(self) -> None:
        self.renewed: dict[str, str] = {}

    async def fresh(self, workspace_id: str, files: Sequence[Attachment]) -> list[Attachment]:
        return [replace(file, url=self.renewed.get(file.url, file.url)) for file in files]


class FakeEngine(RulesInMemory):
    """`failure`, when set, is raised by every method that asks the store."""

    def __init__(self) -> None:
        super().__init__(START)
        self.keys = {KEY: api_key(7, "ws"), OTHER_KEY: api_key(8, "other")}
        self.asked_keys: list[str] = []
        self.store = MemoryStore()
        self.repeats = Repeats(self.store, SystemClock(), sole_owner=True)
        self.credit = Credit(self.store, SystemClock())
        self.jobs: dict[str, Job] = {}
        self.origins: dict[str, Origin] = {}
        self.timeouts: dict[str, float | None] = {}
        self.updates: dict[str, list[JobUpdate]] = {}
        self.listeners: dict[str, list[asyncio.Queue[JobUpdate | Progress]]] = {}
        self.readers: list[FakeReader] = []
        self.waits: dict[str, str] = {}
        self.copies: dict[str, PictureCopy] = {}
        self.files: dict[str, Path] = {}
        self.quarters: dict[tuple[str, int], Path | Exception] = {}
        self.sources: dict[str, list[bytes] | Exception] = {}
        self.source_pause = 0.0
        self.sources_open = 0
        self.failure: Exception | None = None
        self.store_writable = True
        self.kept: list[tuple[str, bytes]] = []
        self.alone_unless: list[str | None] = []
        self.links = FakeLinks()
        self.health = Health.OK
        self.at = START
        for name in ("ws", "other"):
            self.store._workspaces[name] = Workspace(name, name, START)
        self.webhooks = Webhooks(self.store, PlainSecrets(), ManualClock(START), dialects={"imaginepro", "native"})

    # --- what a test does ---

    def put(self, new: Job) -> Job:
        self.jobs[new.id] = self.store._jobs[new.id] = new
        self._note(new)
        return new

    def move(self, job_id: str, **changes: Any) -> Job:
        before = self.jobs[job_id]
        after = replace(before, version=before.version + 1, **changes)
        self.jobs[job_id] = after
        update = self._note(after)
        for queue in self.listeners.get(job_id, []):
            queue.put_nowait(update)
        return after

    def tell(self, job_id: str, percent: int, preview_url: str | None = None) -> None:
        self.jobs[job_id] = replace(self.jobs[job_id], percent=percent, preview_url=preview_url)
        for queue in self.listeners.get(job_id, []):
            queue.put_nowait(Progress(job_id, percent, preview_url))

    def watchers(self, job_id: str) -> int:
        return len(self.listeners.get(job_id, []))

    def put_picture(self, filename: str = "fox.webp", *, failed: bool = False) -> PictureCopy:
        picture = grid_result(filename=filename).pictures[0]
        self.copies[picture.key] = PictureCopy(picture, "job", 1, None, failed)
        return self.copies[picture.key]

    # --- the door ---

    async def authenticate(self, key: str) -> ApiKey:
        self.asked_keys.append(key)
        self._check()
        if key not in self.keys:
            raise UnknownKey("the API key is unknown or revoked")
        return self.keys[key]

    async def credits(self, key: ApiKey) -> Credits:
        return await self.credit.of(key)

    async def imagine(
        self,
        origin: Origin,
        prompt: str,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - likewise
        alone_unless: str | None = None,
    ) -> Job:
        self.alone_unless.append(alone_unless)
        self._check()
        return self._submit(origin, timeout, prompt=check_prompt(prompt))

    async def keep(self, content: bytes, field: str) -> str:
        self._check()
        self.kept.append((field, content))
        return f"kept-{len(self.kept)}.png"

    async def press(
        self,
        origin: Origin,
        job_id: str,
        label: str,
        *,
        words: str | None = None,
        mask: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - likewise
    ) -> Job:
        parent = await self.job(origin.workspace_id, job_id)
        if parent.result is None:
            raise Conflict(f"the job is not finished: it is {parent.state}")
        button = parent.result.button(label)
        action = action_of_custom_id(button.custom_id or "") if button else None
        if action is None:
            raise NotOffered(f"the job offers no button {label!r}")
        given = Given(words=words, mask=mask)
        return self._submit(
            origin, timeout, prompt=words or parent.prompt, action=action, parent_id=parent.id, given=given
        )

    async def cancel(self, origin: Origin, job_id: str) -> Job:
        found = await self.job(origin.workspace_id, job_id)
        if found.state is not JobState.QUEUED:
            raise Conflict(f"only a queued job can be cancelled; this one is {found.state}")
        return self.move(job_id, state=JobState.CANCELLED, note=f"cancelled by {origin.requester}")

    async def job(self, workspace_id: str, job_id: str) -> Job:
        self._check()
        found = self.jobs.get(job_id)
        if found is None or found.workspace_id != workspace_id:
            raise NotFound("no such job")
        return found

    def learn(self, job: Job) -> None:
        self.jobs[job.id] = job

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        return [job for job in self.jobs.values() if (job.workspace_id, job.request_id) == (workspace_id, request_id)]

    async def jobs_under(self, workspace_id: str, job_id: str) -> list[Job]:
        return await self.jobs_of(workspace_id, job_id) or [await self.job(workspace_id, job_id)]

    async def request(self, workspace_id: str, request_id: str) -> Request:
        found = await self.job(workspace_id, request_id)
        origin = self.origins.get(request_id) or Origin(
            workspace_id=found.workspace_id, requester="key:7", dialect="native"
        )
        return Request(
            id=request_id, origin=origin, action=found.action, prompt=found.prompt, created_at=found.created_at
        )

    def watch(self, workspace_id: str, job_id: str, after_version: int | None = None) -> FakeWatch:
        return FakeWatch(self, workspace_id, job_id, after_version or 0)

    async def events(self, workspace_id: str, wanted: JournalWanted, after: int | None = None) -> FakeReader:
        self._check()
        self.readers.append(FakeReader(wanted, after))
        return self.readers[-1]

    async def status(self, workspace_id: str | None) -> Status:
        self._check()
        return Status(
            state=self.health,
            version="9.9.9",
            uptime_seconds=12.34,
            store_writable=self.store_writable,
            workspace=None if workspace_id is None else self._workspace(workspace_id),
        )

    def waits_because(self, job: Job) -> str | None:
        return self.waits.get(job.id)

    async def picture(self, key: str) -> PictureCopy:
        self._check()
        if key not in self.copies:
            raise NotFound("there is no such picture")
        return self.copies[key]

    def picture_file(self, copy: PictureCopy) -> Path | None:
        return self.files.get(copy.picture.key)

    async def picture_quarter(self, copy: PictureCopy, number: int) -> Path:
        quarter = self.quarters.get((copy.picture.key, number), NotFound("the picture has no single images"))
        if isinstance(quarter, Exception):
            raise quarter
        return quarter

    async def picture_source(self, copy: PictureCopy) -> AsyncIterator[bytes]:
        chunks = self.sources[copy.picture.key]
        if isinstance(chunks, Exception):
            raise chunks
        self.sources_open += 1
        try:
            for chunk in chunks:
                yield chunk
                await asyncio.sleep(self.source_pause)
        finally:
            self.sources_open -= 1

    def now(self) -> datetime:
        return self.at

    # --- inside ---

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _submit(self, origin: Origin, timeout: float | None, **changes: Any) -> Job:
        new = self.put(job(workspace_id=origin.workspace_id, ref=origin.ref, timeout_seconds=timeout, **changes))
        self.origins[new.id] = origin
        self.timeouts[new.id] = timeout
        return new

    def _note(self, moved: Job) -> JobUpdate:
        update = JobUpdate(
            moved.id,
            moved.version,
            moved.state,
            "Event",
            moved.updated_at,
            moved.percent,
            moved.failure,
            moved.note,
        )
        self.updates.setdefault(moved.id, []).append(update)
        return update

    def _workspace(self, workspace_id: str) -> WorkspaceStatus:
        account = AccountStatus(
            id=1,
            name=f"account of {workspace_id}",
            state=AccountState.ACTIVE,
            live=True,
            trouble=None,
            reason=None,
            running=2,
            concurrency=3,
            queued=1,
            demo=False,
            remix=None,
            warnings=(),
        )
        return WorkspaceStatus(
            accounts=(account,),
            queued=4,
            running=2,
            needs_attention=1,
            done_today=10,
            failed_today=3,
            oldest_wait_seconds=61.26,
            unknown_wire=(UnknownWire("MESSAGE_CREATE:type 46", 2, START),),
            webhooks_due=3,
            webhooks_failed=1,
        )
