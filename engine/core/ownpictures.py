"""Which addresses are pictures that Easel serves itself: nobody outside may be able to fetch them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from engine.model.addresses import is_at
from engine.model.errors import InvalidInput
from engine.ports import Images, PictureCopy, Store

PATH = "/pictures/"
_LONGEST = 120
_NAME = re.compile(r"([0-9a-f]{32})(?:/([1-4]))?(?:\.[a-z0-9]{1,5})?")
"""A picture's key, the number of a single image of a grid, an extension; as `api.pictures` serves them."""


class OwnPictures:
    """Our own picture addresses, read without going through HTTP."""

    def __init__(self, store: Store, images: Images, public_url: str, hosts: Callable[[], frozenset[str]]) -> None:
        self._store = store
        self._images = images
        self._public = urlsplit(public_url)
        self.places = frozenset({self._public.netloc} if self._public.netloc else ())
        """Where we are reached, as `addresses.is_at` takes it; empty: nowhere."""
        self.hosts = hosts
        """Where pictures of the linked accounts come from."""

    def has(self, address: str) -> bool:
        """Whether it lies under our public address."""
        return is_at(address, self.places)

    async def check(self, address: str, field: str) -> None:
        """See that what is named under our pictures' addresses is there; every other address is not looked at.

        Raises:
            InvalidInput: it is not there; names `field`.
            Unavailable: the store cannot be read.
        """
        await self._found(address, field)

    async def read(self, address: str, field: str = "image") -> bytes | None:
        """The picture under the address; None when it does not lie where our pictures do.

        Raises:
            InvalidInput: it does, and there is no such picture; names `field`.
            Unavailable, Refused: its source cannot be read, or the single image cannot be cut.
        """
        found = await self._found(address, field)
        if found is None:
            return None
        copy, number = found
        if number is not None:
            path_here: Path | None = await self._images.quarter(copy, number, self.hosts())
        else:
            path_here = self._images.path(copy.filename) if copy.filename else None
        if path_here is not None:
            return await asyncio.to_thread(path_here.read_bytes)
        return b"".join([chunk async for chunk in self._images.open(copy, self.hosts())])

    async def _found(self, address: str, field: str) -> tuple[PictureCopy, int | None] | None:
        path = urlsplit(address).path
        base = self._public.path.rstrip("/")
        if not self.has(address) or not path.startswith(base + PATH):
            return None
        name = _NAME.fullmatch(path.removeprefix(base + PATH))
        copy = await self._store.picture(name.group(1)) if name is not None else None
        if name is None or copy is None:
            said = f"names a picture of this Easel's that is not there: {path[-_LONGEST:]}"
            raise InvalidInput(field, said, allowed="the address of a finished job's picture, as its answers show it")
        return copy, int(name.group(2)) if name.group(2) is not None else None
