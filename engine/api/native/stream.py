"""How an event stream is written and when it ends: with its source, when the reader is gone or stuck, or we close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.api.iterators import close
from engine.api.options import Closing
from engine.api.problems import encoded

HEARTBEAT = b": still here\n\n"
STUCK_SECONDS = 30.0
"""How long a reader may leave what we write unread."""


def frame(event: str, body: dict[str, object], *, event_id: int | None = None) -> bytes:
    """One server-sent event; JSON holds no line break, so `data` is one line."""
    head = f"event: {event}\ndata: " if event_id is None else f"id: {event_id}\nevent: {event}\ndata: "
    return head.encode() + encoded(body) + b"\n\n"


class EventStream(Response):
    """Sends frames as they come and a comment after each silence of `heartbeat_seconds`."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[bytes], *, heartbeat_seconds: float, closing: Closing) -> None:
        self.frames = frames
        self.heartbeat_seconds = heartbeat_seconds
        self.closing = closing
        # X-Accel-Buffering: nginx then passes on each frame at once
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Write until the end; the source is closed in any case."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            writing = _Writing(self.frames, send, self.heartbeat_seconds)
            if not self.closing.is_set:
                await writing.run(receive, self.closing)
            if not writing.is_stuck:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await close(self.frames)


class _Writing:
    """Writes in the task of the request, which is cancelled when the reader is gone or stuck, or we close.

    One timer sees to it that no silence lasts too long, and no reader is waited for too long.
    """

    def __init__(self, frames: AsyncIterator[bytes], send: Send, heartbeat_seconds: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelled_before = task.cancelling()
        self._loop = asyncio.get_running_loop()
        self._frames = frames
        self._send = send
        self._seconds = heartbeat_seconds
        self._since = self._loop.time()
        self._sending = 0
        self._runs = False
        self._ended = False
        self._timer: asyncio.TimerHandle | None = None
        self._heartbeat: asyncio.Task[None] | None = None
        self.is_stuck = False
        """Whether the reader leaves unread what we write."""

    async def run(self, receive: Receive, closing: Closing) -> None:
        """Return at the end, whatever ends it; an error of the source is the server's to tell."""
        leaving = self._loop.create_task(_gone(receive))
        leaving.add_done_callback(self._end)
        closing.call(self._end)
        self._runs = True
        self._arm(min(self._seconds, STUCK_SECONDS))
        try:
            async for chunk in self._frames:
                await self._put(chunk)
        except asyncio.CancelledError:
            if not self._ended or self._task.uncancel() > self._cancelled_before:
                raise
        finally:
            self._runs = False
            closing.forget(self._end)
            for under_way in (leaving, self._timer, self._heartbeat):
                if under_way is not None:
                    under_way.cancel()

    def _end(self, ended: asyncio.Task[None] | None = None) -> None:
        if ended is not None and not ended.cancelled():
            ended.exception()  # read, so that it is not reported as forgotten
        if self._runs and not self._ended:
            self._ended = True
            self._task.cancel()

    def _arm(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        silent = self._loop.time() - self._since
        if self._sending and silent >= STUCK_SECONDS:
            self.is_stuck = True
            self._end()
            return
        if not self._sending and silent >= self._seconds:
            self._heartbeat = self._loop.create_task(self._put(HEARTBEAT))
            self._heartbeat.add_done_callback(self._beaten)
            silent = 0.0
        self._arm(min(self._seconds - silent, STUCK_SECONDS) if silent < self._seconds else 1.0)

    def _beaten(self, heartbeat: asyncio.Task[None]) -> None:
        if not heartbeat.cancelled() and heartbeat.exception() is not None:
            self._end()

    async def _put(self, chunk: bytes) -> None:
        self._since = self._loop.time()
        self._sending += 1
        try:
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            self._since = self._loop.time()
            self._sending -= 1


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
