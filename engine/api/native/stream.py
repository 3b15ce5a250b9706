"""How an event stream is written and when it ends: with its source, when the reader is gone or stuck, or we close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.api.iterators import close
from engine.api.problems import encoded

HEARTBEAT = b": still here\n\n"
STUCK_SECONDS = 30.0
"""How long a reader may leave what we write unread."""


def frame(event: str, body: dict[str, object], *, version: int | None = None) -> bytes:
    """One server-sent event; JSON holds no line break, so `data` is one line."""
    head = f"event: {event}\ndata: " if version is None else f"id: {version}\nevent: {event}\ndata: "
    return head.encode() + encoded(body) + b"\n\n"


class EventStream(Response):
    """Sends frames as they come and a comment after each silence of `heartbeat_seconds`."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[bytes], *, heartbeat_seconds: float, closing: asyncio.Event) -> None:
        self.frames = frames
        self.heartbeat_seconds = heartbeat_seconds
        self.closing = closing
        # X-Accel-Buffering: nginx then passes on each frame at once
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Write until the end; the source is closed in any case."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        writer = _Writer(send)
        works = [
            asyncio.ensure_future(writer.write(self.frames)),
            asyncio.ensure_future(writer.keep_alive(self.heartbeat_seconds)),
            asyncio.ensure_future(_gone(receive)),
            asyncio.ensure_future(self.closing.wait()),
        ]
        try:
            await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            if works[0].done():
                works[0].result()  # an error of the source is the server's to tell
            if not writer.is_stuck:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            for work in works:
                await _stopped(work)
            await close(self.frames)


class _Writer:
    """Writes frames one by one and sees to it that no silence lasts too long, and no reader is waited for too long."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._sending = False

    @property
    def is_stuck(self) -> bool:
        """Whether the reader leaves unread what we write."""
        return self._sending and self._loop.time() - self._since >= STUCK_SECONDS

    async def write(self, frames: AsyncIterator[bytes]) -> None:
        async for chunk in frames:
            await self._put(chunk)

    async def keep_alive(self, seconds: float) -> None:
        """A heartbeat after each silence; returns when the reader is stuck (the server then breaks it off)."""
        while not self.is_stuck:
            silent = self._loop.time() - self._since
            if not self._sending and silent >= seconds:
                await self._put(HEARTBEAT)
                silent = 0.0
            await asyncio.sleep(min(seconds - silent, STUCK_SECONDS) if silent < seconds else 1.0)

    async def _put(self, chunk: bytes) -> None:
        self._since, self._sending = self._loop.time(), True
        try:
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            self._since, self._sending = self._loop.time(), False


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stopped(task: asyncio.Future[Any]) -> None:
    """Cancel and wait: nothing of it runs on."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # read, so that it is not reported as forgotten
