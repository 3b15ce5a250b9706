"""The application over a fake engine: in memory for tables, over a socket where bytes and time matter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from typing import Any

import httpx
import pytest

from engine.api.direct import Application
from engine.api.door import Door
from engine.api.listening import HttpServer
from engine.api.options import ApiOptions, Premises
from engine.api.server import create_app
from tests.api.desk_engine import DeskEngine
from tests.api.fake_engine import KEY, FakeEngine

PUBLIC_URL = "http://easel.test"


def options(**changes: Any) -> ApiOptions:
    return ApiOptions(**{"public_url": PUBLIC_URL, "version": "9.9.9", **changes})


@cache
def _made() -> Application:
    return create_app(FakeEngine(), options())


def application(door: Door, sync_wait_seconds: float = 110.0) -> Application:
    """The application before this engine, with `options()`.

    One for all tests, which takes each test's engine in: to make its routes takes longer than most tests, and of calls
    it keeps nothing where nothing is limited.
    """
    app = _made()
    app.state.premises = Premises(door, options(sync_wait_seconds=sync_wait_seconds))
    return app


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> FakeEngine:
    """With the operator's desks where a module is marked `desks`."""
    return DeskEngine() if request.node.get_closest_marker("desks") else FakeEngine()


@pytest.fixture
async def client(engine: FakeEngine) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key, without a socket."""
    transport = httpx.ASGITransport(application(engine))
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as opened:
        yield opened


@pytest.fixture
async def serve(engine: FakeEngine) -> AsyncIterator[Callable[..., Awaitable[HttpServer]]]:
    """Starts servers on ports of their own; they are stopped at the end."""
    started: list[HttpServer] = []

    async def start(**changes: Any) -> HttpServer:
        server = HttpServer(create_app(engine, options(**changes)), "127.0.0.1", 0, closing_seconds=2)
        await server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        await server.stop()
