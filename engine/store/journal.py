"""How the journal is read: along the outbox, whose ids are its order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection

from engine.model.catalogue import action_named
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
# an expression, which no index knows: or SQLite would go through a workspace's million jobs instead of along the outbox
_OF_ONE = Prepared(
    _ALL.where(func.coalesce(jobs.c.workspace_id, "") == bindparam("of", type_=jobs.c.workspace_id.type))
)

_NO_END = 2**62


class SqlJournal:
    """The methods of ports.JournalStore; documented there."""

    _readers: Readers

    async def journal_end(self) -> int:
        """See ports.JournalStore."""
        return await self._readers.read(_end)

    async def journal(
        self, after: int, limit: int, *, until: int | None = None, workspace_id: str | None = None
    ) -> Sequence[JournalEntry]:
        """See ports.JournalStore."""
        last = _NO_END if until is None else until
        return await self._readers.read(lambda connection: _entries(connection, after, last, limit, workspace_id))


def _end(connection: Connection) -> int:
    (row,) = _END.rows(connection, {})
    return int(row.place)


def _entries(
    connection: Connection, after: int, until: int, limit: int, workspace_id: str | None
) -> list[JournalEntry]:
    values: dict[str, Any] = {"behind": after, "until": until, "most": limit}
    if workspace_id is None:
        found = _EVERYBODYS.rows(connection, values)
    else:
        found = _OF_ONE.rows(connection, {**values, "of": workspace_id})
    return [_entry_of(row) for row in found]


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
