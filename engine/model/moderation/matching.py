"""How all rules of a list are held against a text at once: one pass over its words, whatever the number of rules.

Each word is looked up in a tree of words (whole words, phrases and allow-phrases) and, by every length that occurs, in
tables of prefixes and suffixes. No rule and no text costs more than its own length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.model.moderation.folding import Token, same_letters, tokens_of
from engine.model.moderation.rules import Kind, Rule

Found = tuple[Rule, int, int]
"""A rule, and the first and the last of the words that it was found in."""


@dataclass(slots=True)
class _Node:
    """Where a row of words may lead, and which rules' texts and allow-phrases end here."""

    further: dict[str, _Node] = field(default_factory=dict)
    hits: list[tuple[Rule, tuple[Token, ...]]] = field(default_factory=list)
    spared: list[tuple[Rule, tuple[Token, ...]]] = field(default_factory=list)


@dataclass(slots=True)
class _Ends:
    """Beginnings, or ends, of words, by their length."""

    at_start: bool
    by_length: dict[int, dict[str, list[tuple[Rule, Token]]]] = field(default_factory=dict)

    def add(self, rule: Rule, token: Token) -> None:
        table = self.by_length.setdefault(len(token.bare), {})
        table.setdefault(token.bare, []).append((rule, token))

    def found(self, word: Token) -> Iterator[Rule]:
        for length, table in self.by_length.items():
            if length > len(word.bare):
                continue
            part = slice(0, length) if self.at_start else slice(len(word.bare) - length, None)
            for rule, token in table.get(word.bare[part], ()):
                if same_letters(word.full[part], token.full, token.bare):
                    yield rule


class Matcher:
    """The rules of one list, made ready."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._root = _Node()
        self._prefixes = _Ends(at_start=True)
        self._suffixes = _Ends(at_start=False)
        self.size = 0
        for rule in rules:
            self.size += 1
            tokens = tuple(tokens_of(rule.says.text))
            if rule.says.kind is Kind.PREFIX:
                self._prefixes.add(rule, tokens[0])
            elif rule.says.kind is Kind.SUFFIX:
                self._suffixes.add(rule, tokens[0])
            else:
                self._end_of(tokens).hits.append((rule, tokens))
            for phrase in rule.says.allow:
                tokens = tuple(tokens_of(phrase))
                self._end_of(tokens).spared.append((rule, tokens))

    def found(self, words: Sequence[Token]) -> Iterator[Found]:
        """Where the rules are found, in the order of the words, except inside their allow-phrases."""
        spared: dict[int, int] = {}
        """By rule: how far an allow-phrase reaches that began here or before."""
        for first, word in enumerate(words):
            hits: list[Found] = []
            for last, node in self._walk(words, first):
                for rule, tokens in node.spared:
                    if _same(words, first, tokens):
                        spared[rule.id] = max(spared.get(rule.id, 0), last)
                hits.extend((rule, first, last) for rule, tokens in node.hits if _same(words, first, tokens))
            for ends in (self._prefixes, self._suffixes):
                hits.extend((rule, first, first) for rule in ends.found(word))
            yield from (hit for hit in hits if spared.get(hit[0].id, -1) < hit[2])

    def _walk(self, words: Sequence[Token], first: int) -> Iterator[tuple[int, _Node]]:
        node = self._root
        for at in range(first, len(words)):
            further = node.further.get(words[at].bare)
            if further is None:
                return
            node = further
            yield at, node

    def _end_of(self, tokens: Sequence[Token]) -> _Node:
        node = self._root
        for token in tokens:
            node = node.further.setdefault(token.bare, _Node())
        return node


def _same(words: Sequence[Token], first: int, tokens: Sequence[Token]) -> bool:
    return all(
        same_letters(words[first + at].full, token.full, token.bare)
        for at, token in enumerate(tokens)
        if token.full != token.bare
    )
