"""What of the door tells how things are: jobs with their newest percent, requests, updates, the status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.core.asking import Asking
from engine.core.community.desks import Community
from engine.core.dispatcher import Dispatcher
from engine.core.elsewhere import Elsewhere
from engine.core.feed import Feed
from engine.core.journal import Journal, JournalReader, JournalWanted
from engine.core.parents import Parents
from engine.core.recent import Recent
from engine.core.reporting import Reporting
from engine.core.status import Status
from engine.core.updates import Updates
from engine.core.watching import Watch
from engine.model.actions import Action
from engine.model.inputs import ImageInput
from engine.model.jobs import Job, Request
from engine.ports import Clock, Store


class Knowing:
    """Mixed into the engine."""

    _store: Store
    _clock: Clock
    _elsewhere: Elsewhere
    _parents: Parents
    _recent: Recent
    _updates: Updates
    _journal: Journal
    _dispatcher: Dispatcher
    _reporting: Reporting
    _asking: Asking
    community: Community

    def now(self) -> datetime:
        """The present."""
        return self._clock.now()

    async def job(self, workspace_id: str, job_id: str) -> Job:
        """A job with its newest percent and preview.

        Raises:
            NotFound: no such job in the workspace.
        """
        job = self._recent.get(workspace_id, job_id) or await self._recent.stored(workspace_id, job_id)
        return self.newest(job)

    def learn(self, job: Job) -> None:
        """A desk stored this of a job just now."""
        self._recent.learn(job)

    def waits_because(self, job: Job) -> str | None:
        """Why a job of the queue is not sent yet, in words; None for any other. It is not stored."""
        return self._dispatcher.waits_because(job)

    def runs_elsewhere(self, job: Job) -> bool:
        """Whether a job runs in another process: its percent and preview are in the store, and not told here."""
        return self._elsewhere.runs(job)

    async def made_before(self, parent: Job, *actions: Action, label: str | None = None) -> Job | None:
        """What a press that is done once only made of a finished job already: a second one shows that, for nothing."""
        if label is not None:
            action, _ = self._parents.by_label(parent, label)
        else:
            action, _ = self._parents.by_action(parent, *actions)
        return await self._asking.made_before(parent, action)

    def newest(self, job: Job) -> Job:
        """The same job as it is known here, with its newest percent and preview; nothing is read."""
        job = self._recent.newer(job)
        progress = self._updates.latest(job.id)
        if progress is None or job.is_final:
            return job
        percent = max(job.percent, progress.percent)
        return replace(job, percent=percent, preview_url=progress.preview_url or job.preview_url)

    async def pieces(self, workspace_id: str, words: str, images: Sequence[ImageInput] = ()) -> list[str]:
        """The prompts of the jobs that `imagine` would make of these words; nothing is stored.

        Raises:
            InvalidInput: the prompt, or one piece of it, cannot be sent.
        """
        return await self._asking.pieces(workspace_id, words, images)

    async def request(self, workspace_id: str, request_id: str) -> Request:
        """What was asked.

        Raises:
            NotFound: no such request in the workspace.
        """
        return await self._recent.request(workspace_id, request_id)

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        """All jobs of a request in their order, each with its newest percent; empty when there is no such request."""
        return [self.newest(job) for job in await self._recent.jobs_of(workspace_id, request_id)]

    async def jobs_under(self, workspace_id: str, job_id: str) -> list[Job]:
        """The job of an id or, where it is its request's first, all of the request; each with its newest percent.

        Raises:
            NotFound: no such job in the workspace.
        """
        known = self._recent.get(workspace_id, job_id)
        if known is not None and known.request_id != job_id:
            return [self.newest(known)]
        return await self.jobs_of(workspace_id, job_id) or [await self.job(workspace_id, job_id)]

    def watch(self, workspace_id: str, job_id: str, after_version: int | None = None) -> Watch:
        """Stored updates above `after_version`, then live ones, until a final state.

        Raises (when it is first read):
            NotFound: no such job in the workspace.
        """
        return Watch(self._store, self._updates, job_id, after_version or 0, lambda: self.job(workspace_id, job_id))

    async def events(self, workspace_id: str, wanted: JournalWanted, after: int | None = None) -> JournalReader:
        """What happens to all jobs of a workspace from now on, or behind the place that a reader had."""
        return await self._journal.open(workspace_id, wanted, after)

    def feed(self) -> Feed:
        """What happens to many jobs, for one reader: those that it follows."""
        return Feed(self._store, self._updates)

    async def status(self, workspace_id: str | None) -> Status:
        """How the engine is; with a workspace, its accounts and figures too."""
        return replace(await self._reporting.status(workspace_id), bot=await self.community.bot.state())
