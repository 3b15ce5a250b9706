"""What of the door concerns moderation: one method for each deed, done by `rulemaking` and `judging`."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.asking import Asking
from engine.core.judging import Judging
from engine.core.rulemaking import Findings, Imported, Rulemaking
from engine.model.errors import InvalidInput
from engine.model.moderation import Rule, RuleDraft, WordList
from engine.model.moderation.kept import AuditEntry, Refusal


class Moderating:
    """Mixed into the engine. `who` is for the audit log."""

    _rulemaking: Rulemaking
    _asking: Asking
    _judging: Judging

    async def rules(
        self, workspace_id: str, *, word_list: WordList | None = None, after: int = 0, limit: int = 50
    ) -> list[Rule]:
        """The rules with a higher id than `after`, oldest first."""
        return await self._rulemaking.rules(workspace_id, word_list=word_list, after=after, limit=limit)

    async def add_rule(self, workspace_id: str, draft: RuleDraft, who: str) -> Rule:
        """Add a rule. Raises InvalidInput, Conflict (one of the same sense is there)."""
        return await self._rulemaking.add(workspace_id, draft, who)

    async def change_rule(self, workspace_id: str, rule_id: int, draft: RuleDraft, who: str) -> Rule:
        """Put another rule in the place of one. Raises NotFound, InvalidInput, Conflict."""
        return await self._rulemaking.change(workspace_id, rule_id, draft, who)

    async def remove_rule(self, workspace_id: str, rule_id: int, who: str) -> Rule:
        """Remove a rule; returns it as it was. Raises NotFound."""
        return await self._rulemaking.remove(workspace_id, rule_id, who)

    async def block_words(self, workspace_id: str) -> list[str]:
        """The plain block words."""
        return await self._rulemaking.block_words(workspace_id)

    async def replace_block_words(self, workspace_id: str, words: Sequence[str], who: str) -> list[str]:
        """Put these in the place of the plain block words; every other rule stays. Raises InvalidInput."""
        return await self._rulemaking.replace_block_words(workspace_id, words, who)

    async def import_rules(self, workspace_id: str, text: str, who: str, *, replace_all: bool = False) -> Imported:
        """Take the rules of a sheet, all or none. Raises InvalidInput with the number of the line."""
        return await self._rulemaking.import_rules(workspace_id, text, who, replace_all=replace_all)

    async def export_rules(self, workspace_id: str) -> str:
        """All rules as a sheet."""
        return await self._rulemaking.export_rules(workspace_id)

    async def test_rules(self, workspace_id: str, text: str) -> Findings:
        """What both lists say about a text; nothing is kept. Raises InvalidInput."""
        return await self._rulemaking.findings(workspace_id, text)

    async def check_prompt(self, workspace_id: str, prompt: str) -> list[InvalidInput]:
        """What imagine would refuse of this prompt: banned words, wrong parameters. Nothing is kept."""
        return await self._judging.check_prompt(workspace_id, prompt, await self._asking.terms(workspace_id, None))

    async def refusals(self, workspace_id: str, limit: int = 50, before: int | None = None) -> list[Refusal]:
        """Requests that were refused for their words, newest first."""
        return await self._rulemaking.refusals(workspace_id, limit, before)

    async def audit(self, workspace_id: str, limit: int = 50, before: int | None = None) -> list[AuditEntry]:
        """Who changed what, newest first."""
        return await self._rulemaking.audit(workspace_id, limit, before)
