"""Tells operators, in the channel that they chose, what Easel needs them for: once, until it changes."""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from typing import TYPE_CHECKING

from bot.cards import quoted
from bot.posting import Expired, Later, Lost, Rejected
from bot.rounds import Round
from bot.texts import language_of, say
from engine import Alert, EaselError, Guild

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOG = logging.getLogger("bot")
PAUSE = 300.0
"""A channel that refused is tried again after so many seconds."""
AGAIN = 5.0
"""After something broke, it is looked again after so many seconds."""


class Alarms(Round):
    """One task. What nobody could be told stays untold, and is told once there is a channel for it."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__()
        self._bot = bot
        self._refused: dict[str, float] = {}

    async def _run(self) -> None:
        while True:
            try:
                async for alert in self._bot.engine.community.alerts.watch():
                    await self._tell(alert)
            except Exception:  # noqa: BLE001 - one alert's trouble is no other's
                _LOG.exception("an alert could not be told")
            await asyncio.sleep(AGAIN)

    async def _tell(self, alert: Alert) -> None:
        desk = self._bot.engine.community
        told = False
        for guild in await desk.guilds.of(alert.workspace_id):
            channel_id = guild.settings.alerts_channel
            if channel_id is not None and self._refused.get(channel_id, 0.0) < time.monotonic():
                told |= await self._post(guild, channel_id, alert)
        if told:
            try:
                await desk.alerts.told(alert)
            except EaselError as error:
                _LOG.warning("an alert was told, which could not be noted: %s", error)

    async def _post(self, guild: Guild, channel_id: str, alert: Alert) -> bool:
        here = self._bot.get_guild(int(guild.guild_id))
        language = language_of(guild.settings.language, None if here is None else here.preferred_locale.value)
        text = f"**{say(language, f'alert.{alert.kind.value}')}**\n{quoted(alert.said)}"
        # told twice after a lost answer, Discord shows it once
        print_of = zlib.crc32(f"{alert.kind}{alert.subject}{alert.said}{alert.at}".encode())
        try:
            await self._bot.post.tell(channel_id, text, f"easel-al-{print_of}")
        except Later as error:
            _LOG.info("an alert is told again in a moment: %s", error)
            return False
        except (Lost, Expired, Rejected) as error:
            _LOG.warning("alerts cannot be posted in channel %s: %r", channel_id, error)
            self._refused[channel_id] = time.monotonic() + PAUSE
            return False
        return True
