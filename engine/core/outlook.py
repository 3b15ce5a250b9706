"""What somebody who waits may expect: how many jobs are ahead, why it waits, and how long such jobs take of late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from engine.core.dispatcher import Dispatcher
from engine.core.elsewhere import Elsewhere
from engine.core.keeper import Keeper
from engine.model.accounts import AccountState
from engine.model.choosing import Waiting
from engine.model.durations import running_since
from engine.model.jobs import Job, JobState, Mode
from engine.model.limits import mode_asked

_STANDS_STILL = frozenset({
    Waiting.PARENT, Waiting.PICTURE, Waiting.PAUSED, Waiting.NO_ACCOUNT, Waiting.BOUND_ACCOUNT, Waiting.SERVICE,
    Waiting.NOT_ACTIVE, Waiting.NOT_LIVE, Waiting.UNREACHABLE,
})  # fmt: skip
"""What lasts until somebody mends it, and nobody knows how long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected of a job; None: not known, or past."""

    ahead: int | None
    """Jobs of the workspace that are sent before it; only while it waits here."""
    waits_because: Waiting | None
    waits_seconds: float | None
    """Until it is sent, should those ahead take as long as it."""
    takes_seconds: float | None
    """The median of such jobs lately, from Midjourney's first message to its last."""
    running_since: datetime | None


class Outlooks:
    """Looks ahead; everything is in memory."""

    def __init__(self, dispatcher: Dispatcher, keepers: Mapping[int, Keeper], elsewhere: Elsewhere) -> None:
        self._dispatcher = dispatcher
        self._keepers = keepers
        self._elsewhere = elsewhere

    def of(self, job: Job) -> Outlook:
        """What is expected of a job now."""
        takes = None if job.is_final else self._takes(job)
        if job.state is not JobState.QUEUED:
            since = None if job.is_final else running_since(job)
            return Outlook(ahead=None, waits_because=None, waits_seconds=None, takes_seconds=takes, running_since=since)
        ahead = self._dispatcher.ahead_of(job)
        slots = sum(
            keeper.account.concurrency
            for keeper in self._keepers.values()
            if keeper.account.workspace_id == job.workspace_id
            and keeper.account.state is AccountState.ACTIVE
            and (keeper.live or self._elsewhere.live(keeper.account.id))
        )
        because = self._dispatcher.waits_because(job)
        moves = bool(slots) and because not in _STANDS_STILL
        waits = None if takes is None or ahead is None or not moves else expected_wait(ahead, slots, takes)
        return Outlook(
            ahead=ahead,
            waits_because=because,
            waits_seconds=waits,
            takes_seconds=takes,
            running_since=None,
        )

    def _takes(self, job: Job) -> float | None:
        mode = job.mode or mode_asked(job.prompt) or Mode.FAST
        own = self._keepers.get(job.account_id) if job.account_id is not None else None
        kind, application_id = job.action.kind, job.application_id
        if own is not None:
            return own.durations.usual(kind, mode, application_id)
        for keeper in self._keepers.values():
            if keeper.account.workspace_id == job.workspace_id:
                seconds = keeper.durations.usual(kind, mode, application_id)
                if seconds is not None:
                    return seconds
        return None


def expected_wait(ahead: int, slots: int, takes_seconds: float) -> float:
    """Seconds until a job is sent: a round of as many as there are slots, each as long as a job takes."""
    return ceil((ahead + 1) / slots) * takes_seconds
