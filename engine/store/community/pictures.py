"""How pictures are found again, removed for good, and how a person's words are erased; one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, literal, null, or_, select, tuple_, update
from sqlalchemy.engine import Connection

from engine.model.community.cards import CardState
from engine.model.community.people import ERASED, Strike, requester_of
from engine.model.community.reports import Removal, Settled
from engine.model.jobs import Job, JobState
from engine.model.moderation.kept import AuditEntry
from engine.ports import Erased, GalleryWanted, JobPage, Place, Traces
from engine.store import moderation, records
from engine.store.community import rows
from engine.store.community.tables import (
    UNSETTLED,
    cards,
    members,
    people,
    removals,
    reports,
    strikes,
    styles,
)  # fmt: skip
from engine.store.moderation_tables import refusals
from engine.store.private import IS_PRIVATE, PRIVATE
from engine.store.queries import JOB
from engine.store.records import wire_text
from engine.store.tables import (
    FINISHED,
    UNFINISHED,
    job_updates,
    jobs,
    pictures,
    requests,
    results,
)

SEARCHED = 5_000
"""How many finished jobs one page looks at."""
_AT_ONCE = 500
_NEWEST = (jobs.c.created_at.desc(), jobs.c.id.desc())


def _behind(place: Place | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    here = tuple_(literal(place.created_at, jobs.c.created_at.type), literal(place.job_id, jobs.c.id.type))
    return [jobs.c.created_at <= place.created_at, tuple_(jobs.c.created_at, jobs.c.id) < here]


def gallery(connection: Connection, workspace_id: str, wanted: GalleryWanted, limit: int) -> JobPage:
    """Finished jobs with pictures that somebody may see, newest first, and where to go on."""
    done = (jobs.c.workspace_id == workspace_id, FINISHED, jobs.c.state == JobState.DONE.value)
    own = select(jobs.c.id, jobs.c.created_at, jobs.c.prompt, jobs.c.requester, IS_PRIVATE.label("hidden")).where(
        *done, *_behind(wanted.behind)
    )
    if wanted.requester is not None:
        own = own.where(jobs.c.requester == wanted.requester)
    window = own.order_by(*_NEWEST).limit(SEARCHED).subquery("looked_at")
    found = select(window.c.id).join(results, results.c.job_id == window.c.id).where(results.c.pictures != "[]")
    if not wanted.sees_private:
        found = found.where(or_(~window.c.hidden, window.c.requester == wanted.viewer))
    if wanted.text:
        found = found.where(window.c.prompt.icontains(wire_text(wanted.text), autoescape=True))
    newest = found.order_by(window.c.created_at.desc(), window.c.id.desc()).limit(limit + 1).subquery("newest")
    listed = _jobs(connection, JOB.join(newest, newest.c.id == jobs.c.id).order_by(*_NEWEST))
    if len(listed) > limit:
        last = listed[limit - 1]
        return JobPage(tuple(listed[:limit]), Place(last.created_at, last.id))
    ends = select(window.c.created_at, window.c.id).order_by(window.c.created_at.desc(), window.c.id.desc())
    row = connection.execute(ends.offset(SEARCHED - 1).limit(1)).first()
    return JobPage(tuple(listed), None if row is None else Place(row.created_at, row.id))


def hide(connection: Connection, workspace_id: str, job_id: str) -> None:
    """Make a job that has ended private."""
    this = (jobs.c.id == job_id) & (jobs.c.workspace_id == workspace_id) & FINISHED
    row = connection.execute(select(jobs.c.seldom).where(this)).first()
    if row is not None:
        connection.execute(update(jobs).where(this).values(seldom=records.hidden(row.seldom)))


def requested(connection: Connection, requester: str, behind: Place | None, limit: int) -> list[Job]:
    """A requester's jobs of all workspaces, newest first."""
    own = JOB.where(jobs.c.requester == requester, *_behind(behind))
    return _jobs(connection, own.order_by(*_NEWEST).limit(limit))


def _jobs(connection: Connection, wanted: Select[Any]) -> list[Job]:
    return [records.job_of(row) for row in connection.execute(wanted)]


def workspace_of_job(connection: Connection, job_id: str) -> str | None:
    """Whose job it is."""
    return connection.execute(select(jobs.c.workspace_id).where(jobs.c.id == job_id)).scalar()


def versions(connection: Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """The stored versions of these jobs."""
    found: dict[str, int] = {}
    for at in range(0, len(job_ids), _AT_ONCE):
        some = select(jobs.c.id, jobs.c.version).where(jobs.c.id.in_(job_ids[at : at + _AT_ONCE]))
        found |= {row.id: row.version for row in connection.execute(some)}
    return found


# --- removed for good


def remove(
    connection: Connection, removal: Removal, audit: AuditEntry, strike: tuple[Strike, AuditEntry] | None
) -> tuple[str, ...] | None:
    """Forget a job's pictures and buttons; returns the files. None: it was done before."""
    values = {
        "job_id": removal.job_id,
        "workspace_id": removal.workspace_id,
        "removed_by": wire_text(removal.by),
        "reason": wire_text(removal.reason),
        "at": removal.at,
    }
    if not rows.add(connection, removals, values):
        return None
    files = _forget_pictures(connection, _same_result(connection, removal))
    connection.execute(update(jobs).where(jobs.c.id == removal.job_id).values(preview_url=None))
    connection.execute(
        update(cards).where(cards.c.job_id == removal.job_id).values(state=CardState.ERASE.value, updated_at=removal.at)
    )
    settled = {"settled": Settled.REMOVED.value, "settled_at": removal.at, "settled_by": wire_text(removal.by)}
    connection.execute(update(reports).where(reports.c.job_id == removal.job_id, UNSETTLED).values(settled))
    if strike is not None:
        connection.execute(insert(strikes).values(rows.strike_values(strike[0])))
        rows.write_audit(connection, strike[1])
    rows.write_audit(connection, audit)
    return files


def _same_result(connection: Connection, removal: Removal) -> Select[Any]:
    """The job, and those that repeat its result: made of the same parent by the same action."""
    row = connection.execute(select(jobs.c.parent_id, jobs.c.action).where(jobs.c.id == removal.job_id)).one()
    this = select(jobs.c.id).where(jobs.c.id == removal.job_id)
    if row.parent_id is None:
        return this
    message = select(results.c.message_id).where(results.c.job_id == removal.job_id).scalar_subquery()
    alike = (
        select(jobs.c.id)
        .join(results, results.c.job_id == jobs.c.id)
        .where(
            jobs.c.parent_id == row.parent_id,
            jobs.c.action == row.action,
            jobs.c.workspace_id == removal.workspace_id,
            results.c.message_id == message,
        )
    )
    ids = list(connection.execute(alike).scalars())
    return select(jobs.c.id).where(jobs.c.id.in_([removal.job_id, *ids]))


def _forget_pictures(connection: Connection, ids: Select[Any]) -> tuple[str, ...]:
    copied = select(pictures.c.copied_as).where(pictures.c.job_id.in_(ids), pictures.c.copied_as.is_not(None))
    files = tuple(connection.execute(copied).scalars())
    connection.execute(delete(pictures).where(pictures.c.job_id.in_(ids)))
    bare = {"pictures": "[]", "components": "[]", "content": "", "details": None}
    connection.execute(update(results).where(results.c.job_id.in_(ids)).values(bare))
    return files


def removal_of(connection: Connection, workspace_id: str, job_id: str) -> Removal | None:
    """Who removed a job's pictures."""
    own = (removals.c.job_id == job_id) & (removals.c.workspace_id == workspace_id)
    row = connection.execute(select(removals).where(own)).first()
    return None if row is None else rows.removal_of(row)


# --- a person's own


def traces(connection: Connection, user_id: str) -> Traces:
    """What else is kept about a person."""
    theirs = select(jobs.c.id).where(jobs.c.requester == requester_of(user_id))
    shown = connection.execute(select(cards).where(cards.c.job_id.in_(theirs)).order_by(cards.c.id))
    reported = connection.execute(select(reports).where(reports.c.reporter == user_id).order_by(reports.c.id))
    return Traces(
        tuple(moderation.refusals_of(connection, requester_of(user_id))),
        tuple(map(rows.report_of, reported)),
        tuple(map(rows.card_of, shown)),
    )


def erase(connection: Connection, user_id: str, most: int) -> Erased:
    """Delete what is a person's; see ports.CommunityStore."""
    requester = requester_of(user_id)
    ended = select(jobs.c.id).where(jobs.c.requester == requester, FINISHED).limit(most)
    ids = tuple(connection.execute(ended).scalars())
    open_ones = select(func.count()).where(jobs.c.requester == requester, UNFINISHED)
    left = connection.execute(open_ones).scalar() or 0
    files = _erase_jobs(connection, ids)
    if len(ids) == most:
        return Erased(ids, files, left, more=True)
    connection.execute(delete(refusals).where(refusals.c.requester == requester))
    connection.execute(delete(styles).where(styles.c.user_id == user_id))
    connection.execute(update(reports).where(reports.c.reporter == user_id).values(reporter=ERASED, reason=""))
    connection.execute(delete(people).where(people.c.user_id == user_id))
    connection.execute(update(members).where(members.c.user_id == user_id).values(name=""))
    marked = select(strikes.c.id).where(
        strikes.c.workspace_id == members.c.workspace_id, strikes.c.user_id == members.c.user_id
    )
    clean = (members.c.user_id == user_id) & members.c.restrained.is_(None) & ~marked.exists()
    connection.execute(delete(members).where(clean))
    return Erased(ids, files, left)


def _erase_jobs(connection: Connection, ids: Sequence[str]) -> tuple[str, ...]:
    these = select(jobs.c.id).where(jobs.c.id.in_(ids))
    files = _forget_pictures(connection, these)
    shown = {"state": CardState.ERASE.value, "user_id": ERASED}
    connection.execute(update(cards).where(cards.c.job_id.in_(ids)).values(shown))
    said = {"note": None, "failure_detail": case((job_updates.c.failure_reason.is_(None), null()), else_="")}
    connection.execute(update(job_updates).where(job_updates.c.job_id.in_(ids)).values(said))
    unended = select(jobs.c.request_id).where(jobs.c.request_id == requests.c.id, UNFINISHED)
    of_these = select(jobs.c.request_id).where(jobs.c.id.in_(ids))
    connection.execute(
        update(requests)
        .where(requests.c.id.in_(of_these), ~unended.exists())
        .values(prompt="", requester=ERASED, ref=None, echo=None)
    )
    bare: dict[str, Any] = {
        "prompt": "",
        "given": None,
        "ref": None,
        "requester": ERASED,
        "preview_url": None,
        "note": None,
        "failure_detail": case((jobs.c.failure_reason.is_(None), null()), else_=""),
        "seldom": case((jobs.c.seldom.like(PRIVATE), '{"private":true}'), else_=null()),
    }
    connection.execute(update(jobs).where(jobs.c.id.in_(ids)).values(bare))
    return files
