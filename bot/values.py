"""What a card is before Discord's own shapes: words, a picture, and rows of buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from engine import Outlook


class Look(IntEnum):
    """A button's style, by Discord's numbers."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4


@dataclass(frozen=True, slots=True)
class Button:
    """One button: what pressing it does (see `buttons`), and what stands on it."""

    deed: str
    label: str | None
    emoji: str | None = None
    look: Look = Look.SECONDARY


Rows = tuple[tuple[Button, ...], ...]
"""At most five of at most five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """All that a card tells beside its job."""

    language: str
    now: datetime
    """Aware UTC."""
    requester: str = ""
    """A user id; empty: nobody of Discord."""
    outlook: Outlook | None = None
    account: str = ""
    """The account's name with its speed or visibility."""
    parent: str | None = None
    """Link to the message that the job was made from."""
    picture: str | None = None
    """Address of the picture, `attachment://…` for a file of the message."""
    link: str | None = None
    """Where the whole picture lies, when others can reach it."""
    spoiler: bool = False
    seed: str | None = None
    notes: tuple[str, ...] = ()
    visited: bool = False
    """Somebody else's private job, opened by a moderator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A card."""

    title: str
    words: str
    fields: tuple[tuple[str, str], ...] = ()
    picture: str | None = None
    spoiler: bool = False
    colour: int = 0
    foot: str = ""
    rows: Rows = field(default=())
