"""What the rules of a workspace say about a text: the verdict, with the words as they were written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.model.labels import Label
from engine.model.moderation.matching import Found, Matcher
from engine.model.moderation.portions import Portion, portions_of
from engine.model.moderation.rules import Rule, Severity, WordList
from engine.model.values import value

LONGEST_SHOWN = 60
"""Characters of a hit; who stretches a word with invisible ones is not quoted for ever."""
MOST_MARKS = 8
"""Marks on the last letter of a hit that are quoted with it."""
MOST_TOLD = 10
"""Words that an error names; the others are counted."""


@value(frozen=True, slots=True)
class Hit:
    """A rule that was found, and the words in which, as they were written."""

    rule: Rule
    words: str


@value(frozen=True, slots=True)
class Verdict:
    """What was found in a text: each rule once, in the order of the text; nothing when it may pass."""

    hits: tuple[Hit, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words as they were written, each once."""
        return tuple(dict.fromkeys(hit.words for hit in self.hits))

    @property
    def labels(self) -> tuple[Label, ...]:
        """What the prefilter objects to, each once."""
        return tuple(dict.fromkeys(hit.rule.says.label for hit in self.hits if hit.rule.says.label is not None))

    @property
    def severity(self) -> Severity | None:
        """Of the gravest hit."""
        found = {hit.rule.says.severity for hit in self.hits}
        return next((severity for severity in reversed(Severity) if severity in found), None)

    def __add__(self, other: Verdict) -> Verdict:
        """Both; a rule that both found counts once."""
        by_rule = {hit.rule.id: hit for hit in (*other.hits, *self.hits)}
        order = dict.fromkeys(hit.rule.id for hit in (*self.hits, *other.hits))
        return Verdict(tuple(by_rule[number] for number in order))


NOTHING_FOUND = Verdict()


def told(words: Sequence[str]) -> str:
    """Words in a sentence: the first in quotation marks, the others counted."""
    said = ", ".join(f'"{each}"' for each in words[:MOST_TOLD])
    more = len(words) - MOST_TOLD
    return said if more <= 0 else f"{said} and {more} more"


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A workspace's rules as they are stored; `version` rises with every change, 0: there never were any."""

    version: int = 0
    rules: tuple[Rule, ...] = ()

    def of(self, word_list: WordList) -> list[Rule]:
        """The rules on one list."""
        return [rule for rule in self.rules if rule.says.word_list is word_list]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a workspace made ready; both lists are compiled once."""

    version: int
    block: Matcher
    prefilter: Matcher

    def judged(self, word_list: WordList, texts: Iterable[str]) -> Verdict:
        """What a list says about texts of one request; time in proportion to their length."""
        matcher = self.block if word_list is WordList.BLOCK else self.prefilter
        if not matcher.size:
            return NOTHING_FOUND
        hits: dict[int, Hit] = {}
        for text in dict.fromkeys(texts):
            for portion in portions_of(text):
                _note(hits, text, portion, matcher)
        return Verdict(tuple(hits.values()))


def compiled(book: RuleBook) -> RuleSet:
    """The rules made ready."""
    return RuleSet(book.version, Matcher(book.of(WordList.BLOCK)), Matcher(book.of(WordList.PREFILTER)))


def _note(hits: dict[int, Hit], text: str, portion: Portion, matcher: Matcher) -> None:
    for found in matcher.found(portion.words):
        rule, first, _ = found
        if portion.begins and first:
            return
        if rule.id not in hits:
            hits[rule.id] = Hit(rule, _written(text, portion, found))


def _written(text: str, portion: Portion, found: Found) -> str:
    _, first, last = found
    words = portion.words
    end = words[last].end
    while end < len(text) and end - words[last].end < MOST_MARKS and unicodedata.combining(text[end]):
        end += 1
    if not portion.begins:
        return _quoted(text[words[first].start : end])
    name = text[words[0].start : words[0].end]
    return _quoted(f"{name} {text[words[1].start : end]}" if last else name)


def _quoted(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= LONGEST_SHOWN else words[:LONGEST_SHOWN] + "…"
