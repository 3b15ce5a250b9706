"""A gateway for edge cases: each connection plays the next script."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Self

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.drivers.captures import CHANNEL, DIRECT, MIDJOURNEY, SESSION, USER

Script = Callable[["Connection"], Awaitable[None]]
PATIENCE = 10.0


class Connection:
    """One connection, seen from Discord."""

    def __init__(self, socket: ServerConnection, gateway: TinyGateway) -> None:
        self.socket = socket
        self.gateway = gateway
        self.path = socket.request.path
        self.beats: list[int | None] = []
        self.acknowledges = True
        self.closed_with: int | None = None
        self._deflate = zlib.compressobj()
        self._frames: asyncio.Queue[dict] = asyncio.Queue()

    def deflated(self, frame: dict) -> bytes:
        return self._deflate.compress(json.dumps(frame).encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    async def send(self, op: int, d=None, *, t: str | None = None, s: int | None = None) -> None:
        await self.socket.send(self.deflated({"op": op, "d": d, "s": s, "t": t}))

    async def dispatch(self, t: str, d, s: int) -> None:
        await self.send(0, d, t=t, s=s)

    async def hello(self, interval_ms: float = 60_000) -> None:
        await self.send(10, {"heartbeat_interval": interval_ms})

    async def ready(self, s: int = 1, **more) -> None:
        await self.dispatch("READY", {**READY, "resume_gateway_url": f"{self.gateway.url}/resumed", **more}, s)

    async def receive(self) -> dict:
        """The next frame that is no heartbeat."""
        return await asyncio.wait_for(self._frames.get(), PATIENCE)

    async def identified(self, interval_ms: float = 60_000, **more) -> dict:
        """HELLO, IDENTIFY, READY."""
        await self.hello(interval_ms)
        frame = await self.receive()
        assert frame["op"] == 2, frame
        await self.ready(**more)
        return frame

    async def resumed(self, interval_ms: float = 60_000, *, s: int = 100) -> dict:
        """HELLO, RESUME, RESUMED."""
        await self.hello(interval_ms)
        frame = await self.receive()
        assert frame["op"] == 6, frame
        await self.dispatch("RESUMED", {"_trace": []}, s)
        return frame

    async def gone(self) -> int | None:
        """Wait for the client to leave; its close code, None when it just cut the connection."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE)
        return self.closed_with

    async def read(self) -> None:
        try:
            async for message in self.socket:
                frame = json.loads(message)
                if frame["op"] != 1:
                    self._frames.put_nowait(frame)
                    continue
                self.beats.append(frame["d"])
                if self.acknowledges:
                    await self.send(11)
        except ConnectionClosed as closed:
            self.closed_with = closed.rcvd.code if closed.rcvd else None
        else:
            self.closed_with = self.socket.close_code


class TinyGateway:
    """`async with TinyGateway(script, script, …) as gateway`; a connection beyond the scripts is kept silent."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.connections: list[Connection] = []
        self.failures: list[BaseException] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await serve(self._play, "127.0.0.1", 0, compression=None, ping_interval=None, max_size=None)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close(close_connections=True)
        await self._server.wait_closed()
        if self.failures:
            raise self.failures[0]

    async def _play(self, socket: ServerConnection) -> None:
        connection = Connection(socket, self)
        script = self._scripts[len(self.connections)] if len(self.connections) < len(self._scripts) else _silent
        self.connections.append(connection)
        reading = asyncio.create_task(connection.read())
        try:
            await script(connection)
        except ConnectionClosed:
            pass
        except (AssertionError, TimeoutError) as wrong:
            self.failures.append(wrong)
        finally:
            with contextlib.suppress(ConnectionClosed):
                await reading


async def _silent(connection: Connection) -> None:
    await connection.gone()


READY = {
    "v": 9,
    "user": {"id": USER, "username": "exampleuser"},
    "session_id": SESSION,
    "guilds": [],
    "private_channels": [{"id": DIRECT, "type": 1, "recipient_ids": [MIDJOURNEY]}],
    "users": [],
    "auth_token": None,
}


def said(percent: int) -> dict:
    """A message of Midjourney in the account's channel."""
    content = f"**p** - <@{USER}> ({percent}%) (fast)"
    return {"id": "1496409600000000020", "channel_id": CHANNEL, "author": {"id": MIDJOURNEY}, "content": content}
