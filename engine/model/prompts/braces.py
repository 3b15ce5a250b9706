r"""How `{a, b, {c, d}}` becomes several prompts: counted before it is built, with a stack of its own, no recursion.

`\,` is a literal comma; `\{` and `\}` are literal braces and stay as they are, because Midjourney reads them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from engine.model.errors import InvalidInput
from engine.model.values import value

LITERAL = r"a literal brace is written \{ or \}"
_SHOWN = 30


class Brace(Enum):
    """A character that means something."""

    OPEN = "{"
    COMMA = ","
    CLOSE = "}"
    ESCAPED_COMMA = r"\,"


@value(frozen=True, slots=True)
class Mark:
    """Where it stands."""

    brace: Brace
    at: int


_BRACES = {brace.value: brace for brace in Brace}
_MARK = re.compile(r"\\?[{},]")  # with its backslash, so that an escaped brace is seen and means nothing


def marks(text: str) -> Iterator[Mark]:
    """The braces of a text with the commas between them, in order."""
    for match in _MARK.finditer(text):
        if match[0] in _BRACES:
            yield Mark(_BRACES[match[0]], match.start())


def has_braces(text: str) -> bool:
    """Whether there is any brace that means something."""
    return any(mark.brace in {Brace.OPEN, Brace.CLOSE} for mark in marks(text))


@dataclass(slots=True)
class _Count:
    """A group being counted."""

    at: int
    before: int = 0
    """Ways through the options that are complete."""
    now: int = 1
    """Ways through the one being read."""


def count_pieces(text: str) -> int:
    """How many prompts the braces make of the text, 1 without any.

    Raises:
        InvalidInput: a brace is not closed, closes nothing, or an option is empty.
    """
    stack = [_Count(-1)]
    option_starts = [0]
    for mark in marks(text):
        group = stack[-1]
        if mark.brace is Brace.OPEN:
            stack.append(_Count(mark.at))
            option_starts.append(mark.at + 1)
        elif len(stack) == 1:
            if mark.brace is Brace.CLOSE:
                raise InvalidInput("prompt", f"has a }} that closes nothing: {_around(text, mark.at)}", allowed=LITERAL)
        elif mark.brace is not Brace.ESCAPED_COMMA:
            if not text[option_starts[-1] : mark.at].strip():
                problem = f"has an empty option between braces: {_around(text, group.at)}"
                raise InvalidInput("prompt", problem, allowed="words in every option, like {red, green}")
            option_starts[-1] = mark.at + 1
            group.before += group.now
            group.now = 1
            if mark.brace is Brace.CLOSE:
                stack.pop()
                option_starts.pop()
                stack[-1].now *= group.before
    if len(stack) > 1:
        problem = f"has a {{ that is never closed: {_around(text, stack[-1].at)}"
        raise InvalidInput("prompt", problem, allowed=f"a }} for every {{; {LITERAL}")
    return stack[0].now


@dataclass(slots=True)
class _Group:
    """A group being built."""

    complete: list[str] = field(default_factory=list)
    now: list[str] = field(default_factory=lambda: [""])


def build_pieces(text: str) -> list[str]:
    """The prompts that the braces make; `count_pieces` has passed, and says how many come."""
    stack = [_Group()]
    told = 0
    for mark in marks(text):
        if len(stack) == 1 and mark.brace is not Brace.OPEN:
            continue  # a comma that separates nothing
        group = stack[-1]
        group.now = [ways + text[told : mark.at] for ways in group.now]
        told = mark.at + 1
        if mark.brace is Brace.OPEN:
            stack.append(_Group())
        elif mark.brace is not Brace.ESCAPED_COMMA:  # of an escaped comma the backslash alone is left out
            group.complete += [ways.strip() for ways in group.now]
            group.now = [""]
            if mark.brace is Brace.CLOSE:
                stack.pop()
                stack[-1].now = [ways + option for ways in stack[-1].now for option in group.complete]
    return [ways + text[told:] for ways in stack[0].now]


def _around(text: str, at: int) -> str:
    """The place, as its writer recognises it."""
    return repr(text[at : at + _SHOWN]) if len(text) > at + _SHOWN else repr(text[max(0, at - _SHOWN) :])
