"""Who and where: accounts with their plan and switches, channels with their members."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.simulator.ids import MIDJOURNEY

# fast jobs at once, and how many more wait (protocol §10; Pro and Mega by the newer figure)
PLANS = {"basic": (3, 10), "standard": (3, 10), "pro": (12, 10), "mega": (12, 10)}


class Account(msgspec.Struct, kw_only=True):
    """One Discord user with a Midjourney subscription, a server channel and a DM with the bot."""

    id: str
    name: str
    user_id: str
    guild_id: str
    channel_id: str
    dm_channel_id: str
    plan: str = "standard"
    concurrency: int = 3
    queue: int = 10
    remix: bool = False
    high_variation: bool = True
    mode: str = "fast"
    stealth: bool = False
    revoked: bool = False
    ready_padding: int = 0
    given_token: str | None = None  # only when the creator chose one; otherwise it is derived

    def user(self) -> dict[str, Any]:
        """The user object of the wire."""
        return {
            "id": self.user_id,
            "username": self.name,
            "avatar": None,
            "discriminator": "0",
            "public_flags": 0,
            "flags": 0,
            "banner": None,
            "accent_color": None,
            "global_name": self.name.capitalize(),
            "avatar_decoration_data": None,
            "banner_color": None,
            "clan": None,
            "primary_guild": None,
        }


BOT_USER: dict[str, Any] = {
    "id": MIDJOURNEY,
    "username": "Midjourney Bot",
    "avatar": "f6ce562a6b4979c4b1cbc5b436d3be76",
    "discriminator": "9282",
    "public_flags": 65536,
    "flags": 65536,
    "bot": True,
    "banner": None,
    "accent_color": None,
    "global_name": None,
    "avatar_decoration_data": None,
    "banner_color": None,
    "clan": None,
    "primary_guild": None,
}
BOT_MEMBER: dict[str, Any] = {
    "roles": ["970000000000000001"],
    "premium_since": None,
    "pending": False,
    "nick": None,
    "mute": False,
    "joined_at": "2024-01-01T00:00:00.000000+00:00",
    "flags": 0,
    "deaf": False,
    "communication_disabled_until": None,
    "banner": None,
    "avatar": None,
}


class Channel:
    """A text channel of a server, or a DM with the bot when `guild_id` is None."""

    def __init__(self, identity: str, guild_id: str | None) -> None:
        self.id = identity
        self.guild_id = guild_id
        self.members: list[str] = []  # account ids
        self.messages: list[str] = []  # ids, rising; deleted ones are removed
        # what the gateway adds to a message and REST does not (protocol §2.4); ephemeral ones get the type only
        self.kind = 1 if guild_id is None else 0
        place = {"channel_type": self.kind}
        public = place if guild_id is None else {**place, "member": BOT_MEMBER, "guild_id": guild_id}
        self.public_tail = b"," + msgspec.json.encode(public)[1:]
        self.ephemeral_tail = b"," + msgspec.json.encode(place)[1:]
