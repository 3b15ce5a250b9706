"""/status, /help, and the message menu "Report picture"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.askers import asker_of
from bot.forms import Filled, Form
from bot.texts import say
from bot.texts.translator import words as t
from engine import Deed

if TYPE_CHECKING:
    from bot.client import EaselBot

_REPORT = "report"
_MAKING = ("imagine", "blend", "describe", "shorten", "upload", "faceswap", "flux")
_FAMILIES = ("look", "mine", "buttons")
_LONGEST_REASON = 500


class AboutCog(commands.Cog):
    """What everybody may ask."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot
        self._menu = app_commands.ContextMenu(name=t("menu.report"), callback=self._report)
        bot.tools.on_submit(_REPORT, self._reported)

    async def cog_load(self) -> None:
        """Add what cannot stand in a class."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it back."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="help", description=t("help.description"))
    async def help(self, interaction: discord.Interaction[EaselBot]) -> None:
        """What there is."""
        language = await self._bot.language(interaction)
        embed = discord.Embed(title="Easel", description=say(language, "help.intro"), colour=0x5865F2)
        offered = " ".join(f"`/{each}`" for each in _MAKING if self._bot.tree.get_command(each) is not None)
        embed.add_field(name=say(language, "help.make"), value=offered, inline=False)
        for family in _FAMILIES:
            name, value = say(language, f"help.{family}"), say(language, f"help.{family}_text")
            embed.add_field(name=name, value=value, inline=False)
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command(name="status", description=t("status.description"))
    async def status(self, interaction: discord.Interaction[EaselBot]) -> None:
        """How Easel is."""
        bot = self._bot
        await interaction.response.defer(ephemeral=True, thinking=True)
        permit = await bot.engine.community.permits.permit(await asker_of(bot, interaction), Deed.VIEW)
        found = await bot.engine.status(permit.workspace_id)
        language = await bot.language(interaction)
        lines = [say(language, f"status.{found.state.value}", version=found.version)]
        if found.workspace is not None:
            here = found.workspace
            lines.append(say(language, "status.load", queued=here.queued, running=here.running))
            lines.append(say(language, "status.today", done=here.done_today, failed=here.failed_today))
            for account in here.accounts:
                sign = "🟢" if account.live else "🔴"
                lines.append(f"{sign} {account.name}: {account.running}/{account.concurrency}")
        embed = discord.Embed(title="Easel", description="\n".join(lines)[:4000], colour=0x5865F2)
        await interaction.edit_original_response(embed=embed)

    async def _report(self, interaction: discord.Interaction[EaselBot], message: discord.Message) -> None:
        bot = self._bot
        permit = await bot.engine.community.permits.permit(await asker_of(bot, interaction), Deed.VIEW)
        card = await bot.engine.community.cards.of_message(permit.workspace_id, str(message.id))
        language = await bot.language(interaction)
        form = Form(say(language, "menu.report"), _REPORT, f"{card.job_id}:{message.id}")
        reason: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=_LONGEST_REASON, required=True
        )
        form.field("reason", say(language, "report.reason"), reason)
        await interaction.response.send_modal(form)

    async def _reported(self, interaction: discord.Interaction[Any], filled: Filled) -> None:
        bot = self._bot
        await interaction.response.defer(ephemeral=True, thinking=True)
        job_id, _, message_id = filled.rest.partition(":")
        asker = await asker_of(bot, interaction)
        permit = await bot.engine.community.permits.permit_for(asker, Deed.REPORT, job_id)
        await bot.engine.community.reports.report(
            permit.workspace_id,
            job_id,
            asker.user_id,
            filled.text("reason"),
            guild_id=asker.where.guild_id,
            channel_id=str(interaction.channel_id),
            message_id=message_id,
        )
        await interaction.edit_original_response(content=say(await bot.language(interaction), "report.thanks"))
