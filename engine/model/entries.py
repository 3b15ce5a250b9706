"""What a row of the catalogue says of an action."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from engine.model.actions import Action, Service

UUID = r"(?P<uuid>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"


class Asks(StrEnum):
    """Whether Midjourney answers the press with a form (§6)."""

    NEVER = "never"
    WITH_REMIX = "with Remix"
    ALWAYS = "always"
    REGION = "region editor"


class Makes(StrEnum):
    """What the action ends in."""

    GRID = "grid"
    IMAGE = "image"
    VIDEOS = "video grid"
    VIDEO = "video"
    TEXTS = "texts"
    SEED = "seed"
    INFO = "info"
    SETTINGS = "settings"
    NOTICE = "notice"
    ANY = "any"

    @property
    def in_words(self) -> bool:
        """Whether the answer is words, not pictures (a shown or unknown thing may be either)."""
        return self in (Makes.TEXTS, Makes.SEED, Makes.INFO, Makes.SETTINGS, Makes.NOTICE)


class DialectName(NamedTuple):
    """What a dialect calls an action.

    `word` is the route's last part in ImaginePro's API, the task's type in UserAPI's; `choice` what is said beside it:
    a label, a command, a number.
    """

    word: str
    choice: str | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the catalogue: one action."""

    action: Action
    makes: Makes
    service: Service = Service.MIDJOURNEY
    """Whom it is asked of."""
    command: str | None = None
    """The slash command, with its sub-command."""
    labels: tuple[str, ...] = ()
    """The button's labels as the services spell them, the usual one first."""
    custom_id: str | None = None
    """The button's custom id, with `{uuid}` (or `{token}`) for what differs: only a fallback for building one."""
    parents: str = ""
    """Which results carry the button, in words; never a reason to refuse one that does."""
    takes_slot: bool = True
    """Whether Midjourney counts it as a running job (upscales and commands do not, §10)."""
    alone: bool = False
    """Whether an account does one at a time."""
    asks: Asks = Asks.NEVER
    takes_prompt: bool = False
    """Whether words may be given with it: always those of a form, with Remix those of the form it opens."""
    verbs: frozenset[str] = frozenset()
    """What a message may say of such a job between prompt and owner (§4), in lower case without "by" and index; the
    empty word is a message without a verb."""

    begins_without_verb: bool = False
    """Whether its first message has no verb yet although the later ones do (zoom and pan in June 2026)."""

    form: str | None = None
    """The custom id of the form that it may be asked back with; the one that counts comes with the form."""
    imaginepro: tuple[DialectName, ...] = ()
    """Its names in ImaginePro's API, a button's label for each of its labels."""
    userapi: tuple[DialectName, ...] = ()
    """Its types and choices in UserAPI's, the usual one first; several actions may share one: the parent decides."""

    @property
    def is_button(self) -> bool:
        """Whether it is a press on a result."""
        return self.custom_id is not None

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """What the button's custom id looks like; group `uuid` is the parent's job uuid."""
        return None if self.custom_id is None else _pattern(self.custom_id)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    escaped = re.escape(template).replace(re.escape("{uuid}"), UUID)
    return re.compile(escaped)
