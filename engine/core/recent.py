"""Which jobs need not be read again: those this process stored or read a moment ago.

A command line or another process may have moved a job meanwhile; they are heard of within `SECONDS`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from engine.model.errors import NotFound, UnknownJob
from engine.model.jobs import Job, Request
from engine.ports import Clock, Store

SECONDS = 1.0
REMEMBERED = 10_000
REQUESTS, REQUEST_SECONDS = 1_000, 60.0
"""What was asked never changes, but whoever asked may be erased by a command or another process."""


class Recent:
    """The newest value of each recent job, the oldest forgotten first."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._jobs: OrderedDict[str, tuple[Job, float]] = OrderedDict()
        self._alone: OrderedDict[str, None] = OrderedDict()
        """Requests of one job: that never changes."""
        self._requests: OrderedDict[str, tuple[Request, float]] = OrderedDict()

    def learn(self, job: Job) -> None:
        """This is what the store has now. An older version than the one known is no news."""
        known = self._jobs.pop(job.id, None)
        if known is not None and known[0].version > job.version:
            job = known[0]
        self._jobs[job.id] = (job, self._clock.ticks())
        if len(self._jobs) > REMEMBERED:
            self._jobs.popitem(last=False)

    def filed(self, request: Request, jobs: Sequence[Job]) -> None:
        """A request was stored with these jobs, and no others."""
        self._remember(request)
        if len(jobs) == 1:
            self._is_alone(request.id)

    def forget(self, job_id: str) -> None:
        """It, or what was asked for it, is not any more as it is known here."""
        known = self._jobs.pop(job_id, None)
        self._requests.pop(job_id if known is None else known[0].request_id, None)

    def get(self, workspace_id: str, job_id: str) -> Job | None:
        """The job as the store has it, if that was seen a moment ago; never another workspace's."""
        known = self._jobs.get(job_id)
        if known is None or known[0].workspace_id != workspace_id or self._clock.ticks() - known[1] > SECONDS:
            return None
        return known[0]

    def known(self, job_id: str) -> Job | None:
        """The job as it was last seen in this process, however long ago, whosever it is."""
        known = self._jobs.get(job_id)
        return None if known is None else known[0]

    async def stored(self, workspace_id: str, job_id: str) -> Job:
        """The job as the store has it now.

        Raises:
            NotFound: no such job in the workspace.
        """
        job = await self._store.job(workspace_id, job_id)
        if job is None:
            raise UnknownJob(f"no job {job_id}")
        self.learn(job)
        return job

    def newer(self, job: Job) -> Job:
        """The job, or the newer value of it that is known."""
        known = self.get(job.workspace_id, job.id)
        return known if known is not None and known.version > job.version else job

    async def request(self, workspace_id: str, request_id: str) -> Request:
        """What was asked, by whoever asked it.

        Raises:
            NotFound: no such request in the workspace.
        """
        known, since = self._requests.get(request_id, (None, 0.0))
        if known is None or self._clock.ticks() - since > REQUEST_SECONDS:
            known = await self._store.request(workspace_id, request_id)
            if known is not None:
                self._remember(known)
        if known is None or known.origin.workspace_id != workspace_id:
            raise NotFound(f"no request {request_id}")
        return known

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        """All jobs of a request in their order; empty when there is no such request."""
        if request_id in self._alone:
            known = self.get(workspace_id, request_id) or await self._store.job(workspace_id, request_id)
            return [] if known is None else [known]
        found = await self._store.jobs_of(workspace_id, request_id)
        for job in found:
            self.learn(job)
        jobs = [self.newer(job) for job in found]
        if len(jobs) == 1:
            self._is_alone(request_id)
        return jobs

    def _remember(self, request: Request) -> None:
        self._requests.pop(request.id, None)
        self._requests[request.id] = (request, self._clock.ticks())
        if len(self._requests) > REQUESTS:
            self._requests.popitem(last=False)

    def _is_alone(self, request_id: str) -> None:
        self._alone[request_id] = None
        if len(self._alone) > REMEMBERED:
            self._alone.popitem(last=False)
