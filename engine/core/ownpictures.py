"""Which addresses are pictures that Easel serves itself: nobody outside may be able to fetch them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from engine.ports import Images, Store

PATH = "/pictures/"


class OwnPictures:
    """Our own picture addresses, read without going through HTTP."""

    def __init__(self, store: Store, images: Images, public_url: str, hosts: Callable[[], frozenset[str]]) -> None:
        self._store = store
        self._images = images
        self._public = urlsplit(public_url)
        self._hosts = hosts

    def has(self, address: str) -> bool:
        """Whether it lies under our public address."""
        parts = urlsplit(address)
        return bool(self._public.netloc) and parts.netloc.lower() == self._public.netloc.lower()

    async def read(self, address: str) -> bytes | None:
        """The picture under the address; None when it is none of ours.

        Raises:
            Unavailable, Refused: its source cannot be read.
        """
        path = urlsplit(address).path
        base = self._public.path.rstrip("/")
        if not self.has(address) or not path.startswith(base + PATH):
            return None
        key = path.removeprefix(base + PATH).split("/")[0].partition(".")[0]
        copy = await self._store.picture(key)
        if copy is None:
            return None
        path_here = self._images.path(copy.filename) if copy.filename else None
        if path_here is not None:
            return await asyncio.to_thread(path_here.read_bytes)
        return b"".join([chunk async for chunk in self._images.open(copy, self._hosts())])
