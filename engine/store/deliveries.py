"""How webhook posts lie in the database: written with a job's step, held by one sender at a time, kept until swept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from engine.model.deliveries import Delivery, DeliveryKind, DeliveryState, place_of
from engine.model.hooks import HookKind
from engine.model.jobs import Job
from engine.ports.webhooks import Attempt, DeliveryCounts
from engine.store.prepared import Prepared
from engine.store.records import wire_text
from engine.store.tables import DUE, SETTLED, deliveries

KEPT = timedelta(days=30)
"""How long finals are kept that were delivered or replaced; failed ones stay."""
PROGRESS_KEPT = timedelta(hours=1)
MOST_BUSY = 500
"""Places that one question can leave out; an older SQLite takes no more than 999 values."""

_INSERT = Prepared(insert(deliveries).inline())

_NOW = bindparam("is_now", type_=deliveries.c.claimed_until.type)
_IS_FREE = or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until < _NOW)
_REPLACED: dict[str, Any] = {"state": DeliveryState.REPLACED.value}
_OPEN = (deliveries.c.request_id == bindparam("is_request")) & DUE
_REPLACE_PROGRESS = Prepared(
    update(deliveries)
    .where(_OPEN, deliveries.c.kind == DeliveryKind.PROGRESS.value)
    .values(**_REPLACED, settled_at=bindparam("settled_at"))
)
_REPLACE_ALL = Prepared(
    update(deliveries)
    .where(_OPEN, or_(deliveries.c.kind == DeliveryKind.PROGRESS.value, _IS_FREE))
    .values(**_REPLACED, settled_at=bindparam("settled_at"))
)

_other = deliveries.alias("other")
_FINAL_UNDER_WAY = exists(
    select(_other.c.id).where(
        _other.c.request_id == deliveries.c.request_id,
        _other.c.id != deliveries.c.id,
        _other.c.kind == DeliveryKind.FINAL.value,
        _other.c.claimed_until >= _NOW,
    )
)
# SKIP LOCKED as in `leases`: a row in somebody's open transaction is in use
_CLAIMABLE = (
    select(deliveries.c.id)
    .where(deliveries.c.id == bindparam("is_id"), DUE, deliveries.c.due_at <= _NOW, _IS_FREE, ~_FINAL_UNDER_WAY)
    .with_for_update(skip_locked=True)
)
_CLAIM = Prepared(
    update(deliveries)
    .where(deliveries.c.id == _CLAIMABLE.scalar_subquery())
    .values(claimed_by=bindparam("owner"), claimed_until=bindparam("until"))
)
_OURS = and_(deliveries.c.id == bindparam("is_id"), deliveries.c.claimed_by == bindparam("is_owner"))


_ARRIVABLE = or_(DUE, deliveries.c.state == DeliveryState.REPLACED.value)
_COUNTED = {
    "tries": deliveries.c.tries + bindparam("more_tries"),
    "due_at": func.coalesce(bindparam("next_at", type_=deliveries.c.due_at.type), deliveries.c.due_at),
}
_SETTLE = Prepared(update(deliveries).where(_OURS, DUE).values(**_COUNTED))
_SETTLE_ARRIVED = Prepared(update(deliveries).where(_OURS, _ARRIVABLE).values(**_COUNTED))
_FREE_ONE = Prepared(update(deliveries).where(_OURS).values(claimed_by=None, claimed_until=None))


def write_due(connection: Connection, job: Job, kind: DeliveryKind) -> None:
    """The post that a step of the job makes due, in the place of those that it makes pointless."""
    assert job.hook is not None
    now = job.updated_at
    replaced = {"is_request": job.request_id, "settled_at": now}
    if kind is DeliveryKind.FINAL:
        _REPLACE_ALL.run(connection, {**replaced, "is_now": now})
    else:
        _REPLACE_PROGRESS.run(connection, replaced)
    _INSERT.run(
        connection,
        {
            "workspace_id": job.workspace_id,
            "request_id": job.request_id,
            "job_id": job.id,
            "version": job.version,
            "kind": kind.value,
            "url": job.hook.url,
            "place": place_of(job.hook.url),
            "dialect": job.hook.dialect,
            "hook_kind": job.hook.kind.value,
            "state": DeliveryState.DUE.value,
            "tries": 0,
            "created_at": now,
            "due_at": now,
        },
    )


def claim(connection: Connection, delivery_id: int, owner: str, now: datetime, until: datetime) -> bool:
    """Hold a due post until then, unless somebody else does or another end of the same request is under way."""
    values = {"is_id": delivery_id, "is_now": now, "owner": owner, "until": until}
    return bool(_CLAIM.run(connection, values).rowcount)


def settle(connection: Connection, attempt: Attempt) -> bool:
    """Record a try and let the post go; False when it was not held by the owner, or was replaced and did not arrive."""
    ours: dict[str, Any] = {"is_id": attempt.delivery_id, "is_owner": attempt.owner}
    values = {
        **ours,
        "state": attempt.state.value,
        "settled_at": None if attempt.state is DeliveryState.DUE else attempt.at,
        "tried_at": attempt.at,
        "more_tries": int(attempt.counts),
        "next_at": attempt.due_at,
        "status": attempt.status,
        "error": None if attempt.error is None else wire_text(attempt.error),
        "claimed_by": None,
        "claimed_until": None,
    }
    statement = _SETTLE_ARRIVED if attempt.state is DeliveryState.DELIVERED else _SETTLE
    if statement.run(connection, values).rowcount:
        return True
    _FREE_ONE.run(connection, ours)
    return False


def free(connection: Connection, owner: str | None, ids: Sequence[int] | None) -> None:
    """Let go what this owner (None: anybody) holds: these, or all."""
    held = update(deliveries).where(deliveries.c.claimed_by.is_not(None))
    held = held.where(DUE) if ids is None else held.where(deliveries.c.id.in_(ids))
    if owner is not None:
        held = held.where(deliveries.c.claimed_by == owner)
    connection.execute(held.values(claimed_by=None, claimed_until=None))


def replay(connection: Connection, workspace_id: str, delivery_id: int | None, now: datetime) -> int:
    """Make a post of the workspace due again (None: all that failed); returns how many."""
    own = update(deliveries).where(deliveries.c.workspace_id == workspace_id)
    if delivery_id is None:
        own = own.where(deliveries.c.state == DeliveryState.FAILED.value)
    else:
        own = own.where(deliveries.c.id == delivery_id)
    again = own.values(
        state=DeliveryState.DUE.value, tries=0, created_at=now, due_at=now, settled_at=None, error=None, status=None
    )
    return connection.execute(again).rowcount


def sweep(connection: Connection, now: datetime) -> int:
    """Erase what nobody asks about any more; returns how many."""
    is_progress = deliveries.c.kind == DeliveryKind.PROGRESS.value
    old = or_(deliveries.c.settled_at < now - KEPT, is_progress & (deliveries.c.settled_at < now - PROGRESS_KEPT))
    keeps = and_(deliveries.c.state == DeliveryState.FAILED.value, ~is_progress)
    return connection.execute(delete(deliveries).where(SETTLED, old, ~keeps)).rowcount


# --- reads


def delivery_of(row: Any) -> Delivery:
    """The delivery in a row."""
    return Delivery(
        id=row.id,
        workspace_id=row.workspace_id,
        request_id=row.request_id,
        job_id=row.job_id,
        version=row.version,
        kind=DeliveryKind(row.kind),
        url=row.url,
        dialect=row.dialect,
        hook_kind=HookKind(row.hook_kind),
        state=DeliveryState(row.state),
        tries=row.tries,
        created_at=row.created_at,
        due_at=row.due_at,
        tried_at=row.tried_at,
        settled_at=row.settled_at,
        status=row.status,
        error=row.error,
    )


def due(connection: Connection, now: datetime, limit: int, besides: Collection[str]) -> list[Delivery]:
    """Posts that are due and that nobody holds, ends first, then the oldest; those to the places `besides` are not."""
    found: list[Delivery] = []
    free_now = or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until < now)
    for kind in (DeliveryKind.FINAL, DeliveryKind.PROGRESS):
        question = select(deliveries).where(DUE, deliveries.c.kind == kind.value, deliveries.c.due_at <= now, free_now)
        if besides:
            question = question.where(deliveries.c.place.not_in(sorted(besides)[:MOST_BUSY]))
        question = question.order_by(deliveries.c.due_at, deliveries.c.id).limit(limit - len(found))
        found += [delivery_of(row) for row in connection.execute(question)]
        if len(found) >= limit:
            break
    return found


def one(connection: Connection, workspace_id: str, delivery_id: int) -> Delivery | None:
    """A post of the workspace."""
    wanted = select(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.workspace_id == workspace_id)
    row = connection.execute(wanted).first()
    return None if row is None else delivery_of(row)


def listed(
    connection: Connection,
    workspace_id: str,
    *,
    request_id: str | None,
    state: DeliveryState | None,
    before: int | None,
    limit: int,
) -> list[Delivery]:
    """Posts of a workspace, newest first: those of one request, in one state, older than that id."""
    own = select(deliveries).where(deliveries.c.workspace_id == workspace_id)
    if request_id is not None:
        own = own.where(deliveries.c.request_id == request_id)
    if state is not None:
        own = own.where(deliveries.c.state == state.value)
    if before is not None:
        own = own.where(deliveries.c.id < before)
    return [delivery_of(row) for row in connection.execute(own.order_by(deliveries.c.id.desc()).limit(limit))]


def counts(connection: Connection, workspace_id: str) -> DeliveryCounts:
    """How many posts of a workspace did not arrive."""
    question = (
        select(deliveries.c.state, func.count())
        .where(
            deliveries.c.workspace_id == workspace_id,
            deliveries.c.state.in_([DeliveryState.DUE.value, DeliveryState.FAILED.value]),
        )
        .group_by(deliveries.c.state)
    )
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(question)}
    return DeliveryCounts(found.get(DeliveryState.DUE.value, 0), found.get(DeliveryState.FAILED.value, 0))
