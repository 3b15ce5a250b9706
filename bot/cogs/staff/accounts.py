"""/admin account: linking one's own account in a private form, and what may be done to linked ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui

from bot.askers import asker_of
from bot.cards import quoted
from bot.cogs.completions import LONGEST, calm
from bot.errors import when
from bot.forms import Filled, Form
from bot.staff import Leave, answer, begin, leave, number_of, show
from bot.texts.translator import explained
from bot.texts.translator import words as t
from bot.values import Button, Look
from bot.views import ToolButton, ToolView
from engine import DIALECT, AccountState, AccountToLink, Action, ActionKind, Deed, EaselError, NotConfigured, Origin

if TYPE_CHECKING:
    from bot.client import EaselBot

_LINK, _UNLINK = "link", "unlink"
_LONGEST_TOKEN, _LONGEST_ID = 200, 21
Which = app_commands.Range[str, 1, 100]


@calm
async def complete_account(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The linked accounts; for operators alone."""
    bot: EaselBot = interaction.client
    permit = await bot.engine.community.permits.permit(await asker_of(bot, interaction), Deed.OPERATE)
    said = current.casefold().strip()
    return [
        app_commands.Choice(name=f"{each.id}: {each.name} ({each.state.value})"[:LONGEST], value=str(each.id))
        for each in await bot.engine.linked.of(permit.workspace_id)
        if said in f"{each.id} {each.name}".casefold()
    ]


class Accounts(app_commands.Group):
    """Every answer is private; of a token nothing is ever shown but its mask."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__(name="account", description=t("admin.account"))
        self._bot = bot
        bot.tools.on_submit(_LINK, self._linked)
        bot.tools.on_press(_UNLINK, self._unlinked)

    @app_commands.command(name="link", description=t("admin.link"))
    async def link(self, interaction: discord.Interaction[EaselBot]) -> None:
        """A form that only its reader sees, with the risk above the token."""
        left = await leave(self._bot, interaction, Deed.OPERATE)
        form = Form(left.say("admin.link"), _LINK, "")
        form.add_item(ui.TextDisplay(left.say("admin.terms", word=left.say("admin.word"))))
        for name, key, most in (
            ("token", "form.token", _LONGEST_TOKEN),
            ("guild", "form.guild", _LONGEST_ID),
            ("channel", "form.channel", _LONGEST_ID),
            ("consent", "form.consent", LONGEST),
        ):
            box: ui.TextInput[Any] = ui.TextInput(max_length=most, required=True)
            form.field(name, left.say(key), box)
        await interaction.response.send_modal(form)

    async def _linked(self, interaction: discord.Interaction[Any], filled: Filled) -> None:
        bot = self._bot
        left = await begin(bot, interaction, Deed.OPERATE)
        desks = bot.engine.desks
        if desks.linking is None:
            raise NotConfigured("linking accounts", "EASEL_DISCORD_API_URL")
        said = filled.text("consent").replace("’", "'").strip().strip(".!\"'`").casefold()
        new = AccountToLink(
            token=filled.text("token").strip(),
            guild_id=filled.text("guild").strip(),
            channel_id=filled.text("channel").strip(),
            upstream=desks.linking.upstream,
            concurrency=desks.linking.concurrency,
            accepts_terms=said in {left.say("admin.word").casefold(), "i accept"},
        )
        account = await desks.administration.link(await desks.administration.of(left.workspace_id), new, left.who)
        bot.scenes.forget()
        text = left.say("admin.linked", name=quoted(account.name), id=account.id, mask=account.token_mask)
        await answer(interaction, text)

    @app_commands.command(name="list", description=t("admin.list"))
    async def list_(self, interaction: discord.Interaction[EaselBot]) -> None:
        """All of them, with what holds them back."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        lines = []
        for each in await self._bot.engine.linked.of(left.workspace_id):
            sign = "🟢" if self._bot.engine.linked.is_live(each.id) else "🔴"
            if each.state is AccountState.PAUSED:
                sign = "⏸️"
            why = f": {quoted(each.reason)}" if each.reason else ""
            lines.append(f"{sign} `{each.id}` {quoted(each.name)} · {each.state.value}{why}")
        await show(interaction, left.say("admin.accounts"), lines or [left.say("list.none")])

    @app_commands.command(name="pause", description=t("admin.pause"))
    @explained(account=t("admin.which"))
    @app_commands.autocomplete(account=complete_account)
    async def pause(self, interaction: discord.Interaction[EaselBot], account: Which) -> None:
        """It takes nothing new."""
        await self._act(interaction, "pause", account)

    @app_commands.command(name="resume", description=t("admin.resume"))
    @explained(account=t("admin.which"))
    @app_commands.autocomplete(account=complete_account)
    async def resume(self, interaction: discord.Interaction[EaselBot], account: Which) -> None:
        """It takes jobs again."""
        await self._act(interaction, "resume", account)

    @app_commands.command(name="restart", description=t("admin.restart"))
    @explained(account=t("admin.which"))
    @app_commands.autocomplete(account=complete_account)
    async def restart(self, interaction: discord.Interaction[EaselBot], account: Which) -> None:
        """A new session with Discord."""
        await self._act(interaction, "restart", account)

    async def _act(self, interaction: discord.Interaction[Any], deed: str, account: str) -> None:
        left = await begin(self._bot, interaction, Deed.OPERATE)
        desk = self._bot.engine.desks.administration
        act = {"pause": desk.pause, "resume": desk.resume, "restart": desk.restart}[deed]
        found = await act(await desk.of(left.workspace_id), number_of(account), left.who)
        self._bot.scenes.forget()
        await answer(interaction, left.say("admin.is_now", name=quoted(found.name), state=found.state.value))

    @app_commands.command(name="info", description=t("admin.info"))
    @explained(account=t("admin.which"))
    @app_commands.autocomplete(account=complete_account)
    async def info(self, interaction: discord.Interaction[EaselBot], account: Which) -> None:
        """What is known of it; Midjourney is asked anew, which costs nothing."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        desk = self._bot.engine.desks.administration
        found = await desk.account(await desk.of(left.workspace_id), number_of(account))
        facts = found.facts.info
        lines = [f"**{quoted(found.name)}** · {found.state.value} · `{found.token_mask}`"]
        if found.reason:
            lines.append(quoted(found.reason))
        if facts is not None:
            said = (facts.plan, facts.mode, facts.visibility)
            lines.append(" · ".join(quoted(each) for each in said if each))
            if facts.fast_seconds_left is not None:
                lines.append(left.say("admin.fast", hours=f"{facts.fast_seconds_left / 3600:.1f}"))
            if found.facts.info_at is not None:
                lines.append(f"-# {when(found.facts.info_at)}")
        lines.append(await self._asked_anew(left, found.id))
        await show(interaction, left.say("admin.accounts"), [line for line in lines if line])

    async def _asked_anew(self, left: Leave, account_id: int) -> str:
        origin = Origin(workspace_id=left.workspace_id, requester=left.who, dialect=DIALECT, private=True)
        try:
            await self._bot.engine.command(origin, Action(ActionKind.INFO), account_id=account_id)
        except EaselError:  # it is stopped, say; what is known was shown
            return ""
        return left.say("admin.asked")

    @app_commands.command(name="unlink", description=t("admin.unlink"))
    @explained(account=t("admin.which"))
    @app_commands.autocomplete(account=complete_account)
    async def unlink(self, interaction: discord.Interaction[EaselBot], account: Which) -> None:
        """Ask first: what runs there cannot be followed any more."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        desk = self._bot.engine.desks.administration
        found = await desk.account(await desk.of(left.workspace_id), number_of(account))
        yes = Button("", left.say("admin.unlink_yes"), None, Look.DANGER)
        text = left.say("admin.unlink_sure", name=quoted(found.name))
        await answer(interaction, text, view=ToolView((ToolButton(_UNLINK, str(found.id), yes),)))

    async def _unlinked(self, interaction: discord.Interaction[Any], rest: str) -> None:
        left = await begin(self._bot, interaction, Deed.OPERATE)
        desk = self._bot.engine.desks.administration
        gone = await desk.unlink(await desk.of(left.workspace_id), number_of(rest), left.who)
        self._bot.scenes.forget()
        await answer(interaction, left.say("admin.unlinked", name=quoted(gone.name)))
