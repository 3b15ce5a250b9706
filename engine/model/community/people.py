"""How a Discord member is named as a requester, and what a workspace knows of its members."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from engine.model.errors import InvalidInput
from engine.model.values import value

DIALECT = "discord"
_PREFIX = "discord:"
ERASED = "discord:erased"
"""Stands as the requester of what a person had deleted."""
_SNOWFLAKE = re.compile(r"[0-9]{5,20}")


def requester_of(user_id: str) -> str:
    """Who asks, as jobs and requests name them."""
    return _PREFIX + user_id


def user_of(requester: str) -> str | None:
    """The Discord user of a requester; None for any other."""
    found = requester.removeprefix(_PREFIX)
    return found if requester.startswith(_PREFIX) and _SNOWFLAKE.fullmatch(found) else None


def checked_id(field: str, text: str) -> str:
    """An id of Discord's.

    Raises:
        InvalidInput: it is none.
    """
    if not _SNOWFLAKE.fullmatch(text):
        raise InvalidInput(field, "is no id of Discord's", value=text, allowed="5 to 20 digits")
    return text


class Notice(StrEnum):
    """How a member hears that a long job is over."""

    OFF = "off"
    MENTION = "mention"
    """A reply that mentions them, and only them."""
    DM = "dm"


class Restraint(StrEnum):
    """What a moderator laid on a member. Easel's own: Discord knows nothing of it."""

    PAUSED = "paused"
    TIMED_OUT = "timed_out"
    """Until then."""
    BANNED = "banned"


@value(frozen=True, slots=True, kw_only=True)
class InDiscord:
    """Discord's own time-out, as the bot set it: in which server, until when (aware UTC)."""

    guild_id: str
    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class Restrained:
    """A restraint, who laid it on and why; `until` (aware UTC) None: until it is lifted."""

    kind: Restraint
    by: str
    reason: str
    at: datetime
    until: datetime | None = None
    in_discord: InDiscord | None = None
    """What the bot set there for it, and so takes back with it."""

    def holds(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.until is None or now < self.until


@value(frozen=True, slots=True, kw_only=True)
class Person:
    """What a Discord user chose, in whichever server."""

    user_id: str
    language: str | None = None
    """A locale of Discord's, as `de`; None: as Discord says."""
    notice: Notice = Notice.MENTION
    home_workspace_id: str | None = None
    """Where they act in a DM, when several workspaces would do."""


@value(frozen=True, slots=True, kw_only=True)
class Member:
    """What one workspace knows of a Discord user."""

    workspace_id: str
    user_id: str
    name: str = ""
    """As it was last seen."""
    since: datetime
    restrained: Restrained | None = None
    left_at: datetime | None = None
    """They are in no server of the workspace any more."""
    strikes: int = 0
    """Those that were not lifted."""

    def restraint(self, now: datetime) -> Restrained | None:
        """What holds them back now."""
        found = self.restrained
        return found if found is not None and found.holds(now) else None

    def is_away(self, now: datetime) -> bool:
        """Whether what still runs for them is shown to moderators instead."""
        held = self.restraint(now)
        return self.left_at is not None or (held is not None and held.kind is Restraint.BANNED)


@value(frozen=True, slots=True, kw_only=True)
class Strike:
    """A mark against a member. `id` is counted up by the store; 0: not stored yet."""

    id: int = 0
    workspace_id: str
    user_id: str
    job_id: str | None
    reason: str
    by: str
    """A requester: `discord:<moderator>`, `key:7`, or the operator's own words."""
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
