"""How a deed at these desks is written into the audit log."""

from __future__ import annotations

from datetime import datetime

from engine.model.moderation.kept import AuditEntry

OPERATOR = "the operator"
"""Who acts by a command where Easel runs."""


def minute(
    workspace_id: str, who: str, what: str, at: datetime, *, before: str | None = None, after: str | None = None
) -> AuditEntry:
    """An entry; `who` is a requester or the operator's own words."""
    return AuditEntry(workspace_id=workspace_id, who=who, what=what, before=before, after=after, at=at)
