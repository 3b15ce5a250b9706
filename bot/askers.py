"""Who acts and where, as Discord shows it at this moment: what every right is judged by."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from engine import Asker, Presence, Unavailable, Where

if TYPE_CHECKING:
    from bot.client import EaselBot

_REMEMBERED_SECONDS = 60.0
_MOST_REMEMBERED = 10_000
_MOST_SECONDS = 1.5
"""Whoever waits for a first answer has three seconds in all."""


async def asker_of(bot: EaselBot, interaction: discord.Interaction[Any]) -> Asker:
    """Who pressed or typed.

    In a server of the bot their roles come with the interaction; elsewhere (a DM, a user-installed app) the bot asks
    Discord in which of its connected servers they are, and with which roles. Where nothing was answered yet (the
    interaction is a suggestion, or opens a form) there is no time for that: what was true a minute ago will do.

    Raises:
        Unavailable: nothing was answered yet, nothing is remembered, and Discord does not say in time.
    """
    user = interaction.user
    if in_server(interaction):
        roles = {str(role.id) for role in user.roles} if isinstance(user, discord.Member) else set[str]()
        return Asker(
            user_id=str(user.id),
            name=user.display_name,
            where=place_of(interaction),
            role_ids=frozenset(roles | {str(interaction.guild_id)}),
        )
    return Asker(
        user_id=str(user.id),
        name=user.display_name,
        where=Where(
            guild_id=None, channel_ids=(str(interaction.channel_id),), direct=interaction.context.dm_channel is True
        ),
        presences=await _present(bot, interaction),
    )


async def asker_anywhere(bot: EaselBot, interaction: discord.Interaction[Any]) -> Asker:
    """Who pressed or typed, with all connected servers in which they are, wherever they do it.

    Raises:
        Unavailable: as `asker_of`.
    """
    asker = await asker_of(bot, interaction)
    return replace(asker, presences=await _present(bot, interaction)) if in_server(interaction) else asker


def in_server(interaction: discord.Interaction[Any]) -> bool:
    """Whether it happens in a server that the bot was invited to."""
    return interaction.guild_id is not None and interaction.is_guild_integration()


def place_of(interaction: discord.Interaction[Any]) -> Where:
    """The channel with what it lies in."""
    return place_in(interaction.channel, str(interaction.guild_id), interaction.channel_id)


def place_in(channel: Any, guild_id: str, channel_id: int | None = None) -> Where:
    """A channel of a server with what it lies in. `channel_id`: where Discord named the channel, and told no more."""
    parent = getattr(channel, "parent", None)
    category = getattr(parent or channel, "category_id", None)
    found = [getattr(channel, "id", channel_id), getattr(channel, "parent_id", None), category]
    nsfw = getattr(parent or channel, "nsfw", False)
    return Where(
        guild_id=guild_id,
        channel_ids=tuple(str(each) for each in found if each is not None),
        age_restricted=bool(nsfw),
    )


async def _present(bot: EaselBot, interaction: discord.Interaction[Any]) -> tuple[Presence, ...]:
    return await (presences if interaction.response.is_done() else _lately)(bot, interaction.user.id)


async def presences(bot: EaselBot, user_id: int) -> tuple[Presence, ...]:
    """The connected servers in which somebody is a member, asked of Discord now: a role may be gone by then."""
    bound = {guild.guild_id for guild in await bot.engine.community.guilds.connected()}

    async def one(guild: discord.Guild) -> Presence | None:
        try:
            member = await guild.fetch_member(user_id)
        except discord.HTTPException:
            return None
        return Presence(str(guild.id), frozenset(str(role.id) for role in member.roles))

    asked = await asyncio.gather(*(one(guild) for guild in bot.guilds if str(guild.id) in bound))
    found = tuple(each for each in asked if each is not None)
    if len(bot.presences) > _MOST_REMEMBERED:
        bot.presences.clear()
    bot.presences[user_id] = (time.monotonic() + _REMEMBERED_SECONDS, found)
    return found


async def _lately(bot: EaselBot, user_id: int) -> tuple[Presence, ...]:
    until, found = bot.presences.get(user_id, (0.0, ()))
    if time.monotonic() < until:
        return found
    asking = bot.asking.get(user_id)
    if asking is None:
        asking = bot.asking[user_id] = asyncio.create_task(presences(bot, user_id))
        asking.add_done_callback(lambda _: bot.asking.pop(user_id, None))
    done, _ = await asyncio.wait({asking}, timeout=_MOST_SECONDS)  # it goes on, and is known the next time
    if not done:
        raise Unavailable("Discord does not say in time in which servers they are")
    return asking.result()
