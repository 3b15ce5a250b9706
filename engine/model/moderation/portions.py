"""Which parts of a text are somebody's words, and so are judged.

Not judged: links to pictures in front of the words and in parameters (Midjourney looks at what lies there, not at the
address), names of parameters, and values that the table of parameters knows (numbers, links, versions; not codes, which
can be any word). What `--no` names is wanted away: it is judged only together with its name, by rules that begin with
`no` (`no clothes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.model.moderation.folding import Token, tokens_of
from engine.model.prompts.kinds import Codes, Kind, Takes
from engine.model.prompts.links import is_picture, read_link
from engine.model.prompts.reading import Given, Prompt, read_prompt
from engine.model.values import value

_UNSPOKEN = re.compile(r"--|https?://", re.IGNORECASE)
_WITHOUT = "no"
_BETWEEN_ITEMS = re.compile(r"[^,{}]+")


@value(frozen=True, slots=True)
class Portion:
    """Words in a row; a rule is never found across two portions.

    `begins`: only what is found at its very beginning counts.
    """

    words: list[Token]
    begins: bool = False


def portions_of(text: str) -> Iterator[Portion]:
    """The portions of a prompt, in no particular order."""
    if _UNSPOKEN.search(text) is None:
        yield Portion(tokens_of(text))
        return
    prompt = read_prompt(text)
    told = 0
    for start, end in sorted(_unspoken(prompt)):
        yield Portion(tokens_of(text, told, start))
        told = max(told, end)
    yield Portion(tokens_of(text, told))
    for given in prompt.given:
        if _is_without(given):
            yield from _without(text, given)


def _unspoken(prompt: Prompt) -> Iterator[tuple[int, int]]:
    """The places that hold no words."""
    for link in prompt.images:
        if is_picture(link.url):
            yield link.word.start, link.word.end
    for given in prompt.given:
        if given.row is None:
            continue  # no parameter, so it is read as words
        if _is_without(given) or any(_knows(form.kind, given) for form in given.row.forms):
            yield given.start, given.end
        else:
            yield given.start, given.start + len(given.written)
            at = given.start
            for each in given.values:
                at = prompt.text.index(each, at)
                read = read_link(each)
                if read is not None and is_picture(read.url):
                    yield at, at + len(each)
                at += len(each)


def _knows(kind: Kind, given: Given) -> bool:
    if not given.values and kind.takes not in {Takes.NONE, Takes.MAYBE, Takes.ANY}:
        return False  # a kind that needs a word may not be asked without one
    return not isinstance(kind, Codes) and not kind.problem(given.values)


def _is_without(given: Given) -> bool:
    return given.row is not None and given.name == _WITHOUT


def _without(text: str, given: Given) -> Iterator[Portion]:
    """`no` with each of the things that are wanted away."""
    begins = given.start + len(given.written)
    name = Token(_WITHOUT, _WITHOUT, given.start, begins)
    for item in _BETWEEN_ITEMS.finditer(text, begins, given.end):
        yield Portion([name, *tokens_of(text, item.start(), item.end())], begins=True)
