"""What a Discord community consists of: people, servers, roles, members, channels, and the application with its bot."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.simulator.ids import iso, stamp

TEXT, PRIVATE, NEWS, THREAD, PRIVATE_THREAD, FORUM = 0, 1, 5, 11, 12, 15
KINDS = {"text": TEXT, "news": NEWS, "thread": THREAD, "private_thread": PRIVATE_THREAD, "forum": FORUM, "post": THREAD}
SIZE_LIMIT = 10 * 1024 * 1024  # bytes of a file, without boosts


class Person(msgspec.Struct, kw_only=True):
    """A Discord user; `dms`: takes direct messages, `installed`: has added the application to the own account."""

    id: str
    name: str
    locale: str = "en-US"
    dms: bool = True
    installed: bool = False
    bot: bool = False

    def user(self) -> dict[str, Any]:
        """The user object of the wire."""
        shown = {
            "id": self.id,
            "username": self.name,
            "avatar": None,
            "discriminator": "0",
            "public_flags": 0,
            "flags": 0,
            "global_name": None if self.bot else self.name.capitalize(),
            "avatar_decoration_data": None,
            "collectibles": None,
            "primary_guild": None,
            "clan": None,
        }
        return {**shown, "bot": True} if self.bot else shown


class Application(msgspec.Struct, kw_only=True):
    """The application and what its owner ticked in the developer portal."""

    id: str
    name: str = "Easel"
    given_token: str | None = None  # otherwise derived
    revoked: bool = False
    privileged: list[str] = msgspec.field(default_factory=lambda: ["members"])  # of members, presences, message_content
    created_today: int = 0  # commands

    def flags(self) -> int:
        """The application flags: which privileged intents are allowed, in the form for unverified bots."""
        return sum(1 << _FLAG[name] for name in self.privileged)


_FLAG = {"presences": 13, "members": 15, "message_content": 19}


class Role(msgspec.Struct, kw_only=True):
    """A role; the one with the server's id is everyone's."""

    id: str
    name: str
    permissions: int
    color: int = 0
    position: int = 0
    managed: bool = False
    mentionable: bool = False

    def told(self) -> dict[str, Any]:
        """The role object of the wire."""
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(self.permissions),
            "color": self.color,
            "colors": {"primary_color": self.color, "secondary_color": None, "tertiary_color": None},
            "position": self.position,
            "managed": self.managed,
            "mentionable": self.mentionable,
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


class Overwrite(msgspec.Struct):
    """What a channel gives or takes: `type` 0 for a role, 1 for a member."""

    id: str
    type: int
    allow: int = 0
    deny: int = 0


class Member(msgspec.Struct, kw_only=True):
    """A person in a server."""

    guild_id: str
    user_id: str
    roles: list[str] = []
    joined_ms: int = 0
    nick: str | None = None
    timeout_ms: int | None = None  # until when, Unix

    def timed_out(self, now_ms: int) -> bool:
        """Whether Discord's own timeout holds."""
        return self.timeout_ms is not None and self.timeout_ms > now_ms

    def told(self) -> dict[str, Any]:
        """The member object of the wire, without its user."""
        return {
            "roles": self.roles,
            "nick": self.nick,
            "avatar": None,
            "banner": None,
            "joined_at": iso(self.joined_ms),
            "premium_since": None,
            "communication_disabled_until": None if self.timeout_ms is None else iso(self.timeout_ms),
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }


class Guild(msgspec.Struct, kw_only=True):
    """A server."""

    id: str
    name: str
    owner_id: str
    roles: dict[str, Role]
    size_limit: int = SIZE_LIMIT
    locale: str = "en-US"
    banned: list[str] = []

    def told(self) -> dict[str, Any]:
        """The guild object of the wire, without members and channels."""
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": self.owner_id,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [role.told() for role in self.roles.values()],
            "afk_channel_id": None,
            "afk_timeout": 300,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": self.locale,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw": False,
            "nsfw_level": 0,
            "max_members": 500000,
        }


class Channel(msgspec.Struct, kw_only=True):
    """A text channel, forum, thread (a forum post is one), or a DM with the bot when `guild_id` is None."""

    id: str
    type: int
    guild_id: str | None = None
    name: str = ""
    parent_id: str | None = None
    owner_id: str | None = None  # of a thread
    recipient_id: str | None = None  # of a DM
    nsfw: bool = False
    archived: bool = False
    locked: bool = False
    position: int = 0
    topic: str | None = None
    overwrites: list[Overwrite] = []

    @property
    def is_thread(self) -> bool:
        """Whether it hangs under another channel."""
        return self.type in (THREAD, PRIVATE_THREAD)

    def told(self, recipient: dict[str, Any] | None, last: str | None) -> dict[str, Any]:
        """The channel object of the wire."""
        if self.guild_id is None:
            return {"id": self.id, "type": PRIVATE, "last_message_id": last, "flags": 0, "recipients": [recipient]}
        shown: dict[str, Any] = {
            "id": self.id,
            "type": self.type,
            "guild_id": self.guild_id,
            "name": self.name,
            "parent_id": self.parent_id,
            "last_message_id": last,
            "rate_limit_per_user": 0,
            "flags": 0,
        }
        if self.is_thread:
            created = stamp(self.id)
            shown |= {
                "owner_id": self.owner_id,
                "message_count": 0,
                "total_message_sent": 0,
                "member_count": 1,
                "applied_tags": [],
                "thread_metadata": {
                    "archived": self.archived,
                    "locked": self.locked,
                    "auto_archive_duration": 4320,
                    "archive_timestamp": created,
                    "create_timestamp": created,
                },
            }
            return shown
        shown |= {
            "position": self.position,
            "topic": self.topic,
            "nsfw": self.nsfw,
            "permission_overwrites": [
                {"id": entry.id, "type": entry.type, "allow": str(entry.allow), "deny": str(entry.deny)}
                for entry in self.overwrites
            ],
        }
        if self.type == FORUM:
            shown |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None,
                      "default_forum_layout": 0}  # fmt: skip
        return shown
