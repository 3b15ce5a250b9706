"""A new job that can leave at once: its request and the intent to send it are stored in one transaction.

So it waits for one COMMIT before its POST instead of two. A crash between the two leaves it as any other intent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from engine.model.actions import ActionKind
from engine.model.errors import Unavailable
from engine.model.jobs import Job
from engine.ports import Change, JobChange, Outcome, Store

_LOG = logging.getLogger(__name__)

Depart = Callable[["Leaving"], bool]
"""Lets a job leave with its request; False: it waits in line, and nothing was done."""


def needs_nothing(job: Job) -> bool:
    """Whether what is posted for a job is its own words, so that nothing has to be fetched, uploaded or asked first."""
    plain = job.action.kind is ActionKind.IMAGINE and job.click is None and not job.given.images
    return plain and not job.is_final and "://" not in job.prompt


class Leaving:
    """A request of one job, on its way into the store."""

    def __init__(self, job: Job, changes: Sequence[Change], told: Callable[[Outcome, bool], None]) -> None:
        """`changes` store the request, the first of them the job; `told` hears of it, and whether the job leaves."""
        self.job = job
        self._changes = changes
        self._told = told
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    async def outcome(self) -> Outcome:
        """What became of the request. Who is cancelled here stops nothing.

        Raises:
            Unavailable: it was not stored.
        """
        return await asyncio.shield(self._outcome)

    async def store(self, store: Store, intent: JobChange | None) -> Outcome | None:
        """Store the request and the intent; returns what became of the intent (None: there is none).

        Without its request nothing of it is stored; the request is, also when the intent is refused.
        """
        intents = () if intent is None else (intent,)
        try:
            outcomes = await store.apply([*self._changes, *intents])
        except asyncio.CancelledError:
            self._fail(Unavailable("Easel stops, and it is not known whether this was stored"))
            raise
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told
            self._fail(error)
            return None
        applied = outcomes[-1] if intent is not None else None
        try:
            self._told(outcomes[0], applied is Outcome.APPLIED)
        except Exception:  # noqa: BLE001 - whoever listens badly keeps no job from leaving
            _LOG.exception("job %s was stored, and not everybody could be told", self.job.id)
        self._outcome.set_result(outcomes[0])
        return applied

    def end(self) -> None:
        """Nothing more is done: whoever still waits learns that nothing was stored."""
        if not self._outcome.done():
            self._fail(Unavailable("the job could not be made ready to leave; nothing was stored"))

    def _fail(self, error: Exception) -> None:
        self._outcome.set_exception(error)
        self._outcome.exception()  # read, as there may be nobody left who waits
