"""What is kept of moderation: requests that were refused, and who changed which rules."""

from __future__ import annotations

from datetime import datetime

from engine.model.labels import Label
from engine.model.moderation.judging import Verdict
from engine.model.moderation.rules import Severity, WordList
from engine.model.values import value


@value(frozen=True, slots=True)
class KeptHit:
    """What was found, as it stood when it was found: the rule may be another one by now."""

    words: str
    """As they were written."""
    rule: str
    """The rule's text; of a scoring model what it calls its finding."""
    rule_id: int | None = None
    """None: no rule of the workspace found it."""
    severity: Severity = Severity.MEDIUM
    label: Label | None = None


@value(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request that was refused for its words. `id` is counted up by the store; 0: not stored yet."""

    id: int = 0
    workspace_id: str
    requester: str
    key_id: int | None = None
    """The API key that it came with."""
    dialect: str
    ref: str | None
    action: str
    """The action's name, as `imagine`."""
    prompt: str
    """The words that were judged."""
    word_list: WordList
    hits: tuple[KeptHit, ...]
    job_id: str | None = None
    """Of the prefilter: the job that failed at once."""
    at: datetime


@value(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who changed what in a workspace. `before` and `after` are sheets of rules; None: there was nothing."""

    id: int = 0
    workspace_id: str
    who: str
    what: str
    """In words, as `rule added`."""
    before: str | None
    after: str | None
    at: datetime


def kept(verdict: Verdict) -> tuple[KeptHit, ...]:
    """The hits of a verdict, to be kept."""
    return tuple(
        KeptHit(hit.words, says.text, hit.rule.id, says.severity, says.label)
        for hit in verdict.hits
        for says in (hit.rule.says,)
    )
