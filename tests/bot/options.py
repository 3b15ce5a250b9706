"""Options of a slash command as Discord tells of them: values, and what they name."""

from __future__ import annotations

from typing import Any

import discord


def told(options: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """The options of a command, and what they are resolved to. A dict is an attachment."""
    listed, resolved = [], {"attachments": {}, "users": {}, "roles": {}, "channels": {}}
    for name, value in options.items():
        kind, said = 3, value
        match value:
            case dict():
                kind, said = 11, value["id"]
                resolved["attachments"][said] = value
            case bool():
                kind = 5
            case int():
                kind = 4
            case discord.abc.User():
                kind, said = 6, str(value.id)
                user = {"id": said, "username": value.name, "discriminator": "0", "avatar": None, "global_name": None}
                resolved["users"][said] = user
            case discord.abc.GuildChannel():
                kind, said = 7, str(value.id)
                channel = {"id": said, "type": 0, "name": value.name, "permissions": "0", "parent_id": None}
                resolved["channels"][said] = channel
            case discord.Role():
                kind, said = 8, str(value.id)
                role = {"id": said, "name": value.name, "permissions": "0", "position": 1, "color": 0, "flags": 0}
                resolved["roles"][said] = {**role, "hoist": False, "managed": False, "mentionable": False}
        listed.append({"name": name, "type": kind, "value": said})
    return listed, resolved
