"""How cards, styles, reports and alerts are written and read. Each function is one transaction's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, case, delete, insert, or_, select, update
from sqlalchemy.engine import Connection

from engine.model.community.cards import Card, CardState, LostCard
from engine.model.community.reports import Alert, AlertKind, BotState, Report
from engine.model.community.styles import Style
from engine.model.moderation.kept import AuditEntry
from engine.store.community import rows
from engine.store.community.tables import TO_SHOW, UNSETTLED, alerts, bot_notes, cards, reports, styles
from engine.store.prepared import Prepared
from engine.store.records import wire_text
from engine.store.tables import jobs

# --- cards

_ADD_CARD = Prepared(insert(cards).returning(cards.c.id))
_NEW_STATE = bindparam("new_state", type_=cards.c.state.type)
_STAYS_MARKED = (cards.c.state == CardState.ERASE.value) & (CardState.GIVEN_UP.value != _NEW_STATE)
_CHANGE_CARD = Prepared(
    update(cards)
    .where(cards.c.id == bindparam("is_id"))
    .values(state=case((_STAYS_MARKED, CardState.ERASE.value), else_=_NEW_STATE))
)


def add_card(connection: Connection, card: Card) -> Card:
    """Keep a card."""
    (number,) = _ADD_CARD.run(connection, rows.card_values(card)).fetchone()
    return replace(card, id=number)


def change_card(connection: Connection, card: Card) -> bool:
    """Give a card another place, token, version and state; False: there is none.

    One that is to be erased stays so until it is given up, wherever its message lies by then.
    """
    values = rows.card_changes(card)
    state = values.pop("state")
    changed: int = _CHANGE_CARD.run(connection, {"is_id": card.id, "new_state": state, **values}).rowcount
    return changed == 1


def open_cards(connection: Connection, limit: int, after: int) -> list[Card]:
    """Cards to be kept up to date or erased, by id."""
    found = select(cards).where(TO_SHOW, cards.c.id > after).order_by(cards.c.id).limit(limit)
    return [rows.card_of(row) for row in connection.execute(found)]


def cards_of(connection: Connection, workspace_id: str, job_id: str) -> list[Card]:
    """The cards of a job or a request, oldest first."""
    of_request = select(jobs.c.id).where(jobs.c.request_id == job_id)
    meant = or_(cards.c.job_id == job_id, cards.c.job_id.in_(of_request))
    found = select(cards).where(cards.c.workspace_id == workspace_id, meant).order_by(cards.c.id)
    return [rows.card_of(row) for row in connection.execute(found)]


def card_of_message(connection: Connection, workspace_id: str, message_id: str) -> Card | None:
    """The card in a message."""
    own = (cards.c.message_id == message_id) & (cards.c.workspace_id == workspace_id)
    row = connection.execute(select(cards).where(own).order_by(cards.c.id.desc()).limit(1)).first()
    return None if row is None else rows.card_of(row)


def lose_cards(connection: Connection, place_id: str, why: LostCard, at: datetime) -> list[Card]:
    """Give up all open cards of a channel or a server."""
    there = (cards.c.channel_id == place_id) | (cards.c.guild_id == place_id)
    ids = list(connection.execute(select(cards.c.id).where(TO_SHOW, there)).scalars())
    values = {"state": CardState.GIVEN_UP.value, "lost": why.value, "token_sealed": None, "updated_at": at}
    connection.execute(update(cards).where(cards.c.id.in_(ids)).values(values))
    found = connection.execute(select(cards).where(cards.c.id.in_(ids)).order_by(cards.c.id))
    return [rows.card_of(row) for row in found]


# --- styles


def list_styles(connection: Connection, workspace_id: str, user_id: str | None) -> list[Style]:
    """A member's own and shared styles, or all of them, by name."""
    found = select(styles).where(styles.c.workspace_id == workspace_id)
    if user_id is not None:
        found = found.where(or_(styles.c.user_id == user_id, styles.c.shared))
    return sorted(
        (rows.style_of(row) for row in connection.execute(found)), key=lambda style: (style.name.casefold(), style.id)
    )


def save_style(connection: Connection, style: Style) -> Style:
    """Keep a style, in the place of the owner's own of that name."""
    key = rows.style_key(style)
    rows.put(connection, styles, key, rows.style_values(style), {"created_at": style.created_at})
    return rows.style_of(connection.execute(select(styles).where(rows.same(styles, key))).one())


def drop_style(connection: Connection, workspace_id: str, style_id: int) -> bool:
    """Delete a style; False: there is none."""
    own = (styles.c.workspace_id == workspace_id) & (styles.c.id == style_id)
    return connection.execute(delete(styles).where(own)).rowcount == 1


# --- reports


def add_report(connection: Connection, report: Report) -> Report:
    """Keep a report, unless the member's own about that job is open."""
    own = {"workspace_id": report.workspace_id, "job_id": report.job_id, "reporter": report.reporter}
    known = connection.execute(select(reports).where(rows.same(reports, own), UNSETTLED)).first()
    if known is None:
        known = connection.execute(insert(reports).values(rows.report_values(report)).returning(reports)).one()
    return rows.report_of(known)


def list_reports(
    connection: Connection, workspace_id: str, limit: int, before: int | None, *, unsettled: bool
) -> list[Report]:
    """Reports, newest first."""
    found = select(reports).where(reports.c.workspace_id == workspace_id)
    if unsettled:
        found = found.where(UNSETTLED)
    if before is not None:
        found = found.where(reports.c.id < before)
    return [rows.report_of(row) for row in connection.execute(found.order_by(reports.c.id.desc()).limit(limit))]


def settle_report(connection: Connection, report: Report, audit: AuditEntry) -> bool:
    """Write down what was decided; False: it is settled, or there is none."""
    own = (reports.c.workspace_id == report.workspace_id) & (reports.c.id == report.id)
    values = {
        "settled": None if report.settled is None else report.settled.value,
        "settled_at": report.settled_at,
        "settled_by": report.settled_by,
    }
    if connection.execute(update(reports).where(own, UNSETTLED).values(values)).rowcount != 1:
        return False
    rows.write_audit(connection, audit)
    return True


# --- alerts and the bot


def list_alerts(connection: Connection, workspace_id: str | None) -> list[tuple[Alert, bool]]:
    """The conditions that hold, and whether each was told."""
    found = select(alerts).order_by(alerts.c.workspace_id, alerts.c.kind, alerts.c.subject)
    if workspace_id is not None:
        found = found.where(alerts.c.workspace_id == workspace_id)
    return [
        (
            Alert(
                workspace_id=row.workspace_id, kind=AlertKind(row.kind), subject=row.subject, said=row.said, at=row.at
            ),
            row.told,
        )
        for row in connection.execute(found)
    ]


def put_alerts(connection: Connection, workspace_id: str, wanted: Sequence[Alert]) -> None:
    """These hold now, and no others."""
    known = {(alert.kind, alert.subject): alert.said for alert, _ in list_alerts(connection, workspace_id)}
    new = {(alert.kind, wire_text(alert.subject)): alert for alert in wanted}
    for kind, subject in known.keys() - new.keys():
        key = {"workspace_id": workspace_id, "kind": kind.value, "subject": subject}
        connection.execute(delete(alerts).where(rows.same(alerts, key)))
    for (kind, subject), alert in new.items():
        said = wire_text(alert.said)
        if known.get((kind, subject)) != said:
            key = {"workspace_id": workspace_id, "kind": kind.value, "subject": subject}
            rows.put(connection, alerts, key, {"said": said, "at": alert.at, "told": False})


def told_alert(connection: Connection, alert: Alert) -> None:
    """It was told, unless it says something else by now."""
    key = {
        "workspace_id": alert.workspace_id,
        "kind": alert.kind.value,
        "subject": wire_text(alert.subject),
        "said": wire_text(alert.said),
    }
    connection.execute(update(alerts).where(rows.same(alerts, key)).values(told=True))


def note_bot(connection: Connection, state: BotState, at: datetime) -> None:
    """How a bot of another process is."""
    rows.put(connection, bot_notes, {"name": "bot"}, {"state": state.value, "at": at})


def noted_bot(connection: Connection) -> tuple[BotState, datetime] | None:
    """What was noted last."""
    row = connection.execute(select(bot_notes)).first()
    return None if row is None else (BotState(row.state), row.at)
