"""/connect: how a server is bound to a workspace, by whoever holds the operator's one-time code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import in_server
from bot.errors import Told
from bot.texts import say
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import NotFound

if TYPE_CHECKING:
    from bot.client import EaselBot


class ConnectCog(commands.Cog):
    """/connect. Owning a Discord server gives no right in Easel: the code does."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot

    @app_commands.command(name="connect", description=t("connect.description"))
    @explained(code=t("connect.code"))
    async def connect(self, interaction: discord.Interaction[EaselBot], code: app_commands.Range[str, 1, 100]) -> None:
        """Bind this server."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        if not in_server(interaction) or interaction.guild is None:
            raise Told("connect.server_only")
        try:
            await self._bot.engine.community.guilds.connect(
                code, guild_id=str(interaction.guild_id), name=interaction.guild.name, user_id=str(interaction.user.id)
            )
        except NotFound:
            raise Told("connect.unknown") from None
        self._bot.scenes.forget()
        await interaction.followup.send(say(await self._bot.language(interaction), "connect.done"), ephemeral=True)
