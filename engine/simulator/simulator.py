"""How the parts are put together, started and stopped."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import Any, Self

from aiohttp import web

from engine.simulator.activity import PREFIX, Activity
from engine.simulator.bot import Midjourney
from engine.simulator.botside import BotSide
from engine.simulator.cdn import Cdn
from engine.simulator.clock import Clock
from engine.simulator.commands import Commands
from engine.simulator.control import Control
from engine.simulator.faults import Faults
from engine.simulator.fetching import Fetching
from engine.simulator.gateway import Gateway
from engine.simulator.interactions import Interactions
from engine.simulator.ledger import Ledger
from engine.simulator.messages import Post
from engine.simulator.options import SimulatorOptions
from engine.simulator.pictures import Pictures
from engine.simulator.posting import Posting
from engine.simulator.rest import Rest
from engine.simulator.services import Services
from engine.simulator.shelf import Shelf
from engine.simulator.uploads import Uploads
from engine.simulator.world import World


class Simulator:
    """A Discord with a Midjourney bot on loopback.

    After `start()` the URLs are set: `api_url` ends in /api/v9, `bot_api_url` in /api/v10, `gateway_url` is what
    GET /gateway tells, `cdn_url` is where attachment URLs begin, `activity_url` the stand-in for discordsays.com,
    `control_url` is the other port. A test may bring its own clock.
    """

    def __init__(self, options: SimulatorOptions | None = None, clock: Clock | None = None) -> None:
        self.options = options or SimulatorOptions()
        self.api_url = self.gateway_url = self.cdn_url = self.control_url = self.activity_url = ""
        self.bot_api_url = ""
        self.clock = clock or Clock(self.options.speed, skew_ms=self.options.clock_skew_ms)
        self._own_directory: Path | None = None
        self._runners: list[web.AppRunner] = []

    async def start(self) -> None:
        """Load the state, open both ports, and take up unfinished jobs. Raises OSError for a busy port."""
        options = self.options
        if options.state_dir is None:
            self._own_directory = Path(tempfile.mkdtemp(prefix="simulator-"))
        directory = options.state_dir or self._own_directory
        if directory is None:
            raise ValueError("no state directory")
        directory.mkdir(parents=True, exist_ok=True)
        self._world = World(directory, self.clock, history_limit=options.history_limit)
        self._ledger = Ledger(directory / "ledger.jsonl")
        self._pictures = Pictures(directory / "pictures", longest=options.picture_size, pool=options.picture_pool)
        faults, commands = Faults(), Commands()
        self._shelf = shelf = Shelf(directory / "uploads", self._world)
        world, ledger, pictures, clock = self._world, self._ledger, self._pictures, self.clock
        rng = Random(f"{options.seed}|sessions|{world.starts}|{world.secret}")
        self._gateway = gateway = Gateway(options, world, ledger, faults, rng)
        cdn = Cdn(world, pictures, clock, timing=options.timing, ledger=ledger, shelf=shelf)
        post = Post(world, gateway, cdn, shelf)
        uploads = Uploads(world=world, cdn=cdn, shelf=shelf, ledger=ledger, rng=rng, limit=options.upload_limit)
        self._bot = bot = Midjourney(
            options=options, world=world, gateway=gateway, post=post, pictures=pictures, ledger=ledger, clock=clock,
            fetching=Fetching(cdn, ledger, options.unfetchable), shelf=shelf,
        )  # fmt: skip
        interactions = Interactions(
            options=options, world=world, gateway=gateway, bot=bot, commands=commands, uploads=uploads,
            faults=faults, ledger=ledger,
        )  # fmt: skip
        posting = Posting(world=world, post=post, uploads=uploads, ledger=ledger)
        activity = Activity(options=options, world=world, bot=bot, faults=faults, ledger=ledger)
        self.bot_side = bot_side = BotSide(
            options=options, world=world, gateway=gateway, cdn=cdn, shelf=shelf, faults=faults, ledger=ledger
        )
        rest = Rest(
            world=world,
            gateway=gateway,
            interactions=interactions,
            commands=commands,
            cdn=cdn,
            faults=faults,
            ledger=ledger,
            uploads=uploads,
            more=[*uploads.routes(), *posting.routes(), *bot.reactions.routes()],
            before=bot_side.calls.middleware,
            beside=[*activity.routes(), *Services(clock, ledger).routes()],
        )
        self._control = Control(
            options=options,
            world=world,
            gateway=gateway,
            interactions=interactions,
            commands=commands,
            faults=faults,
            ledger=ledger,
            clock=clock,
            uploads=uploads,
            shelf=shelf,
            bot=bot_side.id,
            more=[*activity.orders(), *bot_side.orders()],
        )
        while len(self._world.accounts) < options.accounts:
            self._world.create_account({})
        await self._pictures.open()
        port = await self._listen(rest.application(), options.port)
        control_port = await self._listen(self._control.application(), options.control_port)
        where = f"{options.host}:{port}"
        self.api_url, self.cdn_url = f"http://{where}/api/v9", f"http://{where}"
        self.bot_api_url = f"http://{where}/api/v10"
        self.gateway_url, self.control_url = f"ws://{where}/gateway", f"http://{options.host}:{control_port}"
        self.activity_url = f"http://{where}{PREFIX}"
        self._gateway.url, self._gateway.resume_url = self.gateway_url, f"{self.gateway_url}/resume"
        cdn.url = self.cdn_url
        if options.community:
            bot_side.seed()
        self._bot.go_on()

    async def _listen(self, application: web.Application, port: int) -> int:
        runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, self.options.host, port, backlog=1024)
        await site.start()
        return int(runner.addresses[0][1])

    def accounts(self) -> list[dict[str, Any]]:
        """All accounts with their tokens and ids, as the control port tells them."""
        return [self._control.described(account) for account in self._world.accounts.values()]

    async def stop(self) -> None:
        """Close sockets and ports and write everything down; unfinished jobs go on at the next start."""
        self.bot_side.close()
        await self._bot.close()
        await self._gateway.close()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        self._pictures.close()
        self._ledger.close()
        self._world.close()
        if self._own_directory is not None:
            shutil.rmtree(self._own_directory, ignore_errors=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
