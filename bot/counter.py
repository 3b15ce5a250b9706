"""Where a request becomes cards: the first answer within Discord's three seconds, then one live card for each job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot.askers import in_server
from bot.posting import Later, Lost, Rejected
from bot.relay import BY_DM, TOKEN_LIVES
from bot.texts import language_of, say
from engine import Card, Job, Layout

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOG = logging.getLogger("bot")
_UNHEARD = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""Discord said no, or nothing. The jobs are made by then: each has its card all the same, and its end is brought."""
PAUSES = (0.5, 2.0, 0.0)
"""Seconds behind each try to begin several cards."""
MOST_ABROAD = 5
"""Follow-ups that Discord allows where the bot itself is not in the server."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The "is thinking" that the card takes the place of."""

    message_id: str | None
    private: bool


class Counter:
    """Shows jobs to whoever asked."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot

    async def open(self, interaction: discord.Interaction[Any], *, private: bool) -> Opened:
        """Answer at once that it is being looked at."""
        answer = await interaction.response.defer(thinking=True, ephemeral=private)
        found = None if answer is None else answer.message_id
        return Opened(None if found is None else str(found), private)

    async def show(
        self, interaction: discord.Interaction[Any], opened: Opened, jobs: Sequence[Job], *, more: bool = False
    ) -> None:
        """A card for each job, the first one in the place of the "is thinking". `more`: a follow-up comes after them.

        A private job is never shown in a server's channel, wherever its button was pressed.
        """
        if not opened.private and in_server(interaction) and any(job.private for job in jobs):
            opened = await self._in_private(interaction)
        here = in_server(interaction)
        settings = await self._bot.scenes.settings(str(interaction.guild_id) if here else None)
        results = settings.results_channel if here and not opened.private else None
        if results is not None and results != str(interaction.channel_id):
            await self._elsewhere(interaction, jobs, results, settings.layout)
            return
        abroad = not here and not interaction.context.dm_channel
        begun = await self._is_begun(interaction) if more or len(jobs) > 1 else True
        for number, job in enumerate(jobs[: MOST_ABROAD if abroad else None]):
            message_id = await self._message(interaction, opened, number, begun=begun)
            card = replace(
                self._card(interaction, job, message_id or BY_DM, settings.layout),
                private=opened.private,
                abroad=abroad,
            )
            if message_id is None:
                await self._otherwise(card, job)
                continue
            until = self._bot.engine.now() + TOKEN_LIVES - self._age(interaction)
            kept = await self._bot.engine.community.cards.add(card, interaction.token, until)
            self._bot.relay.follow(kept, job, interaction.token)
        if abroad and len(jobs) > MOST_ABROAD:
            text = say(await self._bot.language(interaction), "said.rest_in_jobs", count=len(jobs) - MOST_ABROAD)
            with suppress(*_UNHEARD):
                await interaction.followup.send(text, ephemeral=True)

    async def _in_private(self, interaction: discord.Interaction[Any]) -> Opened:
        try:
            await interaction.delete_original_response()
            return Opened(await self._next(interaction, Opened(None, private=True)), private=True)
        except _UNHEARD as error:
            _LOG.info("a private card could not be begun: %s", error)
            return Opened(None, private=True)

    async def _is_begun(self, interaction: discord.Interaction[Any]) -> bool:
        """End the "is thinking": the first follow-up would take its place, as the first card does."""
        text = say(await self._bot.public_language(interaction), "card.queued")
        for pause in PAUSES:
            try:
                await interaction.edit_original_response(content=text)
            except _UNHEARD as error:
                _LOG.info("the first of several cards could not be begun: %s", error)
                await asyncio.sleep(pause)
            else:
                return True
        return False

    async def _message(
        self, interaction: discord.Interaction[Any], opened: Opened, number: int, *, begun: bool
    ) -> str | None:
        """The message of a card; None: there is none, and a follow-up that was not answered is not sent twice."""
        try:
            if number == 0:
                return opened.message_id or str((await interaction.original_response()).id)
            return await self._next(interaction, opened) if begun else None
        except _UNHEARD as error:
            _LOG.info("a card could not be begun: %s", error)
            return None

    async def _otherwise(self, card: Card, job: Job) -> None:
        """As a message of the bot's own; where it cannot write, or nobody else may read it, the end comes by DM."""
        message_id = BY_DM
        if card.guild_id is not None and not card.private:
            drawn = self._bot.draw(job, await self._bot.scenes.showing(card, job))
            with suppress(Lost, Rejected, Later):
                message_id = await self._bot.post.send_card(card, drawn, await self._bot.scenes.is_layout(card))
        kept = await self._bot.engine.community.cards.add(replace(card, message_id=message_id))
        self._bot.relay.follow(kept)

    async def _next(self, interaction: discord.Interaction[Any], opened: Opened) -> str:
        private = opened.private
        language = await (self._bot.language(interaction) if private else self._bot.public_language(interaction))
        text = say(language, "card.queued")
        sent = await interaction.followup.send(text, wait=True, ephemeral=opened.private)
        return str(sent.id)

    async def _elsewhere(
        self, interaction: discord.Interaction[Any], jobs: Sequence[Job], channel_id: str, layout: Layout
    ) -> None:
        """In the server's results channel; where that cannot be written to, the result comes by DM."""
        text = say(await self._bot.public_language(interaction), "card.elsewhere", channel=f"<#{channel_id}>")
        with suppress(*_UNHEARD):
            await interaction.edit_original_response(content=text)
        for job in jobs:
            card = self._card(interaction, job, BY_DM, layout)
            await self._otherwise(replace(card, channel_id=channel_id, asked_in=str(interaction.channel_id)), job)

    def _card(self, interaction: discord.Interaction[Any], job: Job, message_id: str, layout: Layout) -> Card:
        now = self._bot.engine.now()
        return Card(
            workspace_id=job.workspace_id,
            request_id=job.request_id,
            job_id=job.id,
            user_id=str(interaction.user.id),
            application_id=str(interaction.application_id),
            guild_id=str(interaction.guild_id) if in_server(interaction) else None,
            channel_id=str(interaction.channel_id),
            message_id=message_id,
            language=language_of(interaction.locale.value),
            layout=layout,
            created_at=now,
            updated_at=now,
        )

    def _age(self, interaction: discord.Interaction[Any]) -> timedelta:
        """How much of the token's life is over; never negative, whatever the clocks say."""
        age: timedelta = discord.utils.utcnow() - interaction.created_at
        return min(max(age, timedelta()), TOKEN_LIVES)
