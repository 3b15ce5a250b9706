"""How the bot starts, goes on and stops: its real `main`, in Easel's own process or in one of its own."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import discord
import yarl
from discord import gateway
from discord.asset import Asset
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route
from discord.webhook import async_ as webhooks

from bot.calling import TokenCalls
from bot.client import BotOptions, EaselBot
from engine import BadSetting, BotState

if TYPE_CHECKING:
    from engine import Engine

_LOG = logging.getLogger("bot")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
STOP_SECONDS = 10.0


class PromptBeats(KeepAliveHandler):
    """Heartbeats to this machine.

    discord.py notes when it sent one only after it was sent; from here the ACK may be read sooner, and was then held
    against the heartbeat before it: "Can't keep up, ... 41.3s behind".
    """

    def get_payload(self) -> dict[str, Any]:
        """The next heartbeat, which counts as sent from now on."""
        self._last_send = time.perf_counter()
        return super().get_payload()


def point_at(options: BotOptions) -> None:
    """Use these addresses instead of Discord's. Only this machine's: the bot's token goes there.

    Raises:
        BadSetting: one is not on this machine.
    """
    given = (
        ("EASEL_BOT_API_URL", options.api_url),
        ("EASEL_BOT_GATEWAY_URL", options.gateway_url),
        ("EASEL_BOT_CDN_URL", options.cdn_url),
    )
    for name, address in given:
        if address and not _is_here(address):
            raise BadSetting(name, address, "an address of this machine (127.0.0.1, [::1] or localhost), or empty")
    if options.api_url:
        Route.BASE = options.api_url.rstrip("/")
    if options.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(options.gateway_url)
        gateway.KeepAliveHandler = PromptBeats  # type: ignore[misc]  # the class by which it makes its beats
    if options.cdn_url:
        Asset.BASE = options.cdn_url.rstrip("/")


def _is_here(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def main(engine: Engine, options: BotOptions, stopping: asyncio.Event) -> None:
    """Run the bot until told to stop. What Discord refuses for good ends it; Easel goes on without it."""
    point_at(options)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks
    calls = TokenCalls(Route.BASE)
    webhooks.async_context.set(calls)  # of this task and those that it begins
    try:
        await _again_and_again(engine, options, stopping)
    finally:
        await calls.aclose()


async def _again_and_again(engine: Engine, options: BotOptions, stopping: asyncio.Event) -> None:
    desk = engine.community.bot
    pause = FIRST_PAUSE
    while not stopping.is_set():
        await desk.tell(BotState.CONNECTING)
        bot = EaselBot(engine, options)
        running = asyncio.create_task(bot.start(options.token))
        told = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
            if not told.done():
                running.result()
        except (discord.LoginFailure, discord.PrivilegedIntentsRequired) as error:
            await desk.tell(BotState.REFUSED)
            _LOG.error("Discord refuses the bot: %s. Look at EASEL_DISCORD_BOT_TOKEN and the portal", error)
            return
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            await desk.tell(BotState.RECONNECTING)
            _LOG.warning("the bot starts again in %.0f s: %s", pause, error)
        finally:
            told.cancel()
            await _closed(bot, running)
        if not stopping.is_set():
            await _sleep(stopping, pause)
            pause = min(2 * pause, LONGEST_PAUSE)
    await desk.tell(BotState.OFF)


async def _closed(bot: EaselBot, running: asyncio.Task[None]) -> None:
    try:
        await asyncio.wait_for(bot.close(), STOP_SECONDS)
    except TimeoutError:
        _LOG.warning("the bot's connection was left without a farewell")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _sleep(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
