"""What READY and its companion say to a user account (wire/gateway-frames.json)."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any

import msgspec

from engine.simulator.people import BOTS, Account, Channel


def ready(account: Account, session_id: str, resume_url: str, channels: list[Channel], padding: int) -> bytes:
    """READY's body for a client with deduplicated users (capability 4): guilds, private channels, users."""
    guilds: dict[str, dict[str, Any]] = {}
    private: list[dict[str, Any]] = []
    for channel in channels:
        last = channel.messages[-1] if channel.messages else None
        if channel.guild_id is None:
            private.append(
                {
                    "id": channel.id,
                    "type": 1,
                    "recipient_ids": [channel.bot],
                    "last_message_id": last,
                    "flags": 0,
                    "is_spam": False,
                }
            )
            continue
        guild = guilds.setdefault(channel.guild_id, _guild(channel.guild_id, account, "studio"))
        guild["channels"].append(_text_channel(channel.id, "mj", last))
    body = {
        "v": 9,
        "user_settings_proto": "",
        "user": {
            **account.user(),
            "email": account.email,
            "verified": True,
            "mfa_enabled": False,
            "premium": False,
            "phone": None,
        },
        "users": list(BOTS.values()),
        "sessions": [
            {
                "status": "unknown",
                "session_id": session_id,
                "client_info": {"version": 0, "os": "unknown", "client": "web"},
                "activities": [],
            }
        ],
        "session_type": "normal",
        "session_id": session_id,
        "resume_gateway_url": resume_url,
        "relationships": [],
        "private_channels": private,
        "guilds": list(guilds.values()),
        "merged_members": [[] for _ in guilds],
        "geo_ordered_rtc_regions": [],
        "friend_suggestion_count": 0,
        "country_code": "US",
        "consents": {"personalization": {"consented": False}},
        "connected_accounts": [],
        "auth_session_id_hash": "",
        "auth_token": None,
        "api_code_version": 1,
        "analytics_token": "",
        "_trace": ['["gateway-prd",{"micros":0}]'],
    }
    made = msgspec.json.encode(body)
    if padding <= 0:
        return made
    place = made.index(b'"guilds":[') + len(b'"guilds":[')
    return made[:place] + _others(padding) + made[place:]


def supplemental(account: Account) -> bytes:
    """READY_SUPPLEMENTAL's body."""
    return msgspec.json.encode(
        {
            "merged_presences": {"guilds": [[]], "friends": []},
            "merged_members": [[]],
            "lazy_private_channels": [],
            "guilds": [{"id": account.guild_id, "voice_states": [], "activity_instances": []}],
        }
    )


def _guild(identity: str, account: Account | None, name: str) -> dict[str, Any]:
    return {
        "id": identity,
        "version": 1,
        "threads": [],
        "stickers": [],
        "stage_instances": [],
        "roles": [],
        "properties": {
            "id": identity,
            "name": name,
            "owner_id": account.user_id if account else "1",
            "icon": None,
            "description": None,
            "premium_tier": 0,
            "verification_level": 0,
            "nsfw": False,
            "features": [],
        },
        "premium_subscription_count": 0,
        "member_count": 3,
        "lazy": True,
        "large": False,
        "joined_at": "2024-01-01T00:00:00.000000+00:00",
        "guild_scheduled_events": [],
        "emojis": [],
        "data_mode": "full",
        "channels": [],
    }


def _text_channel(identity: str, name: str, last: str | None) -> dict[str, Any]:
    return {
        "id": identity,
        "type": 0,
        "name": name,
        "position": 0,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "permission_overwrites": [],
        "parent_id": None,
        "last_message_id": last,
        "flags": 0,
    }


@lru_cache(maxsize=4)
def _others(size: int) -> bytes:
    """Foreign servers of about this many bytes, each followed by a comma, as a session of years has them."""
    rng = Random(size)
    made: list[bytes] = []
    length = 0
    while length < size:
        guild = _guild(str(rng.getrandbits(59)), None, f"community {len(made)}")
        guild["channels"] = [
            _text_channel(str(rng.getrandbits(59)), f"channel-{n}-{rng.getrandbits(64):x}", str(rng.getrandbits(60)))
            for n in range(30)
        ]
        made.append(msgspec.json.encode(guild) + b",")
        length += len(made[-1])
    return b"".join(made)
