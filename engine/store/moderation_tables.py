"""Which tables moderation has: rules with their version, refused requests, and the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Text
from sqlmodel import Field

from engine.store.columns import GrowingId, UtcTime
from engine.store.tables import METADATA, Stored

_NEVER_AGAIN = {"sqlite_autoincrement": True}
"""A rule's number is told to people and kept with refusals: a new rule never gets an old one's."""


def _id() -> Column[int]:
    return Column(GrowingId, primary_key=True, autoincrement=True)


def _workspace(*, key: bool = False) -> Column[str]:
    return Column(Text, ForeignKey("workspaces.id"), primary_key=key, nullable=False)


def _text(*, null: bool = False) -> Column[str]:
    return Column(Text, nullable=null)


class RuleBookRow(Stored, table=True):
    """How often a workspace's rules were changed; none: never."""

    __tablename__ = "rulebooks"

    workspace_id: str = Field(sa_column=_workspace(key=True))
    version: int


class RuleRow(Stored, table=True):
    """A rule. `allow` is JSON; NULL: it has no allow-phrases."""

    __tablename__ = "rules"
    __table_args__ = (Index("ix_rules_workspace_id", "workspace_id", "id"), _NEVER_AGAIN)

    id: int | None = Field(default=None, sa_column=_id())
    workspace_id: str = Field(sa_column=_workspace())
    word_list: str = Field(sa_column=_text())
    kind: str = Field(sa_column=_text())
    text: str = Field(sa_column=_text())
    label: str | None = Field(sa_column=_text(null=True))
    severity: str = Field(sa_column=_text())
    allow: str | None = Field(sa_column=_text(null=True))


class RefusalRow(Stored, table=True):
    """A request that was refused for its words. `hits` is JSON."""

    __tablename__ = "refusals"
    __table_args__ = (Index("ix_refusals_workspace_id", "workspace_id", "id"), _NEVER_AGAIN)

    id: int | None = Field(default=None, sa_column=_id())
    workspace_id: str = Field(sa_column=_workspace())
    requester: str = Field(sa_column=_text())
    key_id: int | None = Field(sa_column=Column(GrowingId, nullable=True))
    dialect: str = Field(sa_column=_text())
    ref: str | None = Field(sa_column=_text(null=True))
    action: str = Field(sa_column=_text())
    prompt: str = Field(sa_column=_text())
    word_list: str = Field(sa_column=_text())
    hits: str = Field(sa_column=_text())
    job_id: str | None = Field(sa_column=_text(null=True))
    at: datetime = Field(sa_column=Column(UtcTime, nullable=False))


class AuditRow(Stored, table=True):
    """Who changed what."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_workspace_id", "workspace_id", "id"), _NEVER_AGAIN)

    id: int | None = Field(default=None, sa_column=_id())
    workspace_id: str = Field(sa_column=_workspace())
    who: str = Field(sa_column=_text())
    what: str = Field(sa_column=_text())
    before: str | None = Field(sa_column=_text(null=True))
    after: str | None = Field(sa_column=_text(null=True))
    at: datetime = Field(sa_column=Column(UtcTime, nullable=False))


rulebooks = METADATA.tables["rulebooks"]
rules = METADATA.tables["rules"]
refusals = METADATA.tables["refusals"]
audit_log = METADATA.tables["audit_log"]
