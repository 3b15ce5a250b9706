"""How rules, refusals and the audit log are written and read. Each function is one transaction's work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from engine.model.labels import Label
from engine.model.moderation import Kind, Rule, RuleBook, RuleDraft, Severity, WordList
from engine.model.moderation.kept import AuditEntry, KeptHit, Refusal
from engine.ports import RuleEdit
from engine.store.moderation_tables import audit_log, refusals, rulebooks, rules
from engine.store.prepared import Prepared
from engine.store.records import Values, as_json, wire_text
from engine.store.tables import workspaces

REFUSAL_ROWS = 10_000
"""Of one workspace."""
REFUSAL_AGE = timedelta(days=90)
FORGET_EVERY = 100
"""Refusals after which old ones are looked for."""

_VERSIONS = select(workspaces.c.id, func.coalesce(rulebooks.c.version, 0)).select_from(
    workspaces.outerjoin(rulebooks, rulebooks.c.workspace_id == workspaces.c.id)
)
_NEW_REFUSAL = Prepared(insert(refusals).inline())
_OWN = refusals.c.workspace_id == bindparam("of")
_AT_MOST = select(refusals.c.id).where(_OWN).order_by(refusals.c.id.desc()).offset(bindparam("most")).limit(1)
_FORGET = delete(refusals).where(
    _OWN, (refusals.c.at < bindparam("too_old")) | (refusals.c.id <= _AT_MOST.scalar_subquery())
)

_allowed = msgspec.json.Decoder(tuple[str, ...])
_hits = msgspec.json.Decoder(tuple[KeptHit, ...])


# --- rules


def rule_versions(connection: Connection) -> Mapping[str, int]:
    """The version of each workspace's rules."""
    return {row[0]: row[1] for row in connection.execute(_VERSIONS)}


def rule_book(connection: Connection, workspace_id: str) -> RuleBook:
    """The workspace's rules, oldest first."""
    by_workspace = rules.c.workspace_id == workspace_id
    rows = connection.execute(select(rules).where(by_workspace).order_by(rules.c.id)).fetchall()
    return RuleBook(_version(connection, workspace_id), tuple(map(_rule_of, rows)))


def edit_rules(connection: Connection, edit: RuleEdit) -> RuleBook | None:
    """The rules after the edit; None: it was made for another version of them."""
    if not _turn_over(connection, edit):
        return None
    own = rules.c.workspace_id == edit.workspace_id
    for rule_id in edit.remove:
        connection.execute(delete(rules).where(own, rules.c.id == rule_id))
    for rule in edit.change:
        connection.execute(update(rules).where(own, rules.c.id == rule.id).values(_rule_values(rule.says)))
    if edit.add:
        rows = [{"workspace_id": edit.workspace_id, **_rule_values(draft)} for draft in edit.add]
        connection.execute(insert(rules), rows)
    entry = edit.audit
    connection.execute(
        insert(audit_log).values(
            workspace_id=entry.workspace_id,
            who=wire_text(entry.who),
            what=entry.what,
            before=entry.before,
            after=entry.after,
            at=entry.at,
        )
    )
    return rule_book(connection, edit.workspace_id)


def _turn_over(connection: Connection, edit: RuleEdit) -> bool:
    """Count the version up, if it is still the one that the edit was made for."""
    own = rulebooks.c.workspace_id == edit.workspace_id
    if edit.version == 0 and _version(connection, edit.workspace_id) == 0:
        # on PostgreSQL two first edits may meet here: the second one fails as a duplicate and is told to come again
        connection.execute(insert(rulebooks).values(workspace_id=edit.workspace_id, version=1))
        return True
    turned = connection.execute(
        update(rulebooks).where(own, rulebooks.c.version == edit.version).values(version=edit.version + 1)
    )
    return turned.rowcount == 1


def _version(connection: Connection, workspace_id: str) -> int:
    by_workspace = rulebooks.c.workspace_id == workspace_id
    return connection.execute(select(rulebooks.c.version).where(by_workspace)).scalar() or 0


def _rule_values(draft: RuleDraft) -> Values:
    return {
        "word_list": draft.word_list.value,
        "kind": draft.kind.value,
        "text": draft.text,
        "label": None if draft.label is None else draft.label.value,
        "severity": draft.severity.value,
        "allow": as_json(draft.allow) if draft.allow else None,
    }


def _rule_of(row: Any) -> Rule:
    draft = RuleDraft(
        text=row.text,
        kind=Kind(row.kind),
        word_list=WordList(row.word_list),
        label=None if row.label is None else Label(row.label),
        severity=Severity(row.severity),
        allow=() if row.allow is None else _allowed.decode(row.allow),
    )
    return Rule(row.id, draft)


# --- refusals and the audit log


def write_refusal(connection: Connection, refusal: Refusal, now: datetime, most: int = REFUSAL_ROWS) -> None:
    """Keep a refused request; old ones, and those beyond `most` of its workspace, are let go of now and then."""
    values = {
        "workspace_id": refusal.workspace_id,
        "requester": wire_text(refusal.requester),
        "key_id": refusal.key_id,
        "dialect": refusal.dialect,
        "ref": refusal.ref,
        "action": refusal.action,
        "prompt": wire_text(refusal.prompt),
        "word_list": refusal.word_list.value,
        "hits": wire_text(as_json(refusal.hits)),
        "job_id": refusal.job_id,
        "at": refusal.at,
    }
    _NEW_REFUSAL.run(connection, values)
    newest = connection.execute(select(func.max(refusals.c.id))).scalar() or 0
    if newest % FORGET_EVERY == 0:
        connection.execute(_FORGET, {"of": refusal.workspace_id, "too_old": now - REFUSAL_AGE, "most": most})


def listed_refusals(connection: Connection, workspace_id: str, limit: int, before: int | None) -> list[Refusal]:
    """Refused requests, newest first."""
    return [refusal_of(row) for row in _newest(connection, refusals, workspace_id, limit, before)]


def refusals_of(connection: Connection, requester: str) -> list[Refusal]:
    """A requester's refused requests of all workspaces, oldest first."""
    own = select(refusals).where(refusals.c.requester == requester).order_by(refusals.c.id)
    return [refusal_of(row) for row in connection.execute(own)]


def refusal_of(row: Any) -> Refusal:
    """The refused request in a row."""
    return Refusal(
        id=row.id,
        workspace_id=row.workspace_id,
        requester=row.requester,
        key_id=row.key_id,
        dialect=row.dialect,
        ref=row.ref,
        action=row.action,
        prompt=row.prompt,
        word_list=WordList(row.word_list),
        hits=_hits.decode(row.hits),
        job_id=row.job_id,
        at=row.at,
    )


def listed_audit(connection: Connection, workspace_id: str, limit: int, before: int | None) -> list[AuditEntry]:
    """The audit log, newest first."""
    return [
        AuditEntry(
            id=row.id,
            workspace_id=row.workspace_id,
            who=row.who,
            what=row.what,
            before=row.before,
            after=row.after,
            at=row.at,
        )
        for row in _newest(connection, audit_log, workspace_id, limit, before)
    ]


def _newest(connection: Connection, table: Table, workspace_id: str, limit: int, before: int | None) -> list[Any]:
    own = select(table).where(table.c.workspace_id == workspace_id)
    if before is not None:
        own = own.where(table.c.id < before)
    return list(connection.execute(own.order_by(table.c.id.desc()).limit(limit)))
