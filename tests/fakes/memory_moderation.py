"""The part of the store in memory that keeps rules, refusals and the audit log."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

from engine.model import errors
from engine.model.moderation import Rule, RuleBook
from engine.model.moderation.kept import AuditEntry, Refusal
from engine.ports import RuleEdit


class MemoryModeration:
    """Mixed into MemoryStore, whose workspaces it knows."""

    def __init__(self) -> None:
        self._books: dict[str, RuleBook] = {}
        self._kept_refusals: list[Refusal] = []
        self._audit: list[AuditEntry] = []
        self._rule_ids = itertools.count(1)

    async def rule_versions(self) -> Mapping[str, int]:
        return {workspace_id: self._book(workspace_id).version for workspace_id in self._workspaces}

    async def rule_book(self, workspace_id: str) -> RuleBook:
        return self._book(workspace_id)

    async def edit_rules(self, edit: RuleEdit) -> RuleBook | None:
        await self._writing()
        if edit.workspace_id not in self._workspaces:
            raise errors.NotFound("there is no such workspace")
        book = self._book(edit.workspace_id)
        if book.version != edit.version:
            return None
        changed = {rule.id: rule for rule in edit.change}
        stays = [changed.get(rule.id, rule) for rule in book.rules if rule.id not in edit.remove]
        added = [Rule(next(self._rule_ids), draft) for draft in edit.add]
        self._books[edit.workspace_id] = RuleBook(book.version + 1, (*stays, *added))
        self._audit.append(replace(edit.audit, id=len(self._audit) + 1))
        return self._books[edit.workspace_id]

    async def refusals(self, workspace_id: str, limit: int, before: int | None = None) -> list[Refusal]:
        return _newest(self._kept_refusals, workspace_id, limit, before)

    async def audit(self, workspace_id: str, limit: int, before: int | None = None) -> list[AuditEntry]:
        return _newest(self._audit, workspace_id, limit, before)

    def _keep_refusal(self, refusal: Refusal) -> None:
        self._kept_refusals.append(replace(refusal, id=len(self._kept_refusals) + 1))

    def _book(self, workspace_id: str) -> RuleBook:
        return self._books.get(workspace_id, RuleBook())


def _newest(rows, workspace_id, limit, before):
    own = [row for row in rows if row.workspace_id == workspace_id and (before is None or row.id < before)]
    return own[::-1][:limit]
