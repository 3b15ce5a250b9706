"""What silence leads to: a look at the channel's history, and what it shows, proves or leaves unknown."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from engine.core.attention import Attention
from engine.core.casebook import Casebook
from engine.core.listening import Listener
from engine.model import events as ev
from engine.model.actions import ActionKind
from engine.model.errors import Refused, Unavailable
from engine.model.jobs import UPSTREAM_STATES, Job
from engine.model.limits import Limits
from engine.model.recovery import absence_can_be_judged, attributable, bind_history, history_start
from engine.model.sightings import Sighting
from engine.ports import Clock, Session

_LOG = logging.getLogger(__name__)

PAUSE_AFTER_TROUBLE = 5.0
"""Seconds after a history that could not be read."""

_NO_RESULT = "its deadline passed without a result, and the history shows none"
_NO_LETTER = (
    "Midjourney sent no direct message with the seed: the Discord account has to allow direct messages from members of "
    "Midjourney's server"
)


class Historian:
    """The one reader of an account's history (§13: one reader per account)."""

    def __init__(
        self,
        account_id: int,
        *,
        casebook: Casebook,
        listener: Listener,
        attention: Attention,
        clock: Clock,
        limits: Limits,
        post_timeout: float,
    ) -> None:
        self._account_id = account_id
        self._casebook = casebook
        self._listener = listener
        self._attention = attention
        self._clock = clock
        self._limits = limits
        self._post_timeout = post_timeout
        self._wanted: set[str] = set()
        self._reading = False
        self._not_before = 0.0

    def want(self, job_ids: Collection[str]) -> None:
        """Look these jobs up at the next occasion."""
        self._wanted.update(job_ids)

    @property
    def due(self) -> bool:
        """Whether there is something to look up now and nobody is reading."""
        if self._reading or self._clock.ticks() < self._not_before:
            return False
        jobs, now = self._casebook.jobs, self._clock.now()
        if self._wanted:
            self._wanted.intersection_update(job.id for job in jobs)
        return bool(self._wanted) or any(_is_late(job, now) or self._attention.wants_a_look(job, now) for job in jobs)

    async def look(self, session: Session | None) -> None:
        """Read once for all jobs that are due; what is past its deadline and still unknown needs attention."""
        self._reading = True
        try:
            jobs, now = self._casebook.jobs, self._clock.now()
            late = [job for job in jobs if _is_late(job, now)]
            silent = [job for job in jobs if job.id in self._wanted or self._attention.wants_a_look(job, now)]
            self._wanted.clear()
            if session is not None:
                await self._read(session, late + [job for job in silent if job not in late])
            for job in jobs:
                current = self._casebook.job(job.id)
                if current is not None and current.cancel_asked and self._attention.was_deleted(job.id):
                    # its message vanished after we asked for the cancel, and the history shows no result
                    await self._casebook.happened(job.id, ev.StoppedUpstream(at=self._clock.now()))
            for job in late:
                detail = _NO_LETTER if job.action.kind is ActionKind.SEED else _NO_RESULT
                if job.note:
                    detail = f"{job.note}; {detail}"
                await self._casebook.happened(job.id, ev.DeadlinePassed(at=self._clock.now(), detail=detail))
        finally:
            self._reading = False

    async def _read(self, session: Session, jobs: list[Job]) -> None:
        since = history_start(jobs)
        if since is None:
            return
        self._attention.looked(jobs)
        judged = [job for job in jobs if self._absence_can_be_judged(job, session)]
        try:
            letters = any(job.action.kind is ActionKind.SEED for job in jobs)
            found = await session.history(since, letters=letters)
            history = [what for what in found if isinstance(what, Sighting)]
        except (Unavailable, Refused) as error:
            _LOG.warning("account %d: the history could not be read: %s", self._account_id, error)
            self.want([job.id for job in jobs])
            self._not_before = self._clock.ticks() + PAUSE_AFTER_TROUBLE
            return
        for job_id, sighting in bind_history(self._casebook.book, history):
            await self._listener.bound(job_id, sighting)
        for job in judged:
            current = self._casebook.job(job.id)
            if current is None or current.version != job.version or job.nonce is None:
                continue
            if attributable(self._casebook.book, current, history) or not self._absence_can_be_judged(job, session):
                continue
            detail = "the unbroken session and the history show that the submission was never taken"
            event = ev.AbsenceProven(at=self._clock.now(), nonce=job.nonce, detail=detail)
            await self._casebook.happened(job.id, event)

    def _absence_can_be_judged(self, job: Job, session: Session) -> bool:
        return absence_can_be_judged(
            job,
            post_timeout=self._post_timeout,
            limits=self._limits,
            unbroken_since=session.unbroken_since,
            acknowledged_at=session.acknowledged_at,
        )


def _is_late(job: Job, now: datetime) -> bool:
    return job.deadline_at is not None and now >= job.deadline_at and job.state in UPSTREAM_STATES
