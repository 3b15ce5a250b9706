"""What a parameter's value may look like: one kind for each shape, which says what is wrong and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Protocol

from engine.model.prompts.links import has_host, read_link
from engine.model.prompts.models import plain_number

LONGEST_NUMBER = 20
"""Characters of a number; more is no number anybody means, and costs time to read."""
WIDEST = 50
"""The most extreme aspect ratio, to one. Midjourney names no limit; beyond this it is a mistake of typing."""
LONGEST_SIDE = 9999


class Takes(Enum):
    """How many of the words behind its name belong to a parameter."""

    NONE = "none"
    MAYBE = "one, if it begins with a digit"
    ONE = "one"
    SOME = "all up to the next parameter, at least one"
    ANY = "all up to the next parameter, or none"


class Kind(Protocol):
    """The shape of a value."""

    takes: ClassVar[Takes]

    @property
    def allowed(self) -> str:
        """What may stand there, for a person."""

    def problem(self, values: tuple[str, ...]) -> str:
        """What is wrong with the words given, or nothing; there are as many as `takes` says."""


def is_whole(text: str) -> bool:
    """Whether this is a whole number in ASCII digits: no sign, no exponent, no separator."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def is_decimal(text: str) -> bool:
    """Whether this is a plain decimal: ASCII digits with at most one dot among or before them."""
    return is_whole(text.replace(".", "", 1)) and not text.endswith(".")


@dataclass(frozen=True, slots=True)
class Flag:
    """No value."""

    takes: ClassVar = Takes.NONE

    @property
    def allowed(self) -> str:
        """What may stand there."""
        return "no value"

    def problem(self, values: tuple[str, ...]) -> str:
        """Nothing can be wrong: nothing is taken."""
        return "has a value" if values else ""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two."""

    low: int
    high: int
    takes: ClassVar = Takes.ONE

    @property
    def allowed(self) -> str:
        """The range."""
        return f"a whole number from {self.low} to {self.high}"

    def problem(self, values: tuple[str, ...]) -> str:
        """Not whole, or out of range."""
        if not is_whole(values[0]):
            return "is no whole number in plain digits"
        return "" if self.low <= int(values[0]) <= self.high else "is out of range"


@dataclass(frozen=True, slots=True)
class Fraction:
    """A number between two; decimals are allowed."""

    low: int
    high: int
    takes: ClassVar = Takes.ONE

    @property
    def allowed(self) -> str:
        """The range."""
        return f"a number from {self.low} to {self.high}, decimals allowed"

    def problem(self, values: tuple[str, ...]) -> str:
        """No plain decimal, or out of range."""
        if not is_decimal(values[0]):
            return "is no plain decimal number"
        return "" if self.low <= Decimal(values[0]) <= self.high else "is out of range"


@dataclass(frozen=True, slots=True)
class OneNumber:
    """One of some numbers, however it is written (`.5`, `0.50`)."""

    numbers: tuple[str, ...]
    takes: ClassVar = Takes.ONE

    @property
    def allowed(self) -> str:
        """The numbers."""
        return ", ".join(self.numbers)

    def problem(self, values: tuple[str, ...]) -> str:
        """No plain decimal, or none of them."""
        if not is_decimal(values[0]):
            return "is no plain decimal number"
        return "" if Decimal(values[0]) in map(Decimal, self.numbers) else "is not among the values"


@dataclass(frozen=True, slots=True)
class OneWord:
    """One of some words."""

    words: tuple[str, ...]
    takes: ClassVar = Takes.ONE

    @property
    def allowed(self) -> str:
        """The words."""
        return ", ".join(self.words)

    def problem(self, values: tuple[str, ...]) -> str:
        """None of them."""
        return "" if values[0] in self.words else "is not among the values"


@dataclass(frozen=True, slots=True)
class MaybeNumber:
    """One of some numbers, or nothing."""

    numbers: tuple[str, ...]
    takes: ClassVar = Takes.MAYBE

    @property
    def allowed(self) -> str:
        """The numbers."""
        return f"{', '.join(self.numbers)} or no value"

    def problem(self, values: tuple[str, ...]) -> str:
        """A number that is none of them."""
        return "" if not values or plain_number(values[0]) in self.numbers else "is not among the values"


@dataclass(frozen=True, slots=True)
class Version:
    """The number of a model."""

    numbers: tuple[str, ...]
    takes: ClassVar = Takes.ONE

    @property
    def allowed(self) -> str:
        """The numbers."""
        return ", ".join(self.numbers)

    def problem(self, values: tuple[str, ...]) -> str:
        """No such model."""
        return "" if plain_number(values[0]) in self.numbers else "is no version"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Width to height."""

    most: int = WIDEST
    takes: ClassVar = Takes.ONE

    @property
    def allowed(self) -> str:
        """The form and the range."""
        return f"two whole numbers like 16:9, from 1:{self.most} to {self.most}:1, neither above {LONGEST_SIDE}"

    def problem(self, values: tuple[str, ...]) -> str:
        """Not two whole numbers, or absurd."""
        width, colon, height = values[0].partition(":")
        if not (colon and is_whole(width) and is_whole(height)):
            return "is no ratio of two whole numbers"
        wide, high = int(width), int(height)
        if not (0 < wide <= LONGEST_SIDE and 0 < high <= LONGEST_SIDE):
            return "is out of range"
        return "" if max(wide, high) <= self.most * min(wide, high) else "is out of range"


@dataclass(frozen=True, slots=True)
class Words:
    """A list of words with commas."""

    takes: ClassVar = Takes.SOME

    @property
    def allowed(self) -> str:
        """The form."""
        return "words, several with commas between them, no links"

    def problem(self, values: tuple[str, ...]) -> str:
        """Nothing but commas, or a link."""
        if any(read_link(value) for value in values):
            return "holds a link"
        return "" if any(value.strip(",") for value in values) else "names nothing"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of pictures."""

    most: int | None = None
    takes: ClassVar = Takes.SOME

    @property
    def allowed(self) -> str:
        """How many."""
        return "one http(s) link" if self.most == 1 else "http(s) links with spaces between them"

    def problem(self, values: tuple[str, ...]) -> str:
        """Something that is no link, or too many."""
        links = [read_link(value) for value in values]
        if not all(link and has_host(link.url) for link in links):
            return "is no link"
        return "" if self.most is None or len(values) <= self.most else f"are {len(values)} links"


@dataclass(frozen=True, slots=True)
class StyleReference:
    """`random`, codes, or addresses of pictures, each with a weight if wanted."""

    takes: ClassVar = Takes.SOME

    @property
    def allowed(self) -> str:
        """The forms."""
        return "random, a numeric code, or http(s) links, each with ::weight if wanted"

    def problem(self, values: tuple[str, ...]) -> str:
        """Something else."""
        return "" if all(map(self._fits, values)) else "is no style reference"

    def _fits(self, value: str) -> bool:
        link = read_link(value)
        if link is not None:
            return not link.weight or is_decimal(link.weight)
        code, colons, weight = value.partition("::")
        return (code == "random" or is_whole(code)) and (not colons or is_decimal(weight))


@dataclass(frozen=True, slots=True)
class Codes:
    """Nothing, or codes of letters and digits."""

    takes: ClassVar = Takes.ANY

    @property
    def allowed(self) -> str:
        """The forms."""
        return "no value, or codes of ASCII letters and digits"

    def problem(self, values: tuple[str, ...]) -> str:
        """Something else."""
        return "" if all(map(self._fits, values)) else "is no code"

    def _fits(self, value: str) -> bool:
        code, colons, weight = value.partition("::")
        return code.isascii() and code.isalnum() and (not colons or is_decimal(weight))
