"""A small HTTP server on loopback that sends exactly the bytes a test scripted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from engine.model.jobs import Attachment, Picture
from engine.ports import PictureCopy

KEY = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {line}", "Content-Length: 0", *headers]).encode() + b"\r\n\r\n"


class PictureHost:
    """`answers`: raw bytes by path; None never answers. `asked` holds the paths in order."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.port = 0

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({self.place})

    def copy(self, path: str = "/a.png", *, key: str = KEY, url: str | None = None) -> PictureCopy:
        """The picture at a path of this server."""
        address = url or f"http://{self.place}{path}"
        return PictureCopy(Picture(key, Attachment("1", "a.png", address)), "job", 1, None, failed=False)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[PictureHost]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        tasks_before = asyncio.all_tasks()
        try:
            yield self
        finally:
            server.close()
            mine = [t for t in asyncio.all_tasks() - tasks_before if "_connected" in repr(t.get_coro())]
            for task in mine:
                task.cancel()
            await asyncio.gather(*mine, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            self.asked.append(path)
            self.heads.append(head)
            answer = self.answers[path]
            if answer is None:
                await asyncio.sleep(3600)
            else:
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
