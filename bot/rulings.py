"""Judges again what waits when a server's settings change: at once for a change made here, soon for any other one."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import discord

from bot.askers import place_in
from bot.rounds import Round
from engine import Asker, Card, EaselError, Guild, Job, JobState, requester_of

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOG = logging.getLogger("bot")
LOOK = 2.0
"""A change that was made elsewhere (a command, the API) is looked for so often (seconds)."""


class Rulings(Round):
    """One task. What Discord does not tell us is judged by nobody: no job ends on a guess."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__()
        self._bot = bot
        self._known: dict[str, object] = {}
        self._again: set[str] = set()
        """Servers that changed at the last look: what was allowed just before, and stored just after, is judged too."""
        self._turn = asyncio.Lock()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except EaselError as error:
                _LOG.warning("servers' settings could not be looked at: %s", error)
            except Exception:  # noqa: BLE001 - the next look is no worse for it
                _LOG.exception("what waits could not be judged again")
            await asyncio.sleep(LOOK)

    async def look(self, *changed_here: str) -> None:
        """Judge what waits of these servers, and of those whose settings are others than at the last look."""
        async with self._turn:
            found = {guild.guild_id: _rules(guild) for guild in await self._bot.engine.community.guilds.connected()}
            every = found.keys() | self._known.keys()
            changed = {each for each in every if found.get(each) != self._known.get(each)}.union(changed_here)
            if changed or self._again:
                await self._judge(changed | self._again)
            self._known, self._again = found, changed

    async def _judge(self, guild_ids: set[str]) -> None:
        engine = self._bot.engine
        roles: dict[tuple[str, str], frozenset[str] | None] = {}
        shown = {(card.workspace_id, card.job_id) for card in await engine.community.cards.open() if card.guild_id}
        for workspace_id, job_id in shown:
            job = await engine.job(workspace_id, job_id)
            card = None if job.state is not JobState.QUEUED else await self._first(job)
            if card is None or card.guild_id not in guild_ids:
                continue
            asker = await self._asker(card, roles)
            ruling = None if asker is None else await engine.community.rulings.judge(asker, job)
            if ruling is not None:
                _LOG.info("job %s was not sent: %s", job.id, ruling)

    async def _first(self, job: Job) -> Card | None:
        """The card with which it was asked for; later ones were opened by whoever looked at it, anywhere."""
        engine = self._bot.engine
        cards = await engine.community.cards.of(job.workspace_id, job.id)
        card = next((each for each in cards if each.job_id == job.id), None)
        asked = (await engine.request(job.workspace_id, job.request_id)).origin.requester
        return None if card is None or requester_of(card.user_id) != asked else card

    async def _asker(self, card: Card, roles: dict[tuple[str, str], frozenset[str] | None]) -> Asker | None:
        assert card.guild_id is not None
        channel: Any = self._bot.get_channel(int(card.asked_in or card.channel_id))
        guild = self._bot.get_guild(int(card.guild_id))
        if channel is None or guild is None:
            return None
        key = (card.guild_id, card.user_id)
        if key not in roles:
            roles[key] = await _roles(guild, int(card.user_id))
        theirs = roles[key]
        if theirs is None:
            return None
        where = place_in(channel, card.guild_id)
        return Asker(user_id=card.user_id, where=where, role_ids=theirs | {card.guild_id})


def _rules(guild: Guild) -> object:
    """What of a server's settings lets members ask, or not."""
    settings = guild.settings
    speeds = tuple((each.role_id, each.terms.speeds) for each in settings.by_role)
    return settings.channels, settings.roles, settings.nsfw, settings.results_channel, settings.usual.speeds, speeds


async def _roles(guild: discord.Guild, user_id: int) -> frozenset[str] | None:
    """Somebody's roles now; None: not known, or they left."""
    try:
        member = await guild.fetch_member(user_id)
    except (discord.HTTPException, OSError, TimeoutError):
        return None
    return frozenset(str(role.id) for role in member.roles)
