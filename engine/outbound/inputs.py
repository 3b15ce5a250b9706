"""How a picture that a user hands in comes to our disk: within limits, judged by its bytes, named by its content."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import os
import re
import ssl
import threading
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes

import httpx

from engine.model.addresses import Network
from engine.model.errors import InvalidInput, NotFound, Refused, Unavailable
from engine.outbound.parts import sweep_parts, write
from engine.outbound.pixels import MOST_PIXELS, measured
from engine.outbound.public import Resolve, Way, leads_inside, resolved, ways_to

MOST_BYTES = 25 * 1024 * 1024
FETCH_SECONDS = 30.0
"""How long a whole fetch may take, looking up its name included."""
_CONNECT_SECONDS = 8.0
_CHUNK = 64 * 1024
_NAME = re.compile(r"[0-9a-f]{64}\.(?:png|jpg|webp|gif)")
_MASKS = "PNG or WebP"
_PICTURES = "PNG, JPEG, WebP or GIF"


class FolderInputs:
    """The Inputs port over a folder. A file is named by the SHA-256 of its bytes and the extension of its kind."""

    def __init__(
        self,
        folder: Path,
        *,
        tls: ssl.SSLContext,
        hosts: frozenset[str] = frozenset(),
        networks: tuple[Network, ...] = (),
        resolve: Resolve = resolved,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Take the folder (made if there is none).

        Args:
            folder: where the files lie.
            tls: for the calls.
            hosts: places that are fetched from wherever they lie.
            networks: numbers that are called although they are not public.
            resolve: what finds the numbers of a name.
            most_bytes: how large a picture may be.
        """
        self.folder = folder
        self.most_bytes = most_bytes
        self._hosts = hosts
        self._networks = networks
        self._resolve = resolve
        self._using = threading.Lock()  # a file that is handed in again must not be swept away in that moment
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sweep_parts(folder)
        self._client = httpx.AsyncClient(
            verify=tls,
            trust_env=False,  # a proxy of the environment would get around the guard
            follow_redirects=False,
            timeout=httpx.Timeout(FETCH_SECONDS, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0),  # two names may share a number, not a certificate
            headers={"User-Agent": "Easel", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def keep(self, content: bytes, *, field: str = "image") -> str:
        """Store a picture; one that is there already counts as handed in anew.

        Raises:
            InvalidInput: it is no PNG, JPEG, WebP or GIF, too large, or has too many pixels; names `field`.
            Unavailable: it cannot be written now.
        """
        self._check_size(len(content), field)
        try:
            return await asyncio.to_thread(self._kept, content, field)
        except OSError as error:
            raise Unavailable(f"the picture cannot be written: {error.strerror}") from error

    async def read(self, name: str) -> bytes:
        """The bytes of a picture that was kept.

        Raises:
            NotFound: there is none of that name.
            Unavailable: it cannot be read now.
        """
        return await asyncio.to_thread(self._read, name)

    async def size(self, name: str) -> tuple[int, int]:
        """Width and height in pixels.

        Raises:
            NotFound, Unavailable: as `read`.
        """
        found = await asyncio.to_thread(lambda: measured(self._read(name)))
        return found.width, found.height

    async def fetch(self, address: str, hosts: frozenset[str] = frozenset(), *, field: str = "image") -> bytes:
        """The bytes behind an address that a user named; `data:` addresses are decoded.

        Args:
            address: an http(s) or a `data:` address.
            hosts: more places that are fetched from wherever they lie, such as the accounts' upstreams.
            field: what errors call it.

        Raises:
            InvalidInput: the address may not be called, is gone, leads elsewhere, or what lies there is no picture.
            Unavailable: it did not come now; it may later.
        """
        try:
            if address[:5].lower() == "data:":
                content = _decoded(address, self.most_bytes)
            else:
                async with asyncio.timeout(FETCH_SECONDS):
                    ways = await ways_to(address, self._hosts | hosts, self._resolve, self._networks)
                    content = await self._fetched(ways, field)
            self._check_size(len(content), field)
            await asyncio.to_thread(_judged, content, field)
        except InvalidInput:
            raise
        except Refused as error:
            raise InvalidInput(field, f"cannot be fetched: {error}") from error
        except TimeoutError as error:
            raise Unavailable(f"{field} did not arrive within {FETCH_SECONDS:g} seconds") from error
        return content

    async def leads_inside(self, address: str) -> bool:
        """Whether an http(s) address leads by its name into one of the listed networks, which only we can reach.

        Raises:
            Unavailable: the name cannot be looked up now.
        """
        if not self._networks:
            return False
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await leads_inside(address, self._resolve, self._networks)
        except TimeoutError as error:
            raise Unavailable("the name could not be looked up in time") from error

    async def sweep(self, keep: Collection[str], older_than: datetime) -> int:
        """Remove what was handed in before that moment and is not in `keep`; returns how many files.

        Raises:
            Unavailable: the folder cannot be read or written now.
        """
        try:
            return await asyncio.to_thread(self._swept, frozenset(keep), older_than.timestamp())
        except OSError as error:
            raise Unavailable(f"the inputs cannot be swept: {error.strerror}") from error

    # --- on the disk, in a thread ---

    def _kept(self, content: bytes, field: str) -> str:
        name = f"{hashlib.sha256(content).hexdigest()}.{_judged(content, field)}"
        with self._using:
            try:
                os.utime(self.folder / name)
            except FileNotFoundError:
                write(self.folder, name, content)
        return name

    def _read(self, name: str) -> bytes:
        path = self.folder / name if _NAME.fullmatch(name) else None
        if path is None or not path.is_file() or path.is_symlink():
            raise NotFound("the picture that was handed in is no longer kept")
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound("the picture that was handed in is no longer kept") from error
        except OSError as error:
            raise Unavailable(f"the input cannot be read: {error.strerror}") from error

    def _swept(self, keep: frozenset[str], long_ago: float) -> int:
        sweep_parts(self.folder)
        removed = 0
        for path in self.folder.iterdir():
            if path.name in keep or not _NAME.fullmatch(path.name):
                continue
            with self._using, contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < long_ago:
                    path.unlink()
                    removed += 1
        return removed

    # --- from an address ---

    async def _fetched(self, ways: list[Way], field: str) -> bytes:
        try:
            for way in ways[:-1]:
                with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                    return await self._called(way, field)
            return await self._called(ways[-1], field)
        except httpx.HTTPError as error:
            raise Unavailable(f"{field} cannot be fetched: {type(error).__name__}") from error

    async def _called(self, way: Way, field: str) -> bytes:
        content = bytearray()
        request = self._client.build_request("GET", way.url, headers=way.headers, extensions=way.extensions)
        answer = await self._client.send(request, stream=True)
        try:
            _check_status(answer)
            self._check_size(int(answer.headers.get("content-length", "0")), field)
            async for chunk in answer.aiter_raw(_CHUNK):
                content += chunk
                self._check_size(len(content), field)
        finally:
            await answer.aclose()
        return bytes(content)

    def _check_size(self, size: int, field: str) -> None:
        if size > self.most_bytes:
            raise InvalidInput(field, f"has {size} bytes or more", allowed=f"at most {self.most_bytes} bytes")


def _judged(content: bytes, field: str) -> str:
    """The kind of a picture that we take.

    Raises:
        InvalidInput: it is not taken.
    """
    try:
        return measured(content).kind
    except Refused as error:
        kinds = _MASKS if field == "mask" else _PICTURES
        allowed = f"{kinds} of at most {MOST_PIXELS // 1_000_000} megapixels"
        raise InvalidInput(field, str(error), allowed=allowed) from error


def _check_status(answer: httpx.Response) -> None:
    status = answer.status_code
    if status == httpx.codes.OK:
        return
    if answer.is_redirect:
        raise Refused(f"its address leads elsewhere (it answers {status}); give the address of the picture itself")
    if answer.is_server_error or status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT):
        raise Unavailable(f"the picture's source answers {status}")
    raise Refused(f"its address answers {status}")


def _decoded(address: str, most_bytes: int) -> bytes:
    """The content of a `data:` address (RFC 2397).

    Raises:
        Refused: it is none, or longer than any that is taken.
    """
    head, comma, body = address.partition(",")
    if not comma:
        raise Refused("a data: address has a comma before its content")
    if len(body) > 4 * most_bytes:  # longer than the largest content with every byte escaped
        raise Refused(f"its data: address has {len(body)} characters (allowed: at most {most_bytes} bytes of content)")
    plain = unquote_to_bytes(body)
    if not head.lower().endswith(";base64"):
        return plain
    try:
        return base64.b64decode(b"".join(plain.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("the content of its data: address is no base64") from error
