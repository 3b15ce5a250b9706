"""Which tables the people of Discord have: servers, codes, operators, members, cards, styles, reports, alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Column, Index, UniqueConstraint, false, text
from sqlmodel import Field

from engine.store.columns import growing_id as _id
from engine.store.columns import moment as _time
from engine.store.columns import partial as _partial
from engine.store.columns import words as _text
from engine.store.tables import METADATA, Stored

_NEVER_AGAIN = {"sqlite_autoincrement": True}
"""These numbers are told to people: a new one never gets an old one's."""
TO_SHOW = text("state IN ('open', 'erase')")
UNSETTLED = text("settled IS NULL")


class GuildRow(Stored, table=True):
    """A server that is bound to a workspace. `settings` is JSON."""

    __tablename__ = "guilds"
    __table_args__ = (Index("ix_guilds_workspace_id", "workspace_id"),)

    guild_id: str = _text(key=True)
    workspace_id: str = _text(to="workspaces.id")
    name: str = _text()
    connected_at: datetime = _time()
    connected_by: str = _text()
    settings: str = _text()


class CodeRow(Stored, table=True):
    """A one-time code that was not used yet: the SHA-256 alone."""

    __tablename__ = "connect_codes"

    digest: str = _text(key=True)
    workspace_id: str = _text(to="workspaces.id")
    created_at: datetime = _time()
    expires_at: datetime = _time()


class OperatorRow(Stored, table=True):
    """A Discord user who may do everything in a workspace."""

    __tablename__ = "operators"

    workspace_id: str = _text(key=True, to="workspaces.id")
    user_id: str = _text(key=True)
    added_at: datetime = _time()
    added_by: str = _text()


class PersonRow(Stored, table=True):
    """What a Discord user chose."""

    __tablename__ = "people"

    user_id: str = _text(key=True)
    language: str | None = _text(null=True)
    notice: str = _text()
    home_workspace_id: str | None = _text(null=True)


class MemberRow(Stored, table=True):
    """A Discord user as one workspace knows them. `restrained` is JSON; NULL: nothing holds them back."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_user_id", "user_id"),)

    workspace_id: str = _text(key=True, to="workspaces.id")
    user_id: str = _text(key=True)
    name: str = _text()
    since: datetime = _time()
    restrained: str | None = _text(null=True)
    left_at: datetime | None = _time(null=True)


class StrikeRow(Stored, table=True):
    """A mark against a member."""

    __tablename__ = "strikes"
    __table_args__ = (Index("ix_strikes_member", "workspace_id", "user_id", "id"), _NEVER_AGAIN)

    id: int | None = _id()
    workspace_id: str = _text(to="workspaces.id")
    user_id: str = _text()
    job_id: str | None = _text(null=True)
    reason: str = _text()
    given_by: str = _text()
    at: datetime = _time()
    lifted_at: datetime | None = _time(null=True)
    lifted_by: str | None = _text(null=True)


class CardRow(Stored, table=True):
    """A message that shows a job."""

    __tablename__ = "cards"
    __table_args__ = (
        _partial("ix_cards_to_show", "id", where=TO_SHOW),
        Index("ix_cards_job_id", "job_id"),
        _partial("ix_cards_message_id", "message_id", where=text("message_id IS NOT NULL")),
    )

    id: int | None = _id()
    workspace_id: str = _text(to="workspaces.id")
    request_id: str = _text()
    job_id: str = _text(to="jobs.id")
    user_id: str = _text()
    application_id: str = _text()
    guild_id: str | None = _text(null=True)
    channel_id: str = _text()
    message_id: str | None = _text(null=True)
    private: bool = Field(sa_column=Column(Boolean, nullable=False))
    layout: str | None = _text(null=True)
    asked_in: str | None = _text(null=True)
    language: str | None = _text(null=True)
    abroad: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))
    token_sealed: str | None = _text(null=True)
    token_until: datetime | None = _time(null=True)
    delivered_version: int
    state: str = _text()
    lost: str | None = _text(null=True)
    created_at: datetime = _time()
    updated_at: datetime = _time()


class StyleRow(Stored, table=True):
    """A member's preset. `sense` is what two names that are one have in common."""

    __tablename__ = "styles"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id", "sense"), _NEVER_AGAIN)

    id: int | None = _id()
    workspace_id: str = _text(to="workspaces.id")
    user_id: str = _text()
    name: str = _text()
    sense: str = _text()
    words: str = _text()
    shared: bool = Field(sa_column=Column(Boolean, nullable=False))
    created_at: datetime = _time()
    updated_at: datetime = _time()


class ReportRow(Stored, table=True):
    """A picture that a member finds wrong."""

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_workspace_id", "workspace_id", "id"),
        _partial("ix_reports_unsettled", "workspace_id", "id", where=UNSETTLED),
        Index("ix_reports_job_id", "job_id"),
        _NEVER_AGAIN,
    )

    id: int | None = _id()
    workspace_id: str = _text(to="workspaces.id")
    job_id: str = _text(to="jobs.id")
    reporter: str = _text()
    reason: str = _text()
    guild_id: str | None = _text(null=True)
    channel_id: str | None = _text(null=True)
    message_id: str | None = _text(null=True)
    at: datetime = _time()
    settled: str | None = _text(null=True)
    settled_at: datetime | None = _time(null=True)
    settled_by: str | None = _text(null=True)


class RemovalRow(Stored, table=True):
    """A job whose pictures are gone for good."""

    __tablename__ = "removals"

    job_id: str = _text(key=True, to="jobs.id")
    workspace_id: str = _text(to="workspaces.id")
    removed_by: str = _text()
    reason: str = _text()
    at: datetime = _time()


class AlertRow(Stored, table=True):
    """A condition that holds; `told`: the operators know it as it is."""

    __tablename__ = "alerts"

    workspace_id: str = _text(key=True, to="workspaces.id")
    kind: str = _text(key=True)
    subject: str = _text(key=True)
    said: str = _text()
    at: datetime = _time()
    told: bool = Field(sa_column=Column(Boolean, nullable=False))


class BotNoteRow(Stored, table=True):
    """How the bot of another process is; one row."""

    __tablename__ = "bot_notes"

    name: str = _text(key=True)
    state: str = _text()
    at: datetime = _time()


guilds = METADATA.tables["guilds"]
connect_codes = METADATA.tables["connect_codes"]
operators = METADATA.tables["operators"]
people = METADATA.tables["people"]
members = METADATA.tables["members"]
strikes = METADATA.tables["strikes"]
cards = METADATA.tables["cards"]
styles = METADATA.tables["styles"]
reports = METADATA.tables["reports"]
removals = METADATA.tables["removals"]
alerts = METADATA.tables["alerts"]
bot_notes = METADATA.tables["bot_notes"]
