"""What the HTTP side asks of the engine: the door as a protocol, so that tests can stand another one in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from engine.api.rule_door import RuleDoor
from engine.core.status import Status
from engine.model.jobs import Job, JobUpdate, Origin, Progress, Request
from engine.ports import ApiKey, PictureCopy


class Watching(Protocol):
    """What a watcher of one job is told."""

    async def batch(self) -> Sequence[JobUpdate | Progress]:
        """All that is ready, at least one; nothing when the end was told."""
        ...

    async def aclose(self) -> None:
        """Watch no longer."""
        ...


class Door(RuleDoor, Protocol):
    """The engine as its callers see it.

    Raises (every method): `errors.Unavailable` when the store cannot be read or written now.
    """

    async def authenticate(self, key: str) -> ApiKey:
        """The key in force. Raises Unauthenticated."""
        ...

    async def imagine(self, origin: Origin, prompt: str, *, timeout: float | None = None) -> Job:  # noqa: ASYNC109 - likewise
        """Store a new job; the time-out is the job's own, in seconds. Raises InvalidInput."""
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

    async def keep(self, content: bytes, field: str) -> str:
        """Keep a picture for a job to come; returns its name. Raises InvalidInput, which calls it `field`."""
        ...

    async def cancel(self, origin: Origin, job_id: str) -> Job:
        """Take a job back, through Midjourney when it was sent. Raises NotFound, Conflict (finished)."""
        ...

    async def job(self, workspace_id: str, job_id: str) -> Job:
        """A job with its volatile percent. Raises NotFound."""
        ...

    def waits_because(self, job: Job) -> str | None:
        """Why a queued job is not sent yet, in words; None for any other."""
        ...

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        """All jobs of a request, in their order; empty when there is no such request."""
        ...

    async def request(self, workspace_id: str, request_id: str) -> Request:
        """What was asked, as it was given. Raises NotFound."""
        ...

    def watch(self, workspace_id: str, job_id: str, after_version: int | None = None) -> Watching:
        """Stored updates after that version, then live ones; ends after a final state. Raises NotFound."""
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
