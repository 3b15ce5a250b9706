"""What is remembered of a Discord message that shows a job, so that it is kept up to date whoever restarts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from engine.model.community.guilds import Layout
from engine.model.values import value


class CardState(StrEnum):
    """Whether a card still has to be kept up to date."""

    OPEN = "open"
    ERASE = "erase"
    """The pictures of its job were removed: the message is to be deleted."""
    DELIVERED = "delivered"
    """It shows the end of its job."""
    GIVEN_UP = "given_up"
    """Its address is lost: it is not tried again."""


class LostCard(StrEnum):
    """Why a card was given up."""

    CHANNEL_GONE = "channel_gone"
    """10003."""
    MESSAGE_GONE = "message_gone"
    """10008."""
    NO_ACCESS = "no_access"
    """50001."""
    NO_PERMISSION = "no_permission"
    """50013."""
    TOKEN_OVER = "token_over"  # noqa: S105 - a reason, not a password
    """Only the interaction's token led there, and its 15 minutes are over."""
    BOT_REMOVED = "bot_removed"
    REMOVED = "removed"
    """Its picture was removed."""


@value(frozen=True, slots=True, kw_only=True)
class Card:
    """A message that shows a job. `id` is counted up by the store; 0: not stored yet."""

    id: int = 0
    workspace_id: str
    request_id: str
    job_id: str
    user_id: str
    """Whose job it is."""
    application_id: str
    """The bot's application."""
    guild_id: str | None
    channel_id: str
    asked_in: str | None = None
    """The channel in which it was asked for; None: the one of the card."""
    message_id: str | None
    """None: known by the interaction's token alone."""
    private: bool = False
    abroad: bool = False
    """Of a user-installed app: the bot is not there, and only the interaction's token leads to its message."""
    language: str | None = None
    """Of whoever asked, as their Discord says; None: kept before this was noted."""
    layout: Layout | None = None
    """As it was begun, and so ends: Discord lets no message leave Components V2. None: kept before this was noted."""
    token_sealed: str | None = None
    token_until: datetime | None = None
    delivered_version: int = 0
    """The job's version that it shows."""
    state: CardState = CardState.OPEN
    lost: LostCard | None = None
    created_at: datetime
    updated_at: datetime
