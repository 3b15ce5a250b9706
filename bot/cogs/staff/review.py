"""/mod review and /mod log: what members report, which prompts were refused, and who changed what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.buttons import OPEN
from bot.cards import quoted
from bot.errors import when
from bot.forms import Filled, Form
from bot.staff import Leave, answer, begin, leave, named, number_of, show
from bot.values import Button, Look
from bot.views import JobButton, ToolButton, ToolView
from engine import Deed, Report, Settled

if TYPE_CHECKING:
    from bot.client import EaselBot

REPORTS, REFUSALS = "reports", "refusals"
_REPORTS, _REFUSED, _LOG = "modreview", "modrefused", "modlog"
_KEEP, _TAKE, _STRIKE = "modkeep", "modtake", "modstrike"
_ROWS = 4
"""Reports on a page: each has a row of buttons, and the last row is for the next page."""
_LINES = 10
_LONGEST_WORDS = 200
_LONGEST_REASON = 300
_OF_PEOPLE = ("member ", "strike ", "operator ")
"""Entries of the log that begin with whom they are about."""
_ID = re.compile(r"\b[0-9]{17,20}\b")


class Reviews:
    """Lists with their buttons; the right is looked up at every press."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot
        tools = bot.tools
        tools.on_press(_REPORTS, lambda asked, rest: self.reports(asked, number_of(rest)))
        tools.on_press(_REFUSED, lambda asked, rest: self.refusals(asked, number_of(rest)))
        tools.on_press(_LOG, lambda asked, rest: self.log(asked, number_of(rest)))
        tools.on_press(_KEEP, lambda asked, rest: self._settle(asked, rest, Settled.KEPT))
        tools.on_press(_TAKE, lambda asked, rest: self._settle(asked, rest, Settled.REMOVED))
        tools.on_press(_STRIKE, self._ask_strike)
        tools.on_submit(_STRIKE, lambda asked, filled: self._settle(asked, filled.rest, Settled.REMOVED, filled))

    async def reports(self, interaction: discord.Interaction[Any], before: int | None = None) -> None:
        """Reports that nobody settled, newest first."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        found = await self._bot.engine.community.reports.listed(left.workspace_id, limit=_ROWS + 1, before=before)
        shown = found[:_ROWS]
        lines = [_told(number, each, left) for number, each in enumerate(shown, 1)] or [left.say("list.none")]
        rows: list[tuple[ToolButton | JobButton, ...]] = [
            _row(number, each, left) for number, each in enumerate(shown, 1)
        ]
        if len(found) > _ROWS:
            rows.append((_more(_REPORTS, shown[-1].id, left),))
        await show(interaction, left.say("mod.reports"), lines, view=ToolView(*rows))

    async def refusals(self, interaction: discord.Interaction[Any], before: int | None = None) -> None:
        """Prompts that were refused for their words, newest first."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        found = await self._bot.engine.refusals(left.workspace_id, _LINES + 1, before)
        lines = []
        for each in found[:_LINES]:
            words = ", ".join(f"{hit.words} ({left.say(f'mod.{hit.severity.value}')})" for hit in each.hits)
            said = left.say("mod.refused_of", who=named(each.requester), when=when(each.at), words=quoted(words))
            lines += [said, f"-# {quoted(each.prompt[:_LONGEST_WORDS])}"]
        rows = ((_more(_REFUSED, found[_LINES - 1].id, left),),) if len(found) > _LINES else ()
        await show(interaction, left.say("mod.refusals"), lines or [left.say("list.none")], view=ToolView(*rows))

    async def log(self, interaction: discord.Interaction[Any], before: int | None = None) -> None:
        """Who changed what, newest first."""
        left = await begin(self._bot, interaction, Deed.MODERATE)
        found = await self._bot.engine.audit(left.workspace_id, _LINES + 1, before)
        lines = []
        for each in found[:_LINES]:
            lines.append(f"{when(each.at)} {named(each.who)} · **{quoted(each.what)}**")
            changes = [(sign, said) for sign, said in (("-", each.before), ("+", each.after)) if said]
            lines += [f"-# {sign} {_change(each.what, said)}" for sign, said in changes]
        rows = ((_more(_LOG, found[_LINES - 1].id, left),),) if len(found) > _LINES else ()
        await show(interaction, left.say("mod.log_title"), lines or [left.say("list.none")], view=ToolView(*rows))

    async def _ask_strike(self, interaction: discord.Interaction[Any], rest: str) -> None:
        """Why: the member reads the moderator's own words, never those of whoever reported."""
        left = await leave(self._bot, interaction, Deed.MODERATE)
        report = await self._bot.engine.community.reports.found(left.workspace_id, number_of(rest))
        form = Form(left.say("menu.remove"), _STRIKE, str(report.id))
        box: ui.TextInput[Any] = ui.TextInput(max_length=_LONGEST_REASON, required=True)
        form.field("strike", left.say("form.struck"), box)
        await interaction.response.send_modal(form)

    async def _settle(
        self, interaction: discord.Interaction[Any], rest: str, settled: Settled, struck: Filled | None = None
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        left = await leave(self._bot, interaction, Deed.MODERATE)
        reports = self._bot.engine.community.reports
        report = await reports.found(left.workspace_id, number_of(rest))
        mark = None if struck is None else struck.text("strike")
        await reports.settle(left.workspace_id, report.id, settled, left.who, strike=mark)
        if settled is Settled.REMOVED:
            self._bot.relay.sweep()
        await answer(interaction, left.say("mod.kept" if settled is Settled.KEPT else "mod.taken"))


def _change(what: str, said: str) -> str:
    """One side of a change, one setting behind the other; ids of people, roles and channels by their names."""
    return " / ".join(_mentioning(what, line) for line in said[:_LONGEST_WORDS].splitlines())


def _mentioning(what: str, line: str) -> str:
    name, colon, _ = line.partition(":")
    of_people = what.startswith(_OF_PEOPLE)
    sign = "#" if colon and "channel" in name else "@&" if colon and "role" in name else "@" if of_people else None
    words = quoted(line)
    return words if sign is None else _ID.sub(lambda found: f"<{sign}{found[0]}>", words, count=1 if of_people else 0)


def _told(number: int, report: Report, left: Leave) -> str:
    said = left.say("mod.reported_by", who=f"<@{report.reporter}>", when=when(report.at), reason=quoted(report.reason))
    if report.channel_id and report.message_id:
        place = f"https://discord.com/channels/{report.guild_id or '@me'}/{report.channel_id}/{report.message_id}"
        said += f"\n-# {place}"
    return f"**{number}** {said}"


def _row(number: int, report: Report, left: Leave) -> tuple[ToolButton | JobButton, ...]:
    said, rest = {"number": number}, str(report.id)
    return (
        JobButton(report.job_id, Button(OPEN, str(number), "🔍")),
        ToolButton(_KEEP, rest, Button("", left.say("mod.keep", **said), None, Look.SUCCESS)),
        ToolButton(_TAKE, rest, Button("", left.say("mod.take", **said), None, Look.DANGER)),
        ToolButton(_STRIKE, rest, Button("", left.say("mod.take_strike", **said), None, Look.DANGER)),
    )


def _more(tool: str, before: int, left: Leave) -> ToolButton:
    return ToolButton(tool, str(before), Button("", left.say("list.more"), "▶️", Look.PRIMARY))
