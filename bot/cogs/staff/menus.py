"""The message menus of moderators: "Remove picture" and "Who made this"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.buttons import OPEN
from bot.cards import quoted, title_of
from bot.errors import when
from bot.forms import Filled, Form
from bot.staff import Leave, answer, begin, leave, named, show
from bot.texts import say
from bot.texts.translator import words as t
from bot.values import Button
from bot.views import JobButton, ToolView
from engine import Deed, Job, user_of

if TYPE_CHECKING:
    from bot.client import EaselBot

_REMOVE = "remove"
_LONGEST_REASON = 300
_LONGEST_PROMPT = 1_000


class MenusCog(commands.Cog):
    """What moderators do to a message that shows a job."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot
        self._menus = (
            app_commands.ContextMenu(name=t("menu.remove"), callback=self._remove),
            app_commands.ContextMenu(name=t("menu.who"), callback=self._who),
        )
        for menu in self._menus:
            menu.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
            menu.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
            menu.default_permissions = discord.Permissions(moderate_members=True)
        bot.tools.on_submit(_REMOVE, self._removed)

    async def cog_load(self) -> None:
        """Add what cannot stand in a class."""
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take it back."""
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    async def _remove(self, interaction: discord.Interaction[EaselBot], message: discord.Message) -> None:
        """A form, so nothing is deferred: reasons for the log, for the strike."""
        bot = self._bot
        left = await leave(bot, interaction, Deed.MODERATE)
        card = await bot.engine.community.cards.of_message(left.workspace_id, str(message.id))
        form = Form(left.say("menu.remove"), _REMOVE, card.job_id)
        for name, key in (("reason", "form.why"), ("strike", "form.strike")):
            box: ui.TextInput[Any] = ui.TextInput(max_length=_LONGEST_REASON, required=False)
            form.field(name, left.say(key), box)
        await interaction.response.send_modal(form)

    async def _removed(self, interaction: discord.Interaction[Any], filled: Filled) -> None:
        """Message, file and gallery; the right is looked up again, since a role may be gone by now."""
        bot = self._bot
        left = await begin(bot, interaction, Deed.MODERATE)
        strike = filled.text("strike").strip() or None
        await bot.engine.community.reports.remove(
            left.workspace_id, filled.rest, left.who, filled.text("reason"), strike=strike
        )
        bot.relay.sweep()
        await answer(interaction, left.say("mod.taken"))

    async def _who(self, interaction: discord.Interaction[EaselBot], message: discord.Message) -> None:
        bot = self._bot
        left = await begin(bot, interaction, Deed.MODERATE)
        card = await bot.engine.community.cards.of_message(left.workspace_id, str(message.id))
        permit = await bot.engine.community.permits.permit_for(left.asker, Deed.MODERATE, card.job_id)
        assert permit.job is not None
        assert permit.requester is not None
        lines = await self._told(left, permit.job, permit.requester)
        opens = JobButton(permit.job.id, Button(OPEN, "", "🔍"))
        await show(interaction, left.say("who.title"), lines, view=ToolView((opens,)))

    async def _told(self, left: Leave, job: Job, requester: str) -> list[str]:
        user_id = user_of(requester)
        key = "who.elsewhere" if user_id is None else "who.said"
        lines = [say(left.language, key, who=named(requester), when=when(job.created_at))]
        lines += [f"{title_of(job)} · `{job.id}`", quoted(job.prompt[:_LONGEST_PROMPT])]
        if job.private:
            lines.append(left.say("who.private"))
        if user_id is not None:
            strikes = await self._bot.engine.community.members.strikes(left.workspace_id, user_id)
            count = sum(each.lifted_at is None for each in strikes)
            lines.append(left.say("who.strikes", count=count))
        return [line for line in lines if line]
