"""What each value of the community looks like as a row, and back, and how a row is put where one may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, and_, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from engine.model.community.cards import Card, CardState, LostCard
from engine.model.community.guilds import Guild, GuildSettings, Layout, Operator
from engine.model.community.people import Member, Notice, Person, Restrained, Strike
from engine.model.community.reports import Removal, Report, Settled
from engine.model.community.styles import Style, sense_of
from engine.model.moderation.kept import AuditEntry
from engine.store.moderation_tables import audit_log
from engine.store.records import Values, as_json, wire_text

_settings = msgspec.json.Decoder(GuildSettings)
_GUILD = ("guild_id", "workspace_id", "name", "connected_at", "connected_by")
_MEMBER = ("workspace_id", "user_id", "name", "since", "left_at", "strikes")
_restrained = msgspec.json.Decoder(Restrained)


def put(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Values, first: Values | None = None
) -> None:
    """Change the row with that key, or make it; `first` is written only when it is made."""
    if values and connection.execute(update(table).where(same(table, key)).values(values)).rowcount:
        return
    if not add(connection, table, {**key, **values, **(first or {})}) and values:
        connection.execute(update(table).where(same(table, key)).values(values))  # somebody else was first


def add(connection: Connection, table: Table, values: Values) -> bool:
    """Make a row; False: there is one with that key."""
    make: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # the row that was made and not their number, which psycopg does not tell of an INSERT
    made = make(table).values(values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return connection.execute(made).first() is not None


def same(table: Table, key: Mapping[str, Any]) -> ColumnElement[bool]:
    """The rows with these values."""
    return and_(*(table.c[name] == value for name, value in key.items()))


def write_audit(connection: Connection, entry: AuditEntry) -> None:
    """An entry of the audit log."""
    connection.execute(
        insert(audit_log).values(
            workspace_id=entry.workspace_id,
            who=wire_text(entry.who),
            what=entry.what,
            before=None if entry.before is None else wire_text(entry.before),
            after=None if entry.after is None else wire_text(entry.after),
            at=entry.at,
        )
    )


def guild_of(row: Any, prefix: str = "") -> Guild:
    """The server in a row whose columns begin so."""
    values = {name: getattr(row, prefix + name) for name in _GUILD}
    return Guild(settings=_settings.decode(getattr(row, f"{prefix}settings")), **values)


def guild_values(guild: Guild) -> Values:
    """What may change of a server."""
    return {"name": wire_text(guild.name), "settings": as_json(guild.settings)}


def operator_of(row: Any) -> Operator:
    """The operator in a row."""
    return Operator(workspace_id=row.workspace_id, user_id=row.user_id, added_at=row.added_at, added_by=row.added_by)


def person_of(user_id: str, row: Any | None) -> Person:
    """The person in a row, or one who chose nothing."""
    if row is None:
        return Person(user_id=user_id)
    return Person(
        user_id=user_id, language=row.language, notice=Notice(row.notice), home_workspace_id=row.home_workspace_id
    )


def member_of(row: Any, prefix: str = "") -> Member:
    """The member, with their counted strikes, in a row whose columns begin so."""
    held = getattr(row, f"{prefix}restrained")
    values = {name: getattr(row, prefix + name) for name in _MEMBER}
    return Member(restrained=None if held is None else _restrained.decode(held), **values)


def strike_values(strike: Strike) -> Values:
    """A new strike's row."""
    return {
        "workspace_id": strike.workspace_id,
        "user_id": strike.user_id,
        "job_id": strike.job_id,
        "reason": wire_text(strike.reason),
        "given_by": wire_text(strike.by),
        "at": strike.at,
        "lifted_at": strike.lifted_at,
        "lifted_by": strike.lifted_by,
    }


def strike_of(row: Any) -> Strike:
    """The strike in a row."""
    return Strike(
        id=row.id,
        workspace_id=row.workspace_id,
        user_id=row.user_id,
        job_id=row.job_id,
        reason=row.reason,
        by=row.given_by,
        at=row.at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
    )


_CARD_AS_IT_IS = (
    "workspace_id", "request_id", "job_id", "user_id", "application_id", "guild_id", "channel_id", "message_id",
    "private", "abroad", "asked_in", "language", "token_sealed", "token_until", "delivered_version", "created_at",
    "updated_at",
)  # fmt: skip
_CARD_STAYS = frozenset(
    {
        "workspace_id",
        "request_id",
        "job_id",
        "user_id",
        "application_id",
        "private",
        "abroad",
        "layout",
        "asked_in",
        "language",
        "created_at",
    }
)


def card_values(card: Card) -> Values:
    """A card's row."""
    values = {name: getattr(card, name) for name in _CARD_AS_IT_IS}
    layout = None if card.layout is None else card.layout.value
    return values | {
        "layout": layout,
        "state": card.state.value,
        "lost": None if card.lost is None else card.lost.value,
    }


def card_changes(card: Card) -> Values:
    """What may change of a card."""
    return {name: value for name, value in card_values(card).items() if name not in _CARD_STAYS}


def card_of(row: Any) -> Card:
    """The card in a row."""
    values = {name: getattr(row, name) for name in _CARD_AS_IT_IS}
    lost = None if row.lost is None else LostCard(row.lost)
    layout = None if row.layout is None else Layout(row.layout)
    return Card(id=row.id, layout=layout, state=CardState(row.state), lost=lost, **values)


def style_values(style: Style) -> Values:
    """A style's row, without the moment of its making."""
    return {
        "name": style.name,
        "words": wire_text(style.words),
        "shared": style.shared,
        "updated_at": style.updated_at,
    }


def style_key(style: Style) -> Values:
    """What no two styles have in common."""
    return {"workspace_id": style.workspace_id, "user_id": style.user_id, "sense": wire_text(sense_of(style.name))}


def style_of(row: Any) -> Style:
    """The style in a row."""
    names = ("id", "workspace_id", "user_id", "name", "words", "shared", "created_at", "updated_at")
    return Style(**{name: getattr(row, name) for name in names})


def report_values(report: Report) -> Values:
    """A new report's row."""
    return {
        "workspace_id": report.workspace_id,
        "job_id": report.job_id,
        "reporter": report.reporter,
        "reason": wire_text(report.reason),
        "guild_id": report.guild_id,
        "channel_id": report.channel_id,
        "message_id": report.message_id,
        "at": report.at,
    }


def report_of(row: Any) -> Report:
    """The report in a row."""
    names = ("id", "workspace_id", "job_id", "reporter", "reason", "guild_id", "channel_id", "message_id", "at")
    return Report(
        settled=None if row.settled is None else Settled(row.settled),
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        **{name: getattr(row, name) for name in names},
    )


def removal_of(row: Any) -> Removal:
    """The removal in a row."""
    return Removal(job_id=row.job_id, workspace_id=row.workspace_id, by=row.removed_by, reason=row.reason, at=row.at)
