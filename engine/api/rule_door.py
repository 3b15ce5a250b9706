"""What the HTTP side asks of the engine about words: the part of the door for rules, refusals and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.core.rulemaking import Findings, Imported
from engine.model.errors import InvalidInput
from engine.model.moderation import Rule, RuleDraft, WordList
from engine.model.moderation.kept import AuditEntry, Refusal


class RuleDoor(Protocol):
    """Rules of words, by workspace; `who` is for the audit log.

    Raises (every method): `errors.Unavailable` when the store cannot be read or written now.
    """

    async def rules(
        self, workspace_id: str, *, word_list: WordList | None = None, after: int = 0, limit: int = 50
    ) -> list[Rule]:
        """The rules with a higher id than `after`, oldest first."""
        ...

    async def add_rule(self, workspace_id: str, draft: RuleDraft, who: str) -> Rule:
        """Add a rule. Raises InvalidInput, Conflict (one of the same sense is there)."""
        ...

    async def change_rule(self, workspace_id: str, rule_id: int, draft: RuleDraft, who: str) -> Rule:
        """Put another rule in the place of one. Raises NotFound, InvalidInput, Conflict."""
        ...

    async def remove_rule(self, workspace_id: str, rule_id: int, who: str) -> Rule:
        """Remove a rule; returns it as it was. Raises NotFound."""
        ...

    async def block_words(self, workspace_id: str) -> list[str]:
        """The plain block words."""
        ...

    async def replace_block_words(self, workspace_id: str, words: Sequence[str], who: str) -> list[str]:
        """Put these in the place of the plain block words; every other rule stays. Raises InvalidInput."""
        ...

    async def import_rules(self, workspace_id: str, text: str, who: str, *, replace_all: bool = False) -> Imported:
        """Take the rules of a sheet, all or none. Raises InvalidInput with the number of the line."""
        ...

    async def export_rules(self, workspace_id: str) -> str:
        """All rules as a sheet."""
        ...

    async def test_rules(self, workspace_id: str, text: str) -> Findings:
        """What both lists say about a text; nothing is kept. Raises InvalidInput."""
        ...

    async def check_prompt(self, workspace_id: str, prompt: str) -> list[InvalidInput]:
        """What imagine would refuse of this prompt; nothing is kept."""
        ...

    async def refusals(self, workspace_id: str, limit: int = 50, before: int | None = None) -> list[Refusal]:
        """Requests that were refused for their words, newest first."""
        ...

    async def audit(self, workspace_id: str, limit: int = 50, before: int | None = None) -> list[AuditEntry]:
        """Who changed what, newest first."""
        ...
