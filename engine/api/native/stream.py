"""How an event stream is written and when it ends: with its source, when the reader is gone or stuck, or we close."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.api.iterators import close

HEARTBEAT = b": still here\n\n"
STUCK_SECONDS = 30.0
"""How long a reader may leave what we write unread."""


def frame(event: str, body: dict[str, object], *, version: int | None = None) -> bytes:
    """One server-sent event; JSON holds no line break, so `data` is one line."""
    lines = [] if version is None else [f"id: {version}"]
    lines += [f"event: {event}", f"data: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}"]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


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
        ends = asyncio.ensure_future(_first_of(_gone(receive), self.closing.wait()))
        chunks = self._chunks(ends)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for chunk in chunks:
                async with asyncio.timeout(STUCK_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            async with asyncio.timeout(STUCK_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return  # stuck: the server breaks the connection off
        finally:
            await chunks.aclose()
            await _stopped(ends)

    async def _chunks(self, ends: asyncio.Future[None]) -> AsyncGenerator[bytes, None]:
        """Frames and heartbeats, until the source or `ends` ends."""
        following = asyncio.ensure_future(_next(self.frames))
        try:
            while True:
                waited_for: set[asyncio.Future[Any]] = {following, ends}
                done, _ = await asyncio.wait(
                    waited_for, timeout=self.heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED
                )
                if following in done:
                    chunk = following.result()
                    if chunk is None:
                        return
                    yield chunk
                    following = asyncio.ensure_future(_next(self.frames))
                elif ends in done:
                    return
                else:
                    yield HEARTBEAT
        finally:
            await _stopped(following)
            await close(self.frames)


async def _next(frames: AsyncIterator[bytes]) -> bytes | None:
    return await anext(frames, None)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            await _stopped(task)


async def _stopped(task: asyncio.Future[Any]) -> None:
    """Cancel and wait: nothing of it runs on."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # read, so that it is not reported as forgotten
