"""/mod: words, reports, and Easel's own bans, breaks and strikes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.cards import quoted
from bot.cogs.staff import timeouts
from bot.cogs.staff.banwords import Banwords
from bot.cogs.staff.review import REFUSALS, REPORTS, Reviews
from bot.errors import Told, when
from bot.staff import Leave, answer, begin, named, show
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import Deed, InvalidInput, NotFound, Restraint

if TYPE_CHECKING:
    from bot.client import EaselBot

_LONGEST_MINUTES = 40_320
"""28 days, the most that Discord's own time-out knows."""
_MOST_SHOWN = 20
Reason = app_commands.Range[str, 0, 300]


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(moderate_members=True)
class ModCog(commands.GroupCog, group_name="mod", group_description=t("mod.description")):
    """Every answer is private, and every right is looked up in Easel, whatever Discord shows to whom."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__()
        self._bot = bot
        self._reviews = Reviews(bot)
        assert self.app_command is not None
        self.app_command.add_command(Banwords(bot))

    @app_commands.command(name="review", description=t("mod.review"))
    @explained(what=t("mod.what"))
    @app_commands.choices(what=[app_commands.Choice(name=t(f"mod.{each}"), value=each) for each in (REPORTS, REFUSALS)])
    async def review(self, interaction: discord.Interaction[EaselBot], what: str = REPORTS) -> None:
        """What waits for a moderator."""
        await (self._reviews.refusals if what == REFUSALS else self._reviews.reports)(interaction)

    @app_commands.command(name="log", description=t("mod.log"))
    async def log(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Who changed what."""
        await self._reviews.log(interaction)

    @app_commands.command(name="ban", description=t("mod.ban"))
    @explained(member=t("staff.member"), reason=t("staff.reason"))
    async def ban(self, interaction: discord.Interaction[EaselBot], member: discord.User, reason: Reason = "") -> None:
        """Easel's own: Discord hears nothing of it."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        taken = await self._bot.engine.community.members.restrain(
            left.workspace_id, str(member.id), Restraint.BANNED, left.who, reason
        )
        await answer(interaction, left.say("mod.banned", who=f"<@{member.id}>", jobs=len(taken)))

    @app_commands.command(name="unban", description=t("mod.unban"))
    @explained(member=t("staff.member"))
    async def unban(self, interaction: discord.Interaction[EaselBot], member: discord.User) -> None:
        """Lift what holds a member back, be it a ban, a pause or a break."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        members, user_id = self._bot.engine.community.members, str(member.id)
        try:
            held = (await members.member(left.workspace_id, user_id)).restrained
            await members.free(left.workspace_id, user_id, left.who)
        except NotFound:
            raise Told("mod.not_held") from None
        lines = [left.say("mod.unbanned", who=f"<@{member.id}>")]
        if held is not None and held.in_discord is not None:
            came = await timeouts.lift(self._bot, member, held.in_discord)
            lines += [] if came is None else [left.say(came)]
        await answer(interaction, "\n".join(lines))

    @app_commands.command(name="timeout", description=t("mod.timeout"))
    @explained(
        member=t("staff.member"), minutes=t("mod.minutes"), reason=t("staff.reason"), in_discord=t("mod.in_discord")
    )
    async def timeout(
        self,
        interaction: discord.Interaction[EaselBot],
        member: discord.User,
        minutes: app_commands.Range[int, 1, _LONGEST_MINUTES],
        reason: Reason = "",
        in_discord: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """A break that ends by itself; Discord's own too, where the moderator ticks it and both have the right."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        taken = await self._bot.engine.community.members.restrain(
            left.workspace_id, str(member.id), Restraint.TIMED_OUT, left.who, reason, seconds=60 * minutes
        )
        until = self._bot.engine.now() + timedelta(minutes=minutes)
        lines = [left.say("mod.timed_out", who=f"<@{member.id}>", until=when(until), jobs=len(taken))]
        if in_discord:
            lines.append(left.say(await timeouts.lay_on(self._bot, interaction, left, member, minutes, reason)))
        await answer(interaction, "\n".join(lines))

    @app_commands.command(name="strikes", description=t("mod.strikes"))
    @explained(member=t("staff.member"), give=t("mod.give"), lift=t("mod.lift"))
    async def strikes(
        self,
        interaction: discord.Interaction[EaselBot],
        member: discord.User,
        give: app_commands.Range[str, 1, 300] | None = None,
        lift: app_commands.Range[int, 1] | None = None,
    ) -> None:
        """Give one, lift one, and see them all."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        members, user_id = self._bot.engine.community.members, str(member.id)
        if give is not None and not give.strip():
            raise InvalidInput("give", "is empty", allowed="the reason, which the member reads")
        if lift is not None:
            try:
                await members.lift(left.workspace_id, user_id, lift, left.who)
            except NotFound:
                raise Told("staff.no_number", given=lift) from None
        if give is not None:
            await members.strike(left.workspace_id, user_id, give, left.who)
        await show(interaction, left.say("mod.strikes_of"), await self._strikes(left, user_id))

    async def _strikes(self, left: Leave, user_id: str) -> list[str]:
        found = await self._bot.engine.community.members.strikes(left.workspace_id, user_id)
        lines = [f"<@{user_id}>"]
        for each in found[:_MOST_SHOWN]:
            said = f"`{each.id}` {when(each.at)} {named(each.by)}: {quoted(each.reason)}"
            if each.lifted_at is not None:
                said = f"~~{said}~~ {left.say('mod.lifted', when=when(each.lifted_at))}"
            lines.append(said)
        return lines if found else [*lines, left.say("mod.no_strikes")]
