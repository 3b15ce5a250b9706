"""In which form words are compared: Unicode's NFKC_Casefold, without what only decorates a letter.

Marks are judged in the manner of an asymmetric search (UTS #10, 8.2): a plain letter of a rule stands for the letter
with any marks, a letter with its own mark only for itself. So `nude` finds `nüdé` and `n̶u̶d̶e̶`, and `schwül` does not
find `schwul`. Marks that make no letter with what they stand on (strokes, stacks) never count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from engine.model.values import value

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point of Unicode: soft hyphen, joiners, zero-width spaces, directions, fillers, selectors."""
_DECORATION = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4"
    "\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc]"
)
"""Marks that may stand on any letter, points of Hebrew and Arabic. Vowel signs of other scripts are letters to us."""
_STRETCH = "\u0640"
_SUBSCRIPT = "\u0345"
"""Greek's iota below a letter. Folding case would make a letter of it, whose place depends on how it was written."""
_OWN_LETTERS = frozenset("йїў")
"""Decomposable, and yet letters of their alphabets that are never written without the mark."""
_JAMO = re.compile("[\u1161-\u11ff]")
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U000323af]"
)
"""Scripts that put no spaces between words: each of their characters is a word to us."""
_BLANKS = frozenset("\u2800\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
_PLAIN = re.compile(r"[\t-\r\x1c-\x7e]*")
_PLAIN_WORD = re.compile(r"[a-z0-9]+|[^a-z0-9\s_\-]")
_WORD, _ALONE, _GAP = "w", "a", " "
_CLASSES = re.compile(f"{_WORD}+|{_ALONE}")


@value(frozen=True, slots=True)
class Token:
    """A word, or a sign that stands alone, as it is compared.

    `bare` has no marks, `full` has those that make a letter; both have the same length.
    `start` and `end` are where it stands in the text.
    """

    bare: str
    full: str
    start: int
    end: int


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words and signs between two places of a text; gaps (spaces, hyphens, underscores) only divide them."""
    part = text[start:end]
    if _PLAIN.fullmatch(part):
        lower = part.lower()
        found = _PLAIN_WORD.finditer(lower)
        return [Token(m.group(), m.group(), start + m.start(), start + m.end()) for m in found]
    bare, full, places = _fold(part)
    classes = "".join(map(_class_of, bare))
    tokens = []
    for match in _CLASSES.finditer(classes):
        first, last = match.span()
        begins, ends = start + places[first], start + places[last - 1] + 1
        tokens.append(Token("".join(bare[first:last]), "".join(full[first:last]), begins, ends))
    return tokens


def normal_form(text: str) -> str:
    """A text as it is compared, with its own letters' marks; what is equal here is the same word."""
    return " ".join(token.full for token in tokens_of(text))


def has_gap(text: str) -> bool:
    """Whether white space divides it."""
    return len(text.split()) > 1


def has_own_marks(token: Token) -> bool:
    """Whether one of its letters has a mark that counts."""
    return token.bare != token.full


def same_letters(written: str, rule: str, plain: str) -> bool:
    """Whether the letters of a text are those of a rule.

    Args:
        written: from the text, with marks.
        rule: the rule's letters with their marks.
        plain: the rule's letters without.
    """
    return all(own in {bare, seen} for seen, own, bare in zip(written, rule, plain, strict=True))


def _fold(text: str) -> tuple[list[str], list[str], list[int]]:
    """The text's letters without and with marks, and the place in the text that each came from."""
    bare: list[str] = []
    full: list[str] = []
    places: list[int] = []
    for place, written in enumerate(text):
        for char, plain, joins in _letters_of(written):
            at = _stood_on(char, full) if joins and full else -1
            if at >= 0 and full[at] != _GAP:
                joined = _joined(full[at], char)
                if joined is not None:
                    full[at], bare[at] = joined, _plain(joined)
                    continue
            if plain:
                bare.append(plain)
                full.append(char)
                places.append(place)
    return bare, full, places


def _stood_on(mark: str, letters: list[str]) -> int:
    """Which of the letters so far a mark may join: the last one, or behind marks of a lower class the one before them.

    So says Unicode's composition (UAX #15): decomposed text puts such marks between a letter and its own.
    """
    at, order = len(letters) - 1, unicodedata.combining(mark)
    while at > 0 and 0 < unicodedata.combining(letters[at]) < order:
        at -= 1
    return at


@lru_cache(8192)
def _letters_of(written: str) -> tuple[tuple[str, str, bool], ...]:
    """What a character comes to: (letter, the same without marks, whether it may join the letter before it).

    A mark that only decorates has nothing for its plain form; it counts when it joins, or not at all.
    """
    return tuple(_letters(written))


def _letters(written: str) -> Iterator[tuple[str, str, bool]]:
    if written in _BLANKS or unicodedata.category(written) in {"Zs", "Zl", "Zp"}:
        yield _GAP, _GAP, False
        return
    once = unicodedata.normalize("NFKD", written).replace(_SUBSCRIPT, "")
    once = unicodedata.normalize("NFKC", once).casefold()
    for char in unicodedata.normalize("NFKC", once):
        category = unicodedata.category(char)
        if char == _STRETCH or category in {"Cc", "Cf", "Cs"} or _IGNORABLE.match(char):
            continue
        if char.isspace():
            yield _GAP, _GAP, False
        elif _DECORATION.match(char):
            yield char, "", True
        else:
            yield char, _plain(char), category[0] == "M" or _JAMO.match(char) is not None


@lru_cache(8192)
def _joined(letter: str, mark: str) -> str | None:
    """The one letter that they make together, if there is one."""
    made = unicodedata.normalize("NFC", letter + mark)
    return made if len(made) == 1 else None


@lru_cache(8192)
def _plain(letter: str) -> str:
    """The letter without its marks."""
    if letter in _OWN_LETTERS:
        return letter
    parts = "".join(part for part in unicodedata.normalize("NFD", letter) if not _DECORATION.match(part))
    plain = unicodedata.normalize("NFC", parts)
    return plain if len(plain) == 1 else letter


@lru_cache(8192)
def _class_of(letter: str) -> str:
    """Whether it is part of a word, stands alone, or divides."""
    category = unicodedata.category(letter)
    if letter == _GAP or category in {"Pd", "Pc"}:
        return _GAP
    if _SPACELESS.match(letter) or category[0] not in "LMN":
        return _ALONE
    return _WORD
