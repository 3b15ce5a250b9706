"""The demo's server: bound to the workspace, so that its people can type /imagine, while nothing real can be spent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import httpx

from engine.cli.simulator_child import SimulatorChild
from engine.core.administration import Administration
from engine.core.engine import Engine
from engine.model.community.guilds import GuildSettings
from engine.model.errors import EaselError
from engine.ports import Workspace

_LOG = logging.getLogger("easel")
SERVER, MODERATORS = "Studio", "Moderator"
_WHO = "Easel: the demo"
LOOK_SECONDS = 2.0
"""How often it is looked whether a real account was linked."""


class Demo:
    """The simulator's people as members; they are nobody's, so they never act beside a real account."""

    def __init__(self, engine: Engine, administration: Administration, workspace: Workspace) -> None:
        self._guilds = engine.community.guilds
        self._administration = administration
        self._workspace = workspace

    @contextlib.asynccontextmanager
    async def beside(self, simulator: SimulatorChild | None) -> AsyncIterator[None]:
        """Their server is bound meanwhile, until a real account is linked."""
        server = None if simulator is None else await self._server(simulator)
        if server is None:
            yield
            return
        await self._tried(self._bind(server))
        watching = asyncio.create_task(self._watch(server))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _server(self, simulator: SimulatorChild) -> dict[str, Any] | None:
        try:
            async with httpx.AsyncClient(base_url=simulator.ready["control_url"], timeout=10) as control:
                there = (await control.get("/discord")).raise_for_status().json()
            found: dict[str, Any] = next(each for each in there["guilds"] if each["name"] == SERVER)
        except (httpx.HTTPError, KeyError, StopIteration) as error:
            _LOG.warning("the demo's server could not be connected: %r", error)
            return None
        return found

    async def _bind(self, server: dict[str, Any]) -> None:
        if await self._guilds.guild(server["id"]) is not None or await self._administration.has_real_account():
            return
        code = await self._guilds.code(self._workspace.id)
        await self._guilds.connect(code.code, guild_id=server["id"], name=SERVER, user_id=server["owner"])
        moderators = tuple(role["id"] for role in server["roles"] if role["name"] == MODERATORS)
        await self._guilds.settle(self._workspace.id, server["id"], GuildSettings(moderator_roles=moderators), _WHO)

    async def _watch(self, server: dict[str, Any]) -> None:
        while True:
            if await self._tried(self._unbind(server)):
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _unbind(self, server: dict[str, Any]) -> bool:
        """Whether a real account is linked; then the server is not bound any more."""
        if not await self._administration.has_real_account():
            return False
        if await self._guilds.guild(server["id"]) is not None:
            await self._guilds.disconnect(self._workspace.id, server["id"], _WHO)
            _LOG.warning("a real account is linked: the simulator's people can ask for nothing any more")
        return True

    async def _tried(self, work: Awaitable[bool | None]) -> bool:
        try:
            return bool(await work)
        except EaselError as error:
            _LOG.warning("the demo's server could not be bound or unbound: %s", error)
            return False
