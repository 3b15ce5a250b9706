"""What happened to all jobs, in the order in which it was stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from engine.model.actions import Action
from engine.model.jobs import JobState, JobUpdate
from engine.model.values import value


@value(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One stored step of a job, with what tells whose it is."""

    place: int
    """In the order of all entries of the store, from 1. A process that failed to store something may leave a gap."""
    workspace_id: str
    request_id: str
    action: Action
    ref: str | None
    requester: str | None
    private: bool
    update: JobUpdate


class JournalStore(Protocol):
    """Mixed into the store."""

    async def journal_end(self) -> int:
        """The place of the last entry; 0 when there is none."""
        ...

    async def journal(self, after: int, limit: int, *, until: int | None = None) -> Sequence[JournalEntry]:
        """Entries behind that place, in order, up to and with `until`."""
        ...

    async def journal_of(
        self,
        workspace_id: str,
        after: int,
        limit: int,
        *,
        until: int,
        states: Collection[JobState] = (),
        requester: str | None = None,
    ) -> Sequence[JournalEntry]:
        """Those of one workspace alone, in one of these states (none: in any), of that end user (None: of any)."""
        ...
