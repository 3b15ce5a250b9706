"""What members report, what moderators decide, what was removed, and which troubles operators are told of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from engine.model.values import value

LONGEST_REASON = 500


class Settled(StrEnum):
    """What a moderator decided about a report."""

    KEPT = "kept"
    REMOVED = "removed"


@value(frozen=True, slots=True, kw_only=True)
class Report:
    """A picture that a member finds wrong. `id` is counted up by the store; 0: not stored yet."""

    id: int = 0
    workspace_id: str
    job_id: str
    reporter: str
    """A user id."""
    reason: str
    guild_id: str | None = None
    channel_id: str | None = None
    message_id: str | None = None
    at: datetime
    settled: Settled | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Removal:
    """A job whose pictures are gone for good: removed by a moderator, or deleted by its requester."""

    job_id: str
    workspace_id: str
    by: str
    reason: str
    at: datetime


class AlertKind(StrEnum):
    """What an operator is told of by the bot."""

    ACCOUNT = "account"
    """An account stopped and needs its owner."""
    FAST_HOURS = "fast_hours"
    """Few are left."""
    DELIVERIES = "deliveries"
    """Webhooks do not arrive."""
    UNKNOWN_WIRE = "unknown_wire"
    """Midjourney says things that are not known."""
    DISK = "disk"


@value(frozen=True, slots=True, kw_only=True)
class Alert:
    """One condition that holds, told once until it changes: `said` is what would have to change."""

    workspace_id: str
    kind: AlertKind
    subject: str
    """Which one of its kind: an account's number, a kind of frame; empty where there is one alone."""
    said: str
    """In words."""
    at: datetime


class BotState(StrEnum):
    """How the Discord bot is."""

    OFF = "off"
    """No bot runs, or none was heard of lately."""
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    REFUSED = "refused"
    """Discord does not take its token or its intents."""
    STOPPING = "stopping"
