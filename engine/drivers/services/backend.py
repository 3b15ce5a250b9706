"""What a service comes to: a call that begins something or ends it at once, and looks at what was begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.model.actions import ServiceCall
from engine.model.jobs import Failure
from engine.ports import Answer


@dataclass(frozen=True, slots=True)
class Begun:
    """The service took it; `handle` is all that is needed to ask about it, also after a restart."""

    handle: str


@dataclass(frozen=True, slots=True)
class Made:
    """The finished pictures."""

    pictures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Going:
    """It is not ready yet."""

    percent: int


Look = Going | Made | Failure


class Backend(Protocol):
    """One service at one address, with one key."""

    lasting: bool
    """Whether what was begun goes on without us, so that it can be asked about after a restart."""

    async def start(self, call: ServiceCall) -> Begun | Made | Answer:
        """Ask for it, once. An Answer says why nothing was begun, or that nobody knows."""
        ...

    async def look(self, handle: str) -> Look:
        """How it stands.

        Raises:
            Unavailable: that cannot be asked now.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
