"""Suggestions while somebody types: from memory or one indexed read, and never an error."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from engine import Deed, EaselError, aspects, versions

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOG = logging.getLogger("bot")
MOST, LONGEST = 25, 100
Complete = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def calm(complete: Complete) -> Complete:
    """At most what Discord shows; an error, which reaches no other door, is logged and shows nothing."""

    @functools.wraps(complete)
    async def answer(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        try:
            return (await complete(interaction, current))[:MOST]
        except EaselError as error:
            _LOG.info("COMPLETION: %s", error)
        except Exception:  # noqa: BLE001 - discord.py would show no word of it
            _LOG.exception("COMPLETION")
        return []

    return answer


def plain(values: list[str]) -> list[app_commands.Choice[str]]:
    """Choices that say what they are."""
    return [app_commands.Choice(name=each[:LONGEST], value=each[:LONGEST]) for each in values]


@calm
async def complete_aspect(_interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The usual aspects, or what was typed."""
    return plain(aspects(current))


@calm
async def complete_version(_interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """Midjourney's models."""
    return plain(versions(current))


@calm
async def complete_style(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The member's styles, and those that are shared."""
    from bot.askers import asker_of  # noqa: PLC0415 - only where they are asked for

    bot: EaselBot = interaction.client
    permit = await bot.engine.community.permits.permit(await asker_of(bot, interaction), Deed.VIEW)
    found = await bot.engine.community.styles.begins(permit.workspace_id, str(interaction.user.id), current)
    return [app_commands.Choice(name=f"{each.name}: {each.words}"[:LONGEST], value=each.name) for each in found]
