"""How a picture gets from Discord to our disk: streamed, bounded, judged by its first bytes, whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from engine.model.chance import new_key
from engine.model.errors import NotFound, Refused, Unavailable
from engine.model.jobs import KEPT, Attachment
from engine.outbound.guard import check, place_of
from engine.outbound.parts import Part, sweep_parts, write
from engine.outbound.pixels import kind_of, measured
from engine.outbound.quarters import NUMBERS, cut
from engine.outbound.shrinking import shrunk
from engine.ports import PictureCopy

MOST_BYTES = 64 * 1024 * 1024
COPY_SECONDS = 180.0
"""How long one copy may take as a whole."""
_CALL_SECONDS = httpx.Timeout(20.0, connect=10.0)
_CHUNK = 64 * 1024
_MOST_REDIRECTS = 3
_MOST_GRIDS_FETCHED = 2
"""How many grids without a copy are held in memory at once, to be cut."""
_GONE = frozenset({401, 403, 404, 410})
"""What Discord's CDN answers for an attachment that is deleted or whose signature has expired."""
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(rf"{_KEY.pattern}\.[a-z0-9]{{2,5}}")


_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}

KINDS = ("png", "webp", "jpg", "gif", "mp4")


def discard(folder: Path, filename: str) -> None:
    """Delete a picture of the folder, and what was cut from it; a name that no copy has deletes nothing.

    Raises:
        Unavailable: it cannot be deleted now.
    """
    if not _NAME.fullmatch(filename):
        return
    stem = filename.partition(".")[0]
    names = [filename, *(f"{stem}_{number}.{kind}" for number in NUMBERS for kind in ("png", "webp"))]
    try:
        for name in names:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"a picture cannot be deleted: {error.strerror}") from error


class HttpImages:
    """The Images port over HTTP and a folder. A file is named key and extension."""

    def __init__(self, folder: Path, *, tls: ssl.SSLContext, most_bytes: int = MOST_BYTES) -> None:
        """Take the folder (made if there is none); `tls` is the one context all our clients share."""
        self.folder = folder
        self.most_bytes = most_bytes
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sweep_parts(folder)
        self._cutter = ThreadPoolExecutor(1, "quarters")  # one decoded picture at a time
        self._fetching = asyncio.Semaphore(_MOST_GRIDS_FETCHED)
        self._client = httpx.AsyncClient(
            verify=tls,
            trust_env=False,  # a proxy of the environment would get around the guard
            follow_redirects=False,
            timeout=_CALL_SECONDS,
            headers={"User-Agent": "Easel", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """Close the connections; what waits to be cut is not."""
        self._cutter.shutdown(wait=False, cancel_futures=True)
        await self._client.aclose()

    async def copy(self, copy: PictureCopy, hosts: frozenset[str]) -> str:
        """Fetch and keep the picture; a copy that is there already is not fetched again.

        Raises:
            Unavailable: it may work later.
            Refused: the address may not be fetched, it is gone, too large, or no picture.
        """
        key = copy.picture.key
        if not _KEY.fullmatch(key):
            raise Refused("the picture's key is no file name")
        kept = next((f"{key}.{kind}" for kind in KINDS if self.path(f"{key}.{kind}") is not None), None)
        if kept is not None:
            return kept
        try:
            async with asyncio.timeout(COPY_SECONDS), contextlib.aclosing(self._chunks(copy, hosts)) as chunks:
                return await self._written(key, chunks)
        except TimeoutError as error:
            raise Unavailable(f"the picture did not arrive within {COPY_SECONDS:g} seconds") from error
        except OSError as error:
            raise Unavailable(f"the picture cannot be written: {error.strerror}") from error

    async def put(self, content: bytes) -> Attachment:
        """Keep a picture that has no other source.

        Raises:
            Refused: it is no picture, or too large.
            Unavailable: it cannot be written now.
        """
        self._check_size(len(content))
        found = measured(content)
        key = new_key()
        name = f"{key}.{found.kind}"
        try:
            await asyncio.to_thread(write, self.folder, name, content)
        except OSError as error:
            raise Unavailable(f"the picture cannot be written: {error.strerror}") from error
        kind = _TYPES[found.kind]
        return Attachment(key, name, KEPT + name, None, kind, found.width, found.height, len(content))

    def open(self, copy: PictureCopy, hosts: frozenset[str]) -> AsyncIterator[bytes]:
        """The source's bytes; what is wrong with it is raised before the first of them."""
        return self._chunks(copy, hosts)

    def path(self, filename: str) -> Path | None:
        """Where a copy lies; None for anything that is not the name of a file in the folder."""
        if not _NAME.fullmatch(filename):
            return None
        path = self.folder / filename
        return path if path.is_file() and not path.is_symlink() else None

    async def discard(self, filename: str) -> None:
        """Delete a copy, and what was cut from it.

        Raises:
            Unavailable: it cannot be deleted now.
        """
        await asyncio.to_thread(discard, self.folder, filename)

    def free(self) -> int | None:
        """Bytes that are free in the folder."""
        try:
            return shutil.disk_usage(self.folder).free
        except OSError:
            return None

    async def quarter(self, copy: PictureCopy, number: int, hosts: frozenset[str]) -> Path:
        """A single image of a grid, named key and number; cut from the copy or, without one, from the source.

        Raises:
            NotFound: there is no such single image, or the picture is gone.
            Unavailable: it may work later.
        """
        key = copy.picture.key
        if number not in NUMBERS or not _KEY.fullmatch(key):
            raise NotFound(f"a grid has the single images 1 to 4, no {number}")
        stem = f"{key}_{number}"
        try:
            return self._cut_before(stem) or await self._cut_now(copy, number, stem, hosts)
        except NotFound:
            raise
        except Refused as error:
            raise NotFound(f"the picture has no single images: it {error}") from error
        except OSError as error:
            raise Unavailable(f"the single image cannot be written: {error.strerror}") from error

    async def preview(self, copy: PictureCopy, hosts: frozenset[str]) -> bytes:
        """The picture as a JPEG of less than a megabyte or so; nothing is kept of it.

        Raises:
            NotFound: it is a video or damaged, or it is gone.
            Unavailable: it may work later.
        """
        loop = asyncio.get_running_loop()
        try:
            kept = self._kept(copy)
            if kept is not None:
                return await loop.run_in_executor(self._cutter, lambda: shrunk(kept.read_bytes()))
            async with self._fetching:
                return await loop.run_in_executor(self._cutter, shrunk, await self._whole(copy, hosts))
        except NotFound:
            raise
        except Refused as error:
            raise NotFound(f"the picture cannot be made smaller: it {error}") from error
        except OSError as error:
            raise Unavailable(f"the picture cannot be read: {error.strerror}") from error

    def _kept(self, copy: PictureCopy) -> Path | None:
        names = [copy.filename or "", *(f"{copy.picture.key}.{kind}" for kind in KINDS)]
        return next((path for path in map(self.path, names) if path is not None), None)

    def _cut_before(self, stem: str) -> Path | None:
        return self.path(f"{stem}.webp") or self.path(f"{stem}.png")

    async def _cut_now(self, copy: PictureCopy, number: int, stem: str, hosts: frozenset[str]) -> Path:
        def cut_and_kept(content: bytes | Path) -> Path:
            done = self._cut_before(stem)  # by whoever asked before
            if done is None:
                kind, quarter = cut(content if isinstance(content, bytes) else content.read_bytes(), number)
                done = self.folder / f"{stem}.{kind}"
                write(self.folder, done.name, quarter)
            return done

        loop = asyncio.get_running_loop()
        kept = self._kept(copy)
        if kept is not None:
            return await loop.run_in_executor(self._cutter, cut_and_kept, kept)
        async with self._fetching:
            if (done := self._cut_before(stem)) is not None:
                return done
            return await loop.run_in_executor(self._cutter, cut_and_kept, await self._whole(copy, hosts))

    async def _whole(self, copy: PictureCopy, hosts: frozenset[str]) -> bytes:
        """The source's bytes, all of them."""
        try:
            async with asyncio.timeout(COPY_SECONDS), contextlib.aclosing(self._chunks(copy, hosts)) as chunks:
                return b"".join([chunk async for chunk in chunks])
        except TimeoutError as error:
            raise Unavailable(f"the picture did not arrive within {COPY_SECONDS:g} seconds") from error
        except Refused as error:
            raise NotFound("the picture is gone from its source and was not copied in time") from error

    async def _written(self, key: str, chunks: AsyncIterator[bytes]) -> str:
        first = await anext(chunks)
        name = f"{key}.{kind_of(first)}"
        part = Part(self.folder, key)
        try:
            part.file.write(first)
            async for chunk in chunks:
                part.file.write(chunk)
            await asyncio.to_thread(part.keep, name)
        finally:
            part.drop()
        return name

    async def _chunks(self, copy: PictureCopy, hosts: frozenset[str]) -> AsyncGenerator[bytes, None]:
        """The picture in pieces; no time limit spans two, because a reader may take them in different tasks."""
        size = 0
        try:
            async with self._answer(copy.picture.attachment.url, hosts) as answer:
                async for chunk in answer.aiter_raw(_CHUNK):
                    if size == 0 and kind_of(chunk) is None:
                        raise Refused("what the source sent is no picture")
                    size += len(chunk)
                    self._check_size(size)
                    yield chunk
        except httpx.HTTPError as error:
            raise Unavailable(f"the picture cannot be fetched: {type(error).__name__}") from error
        if size == 0:
            raise Unavailable("the source sent nothing")

    @contextlib.asynccontextmanager
    async def _answer(self, address: str, hosts: frozenset[str]) -> AsyncIterator[httpx.Response]:
        """The source's answer when it is a picture's, after redirects that stay at the same place."""
        place = place_of(address)
        for _ in range(_MOST_REDIRECTS + 1):
            async with self._client.stream("GET", check(address, hosts)) as answer:
                if not answer.has_redirect_location:
                    _check_status(answer)
                    self._check_size(int(answer.headers.get("content-length", "0")))
                    yield answer
                    return
                address = str(answer.url.join(answer.headers["location"]))
            if place_of(address) != place:
                raise Refused("the source sends us elsewhere, and we do not follow")
        raise Refused("the source sends us in circles")

    def _check_size(self, size: int) -> None:
        if size > self.most_bytes:
            raise Refused(f"the picture is too large: {size} bytes or more (allowed: at most {self.most_bytes})")


def _check_status(answer: httpx.Response) -> None:
    status = answer.status_code
    if status == httpx.codes.OK:
        return
    if status in _GONE:
        raise Refused(f"the picture is gone from its source (it answers {status})")
    retry_after = answer.headers.get("retry-after", "")
    seconds = min(int(retry_after), 3600) if re.fullmatch(r"[0-9]{1,6}", retry_after) else 5
    raise Unavailable(f"the picture's source answers {status}", retry_after=seconds)
