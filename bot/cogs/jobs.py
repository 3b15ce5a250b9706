"""Members' own jobs and what they may look through: /jobs, /job, /cancel, /queue, /history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import asker_of
from bot.cards import waiting
from bot.cogs.completions import LONGEST, calm
from bot.listing import LONGEST_SEARCH, PAGE, embed_of_page, line_of, read_place, view_of_page
from bot.texts import say
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import Deed, JobState

if TYPE_CHECKING:
    from bot.client import EaselBot

_MINE, _SEEN = "jobs", "history"
_OPEN = tuple(state for state in JobState if state not in {JobState.DONE, JobState.FAILED, JobState.CANCELLED})
_MOST_WAITING = 10


async def _mine(interaction: discord.Interaction[Any], states: tuple[JobState, ...]) -> list[Any]:
    bot: EaselBot = interaction.client
    asker = await asker_of(bot, interaction)
    return list((await bot.engine.community.gallery.mine(asker, states=states, limit=25)).jobs)


@calm
async def complete_open(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The member's jobs that are not over."""
    return _choices(await _mine(interaction, _OPEN), current)


@calm
async def complete_job(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The member's latest jobs."""
    return _choices(await _mine(interaction, ()), current)


def _choices(jobs: list[Any], current: str) -> list[app_commands.Choice[str]]:
    said = current.strip().casefold()
    return [
        app_commands.Choice(name=f"{job.action.name}: {job.prompt or job.id}"[:LONGEST], value=job.id)
        for job in jobs
        if said in f"{job.id} {job.action.name} {job.prompt}".casefold()
    ]


class JobsCog(commands.Cog):
    """Answers are private: lists are nobody else's."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot
        bot.tools.on_press(_MINE, self._next_mine)
        bot.tools.on_press(_SEEN, self._next_seen)

    @app_commands.command(name="jobs", description=t("jobs.description"))
    async def jobs(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Mine, newest first."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._show_mine(interaction, "")

    async def _next_mine(self, interaction: discord.Interaction[Any], rest: str) -> None:
        await interaction.response.defer()
        await self._show_mine(interaction, rest.partition("|")[0])

    async def _show_mine(self, interaction: discord.Interaction[Any], place: str) -> None:
        bot = self._bot
        asker = await asker_of(bot, interaction)
        page = await bot.engine.community.gallery.mine(asker, limit=PAGE, behind=read_place(place))
        language = await bot.language(interaction)
        await interaction.edit_original_response(
            embed=embed_of_page(say(language, "jobs.title"), page, language),
            view=view_of_page(page, language, _MINE, first=not place),
        )

    @app_commands.command(name="history", description=t("history.description"))
    @explained(search=t("history.search"), mine=t("history.mine"))
    async def history(
        self,
        interaction: discord.Interaction[EaselBot],
        search: app_commands.Range[str, 1, LONGEST_SEARCH] | None = None,
        mine: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Finished pictures."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._show_seen(interaction, "", f"{int(mine)}{search or ''}")

    async def _next_seen(self, interaction: discord.Interaction[Any], rest: str) -> None:
        await interaction.response.defer()
        place, _, wanted = rest.partition("|")
        await self._show_seen(interaction, place, wanted)

    async def _show_seen(self, interaction: discord.Interaction[Any], place: str, wanted: str) -> None:
        bot = self._bot
        asker = await asker_of(bot, interaction)
        page = await bot.engine.community.gallery.search(
            asker, wanted[1:], mine=wanted.startswith("1"), limit=PAGE, behind=read_place(place)
        )
        language = await bot.language(interaction)
        await interaction.edit_original_response(
            embed=embed_of_page(say(language, "history.title"), page, language),
            view=view_of_page(page, language, _SEEN, wanted, first=not place),
        )

    @app_commands.command(name="job", description=t("job.description"))
    @explained(job_id=t("job.id"))
    @app_commands.autocomplete(job_id=complete_job)
    async def job(self, interaction: discord.Interaction[EaselBot], job_id: app_commands.Range[str, 1, 100]) -> None:
        """One job's card again."""
        await self._bot.deeds.open(interaction, job_id.strip())

    @app_commands.command(name="cancel", description=t("cancel.description"))
    @explained(job_id=t("job.id"))
    @app_commands.autocomplete(job_id=complete_open)
    async def cancel(self, interaction: discord.Interaction[EaselBot], job_id: app_commands.Range[str, 1, 100]) -> None:
        """Take a job back."""
        await self._bot.deeds.press(interaction, job_id.strip(), "cancel")

    @app_commands.command(name="queue", description=t("queue.description"))
    async def queue(self, interaction: discord.Interaction[EaselBot]) -> None:
        """What waits, and why."""
        bot = self._bot
        await interaction.response.defer(ephemeral=True, thinking=True)
        asker = await asker_of(bot, interaction)
        permit = await bot.engine.community.permits.permit(asker, Deed.VIEW)
        page = await bot.engine.community.gallery.mine(asker, states=_OPEN, limit=_MOST_WAITING)
        language = await bot.language(interaction)
        lines = [say(language, "queue.all", count=await bot.engine.queues.count(permit.workspace_id))]
        for job in page.jobs:
            outlook = bot.engine.outlooks.of(job)
            lines.append(line_of(job))
            if outlook.ahead is not None:
                lines.append("-# " + say(language, "card.position", position=outlook.ahead + 1))
            if outlook.waits_seconds is not None:
                lines.append("-# " + say(language, "card.expected", seconds=round(outlook.waits_seconds)))
            if outlook.waits_because is not None:
                lines.append(f"-# {waiting(outlook.waits_because, language)}")
        if not page.jobs:
            lines.append(say(language, "queue.none"))
        embed = discord.Embed(title=say(language, "queue.title"), description="\n".join(lines)[:4000], colour=0x5865F2)
        await interaction.edit_original_response(embed=embed)
