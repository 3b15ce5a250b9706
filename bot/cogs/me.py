"""/me: what a member spent and chose, and their own data."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import asker_anywhere, asker_of
from bot.cards import quoted
from bot.cogs.completions import LONGEST, calm
from bot.errors import Told, when
from bot.texts import TEXTS, say
from bot.texts.translator import explained
from bot.texts.translator import words as t
from bot.values import Button, Look
from bot.views import ToolButton, ToolView
from engine import Deed, Notice, Permit

if TYPE_CHECKING:
    from bot.client import EaselBot

_ERASE = "erase"
_NAMES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "ja": "日本語", "zh": "中文"}


@calm
async def complete_workspace(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The workspaces in which somebody may act from a DM, by a server's name."""
    bot: EaselBot = interaction.client
    choices = await bot.engine.community.permits.choices(await asker_anywhere(bot, interaction))
    return [
        app_commands.Choice(name=each.guild.name[:LONGEST], value=each.workspace_id)
        for each in choices
        if current.casefold() in each.guild.name.casefold()
    ]


class MeCog(commands.GroupCog, group_name="me", group_description=t("me.description")):
    """Answers are private."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__()
        self._bot = bot
        bot.tools.on_press(_ERASE, self._erase)

    @app_commands.command(name="usage", description=t("me.usage"))
    async def usage(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Quota, jobs, strikes."""
        bot = self._bot
        await interaction.response.defer(ephemeral=True, thinking=True)
        asker = await asker_of(bot, interaction)
        permit = await bot.engine.community.permits.permit(asker, Deed.VIEW)
        members, language = bot.engine.community.members, await bot.language(interaction)
        found = await members.usage(permit.workspace_id, asker.user_id, permit.terms)
        strikes = [each for each in await members.strikes(permit.workspace_id, asker.user_id) if each.lifted_at is None]
        lines = _held(permit, bot.engine.now(), language)
        if found.budget is None:
            lines += [say(language, "me.no_quota")]
        else:
            quota = found.budget.quota
            lines += [
                say(language, "me.quota", left=found.left, credits=quota.credits, until=when(found.frees_at)),
            ]
        lines.append(say(language, "me.load", queued=found.queued, running=found.running))
        if found.most_queued is not None:
            lines.append(say(language, "me.most_queued", most=found.most_queued))
        if found.free_again_at is not None:
            lines.append(say(language, "denied.cooldown", until=when(found.free_again_at)))
        lines.append(say(language, "me.strikes", count=len(strikes)))
        lines += [f"-# {when(each.at)} {quoted(each.reason)}" for each in strikes[:10]]
        lines.append(say(language, "me.notice_is", notice=say(language, f"me.{permit.person.notice.value}")))
        embed = discord.Embed(title=say(language, "me.title"), description="\n".join(lines)[:4000], colour=0x5865F2)
        await interaction.edit_original_response(embed=embed)

    @app_commands.command(name="notify", description=t("me.notify"))
    @explained(how=t("me.how"))
    @app_commands.choices(how=[app_commands.Choice(name=t(f"me.{each.value}"), value=each.value) for each in Notice])
    async def notify(self, interaction: discord.Interaction[EaselBot], how: str) -> None:
        """How I hear that a long job is over."""
        await self._bot.engine.community.members.choose(str(interaction.user.id), notice=Notice(how))
        await self._chosen(interaction)

    @app_commands.command(name="language", description=t("me.language"))
    @explained(which=t("me.which"))
    @app_commands.choices(
        which=[app_commands.Choice(name=t("me.as_discord"), value="discord")]
        + [app_commands.Choice(name=_NAMES[each], value=each) for each in TEXTS]
    )
    async def language(self, interaction: discord.Interaction[EaselBot], which: str) -> None:
        """In which language the bot answers me."""
        chosen = "" if which == "discord" else which
        await self._bot.engine.community.members.choose(str(interaction.user.id), language=chosen)
        await self._chosen(interaction)

    @app_commands.command(name="workspace", description=t("me.workspace"))
    @explained(server=t("me.server"))
    @app_commands.autocomplete(server=complete_workspace)
    async def workspace(
        self, interaction: discord.Interaction[EaselBot], server: app_commands.Range[str, 1, 100]
    ) -> None:
        """Where I act in a DM."""
        bot = self._bot
        await interaction.response.defer(ephemeral=True, thinking=True)
        choices = await bot.engine.community.permits.choices(await asker_anywhere(bot, interaction))
        if server not in {each.workspace_id for each in choices}:
            raise Told("me.no_such_workspace")
        await bot.engine.community.members.choose(str(interaction.user.id), home_workspace_id=server)
        await interaction.edit_original_response(content=say(await bot.language(interaction), "me.chosen"))

    @app_commands.command(name="export", description=t("me.export"))
    async def export(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Everything that Easel keeps about me."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await self._bot.engine.community.privacy.export(str(interaction.user.id))
        content = json.dumps(found, ensure_ascii=False, indent=1).encode()
        text = say(await self._bot.language(interaction), "me.exported")
        await interaction.followup.send(text, file=discord.File(io.BytesIO(content), "easel.json"), ephemeral=True)

    @app_commands.command(name="delete", description=t("me.delete"))
    async def delete(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Ask whether to delete it all."""
        language = await self._bot.language(interaction)
        yes = Button("", say(language, "me.delete_yes"), None, Look.DANGER)
        view = ToolView((ToolButton(_ERASE, str(interaction.user.id), yes),))
        await interaction.response.send_message(say(language, "me.delete_sure"), view=view, ephemeral=True)

    async def _erase(self, interaction: discord.Interaction[Any], rest: str) -> None:
        if rest != str(interaction.user.id):
            raise Told("denied.not_yours")
        await interaction.response.defer()
        erased = await self._bot.engine.community.privacy.erase(rest)
        text = say(await self._bot.language(interaction), "me.deleted", jobs=erased.jobs, left=erased.left)
        await interaction.edit_original_response(content=text, view=None)

    async def _chosen(self, interaction: discord.Interaction[Any]) -> None:
        text = say(await self._bot.language(interaction), "me.chosen")
        await interaction.response.send_message(text, ephemeral=True)


def _held(permit: Permit, now: datetime, language: str) -> list[str]:
    """What a moderator laid on them, until when, and why."""
    actor = permit.actor
    held = None if actor.member is None or actor.operator else actor.member.restraint(now)
    if held is None:
        return []
    said = f"**{say(language, f'denied.{held.kind.value}', until=when(held.until))}**"
    return [said, f"-# {quoted(held.reason)}"] if held.reason else [said]
