"""How a deed at these desks is written into the audit log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from engine.model.community.guilds import RoleTerms, Terms
from engine.model.jobs import Mode
from engine.model.moderation.kept import AuditEntry

OPERATOR = "the operator"
"""Who acts by a command where Easel runs."""


def minute(
    workspace_id: str, who: str, what: str, at: datetime, *, before: str | None = None, after: str | None = None
) -> AuditEntry:
    """An entry; `who` is a requester or the operator's own words."""
    return AuditEntry(workspace_id=workspace_id, who=who, what=what, before=before, after=after, at=at)


def worded(said: object) -> str:
    """A setting's value for people: no brackets, quotes or names of types."""
    match said:
        case None:
            return "none"
        case bool():
            return "yes" if said else "no"
        case Terms():
            return _terms(said)
        case RoleTerms():
            return f"{said.role_id} ({_terms(said.terms)})"
        case str():
            return said
        case Collection():
            return ", ".join(worded(each) for each in said) or "none"
        case _:
            return str(said)


def _terms(terms: Terms) -> str:
    parts = ["unlimited" if terms.unlimited else "", "" if terms.quota is None else f"quota {terms.quota}"]
    parts.append(" ".join(mode.value for mode in Mode if mode in terms.speeds))
    parts.append("" if terms.cooldown is None else f"cooldown {terms.cooldown} s")
    parts.append("" if terms.most_queued is None else f"at most {terms.most_queued} wait")
    return ", ".join(part for part in parts if part) or "none"
