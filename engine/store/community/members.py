"""How members, their strikes and their jobs are written and read. Each function is one transaction's work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.engine import Connection

from engine.model.community.people import Member, Person, Restrained, Strike
from engine.model.jobs import UPSTREAM_STATES, Job, JobState
from engine.model.moderation.kept import AuditEntry
from engine.ports import Footing, MemberLoad
from engine.store import records
from engine.store.community import rows
from engine.store.community.tables import guilds, members, operators, people, strikes
from engine.store.keys import quota_of
from engine.store.prepared import Prepared
from engine.store.queries import JOB
from engine.store.records import as_json, wire_text
from engine.store.tables import UNFINISHED, jobs, workspaces

_STRIKES = (
    select(func.count())
    .where(
        strikes.c.workspace_id == members.c.workspace_id,
        strikes.c.user_id == members.c.user_id,
        strikes.c.lifted_at.is_(None),
    )
    .scalar_subquery()
)
_MEMBER: Select[Any] = select(*members.c, _STRIKES.label("strikes"))
_ENDED = {JobState.DONE.value, JobState.FAILED.value, JobState.CANCELLED.value}
_UNENDED = sorted({state.value for state in JobState} - _ENDED)
_RUNNING = {state.value for state in UPSTREAM_STATES}


_ONE = Prepared(_MEMBER.where(members.c.workspace_id == bindparam("of"), members.c.user_id == bindparam("who")))
_PERSON = Prepared(select(people).where(people.c.user_id == bindparam("who")))
_HERE = workspaces.c.id


def _standing(*columns: Any) -> Select[Any]:
    """How somebody stands in a workspace: one row, whatever they are."""
    member = [column.label(f"member_{column.name}") for column in members.c]
    return select(
        *columns, *member, _STRIKES.label("member_strikes"), operators.c.user_id.label("operator"), workspaces.c.quota
    )


def _joined(source: Any) -> Any:
    named: Any = bindparam("who")
    operator = (operators.c.workspace_id == _HERE) & (operators.c.user_id == named)
    member = (members.c.workspace_id == _HERE) & (members.c.user_id == named)
    return source.outerjoin(operators, operator).outerjoin(members, member)


_IN_GUILD = Prepared(
    _standing(*(column.label(f"guild_{column.name}") for column in guilds.c))
    .select_from(_joined(guilds.join(workspaces, guilds.c.workspace_id == _HERE)))
    .where(guilds.c.guild_id == bindparam("there"))
)
_IN_WORKSPACE = Prepared(_standing().select_from(_joined(workspaces)).where(bindparam("there") == _HERE))


def footing(connection: Connection, user_id: str, guild_id: str | None, workspace_id: str | None) -> Footing:
    """All that is asked about somebody at a deed."""
    person = rows.person_of(user_id, next(iter(_PERSON.rows(connection, {"who": user_id})), None))
    there = workspace_id if guild_id is None else guild_id
    if there is None:
        return Footing(person, None, operator=False, member=None)
    asked = _IN_WORKSPACE if guild_id is None else _IN_GUILD
    row = next(iter(asked.rows(connection, {"who": user_id, "there": there})), None)
    if row is None:
        return Footing(person, None, operator=False, member=None)
    guild = None if guild_id is None else rows.guild_of(row, "guild_")
    member = None if row.member_user_id is None else rows.member_of(row, "member_")
    return Footing(person, guild, row.operator is not None, member, quota_of(row.quota))


def put_person(connection: Connection, person: Person) -> None:
    """What somebody chose."""
    values = {
        "language": person.language,
        "notice": person.notice.value,
        "home_workspace_id": person.home_workspace_id,
    }
    rows.put(connection, people, {"user_id": person.user_id}, values)


def see(connection: Connection, workspace_id: str, user_id: str, name: str, at: datetime) -> Member:
    """A member was seen; an empty name leaves the one that is known."""
    key = {"workspace_id": workspace_id, "user_id": user_id}
    if name:
        rows.put(connection, members, key, {"name": wire_text(name)}, {"since": at})
    else:
        rows.add(connection, members, {**key, "name": "", "since": at})
    found = one(connection, workspace_id, user_id)
    assert found is not None
    return found


def one(connection: Connection, workspace_id: str, user_id: str) -> Member | None:
    """A member."""
    found = _ONE.rows(connection, {"of": workspace_id, "who": user_id})
    return rows.member_of(found[0]) if found else None


def listed(connection: Connection, workspace_id: str, limit: int, after: str | None) -> list[Member]:
    """Members by user id."""
    found = _MEMBER.where(members.c.workspace_id == workspace_id)
    if after is not None:
        found = found.where(members.c.user_id > after)
    return [rows.member_of(row) for row in connection.execute(found.order_by(members.c.user_id).limit(limit))]


def memberships(connection: Connection, user_id: str) -> list[Member]:
    """What every workspace knows of somebody."""
    found = _MEMBER.where(members.c.user_id == user_id).order_by(members.c.workspace_id)
    return [rows.member_of(row) for row in connection.execute(found)]


def restrain(
    connection: Connection, workspace_id: str, user_id: str, held: Restrained | None, audit: AuditEntry
) -> bool:
    """Lay on or lift a restraint; False: no such member."""
    key = {"workspace_id": workspace_id, "user_id": user_id}
    text = None if held is None else wire_text(as_json(held))
    if connection.execute(update(members).where(rows.same(members, key)).values(restrained=text)).rowcount != 1:
        return False
    rows.write_audit(connection, audit)
    return True


def mark_left(connection: Connection, workspace_id: str, user_id: str, at: datetime | None) -> bool:
    """A member left, or is there again; False: no such member."""
    key = {"workspace_id": workspace_id, "user_id": user_id}
    return connection.execute(update(members).where(rows.same(members, key)).values(left_at=at)).rowcount == 1


def list_strikes(connection: Connection, workspace_id: str, user_id: str) -> list[Strike]:
    """A member's strikes, newest first."""
    key = {"workspace_id": workspace_id, "user_id": user_id}
    found = select(strikes).where(rows.same(strikes, key)).order_by(strikes.c.id.desc())
    return [rows.strike_of(row) for row in connection.execute(found)]


def add_strike(connection: Connection, strike: Strike, audit: AuditEntry) -> Strike | None:
    """Keep a strike; None: no such member."""
    if one(connection, strike.workspace_id, strike.user_id) is None:
        return None
    made = connection.execute(strikes.insert().values(rows.strike_values(strike)).returning(strikes)).one()
    rows.write_audit(connection, audit)
    return rows.strike_of(made)


def lift_strike(  # noqa: PLR0917 - who lifted what, when
    connection: Connection, workspace_id: str, strike_id: int, by: str, at: datetime, audit: AuditEntry
) -> bool:
    """Lift a strike; False: there is none in force."""
    own = (strikes.c.workspace_id == workspace_id) & (strikes.c.id == strike_id) & strikes.c.lifted_at.is_(None)
    lifted = update(strikes).where(own).values(lifted_at=at, lifted_by=wire_text(by))
    if connection.execute(lifted).rowcount != 1:
        return False
    rows.write_audit(connection, audit)
    return True


_THEIRS = (jobs.c.workspace_id == bindparam("of")) & (jobs.c.requester == bindparam("who"))
_OPEN_COUNTS = (
    select(jobs.c.state, func.count()).where(UNFINISHED, _THEIRS, jobs.c.state.in_(_UNENDED)).group_by(jobs.c.state)
)
_NEWEST = select(jobs.c.created_at).where(_THEIRS).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(1)


def load(connection: Connection, workspace_id: str, requester: str) -> MemberLoad:
    """A requester's open jobs, and when they last asked."""
    theirs = {"of": workspace_id, "who": requester}
    counts = {row[0]: row[1] for row in connection.execute(_OPEN_COUNTS, theirs)}
    running = sum(counts.get(state, 0) for state in _RUNNING)
    return MemberLoad(counts.get(JobState.QUEUED.value, 0), running, connection.execute(_NEWEST, theirs).scalar())


def unfinished_of(connection: Connection, workspace_id: str, requester: str) -> list[Job]:
    """A requester's jobs that are not over, oldest first."""
    found = JOB.where(
        UNFINISHED, jobs.c.workspace_id == workspace_id, jobs.c.requester == requester, jobs.c.state.in_(_UNENDED)
    ).order_by(jobs.c.created_at, jobs.c.id)
    return [records.job_of(row) for row in connection.execute(found)]
