"""What the HTTP side asks of the engine: the door as a protocol, so that tests can stand another one in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from engine.api.key_door import KeyDoor
from engine.api.rule_door import RuleDoor
from engine.api.webhook_door import WebhookDesk
from engine.core.community.desks import Community
from engine.core.desks import Desks
from engine.core.journal import JournalWanted
from engine.core.queues import AccountQueue, Trace
from engine.core.status import Status
from engine.model.accounts import Account
from engine.model.actions import MIDJOURNEY_APPLICATION, Action
from engine.model.inputs import NOTHING, Given, ImageInput
from engine.model.jobs import Attachment, Job, JobUpdate, Mode, Origin, Progress, Request
from engine.ports import JournalEntry, PictureCopy


class Watching(Protocol):
    """What a watcher of one job is told."""

    async def batch(self) -> Sequence[JobUpdate | Progress]:
        """All that is ready, at least one; nothing when the end was told."""
        ...

    async def aclose(self) -> None:
        """Watch no longer."""
        ...


class JournalReading(Protocol):
    """What a reader of all jobs is told."""

    @property
    def place(self) -> int:
        """Of the last entry that the reader has."""
        ...

    async def batch(self) -> Sequence[JournalEntry | Progress]:
        """All that is ready, at least one."""
        ...

    async def missed(self) -> Sequence[JournalEntry | Progress]:
        """The next of what was stored before the reader came; nothing when all of it was told."""
        ...

    def close(self) -> None:
        """Read no more."""
        ...


class LinkedAccounts(Protocol):
    """A workspace's linked accounts, by the UUID that UserAPI calls them."""

    async def looked_at(self, workspace_id: str, account_hash: str) -> Account:
        """One of them, with whether its Remix is on, if that can be found out in a moment. Raises NotFound."""
        ...

    async def of(self, workspace_id: str) -> list[Account]:
        """All of them, by id."""
        ...

    async def named(self, workspace_id: str, account_hash: str) -> Account:
        """One of them. Raises NotFound."""
        ...

    async def able(self, workspace_id: str, account_hash: str) -> Account:
        """One of them that takes jobs. Raises NotFound, AccountStopped."""
        ...

    async def hash_of(self, account_id: int) -> str | None:
        """The UUID of an account, linked or not."""
        ...

    def is_live(self, account_id: int) -> bool:
        """Whether its session is ready."""
        ...


class DiscordLinks(Protocol):
    """Files at Discord."""

    async def upload(
        self,
        workspace_id: str,
        picture: bytes,
        account_id: int | None = None,
        *,
        among: Collection[int] = (),
        kinds: Collection[str] = (),
        field: str = "image",
    ) -> tuple[int, Attachment]:
        """Post a picture in an account's channel; returns the account's id and the file.

        Raises InvalidInput, NotFound, Conflict (nobody is connected), Refused.
        """
        ...

    async def fetched(self, address: str, *, field: str = "image") -> bytes:
        """What lies at an address. Raises InvalidInput."""
        ...

    async def fresh(self, workspace_id: str, files: Sequence[Attachment]) -> list[Attachment]:
        """The same files with addresses that open now, where they can be had."""
        ...


class QueueDesk(Protocol):
    """What may be done to a workspace's queue and to who serves it; `who` does it, for the audit log."""

    async def pause(self, workspace_id: str, who: str) -> datetime:
        """Send nothing new. Returns when."""
        ...

    async def resume(self, workspace_id: str, who: str) -> datetime:
        """Go on. Returns when."""
        ...

    async def reboot(self, workspace_id: str, who: str) -> datetime:
        """Look up every open job. Returns when."""
        ...

    async def heed(self) -> None:
        """Heed at once what was changed at a desk."""
        ...

    async def count(self, workspace_id: str) -> int:
        """How many jobs wait to be sent."""
        ...

    async def of_accounts(self, workspace_id: str, *, services: bool = False) -> Sequence[AccountQueue]:
        """The workspace's accounts with their jobs, by id."""
        ...

    async def accounts(self, workspace_id: str) -> list[Account]:
        """The workspace's accounts at Midjourney, by id."""
        ...

    async def account(self, workspace_id: str, account_id: int) -> Account:
        """One of them. Raises NotFound."""
        ...

    async def switch(self, workspace_id: str, account_id: int, *, on: bool, who: str) -> Account:
        """Let an account take jobs, or nothing new. Raises NotFound, Conflict (a demo account)."""
        ...

    async def history(self, workspace_id: str, *, page: int, size: int) -> list[Job]:
        """What was made in the last 24 hours, the latest first; pages count from 1."""
        ...

    async def traced(self, job: Job) -> Trace:
        """The account of a job."""
        ...


class Door(RuleDoor, KeyDoor, Protocol):
    """The engine as its callers see it.

    Raises (every method): `errors.Unavailable` when the store cannot be read or written now.
    """

    @property
    def desks(self) -> Desks:
        """Where the operator is served."""
        ...

    @property
    def community(self) -> Community:
        """Where the people of Discord are served."""
        ...

    @property
    def queues(self) -> QueueDesk:
        """The workspaces' queues, and which accounts serve them."""
        ...

    @property
    def linked(self) -> LinkedAccounts:
        """The linked accounts."""
        ...

    @property
    def links(self) -> DiscordLinks:
        """Files at Discord."""
        ...

    @property
    def webhooks(self) -> WebhookDesk:
        """All about webhooks."""
        ...

    async def imagine(
        self,
        origin: Origin,
        prompt: str,
        *,
        images: Sequence[ImageInput] = (),
        mode: Mode | None = None,
        aspect: str | None = None,
        application_id: str = MIDJOURNEY_APPLICATION,
        account_id: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - likewise
        alone_unless: str | None = None,
    ) -> Job:
        """Store a new job, for that account alone if one is named; the time-out is the job's own, in seconds.

        With `alone_unless` a prompt that makes several jobs is refused.

        Raises InvalidInput, NotFound, Conflict (the account cannot work).
        """
        ...

    async def command(
        self,
        origin: Origin,
        action: Action,
        *,
        prompt: str = "",
        given: Given = NOTHING,
        application_id: str = MIDJOURNEY_APPLICATION,
        account_id: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - likewise
    ) -> Job:
        """Store a job for another command. Raises as `imagine`."""
        ...

    async def act(
        self,
        origin: Origin,
        job_id: str,
        *actions: Action,
        words: str | None = None,
        mask: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - likewise
        anew: bool = False,
        early: bool = False,
    ) -> Job:
        """As `press`, by what is to be done: whichever of these the job offers, or (`early`) will offer when done."""
        ...

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
        """Store a job for a button of a finished one; `mask` names a kept picture.

        Raises NotFound, InvalidInput, Conflict (not finished, its account cannot work, Remix is off), NotOffered.
        """
        ...

    async def service(
        self,
        origin: Origin,
        action: Action,
        *,
        prompt: str = "",
        image: ImageInput | None = None,
        options: tuple[tuple[str, str], ...] = (),
        timeout: float | None = None,  # noqa: ASYNC109 - likewise
    ) -> Job:
        """Store a job for another service than Midjourney. Raises InvalidInput, NotConfigured."""
        ...

    async def extended(self, origin: Origin, prompt: str) -> str:
        """A longer prompt. Raises InvalidInput, NotConfigured, Refused."""
        ...

    async def keep(self, content: bytes, field: str) -> str:
        """Keep a picture for a job to come; returns its name. Raises InvalidInput, which calls it `field`."""
        ...

    def check_address(self, address: str, field: str) -> None:
        """Whether a picture's address may be used. Raises InvalidInput, which calls it `field`."""
        ...

    async def kept(self, name: str, field: str) -> str:
        """The name again, if a picture is kept under it. Raises InvalidInput, which calls it `field`."""
        ...

    async def cancel(self, origin: Origin, job_id: str) -> Job:
        """Take a job back, through Midjourney when it was sent. Raises NotFound, Conflict (finished)."""
        ...

    async def cancel_on(self, origin: Origin, account_id: int) -> list[Job]:
        """Take back what the same requester asked for and is bound to that account or runs there."""
        ...

    async def job(self, workspace_id: str, job_id: str) -> Job:
        """A job with its volatile percent. Raises NotFound."""
        ...

    def learn(self, job: Job) -> None:
        """A desk stored this of a job just now."""
        ...

    def waits_because(self, job: Job) -> str | None:
        """Why a queued job is not sent yet, in words; None for any other."""
        ...

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        """All jobs of a request, in their order; empty when there is no such request."""
        ...

    async def jobs_under(self, workspace_id: str, job_id: str) -> list[Job]:
        """The job of an id or, where it is the first of its request, all of the request's. Raises NotFound."""
        ...

    async def request(self, workspace_id: str, request_id: str) -> Request:
        """What was asked, as it was given. Raises NotFound."""
        ...

    def watch(self, workspace_id: str, job_id: str, after_version: int | None = None) -> Watching:
        """Stored updates after that version, then live ones; ends after a final state. Raises NotFound."""
        ...

    async def events(self, workspace_id: str, wanted: JournalWanted, after: int | None = None) -> JournalReading:
        """What happens to all jobs of a workspace from now on, or behind that place; whoever opens it closes it."""
        ...

    async def status(self, workspace_id: str | None) -> Status:
        """How the engine is, with one workspace's figures when it is named."""
        ...

    async def picture(self, key: str) -> PictureCopy:
        """The picture under an unguessable key. Raises NotFound."""
        ...

    def picture_file(self, copy: PictureCopy) -> Path | None:
        """Where our copy lies, if it is there."""
        ...

    def picture_source(self, copy: PictureCopy) -> AsyncIterator[bytes]:
        """The source's bytes. Raises, before the first of them, Unavailable (later, perhaps) or Refused (gone)."""
        ...

    async def picture_quarter(self, copy: PictureCopy, number: int) -> Path:
        """Where one of a grid's four single images (1-4, row by row) lies. Raises NotFound."""
        ...

    def now(self) -> datetime:
        """Wall clock, aware UTC."""
        ...
