"""Which actions exist, what each is called and how it is submitted: the one catalogue.

Later actions are further rows of `CATALOGUE`; names, labels, custom ids and parents are written nowhere else.
Custom ids: midjourney-protocol §5.1, seen in the capture of June 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MIDJOURNEY_APPLICATION = "936929561302675456"
NIJI_APPLICATION = "1022952195194359889"
APPLICATIONS = frozenset({MIDJOURNEY_APPLICATION, NIJI_APPLICATION})

VARIATION_SELECTOR = "\ufe0f"


class ActionKind(StrEnum):
    """The verb of a job, in Midjourney's own words."""

    IMAGINE = "imagine"
    UPSCALE = "upscale"
    VARIATION = "variation"
    REROLL = "reroll"


@dataclass(frozen=True, slots=True)
class Action:
    """A verb and, where it works on one picture of a grid, which (1-4)."""

    kind: ActionKind
    index: int | None = None

    @property
    def name(self) -> str:
        """`imagine`, `upscale_2`, …: stable, for stores and clients."""
        return self.kind.value if self.index is None else f"{self.kind.value}_{self.index}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the catalogue."""

    action: Action
    label: str | None
    """The button's label as the services spell it; None for a slash command."""
    custom_id: re.Pattern[str] | None
    """What the custom id of the button looks like; group `uuid` is the parent's job uuid."""
    takes_slot: bool
    """Whether Midjourney counts it as a running job (upscales do not, §10)."""
    may_ask: bool
    """Whether Midjourney answers with a modal when Remix is on (§6)."""


_UUID = r"(?P<uuid>[0-9a-f-]{36})"


def _entries() -> tuple[Entry, ...]:
    rows = [Entry(Action(ActionKind.IMAGINE), None, None, takes_slot=True, may_ask=False)]
    for n in range(1, 5):
        pattern = re.compile(rf"MJ::JOB::upsample::{n}::{_UUID}")
        rows.append(Entry(Action(ActionKind.UPSCALE, n), f"U{n}", pattern, takes_slot=False, may_ask=False))
    for n in range(1, 5):
        pattern = re.compile(rf"MJ::JOB::variation::{n}::{_UUID}")
        rows.append(Entry(Action(ActionKind.VARIATION, n), f"V{n}", pattern, takes_slot=True, may_ask=True))
    pattern = re.compile(rf"MJ::JOB::reroll::0::{_UUID}::SOLO")
    rows.append(Entry(Action(ActionKind.REROLL), "🔄", pattern, takes_slot=True, may_ask=True))
    return tuple(rows)


CATALOGUE: tuple[Entry, ...] = _entries()
_BY_ACTION = {entry.action: entry for entry in CATALOGUE}
_BY_NAME = {entry.action.name: entry.action for entry in CATALOGUE}

CANCEL_LABEL = "Cancel Job"


def entry_of(action: Action) -> Entry:
    """The catalogue's row for an action."""
    return _BY_ACTION[action]


def action_named(name: str) -> Action:
    """The action that `Action.name` spells; KeyError when there is none."""
    return _BY_NAME[name]


def same_label(left: str, right: str) -> bool:
    """Whether two button labels are the same; U+FE0F (emoji style) does not count."""
    return left.replace(VARIATION_SELECTOR, "").strip() == right.replace(VARIATION_SELECTOR, "").strip()


def action_of_custom_id(custom_id: str) -> Action | None:
    """The action that a button's custom id starts, or None when the catalogue has no such row."""
    for entry in CATALOGUE:
        if entry.custom_id is not None and entry.custom_id.fullmatch(custom_id):
            return entry.action
    return None


@dataclass(frozen=True, slots=True)
class SlashImagine:
    """The slash command /imagine with the words as they are sent."""

    application_id: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Click:
    """A press on a button of a message that carries it."""

    application_id: str
    channel_id: str
    message_id: str
    message_flags: int
    custom_id: str


@dataclass(frozen=True, slots=True)
class ModalAnswer:
    """The filled-in form that a click was answered with."""

    application_id: str
    interaction_id: str
    custom_id: str
    fields: tuple[tuple[str, str], ...]
    """(custom id of the text input, value), in the form's order."""


Submission = SlashImagine | Click | ModalAnswer
"""One POST to Discord, before it has a nonce."""
