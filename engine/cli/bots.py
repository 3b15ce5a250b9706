"""Where the Discord bot runs: beside the engine under `easel up`, or by itself as `easel bot`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from typing import Any

from engine import log
from engine.cli.desk import BAD_USE, complain, opened, run, settings_or_exit
from engine.cli.folder import DataFolder
from engine.cli.simulator_child import SimulatorChild
from engine.core.engine import Engine
from engine.settings import Settings
from engine.wiring import build_works, folder_of_the_database

_LOG = logging.getLogger("easel")
STOP_SECONDS = 12.0


def bot() -> None:
    """Run the Discord bot by itself, on a PostgreSQL database that it shares with `easel up`."""
    settings = settings_or_exit()
    log.configure(settings.log_level)
    if folder_of_the_database(settings) is not None:
        complain(
            "easel bot needs PostgreSQL (EASEL_DATABASE_URL): a SQLite file has one process; easel up runs the bot"
        )
        raise SystemExit(BAD_USE)
    if settings.discord_bot_token is None and settings.bot_api_url is None:
        complain("EASEL_DISCORD_BOT_TOKEN is empty")
        raise SystemExit(BAD_USE)
    run(_alone(settings), for_long=True)


async def _alone(settings: Settings) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    DataFolder(settings.data_dir).make()
    ground = await opened(settings, migrated=True)
    works = build_works(ground)
    try:
        await works.engine.start()
        try:
            async with bot_beside(settings, works.engine, None):
                await stopping.wait()
        finally:
            await works.engine.stop()
    finally:
        await works.close()
        await ground.store.close()
    return 0


@contextlib.asynccontextmanager
async def bot_beside(settings: Settings, engine: Engine, simulator: SimulatorChild | None) -> AsyncIterator[None]:
    """The bot, while something else runs: Discord's when there is a token, else the simulator's while that runs.

    Raises:
        BadSetting: one of the bot's addresses is not on this machine.
    """
    place = _place(settings, simulator)
    if not settings.bot or place is None:
        yield
        return
    from bot.client import BotOptions  # noqa: PLC0415 - as below
    from bot.main import main, point_at  # noqa: PLC0415 - discord.py costs 15 MB, and not everybody has a bot

    log.REDACTION.register(place["token"])
    stopping = asyncio.Event()
    memory = settings.data_dir / "bot-commands.sha256"
    options = BotOptions(public_url=settings.public_url, memory=memory, **place)
    point_at(options)  # a wrong address stops the start
    working = asyncio.create_task(main(engine, options, stopping))
    working.add_done_callback(_ended)
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait({working}, timeout=STOP_SECONDS)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def _ended(working: asyncio.Task[None]) -> None:
    if not working.cancelled() and (error := working.exception()) is not None:
        _LOG.error("the Discord bot ended; Easel goes on without it: %s", error, exc_info=error)


def _place(settings: Settings, simulator: SimulatorChild | None) -> dict[str, Any] | None:
    """Token and addresses; None: there is no bot to run."""
    if settings.discord_bot_token is not None:
        return {
            "token": settings.discord_bot_token,
            "api_url": settings.bot_api_url,
            "gateway_url": settings.bot_gateway_url,
            "cdn_url": settings.bot_cdn_url,
        }
    if simulator is None:
        return None
    ready = simulator.ready
    return {
        "token": ready["bot"]["token"],
        "api_url": ready["bot"]["api_url"],
        "gateway_url": ready["gateway_url"],
        "cdn_url": ready["cdn_url"],
        "guild_ready_seconds": 0.2,
    }
