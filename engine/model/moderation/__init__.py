"""Which words a workspace does not want: its rules, the form in which words are compared, and the verdict on a text."""

from __future__ import annotations

from engine.model.moderation.checking import checked, plain_rule
from engine.model.moderation.judging import NOTHING_FOUND, Hit, RuleBook, RuleSet, Verdict, compiled, told
from engine.model.moderation.rules import Kind, Rule, RuleDraft, Severity, WordList

__all__ = [
    "NOTHING_FOUND",
    "Hit",
    "Kind",
    "Rule",
    "RuleBook",
    "RuleDraft",
    "RuleSet",
    "Severity",
    "Verdict",
    "WordList",
    "checked",
    "compiled",
    "plain_rule",
    "told",
]
