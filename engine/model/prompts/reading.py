"""What a prompt says: links in front, words, parameters; read without changing or losing a character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.model.jobs import Mode
from engine.model.prompts.braces import Brace, marks
from engine.model.prompts.kinds import Takes
from engine.model.prompts.links import read_link
from engine.model.prompts.models import NEWEST_NIJI, Model, model_numbered
from engine.model.prompts.table import BY_NAME, Parameter
from engine.model.values import value

_WORD = re.compile(r"\S+")
_BEHIND_NUMBERS = ",.;:!?)\"'"


@value(frozen=True, slots=True)
class Word:
    """What stands between two gaps, and where; a gap inside braces does not count."""

    text: str
    start: int
    end: int


@value(frozen=True, slots=True)
class Link:
    """A link that Midjourney would fetch, wherever it stands."""

    url: str
    weight: str
    """What stands behind its `::`, or nothing."""
    word: Word
    parameter: str = ""
    """The parameter it belongs to, or nothing: an image prompt."""


@value(frozen=True, slots=True)
class Part:
    """Words up to a `::`, and what was written behind it; None: no `::` or no number."""

    text: str
    weight: str | None


@value(frozen=True, slots=True)
class Given:
    """A parameter as it was given."""

    row: Parameter | None
    """None: there is no such parameter."""
    written: str
    """`--aspect`, as typed."""
    values: tuple[str, ...]
    start: int
    end: int

    @property
    def name(self) -> str:
        """Its name in the table; what was typed when there is none."""
        return self.row.name if self.row else self.written.removeprefix("--")

    @property
    def value(self) -> str:
        """The words behind it."""
        return " ".join(self.values)

    @property
    def text(self) -> str:
        """Name and value."""
        return f"{self.written} {self.value}".rstrip()


@value(frozen=True, slots=True)
class Prompt:
    """A prompt and what it says; `text` is what was given and what is sent."""

    text: str
    images: tuple[Link, ...]
    """The links in front of the words."""
    words: tuple[Word, ...]
    """Between the links and the first parameter."""
    given: tuple[Given, ...]
    strays: tuple[Word, ...]
    """Words that stand behind a parameter and belong to none."""

    @property
    def speech(self) -> str:
        """The words as they stand in the text, links and parameters left out."""
        return self.text[self.words[0].start : self.words[-1].end] if self.words else ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The words cut at every `::`."""
        return tuple(_parts(self.speech))

    @property
    def links(self) -> tuple[Link, ...]:
        """Every link that Midjourney would fetch: image prompts, then those of parameters."""
        found = list(self.images)
        for given in self.given:
            for word in _words_in(self.text, given.start + len(given.written), given.end):
                link = read_link(word.text)
                if link is not None:
                    found.append(Link(link.url, link.weight, word, given.name))
        return tuple(found)

    def asks(self, name: str) -> Given | None:
        """The last parameter of that name in the table, if any."""
        return next((given for given in reversed(self.given) if given.row and given.name == name), None)

    @property
    def mode(self) -> Mode | None:
        """The speed that its own flag asks for; the last one counts."""
        speeds = [Mode(given.name) for given in self.given if given.row and given.name in set(Mode)]
        return speeds[-1] if speeds else None

    @property
    def model(self) -> Model | None:
        """The model that it asks for itself; None also when there is no such model."""
        version, niji = self.asks("v"), self.asks("niji")
        if version and version.values:
            return model_numbered(version.values[0], niji=False)
        if niji:
            return model_numbered(niji.values[0], niji=True) if niji.values else NEWEST_NIJI
        return None

    @property
    def video(self) -> bool:
        """Whether it is a video prompt."""
        return self.asks("video") is not None


@lru_cache(16)
def read_prompt(text: str) -> Prompt:
    """Read any text; nothing is refused here, and what is wrong stays where `check` finds it."""
    images: list[Link] = []
    words: list[Word] = []
    given: list[Given] = []
    strays: list[Word] = []
    read = split(text)
    position = 0
    while position < len(read):
        word = read[position]
        position += 1
        if word.text.startswith("--"):
            row = BY_NAME.get(word.text[2:].lower())
            taken = _taken(row, read, position)
            end = read[position + taken - 1].end if taken else word.end
            values = tuple(each.text for each in read[position : position + taken])
            given.append(Given(row, word.text, values, word.start, end))
            position += taken
        elif given:
            strays.append(word)
        elif not words and (link := read_link(word.text)):
            images.append(Link(link.url, link.weight, word))
        else:
            words.append(word)
    return Prompt(text, tuple(images), tuple(words), tuple(given), tuple(strays))


def split(text: str) -> list[Word]:
    """The words of a text; `{a, b}` does not end at its gaps, so that `--ar {1:1, 2:3}` keeps its value."""
    inside = _inside(text)
    found: list[Word] = []
    for match in _WORD.finditer(text):
        start = match.start()
        if found and inside[found[-1].end]:
            start = found.pop().start
        found.append(Word(text[start : match.end()], start, match.end()))
    return found


def _inside(text: str) -> bytearray:
    """For each character whether it stands between braces; where they do not match, none does."""
    inside = bytearray(len(text))
    depth = start = 0
    for mark in marks(text):
        if mark.brace is Brace.OPEN:
            start = start if depth else mark.at
            depth += 1
        elif mark.brace is Brace.CLOSE:
            depth -= 1
            if depth < 0:
                break
            if not depth:
                inside[start : mark.at] = b"\1" * (mark.at - start)
    return inside if not depth else bytearray(len(text))


def _taken(row: Parameter | None, read: list[Word], position: int) -> int:
    """How many of the next words belong to a parameter."""
    takes = Takes.NONE if row is None else row.takes
    if takes is Takes.NONE or position == len(read) or read[position].text.startswith("--"):
        return 0
    if takes is Takes.MAYBE:
        return int(read[position].text[:1].isnumeric())
    if takes is Takes.ONE:
        return 1
    end = position
    while end < len(read) and not read[end].text.startswith("--"):
        end += 1
    return end - position


def _words_in(text: str, start: int, end: int) -> Iterator[Word]:
    for word in split(text[start:end]):
        yield Word(word.text, word.start + start, word.end + start)


def _parts(speech: str) -> Iterator[Part]:
    begins = 0
    while (at := speech.find("::", begins)) >= 0:
        behind = at + 2
        while speech[behind : behind + 1] == ":":
            behind += 1
        ends = behind
        while ends < len(speech) and not speech[ends].isspace() and speech[ends] != ":":
            ends += 1
        weight = _weight(speech[behind:ends])
        yield Part(speech[begins:at].strip(), weight)
        begins = behind + len(weight or "")
    if begins == 0 or speech[begins:].strip():
        yield Part(speech[begins:].strip(), None)


def _weight(text: str) -> str | None:
    """What is meant as a number right behind `::`, or None."""
    number = text.rstrip(_BEHIND_NUMBERS)
    begins = number.lstrip("+-.")[:1]
    return number if begins.isnumeric() else None
