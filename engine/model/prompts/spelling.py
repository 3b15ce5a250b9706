"""Whether what looks like a parameter is one: unknown names, glued values, dashes that a phone made of two hyphens."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator

from engine.model.prompts.reading import Given, Prompt
from engine.model.prompts.refusing import refuse, shown
from engine.model.prompts.table import BY_NAME, Parameter, names_for, usage
from engine.model.prompts.terms import Purpose

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_LONGEST_NAME = 20


def check_spelling(prompt: Prompt, purpose: Purpose) -> None:
    """Refuse what begins like a parameter and is none.

    Raises:
        InvalidInput: a dash stands for two hyphens, a value is glued to its name, or there is no such parameter.
    """
    for word in _words(prompt):
        _check_dash(word)
    for given in prompt.given:
        if given.row is None:
            _refuse_unknown(given, purpose)


def _words(prompt: Prompt) -> Iterator[str]:
    yield from (word.text for word in prompt.words)
    for given in prompt.given:
        yield from given.values
    yield from (word.text for word in prompt.strays)


def _check_dash(word: str) -> None:
    body = word.lstrip(_DASHES + "-")
    dashes = word[: len(word) - len(body)]
    if dashes.isascii():
        return
    row, rest = _named(body)
    if row is None or (rest and not rest[0].isnumeric() and rest[0] not in "=:."):
        return
    dash = next(char for char in dashes if not char.isascii())
    name = unicodedata.name(dash).lower()
    article = "an" if name.startswith(("e", "u")) else "a"
    refuse(f"has {shown(word)}, which begins with {article} {name} instead of two hyphens", usage(row))


def _refuse_unknown(given: Given, purpose: Purpose) -> None:
    body = given.written[2:]
    if not body:
        refuse("has -- without a name behind it", f"two hyphens right before a name: {', '.join(names_for(purpose))}")
    row, rest = _named(body)
    if row is not None and rest:
        refuse(f"has {shown(given.written)}, where {row.flag} and {shown(rest)} stand without a space", usage(row))
    near = difflib.get_close_matches(body.lower(), BY_NAME, n=1) if len(body) <= _LONGEST_NAME else []
    meant = f" (did you mean --{near[0]}?)" if near else ""
    refuse(f"has {shown(given.written)}, which is no parameter{meant}", ", ".join(names_for(purpose)))


def _named(body: str) -> tuple[Parameter | None, str]:
    """The parameter that a word begins with, and what is glued to it; the name ends where the letters do."""
    end = 0
    while end < len(body) and body[end].isascii() and body[end].isalpha():
        end += 1
    return BY_NAME.get(body[:end].lower()), body[end:]
