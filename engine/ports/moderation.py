"""What the core needs for rules of words: their place in the store, and who may judge before a request is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from engine.model.labels import Label
from engine.model.moderation import Rule, RuleBook, RuleDraft
from engine.model.moderation.kept import AuditEntry, KeptHit, Refusal
from engine.model.values import value


@value(frozen=True, slots=True, kw_only=True)
class RuleEdit:
    """A change of a workspace's rules, all or nothing, and the audit log's entry about it.

    Applies only while the rules still have `version`.
    """

    workspace_id: str
    version: int
    add: tuple[RuleDraft, ...] = ()
    change: tuple[Rule, ...] = ()
    remove: tuple[int, ...] = ()
    audit: AuditEntry


class ModerationStore(Protocol):
    """The part of the store that keeps rules, refusals and the audit log.

    Raises (every method): `errors.Unavailable` when the database cannot be read or written now.
    """

    async def rule_versions(self) -> Mapping[str, int]:
        """The version of each workspace's rules; 0: it never had any."""
        ...

    async def rule_book(self, workspace_id: str) -> RuleBook:
        """The workspace's rules, oldest first."""
        ...

    async def edit_rules(self, edit: RuleEdit) -> RuleBook | None:
        """The rules after the edit; None: their version is another one by now, and nothing was written."""
        ...

    async def refusals(self, workspace_id: str, limit: int, before: int | None = None) -> list[Refusal]:
        """Refused requests, newest first, those with a lower id than `before`."""
        ...

    async def audit(self, workspace_id: str, limit: int, before: int | None = None) -> list[AuditEntry]:
        """The audit log, newest first, entries with a lower id than `before`."""
        ...


@value(frozen=True, slots=True)
class Objection:
    """Why a request is not sent: what was found, and the labels that its sender is told."""

    labels: tuple[Label, ...]
    hits: tuple[KeptHit, ...]


class Prefilter(Protocol):
    """Who judges UserAPI's requests that did not switch it off: a list of words, or a scoring model."""

    async def objection(self, workspace_id: str, texts: tuple[str, ...]) -> Objection | None:
        """What speaks against sending these texts, all of one request; None: nothing.

        Raises:
            Unavailable: it cannot judge now; the request is not taken.
        """
        ...


@value(frozen=True, slots=True)
class KeepAudit:
    """Change: a deed for the audit log; beside other changes it is written with them."""

    entry: AuditEntry


@value(frozen=True, slots=True)
class KeepRefusal:
    """Change: a refused request. The newest 10,000 of a workspace from the last 90 days are kept."""

    refusal: Refusal
