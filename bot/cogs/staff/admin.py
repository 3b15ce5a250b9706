"""/admin: accounts, the queue, the server's settings, webhooks, alerts, and leaving Easel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cards import quoted
from bot.cogs.staff.accounts import Accounts
from bot.cogs.staff.settings import Settings
from bot.errors import Told
from bot.posting import Expired, Later, Lost, Rejected
from bot.staff import answer, begin
from bot.texts.translator import explained
from bot.texts.translator import words as t
from bot.values import Button, Look
from bot.views import ToolButton, ToolView
from engine import Deed, WorkspaceHook

if TYPE_CHECKING:
    from bot.client import EaselBot

_DISCONNECT = "disconnect"


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_guild=True)
class AdminCog(commands.GroupCog, group_name="admin", group_description=t("admin.description")):
    """Operators are those that a code or `easel operator add` made so; Discord's own rights make nobody one."""

    queue = app_commands.Group(name="queue", description=t("admin.queue"))
    alerts = app_commands.Group(name="alerts", description=t("admin.alerts"))

    def __init__(self, bot: EaselBot) -> None:
        super().__init__()
        self._bot = bot
        assert self.app_command is not None
        self._settings = Settings(bot)
        self.app_command.add_command(Accounts(bot))
        self.app_command.add_command(self._settings)
        bot.tools.on_press(_DISCONNECT, self._disconnected)

    @queue.command(name="pause", description=t("admin.queue_pause"))
    async def queue_pause(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Nothing new is sent."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        await self._bot.engine.queues.pause(left.workspace_id, left.who)
        await answer(interaction, left.say("admin.queue_paused"))

    @queue.command(name="resume", description=t("admin.queue_resume"))
    async def queue_resume(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Go on."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        await self._bot.engine.queues.resume(left.workspace_id, left.who)
        await answer(interaction, left.say("admin.queue_resumed"))

    @queue.command(name="reboot", description=t("admin.queue_reboot"))
    async def queue_reboot(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Look up every open job anew."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        await self._bot.engine.queues.reboot(left.workspace_id, left.who)
        await answer(interaction, left.say("admin.queue_rebooted"))

    @alerts.command(name="channel", description=t("admin.alerts_channel"))
    @explained(channel=t("admin.alerts_where"))
    async def alerts_channel(
        self, interaction: discord.Interaction[EaselBot], channel: discord.TextChannel | None = None
    ) -> None:
        """Where alerts go, tried out at once; without a channel nowhere."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        wanted = None if channel is None else str(channel.id)
        if wanted is not None:
            try:
                await self._bot.post.tell(wanted, left.say("admin.alerts_here"), f"easel-try-{interaction.id}")
            except (Lost, Expired, Later, Rejected):
                raise Told("admin.cannot_write", channel=f"<#{wanted}>") from None
        await self._settings.change(left, lambda known: replace(known, alerts_channel=wanted))
        await answer(interaction, left.say("me.chosen"))

    @app_commands.command(name="webhook", description=t("admin.webhook"))
    @explained(
        url=t("admin.url"),
        progress=t("admin.progress"),
        off=t("admin.off"),
        secret=t("admin.secret"),
        dialect=t("admin.dialect"),
    )
    async def webhook(  # noqa: PLR0917 - the options of a command
        self,
        interaction: discord.Interaction[EaselBot],
        url: app_commands.Range[str, 1, 1000] | None = None,
        progress: bool = False,  # noqa: FBT001, FBT002 - an option of the command
        off: bool = False,  # noqa: FBT001, FBT002 - an option of the command
        secret: bool = False,  # noqa: FBT001, FBT002 - an option of the command
        dialect: app_commands.Range[str, 1, 40] = "imaginepro",
    ) -> None:
        """See or change where results of the workspace's requests are posted."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        desk = self._bot.engine.webhooks
        if url is not None:
            await desk.set(left.workspace_id, WorkspaceHook(url, dialect, progress), left.who)
        elif off:
            await desk.off(left.workspace_id, left.who)
        new = await desk.new_secret(left.workspace_id, left.who) if secret else None
        found = await desk.setting(left.workspace_id)
        where = None if found.hook is None else found.hook.url
        lines = [left.say("admin.no_webhook") if where is None else left.say("admin.webhook_is", url=quoted(where))]
        if new is not None:
            lines.append(left.say("admin.new_secret", secret=f"||`{new}`||"))
        await answer(interaction, "\n".join(lines))

    @app_commands.command(name="disconnect", description=t("admin.disconnect"))
    async def disconnect(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Ask first: the server's settings are gone then."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        yes = Button("", left.say("admin.disconnect_yes"), None, Look.DANGER)
        view = ToolView((ToolButton(_DISCONNECT, left.guild.guild_id, yes),))
        await answer(interaction, left.say("admin.disconnect_sure"), view=view)

    async def _disconnected(self, interaction: discord.Interaction[Any], rest: str) -> None:
        left = await begin(self._bot, interaction, Deed.OPERATE)
        if rest != left.guild.guild_id:
            raise Told("error.old_button")
        await self._bot.engine.community.guilds.disconnect(left.workspace_id, rest, left.who)
        self._bot.scenes.forget()
        await self._bot.rulings.look(rest)
        await answer(interaction, left.say("admin.disconnected"))
