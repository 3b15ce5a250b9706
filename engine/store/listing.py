"""How a page of a workspace's jobs is found: along one index, never through more than some thousand rows of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, tuple_, union_all
from sqlalchemy.engine import Connection

from engine.model.jobs import FINAL_STATES
from engine.ports import JobPage, JobsWanted, Place
from engine.store import records
from engine.store.private import IS_PRIVATE
from engine.store.queries import JOB
from engine.store.tables import FINISHED, UNFINISHED, jobs

SEARCHED = 5_000
"""How many rows of the index one page looks at for what the index does not tell."""

_ORDER = (jobs.c.created_at.desc(), jobs.c.id.desc())
_TOLD = (jobs.c.id, jobs.c.created_at, jobs.c.state, jobs.c.action, jobs.c.ref, jobs.c.requester)


def page_of(connection: Connection, workspace_id: str, wanted: JobsWanted, limit: int) -> JobPage:
    """The newest jobs that are wanted, at most `limit`, and where to go on."""
    along, beside = _conditions(wanted)
    window = _window(workspace_id, wanted, along, SEARCHED if beside else limit + 1)
    rows = window.subquery("window")
    named = {"state": rows.c.state, "action": rows.c.action, "ref": rows.c.ref, "requester": rows.c.requester}
    found = select(rows.c.id).where(*(named[name].in_(values) for name, values in beside.items()))
    newest = found.order_by(rows.c.created_at.desc(), rows.c.id.desc()).limit(limit + 1).subquery("newest")
    whole = JOB.join(newest, newest.c.id == jobs.c.id).order_by(*_ORDER)
    listed = [records.job_of(row) for row in connection.execute(whole)]
    if len(listed) > limit:
        last = listed[limit - 1]
        return JobPage(tuple(listed[:limit]), Place(last.created_at, last.id))
    rest = None
    if beside:
        ends = select(rows.c.created_at, rows.c.id).order_by(rows.c.created_at.desc(), rows.c.id.desc())
        row = connection.execute(ends.offset(SEARCHED - 1).limit(1)).first()
        rest = None if row is None else Place(row.created_at, row.id)
    return JobPage(tuple(listed), rest)


def _conditions(wanted: JobsWanted) -> tuple[str | None, dict[str, list[str]]]:
    """By which column the index is entered, and what is left to compare."""
    said: dict[str, list[str]] = {}
    if wanted.ref is not None:
        said["ref"] = [wanted.ref]
    if wanted.requester is not None:
        said["requester"] = [wanted.requester]
    if wanted.states:
        said["state"] = [state.value for state in dict.fromkeys(wanted.states)]
    if wanted.action is not None:
        said["action"] = [wanted.action.name]
    if wanted.parent_id is not None:
        return "parent", said
    along = next((name for name in ("ref", "requester", "state") if name in said), None)
    return along, {name: values for name, values in said.items() if name != along}


def _window(workspace_id: str, wanted: JobsWanted, along: str | None, most: int) -> Select[Any]:
    """The newest rows of the index, as much as one page looks at."""
    own = select(*_TOLD).where(jobs.c.workspace_id == workspace_id, *_moments(wanted))
    if along == "state":
        # each state by itself from the end of its index: one state's jobs may lie under a million others
        parts = [
            own.where(FINISHED if state in FINAL_STATES else UNFINISHED, jobs.c.state == state.value)
            .order_by(*_ORDER)
            .limit(most)
            for state in dict.fromkeys(wanted.states)
        ]
        all_parts = union_all(*(select(part.subquery()) for part in parts)).subquery()
        return select(all_parts).order_by(all_parts.c.created_at.desc(), all_parts.c.id.desc()).limit(most)
    if along == "parent":
        own = own.where(jobs.c.parent_id == wanted.parent_id)
    elif along == "ref":
        own = own.where(jobs.c.ref == wanted.ref)
    elif along == "requester":
        own = own.where(jobs.c.requester == wanted.requester)
    return own.order_by(*_ORDER).limit(most)


def _moments(wanted: JobsWanted) -> list[ColumnElement[bool]]:
    told: list[ColumnElement[bool]] = [] if wanted.private else [~IS_PRIVATE]
    if wanted.since is not None:
        told.append(jobs.c.created_at >= wanted.since)
    if wanted.until is not None:
        told.append(jobs.c.created_at < wanted.until)
    if wanted.behind is not None:
        place = wanted.behind
        told.append(jobs.c.created_at <= place.created_at)  # SQLite enters the index by this one
        behind = tuple_(literal(place.created_at, jobs.c.created_at.type), literal(place.job_id, jobs.c.id.type))
        told.append(tuple_(jobs.c.created_at, jobs.c.id) < behind)
    return told
