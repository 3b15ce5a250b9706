"""What becomes of jobs that wait when a rule of words changes: they are judged again before they are sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from engine.core.community.withdrawing import Withdrawing
from engine.core.judging import Judging
from engine.core.recent import Recent
from engine.model.errors import Unavailable
from engine.model.events import Unsendable
from engine.model.jobs import Failure, FailureReason, Job
from engine.model.moderation import told
from engine.model.reasons import NEW_RULE
from engine.ports import Clock, KeepRefusal

_LOG = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0


class Rejudging:
    """Judges the queue by the block list. `waiting` are its jobs, `leave` takes one out of it at once."""

    def __init__(
        self,
        *,
        judging: Judging,
        recent: Recent,
        withdrawing: Withdrawing,
        clock: Clock,
        waiting: Callable[[], Iterable[Job]],
        leave: Callable[[str], None],
    ) -> None:
        self._judging = judging
        self._recent = recent
        self._withdrawing = withdrawing
        self._clock = clock
        self._waiting = waiting
        self._leave = leave
        self._unfit: dict[str, Job] = {}
        self._found = asyncio.Event()

    def fits(self, job: Job) -> bool:
        """Whether the rules in force let a queued job be sent; one that they do not is ended soon."""
        if not self._judging.objects_to(job):
            return True
        self._unfit[job.id] = job
        self._found.set()
        return False

    async def changed(self, workspace_id: str) -> None:
        """A workspace's rules are other ones: what waits and does not fit is out of the queue when this returns."""
        for job in list(self._waiting()):
            if job.workspace_id == workspace_id and not self.fits(job):
                self._leave(job.id)
        try:
            await self._end_all()
        except Unavailable as error:
            _LOG.warning("jobs that a rule refuses now could not be ended yet: %s", error)

    async def run(self) -> None:
        """End for ever what was found not to fit."""
        while True:
            await self._found.wait()
            self._found.clear()
            try:
                await self._end_all()
            except Unavailable as error:
                _LOG.warning("jobs that a rule refuses now could not be ended yet: %s", error)
                await self._clock.sleep(AGAIN_SECONDS)
                self._found.set()

    async def _end_all(self) -> None:
        while self._unfit:
            _, job = self._unfit.popitem()
            try:
                await self._end(job)
            except Unavailable:
                self._unfit.setdefault(job.id, job)
                self._found.set()
                raise

    async def _end(self, job: Job) -> None:
        verdict = self._judging.objects_to(job)
        if verdict is None:  # the rule is gone again
            return
        failure = Failure(FailureReason.BANNED, NEW_RULE + told(verdict.words))
        request = await self._recent.request(job.workspace_id, job.request_id)
        refusal = self._judging.refusal_of(request, job, verdict, self._clock.now())
        event = Unsendable(at=self._clock.now(), failure=failure)
        await self._withdrawing.end(job, event, KeepRefusal(refusal))
