"""Who and where: accounts with their plan and switches, channels with their members."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from engine.simulator.ids import INSIGHTFACE, MIDJOURNEY, NIJI

# fast jobs at once, and how many more wait (protocol §10; Pro and Mega by the newer figure)
PLANS = {"trial": (3, 10), "basic": (3, 10), "standard": (3, 10), "pro": (12, 10), "mega": (12, 10)}
HOURS = {"trial": 0.4, "basic": 3.3, "standard": 15.0, "pro": 30.0, "mega": 60.0}  # fast hours a month
# value of the version select → its label and the flag that a chosen version adds to every prompt (the default: none)
VERSIONS = {
    "7": ("Midjourney Model V7", ""),
    "8.1": ("Midjourney Model V8.1", "--v 8.1"),
    "6.1": ("Midjourney Model V6.1", "--v 6.1"),
    "6": ("Midjourney Model V6", "--v 6.0"),
    "5.2": ("Midjourney Model V5.2", "--v 5.2"),
    "niji7": ("Niji Model V7", "--niji 7"),
    "niji6": ("Niji Model V6", "--niji 6"),
}
STYLIZE = {"low": "--stylize 50", "med": "", "high": "--stylize 250", "very high": "--stylize 750"}


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
    niji_dm_channel_id: str = ""
    dm_open: bool = True  # whether the DM with each bot is in the client's list yet
    niji_dm_open: bool = False
    dms: bool = True  # "allow direct messages from server members"
    auto_dm: bool = False
    suffix: str = ""
    version: str = "7"
    raw: bool = False
    stylize: str = "med"
    sticky_style: bool = False
    options: dict[str, str] = {}  # /prefer option
    fast_hours: float = 15.0  # left this month
    metered: bool = False  # whether jobs use them up
    usage: dict[str, tuple[int, float]] = {}  # by mode: images and hours
    face_commands: int = 50  # InsightFaceSwap's a day (its README)
    given_token: str | None = None  # only when the creator chose one; otherwise it is derived

    def midjourney_id(self) -> str:
        """The id that Midjourney itself gives a person: a UUID."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.user_id))

    @property
    def email(self) -> str:
        """What the person signs in with; READY and /users/@me show it to its owner alone."""
        return f"{self.name}@example.org"

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
# the second bot of the same house: same words and ids, own user; its discriminator and avatar are unknown
BOTS: dict[str, dict[str, Any]] = {
    MIDJOURNEY: BOT_USER,
    NIJI: {**BOT_USER, "id": NIJI, "username": "niji・journey Bot", "discriminator": "0000", "avatar": None},
}
# another house's bot in the same channel
OTHER_BOTS: dict[str, dict[str, Any]] = {
    INSIGHTFACE: {
        **BOT_USER,
        "id": INSIGHTFACE,
        "username": "InsightFaceSwap",
        "discriminator": "0000",
        "avatar": None,
    },
}
ALL_BOTS = {**BOTS, **OTHER_BOTS}
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


def private_channel(channel: Channel) -> dict[str, Any]:
    """A DM as REST and CHANNEL_CREATE show it."""
    last = channel.messages[-1] if channel.messages else None
    return {"id": channel.id, "type": 1, "last_message_id": last, "flags": 0, "recipients": [BOTS[channel.bot]]}


class Channel:
    """A text channel of a server, or a DM with the bot when `guild_id` is None."""

    def __init__(self, identity: str, guild_id: str | None, bot: str = MIDJOURNEY) -> None:
        self.id = identity
        self.guild_id = guild_id
        self.bot = bot  # the other end of a DM
        self.members: list[str] = []  # account ids
        self.messages: list[str] = []  # ids, rising; deleted ones are removed
        # what the gateway adds to a message and REST does not (protocol §2.4); ephemeral ones get the type only
        self.kind = 1 if guild_id is None else 0
        place = {"channel_type": self.kind}
        public = place if guild_id is None else {**place, "member": BOT_MEMBER, "guild_id": guild_id}
        self.public_tail = b"," + msgspec.json.encode(public)[1:]
        self.ephemeral_tail = b"," + msgspec.json.encode(place)[1:]
