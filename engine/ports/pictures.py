"""Copies of results and pictures that users hand in, as the core needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from pathlib import Path
from typing import Protocol

from engine.model.jobs import Attachment
from engine.ports.store import PictureCopy


class Images(Protocol):
    """Copies of pictures, on our own disk."""

    async def copy(self, copy: PictureCopy, hosts: frozenset[str]) -> str:
        """Fetch and keep the picture; returns its file name in the folder.

        Raises:
            Unavailable: it may work later.
            Refused: the address may not be fetched, or it is gone.
        """
        ...

    def open(self, copy: PictureCopy, hosts: frozenset[str]) -> AsyncIterator[bytes]:
        """The source's bytes, while there is no copy yet."""
        ...

    async def put(self, content: bytes) -> Attachment:
        """Keep a picture that has no other source; its address (`Attachment.kept_as`) is the file's name in the folder.

        Raises:
            Refused: it is no picture, or too large.
            Unavailable: it cannot be written now.
        """
        ...

    def path(self, filename: str) -> Path | None:
        """Where a copy lies, if it is there."""
        ...

    async def discard(self, filename: str) -> None:
        """Delete a copy, and the single images that were cut from it; one that is not there is no error.

        Raises:
            Unavailable: it cannot be deleted now.
        """
        ...

    def free(self) -> int | None:
        """Bytes that are free where copies lie; None: not known."""
        ...

    async def preview(self, copy: PictureCopy, hosts: frozenset[str]) -> bytes:
        """The picture as a JPEG that is small enough to be posted anywhere.

        Raises:
            NotFound: it is a video or damaged, or it is gone.
            Unavailable: it may work later.
        """
        ...

    async def quarter(self, copy: PictureCopy, number: int, hosts: frozenset[str]) -> Path:
        """One of the four single images (1-4, row by row) of a grid, cut from it once and kept.

        Raises:
            NotFound: the picture is a video, too small or damaged, or it is gone; or there is no such number.
            Unavailable: it may work later.
        """
        ...


class Inputs(Protocol):
    """Pictures and masks that users hand in, kept until their jobs have ended."""

    async def keep(self, content: bytes, *, field: str = "image") -> str:
        """Store a picture by its content; the same bytes give the same name, which ends in the kind's own suffix.

        Raises:
            InvalidInput: it is no PNG, JPEG, WebP or GIF, or too large; the error calls it `field`.
            Unavailable: it cannot be written now.
        """
        ...

    async def read(self, name: str) -> bytes:
        """The content.

        Raises:
            NotFound: there is none of that name.
            Unavailable: it cannot be read now.
        """
        ...

    async def size(self, name: str) -> tuple[int, int]:
        """Width and height in pixels, from the header.

        Raises:
            NotFound: there is none of that name.
            Unavailable: it cannot be read now.
        """
        ...

    async def leads_inside(self, address: str) -> bool:
        """Whether an http(s) address leads by its name into one of the listed networks, which only we can reach.

        Raises:
            Unavailable: the name cannot be looked up now.
        """
        ...

    async def fetch(self, address: str, hosts: frozenset[str] = frozenset(), *, field: str = "image") -> bytes:
        """Download a picture that a user named, from the public internet or one of `hosts`; decode a `data:` address.

        Raises:
            InvalidInput: the address may not be called, or what lies there is no picture; the error calls it `field`.
            Unavailable: it could not be fetched now.
        """
        ...

    async def sweep(self, keep: Collection[str], older_than: datetime) -> int:
        """Remove the pictures not in `keep` that were last handed in before that moment; returns how many.

        Raises:
            Unavailable: it could not be done now.
        """
        ...
