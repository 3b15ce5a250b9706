"""Which files a finished job's card carries: whole where Discord takes them, else a link where others can reach it."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.posting import File
from engine import Engine, Job, NotFound, Picture, Refused, Unavailable

_LOG = logging.getLogger("bot")
MOST_BYTES = 10 << 20
"""What Discord takes where it says nothing else."""
COPY_SECONDS = 3.0
"""So long a finished card waits for the copy that is being made anyway, instead of fetching the picture too."""
_MOST_FILES = 4
_SMALL = 256 << 10
"""Bytes of a file that is read where it is wanted: a thread costs more, and most were written a moment ago."""


def reachable(public_url: str) -> str | None:
    """The address of Easel when people elsewhere can open it: neither this machine's nor a private network's."""
    host = urlsplit(public_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        local = (
            host in {"", "localhost"} or host.endswith((".localhost", ".local", ".internal", ".lan")) or "." not in host
        )
        return None if local else public_url.rstrip("/")
    return public_url.rstrip("/") if address.is_global else None


def filename_of(picture: Picture) -> str:
    """A plain name with the picture's own ending."""
    ending = picture.attachment.filename.rpartition(".")[2].lower()
    return f"easel-{picture.key[:8]}.{ending if ending.isalnum() and len(ending) <= 4 else 'png'}"  # noqa: PLR2004 - the longest ending of a picture's name


class Pictures:
    """Reads pictures through the engine."""

    def __init__(self, engine: Engine, public_url: str) -> None:
        self._engine = engine
        self._public = reachable(public_url)

    def link(self, picture: Picture) -> str | None:
        """Where the whole picture lies, when others can reach it."""
        if self._public is None:
            return None
        return f"{self._public}/pictures/{picture.key}.{filename_of(picture).rpartition('.')[2]}"

    async def files(
        self, job: Job, most_bytes: int, *, spoiler: bool, small: bool = False
    ) -> tuple[tuple[File, ...], bool]:
        """The files of a job's result, at most so many bytes together; and whether one is not whole.

        What is too large is there as a small preview; with `small` everything is.
        """
        listed = () if job.result is None else job.result.pictures[:_MOST_FILES]
        found: list[File] = []
        room, short = most_bytes, False
        for picture in listed:
            content, name = None if small else await self.content(picture, room), filename_of(picture)
            if content is None:
                short = True
                content, name = await self._preview(picture), f"{name.rpartition('.')[0]}-small.jpg"
            if content is not None and len(content) <= room:
                room -= len(content)
                found.append(File(name, content, spoiler))
        return tuple(found), short

    async def _preview(self, picture: Picture) -> bytes | None:
        try:
            return await self._engine.picture_preview(await self._engine.picture(picture.key))
        except (NotFound, Unavailable) as error:
            _LOG.info("picture %s has no preview: %s", picture.key[:8], error)
            return None

    async def content(self, picture: Picture, most_bytes: int) -> bytes | None:
        """A picture's bytes; None: it is larger, or gone."""
        try:
            copy = await self._engine.copy_awaited(picture.key, COPY_SECONDS)
            path = self._engine.picture_file(copy)
            if path is not None:
                if (copy.picture.attachment.size or most_bytes) <= _SMALL:
                    return _read(path, most_bytes)
                return await asyncio.to_thread(_read, path, most_bytes)
            read = bytearray()
            async for chunk in self._engine.picture_source(copy):
                read += chunk
                if len(read) > most_bytes:
                    return None
            return bytes(read)
        except (NotFound, Refused, Unavailable, OSError) as error:  # OSError: its file was removed meanwhile
            _LOG.warning("picture %s could not be read: %s", picture.key[:8], error)
            return None

    async def quarters(self, job: Job, most_bytes: int, *, spoiler: bool) -> list[File]:
        """The four single images of a grid, as many of them as have room together.

        Raises:
            NotFound, Unavailable: they cannot be cut, or not now.
        """
        assert job.result is not None
        picture = job.result.pictures[0]
        copy: Any = await self._engine.picture(picture.key)
        found = []
        for number in range(1, 5):
            path = await self._engine.picture_quarter(copy, number)
            content = await asyncio.to_thread(_read, path, most_bytes)
            if content is not None:
                most_bytes -= len(content)
                found.append(File(f"easel-{picture.key[:8]}-{number}{path.suffix}", content, spoiler))
        return found


def _read(path: Path, most_bytes: int) -> bytes | None:
    return path.read_bytes() if path.stat().st_size <= most_bytes else None
