"""Discord's own time-out beside Easel's: laid on where the moderator ticks it, and lifted with it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot.staff import Leave

if TYPE_CHECKING:
    from bot.client import EaselBot
    from engine import InDiscord

_LOG = logging.getLogger("bot")
_REFUSED = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
_SAME = timedelta(seconds=1)
"""Discord may round a moment."""


async def lay_on(  # noqa: PLR0917 - what the moderator filled in
    bot: EaselBot, interaction: discord.Interaction[Any], left: Leave, member: discord.User, minutes: int, reason: str
) -> str:
    """Time a member out in Discord, where the bot and the moderator may; returns the key of what came of it."""
    if not (interaction.app_permissions.moderate_members and interaction.permissions.moderate_members):
        return "mod.discord_no_right"
    until = discord.utils.utcnow() + timedelta(minutes=minutes)
    guild_id = int(interaction.guild_id or 0)
    try:
        await bot.http.edit_member(
            guild_id, member.id, reason=reason or None, communication_disabled_until=until.isoformat()
        )
    except _REFUSED as error:
        _LOG.info("Discord did not time out member %s: %s", member.id, error)
        return "mod.discord_failed"
    members = bot.engine.community.members
    await members.timed_out_in_discord(left.workspace_id, str(member.id), str(guild_id), until, left.who)
    return "mod.discord_done"


async def lift(bot: EaselBot, member: discord.User, there: InDiscord) -> str | None:
    """Lift what the bot set, and nobody else's; returns the key of what came of it, None: it is over."""
    try:
        found: Any = await bot.http.get_member(int(there.guild_id), member.id)
        until = discord.utils.parse_time(found.get("communication_disabled_until"))
        if until is None or until <= discord.utils.utcnow():
            return None
        if abs(until - there.until) > _SAME:
            return "mod.discord_other"
        await bot.http.edit_member(int(there.guild_id), member.id, communication_disabled_until=None)
    except _REFUSED as error:
        _LOG.info("Discord did not lift the time-out of member %s: %s", member.id, error)
        return "mod.discord_kept"
    return "mod.discord_lifted"
