"""How often a key may call: so many calls in so many seconds, for each class of calls; written as text and read back.

    generate=10/s read=100/s            the usual rates
    generate=1/3s read=1/3s progress=10/s    ImaginePro's published ones, also called `imaginepro`
    off                                 no limit

A class that is left out keeps its usual rate; `progress` then counts as `read`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from engine.model.errors import InvalidInput
from engine.model.values import value


class Rate(StrEnum):
    """The classes of calls."""

    GENERATE = "generate"
    """It starts work: jobs, uploads, commands."""
    READ = "read"
    PROGRESS = "progress"
    """It asks how one job is."""


@value(frozen=True, slots=True)
class Pace:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: int

    def __str__(self) -> str:
        """As it is read."""
        return f"{self.calls}/{'' if self.seconds == 1 else self.seconds}s"


@value(frozen=True, slots=True)
class Rates:
    """The pace of each class; None: no limit."""

    generate: Pace | None
    read: Pace | None
    progress: Pace | None = None
    """None: asking for progress counts as reading."""

    def of(self, rate: Rate) -> tuple[Rate, Pace | None]:
        """What a call of that class counts against, and its pace."""
        if rate is Rate.PROGRESS and self.progress is not None:
            return Rate.PROGRESS, self.progress
        return (Rate.GENERATE, self.generate) if rate is Rate.GENERATE else (Rate.READ, self.read)

    def __str__(self) -> str:
        """As it is read."""
        if self == OFF:
            return "off"
        told = {rate.value: getattr(self, rate.value) for rate in Rate}
        return " ".join(f"{name}={pace or 'off'}" for name, pace in told.items() if pace or name != Rate.PROGRESS)


USUAL = Rates(Pace(10, 1), Pace(100, 1))
IMAGINEPRO = Rates(Pace(1, 3), Pace(1, 3), Pace(10, 1))
"""1 request in 3 s, 10/s where a job's message is asked for (ImaginePro's system-design page)."""
OFF = Rates(None, None)
_NAMED = {"off": OFF, "usual": USUAL, "imaginepro": IMAGINEPRO}

ALLOWED = "off, usual, imaginepro, or as in generate=10/s read=100/s progress=10/s (also 1/3s, 60/m, 1000/h)"
_PACE = re.compile(r"(\d{1,7})/(\d{0,5})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def read_rates(text: str) -> Rates:
    """The rates that a text says.

    Raises:
        InvalidInput: it says none.
    """
    wrong = InvalidInput("rates", "say nothing that is known", value=text, allowed=ALLOWED)
    words = text.lower().replace(",", " ").split()
    if len(words) == 1 and words[0] in _NAMED:
        return _NAMED[words[0]]
    said: dict[str, Pace | None] = {}
    for word in words:
        name, equals, pace = word.partition("=")
        if not equals or name not in list(Rate) or name in said:
            raise wrong
        said[name] = _read_pace(pace, wrong)
    if not said:
        raise wrong
    return Rates(said.get("generate", USUAL.generate), said.get("read", USUAL.read), said.get("progress"))


def _read_pace(text: str, wrong: InvalidInput) -> Pace | None:
    if text == "off":
        return None
    found = _PACE.fullmatch(text)
    if found is None:
        raise wrong
    calls, many, unit = found.groups()
    pace = Pace(int(calls), int(many or 1) * _SECONDS[unit])
    if pace.calls < 1 or pace.seconds < 1:
        raise wrong
    return pace
