"""Where the application listens, how long a request's head may take, and how the server closes without signals."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import ClassVar

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEEP_ALIVE_SECONDS = 20
HEAD_BYTES = 64 * 1024
"""The largest head of a request; the parser itself has no limit."""
CLOSING_SECONDS = 10
"""How long open answers may take once we close; then they are broken off."""


class HttpServer:
    """Uvicorn in the running loop. `start` returns when connections are taken; `stop` when all are closed."""

    def __init__(self, app: FastAPI, host: str, port: int, *, closing_seconds: int = CLOSING_SECONDS) -> None:
        self.app = app
        self.host = host
        self._port = port
        self._closing_seconds = closing_seconds
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is listened on (the asked one, or the one found for 0)."""
        return self._port

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is taken or not ours.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.create_server((self.host, self._port), family=family, backlog=2048)
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self.app,
            http=bounded(self.app.state.premises.options.header_seconds),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # paths of pictures are secrets
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=self._closing_seconds,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="http server")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise OSError(f"the HTTP server did not start on {self.host}:{self._port}")
            await asyncio.sleep(0.005)

    async def wait(self) -> None:
        """Return when the server has ended."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Take no new connection, end the event streams, let open answers finish."""
        self.app.state.premises.closing.set()
        if self._server is not None:
            self._server.should_exit = True
        if self._task is not None:
            await self._task


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and SIGINT to whoever runs the engine."""
        yield


class _BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol with two limits it lacks: how long a request's head may take, and how large it may be."""

    head_seconds: ClassVar[float]
    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        if self._deadline is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head_bytes > HEAD_BYTES:
            self._end(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_is_here()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self._end, b"408 Request Timeout")

    def _head_is_here(self) -> None:
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self, why: bytes) -> None:
        self._head_is_here()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + why + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            self.transport.close()


def bounded(seconds: float) -> type[_BoundedProtocol]:
    """The protocol for heads that may take so long; a connection whose head takes longer is closed."""
    return type("BoundedProtocol", (_BoundedProtocol,), {"head_seconds": seconds})
