"""What a member may do in a channel: Discord's permission bits and the order in which they are counted together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.simulator.botside.places import Channel, Guild, Member
    from engine.simulator.botside.town import Town

BITS = {
    "create_instant_invite": 0,
    "kick_members": 1,
    "ban_members": 2,
    "administrator": 3,
    "manage_channels": 4,
    "manage_guild": 5,
    "add_reactions": 6,
    "view_channel": 10,
    "send_messages": 11,
    "manage_messages": 13,
    "embed_links": 14,
    "attach_files": 15,
    "read_message_history": 16,
    "mention_everyone": 17,
    "use_external_emojis": 18,
    "change_nickname": 26,
    "manage_nicknames": 27,
    "manage_roles": 28,
    "manage_webhooks": 29,
    "use_application_commands": 31,
    "manage_threads": 34,
    "create_public_threads": 35,
    "create_private_threads": 36,
    "send_messages_in_threads": 38,
    "moderate_members": 40,
    "use_external_apps": 50,
}


def bits(*names: str) -> int:
    """The sum of named permissions. Raises ValueError for an unknown name."""
    total = 0
    for name in names:
        if name not in BITS:
            raise ValueError(f"unknown permission {name!r}; known are {', '.join(BITS)}")
        total |= 1 << BITS[name]
    return total


def read_bits(wanted: Any) -> int:
    """Permissions of a control call: a number, its text, or a list of names. Raises ValueError."""
    if isinstance(wanted, list) and all(isinstance(name, str) for name in wanted):
        return bits(*wanted)
    if isinstance(wanted, str) and wanted.isdecimal():
        return int(wanted)
    if type(wanted) is int and wanted >= 0:
        return wanted
    raise ValueError("permissions must be a list of names or a number")


ALL = bits(*BITS)
EVERYONE = bits(
    "add_reactions", "view_channel", "send_messages", "embed_links", "attach_files", "read_message_history",
    "use_external_emojis", "change_nickname", "use_application_commands", "create_public_threads",
    "send_messages_in_threads", "use_external_apps",
)  # fmt: skip
BOT = bits(
    "view_channel", "send_messages", "send_messages_in_threads", "embed_links", "attach_files", "read_message_history",
    "moderate_members",
)  # fmt: skip
PRIVATE = bits(
    "add_reactions", "view_channel", "send_messages", "embed_links", "attach_files", "read_message_history",
    "mention_everyone", "use_external_emojis", "use_application_commands",
)  # fmt: skip
_ADMIN = bits("administrator")
_VIEW = bits("view_channel")
_SEND = bits("send_messages")
_TIMED_OUT = bits("view_channel", "read_message_history")
_WITH_SEND = bits("embed_links", "attach_files", "mention_everyone")


def in_guild(guild: Guild, member: Member, now_ms: int) -> int:
    """What the member's roles give in the whole server."""
    if member.user_id == guild.owner_id:
        return ALL
    total = guild.roles[guild.id].permissions
    for role in member.roles:
        if role in guild.roles:
            total |= guild.roles[role].permissions
    if total & _ADMIN:
        return ALL
    return total & _TIMED_OUT if member.timed_out(now_ms) else total


def in_channel(town: Town, channel: Channel, user_id: str) -> int:
    """What a person may do in a channel; 0 for one who is not in its server. A thread follows its parent."""
    if channel.guild_id is None:
        return PRIVATE if user_id in (channel.recipient_id, town.application.id) else 0
    guild = town.guilds[channel.guild_id]
    member = town.member(guild.id, user_id)
    if member is None:
        return 0
    now = town.now_ms()
    total = in_guild(guild, member, now)
    if total == ALL:
        return ALL
    place = town.channels.get(channel.parent_id or "", channel) if channel.is_thread else channel
    total = _overwritten(total, place, guild.id, member)
    if not total & _VIEW:
        return 0
    needed = bits("send_messages_in_threads") if channel.is_thread else _SEND
    return total if total & needed else total & ~_WITH_SEND


def _overwritten(total: int, place: Channel, everyone: str, member: Member) -> int:
    """Everyone's overwrite, then all of the roles together, then the member's own (Discord's order)."""
    for entry in place.overwrites:
        if entry.id == everyone:
            total = total & ~entry.deny | entry.allow
    deny = allow = 0
    for entry in place.overwrites:
        if entry.id in member.roles:
            deny, allow = deny | entry.deny, allow | entry.allow
    total = total & ~deny | allow
    for entry in place.overwrites:
        if entry.id == member.user_id:
            total = total & ~entry.deny | entry.allow
    return total
