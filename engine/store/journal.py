"""How the journal is read: along the outbox, whose ids are its order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Boolean, Text, bindparam, func, select
from sqlalchemy.engine import Connection

from engine.model.catalogue import action_named
from engine.model.jobs import JobState
from engine.ports import JournalEntry
from engine.store import records
from engine.store.prepared import Prepared
from engine.store.private import IS_PRIVATE
from engine.store.readers import Readers
from engine.store.tables import job_updates, jobs

_END = Prepared(select(func.coalesce(func.max(job_updates.c.id), 0).label("place")))
_ALL = (
    select(
        *job_updates.c,
        jobs.c.workspace_id,
        jobs.c.request_id,
        jobs.c.action,
        jobs.c.ref,
        jobs.c.requester,
        IS_PRIVATE.label("private"),
    )
    .join(jobs, jobs.c.id == job_updates.c.job_id)
    .where(job_updates.c.id > bindparam("behind"), job_updates.c.id <= bindparam("until"))
    .order_by(job_updates.c.id)
    .limit(bindparam("most"))
)
_EVERYBODYS = Prepared(_ALL)
_OF_ONE = Prepared(
    _ALL.where(
        # an expression, which no index knows: or SQLite would go through a workspace's million jobs, not the outbox
        func.coalesce(jobs.c.workspace_id, "") == bindparam("of", type_=jobs.c.workspace_id.type),
        bindparam("any_state", type_=Boolean())
        | bindparam("states", type_=Text()).like("%," + job_updates.c.state + ",%"),
        bindparam("anybody", type_=Boolean()) | (jobs.c.requester == bindparam("who", type_=Text())),
    )
)
_NO_END = 2**62


class SqlJournal:
    """The methods of ports.JournalStore; documented there."""

    _readers: Readers

    async def journal_end(self) -> int:
        """See ports.JournalStore."""
        return await self._readers.read(_end)

    async def journal(self, after: int, limit: int, *, until: int | None = None) -> Sequence[JournalEntry]:
        """See ports.JournalStore."""
        values = {"behind": after, "until": _NO_END if until is None else until, "most": limit}
        return await self._readers.read(lambda connection: _entries(connection, _EVERYBODYS, values))

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
        """See ports.JournalStore."""
        values = {
            "behind": after,
            "until": until,
            "most": limit,
            "of": workspace_id,
            "any_state": not states,
            "states": f",{','.join(sorted(states))},",
            "anybody": requester is None,
            "who": requester,
        }
        return await self._readers.read(lambda connection: _entries(connection, _OF_ONE, values))


def _end(connection: Connection) -> int:
    (row,) = _END.rows(connection, {})
    return int(row.place)


def _entries(connection: Connection, statement: Prepared, values: dict[str, Any]) -> list[JournalEntry]:
    return [_entry_of(row) for row in statement.rows(connection, values)]


def _entry_of(row: Any) -> JournalEntry:
    return JournalEntry(
        place=row.id,
        workspace_id=row.workspace_id,
        request_id=row.request_id,
        action=action_named(row.action),
        ref=row.ref,
        requester=row.requester,
        private=bool(row.private),
        update=records.update_of(row),
    )
