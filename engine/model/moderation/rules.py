"""What a rule of a workspace says: a word, a phrase, a prefix or a suffix on one of two lists."""

from __future__ import annotations

from enum import StrEnum

from engine.model.labels import Label
from engine.model.moderation.folding import normal_form
from engine.model.values import value

LONGEST_TEXT = 100
MOST_ALLOWED = 50
"""Allow-phrases of one rule."""
MOST_RULES = 5_000
"""Rules of one workspace."""


class Kind(StrEnum):
    """Where a rule's text has to stand."""

    WORD = "word"
    """A whole word."""
    PHRASE = "phrase"
    """Whole words, one right after the other."""
    PREFIX = "prefix"
    """The beginning of a word, or all of it."""
    SUFFIX = "suffix"
    """The end of a word, or all of it."""


class WordList(StrEnum):
    """What a hit does."""

    BLOCK = "block"
    """The request is refused, whoever sends it."""
    PREFILTER = "prefilter"
    """A request of UserAPI's that did not switch its prefilter off fails at once, with the rule's label."""


class Severity(StrEnum):
    """How grave a hit is. It decides nothing by itself: it is kept with the refusal, for those who look at them."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@value(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """A rule as somebody wants it."""

    text: str
    kind: Kind = Kind.WORD
    word_list: WordList = WordList.BLOCK
    label: Label | None = None
    """Of a prefilter rule, and only of one."""
    severity: Severity = Severity.MEDIUM
    allow: tuple[str, ...] = ()
    """Phrases in which it does not count."""

    @property
    def sense(self) -> tuple[WordList, Kind, str]:
        """What no two rules of a workspace have in common: a word is a phrase of one word."""
        kind = Kind.PHRASE if self.kind is Kind.WORD else self.kind
        return self.word_list, kind, normal_form(self.text)

    @property
    def is_plain(self) -> bool:
        """Whether a bare list of words can say it: ImaginePro's knows nothing else."""
        whole = self.kind in {Kind.WORD, Kind.PHRASE}
        return self.word_list is WordList.BLOCK and whole and not self.allow and self.severity is Severity.MEDIUM


@value(frozen=True, slots=True)
class Rule:
    """A rule of a workspace; `id` is never used again."""

    id: int
    says: RuleDraft
