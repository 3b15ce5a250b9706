"""What of the door concerns pictures: the one under a key, its copy, its source, the single images of a grid."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path

from engine.core.arguments import check_images
from engine.core.mirroring import Mirroring
from engine.model.addresses import Reach
from engine.model.errors import InvalidInput, NotFound
from engine.model.inputs import ImageInput
from engine.ports import Images, Inputs, PictureCopy, Store


class Picturing(ABC):
    """A part of the engine."""

    _store: Store
    _images: Images
    _inputs: Inputs
    _mirroring: Mirroring

    @abstractmethod
    def _hosts(self) -> frozenset[str]:
        """Where pictures may be fetched from."""

    @abstractmethod
    def _reach(self) -> Reach:
        """Which addresses are taken."""

    def check_address(self, address: str, field: str) -> None:
        """Whether a picture's address may be used; what a job asks for is checked anyway, under the job's own names.

        Raises:
            InvalidInput: it may not; the error calls it `field`.
        """
        check_images((ImageInput(address),), self._reach(), field)

    async def kept(self, name: str, field: str) -> str:
        """The name again, if a picture that was handed in is kept under it.

        Raises:
            InvalidInput: there is none; the error calls it `field`.
            Unavailable: it cannot be read now.
        """
        try:
            await self._inputs.size(name)
        except NotFound:
            allowed = "an id that POST /v1/uploads answered in the last week"
            raise InvalidInput(field, "names no picture that is kept", value=name, allowed=allowed) from None
        return name

    async def picture(self, key: str) -> PictureCopy:
        """The picture under that unguessable key.

        Raises:
            NotFound: there is none.
        """
        copy = await self._store.picture(key)
        if copy is None:
            raise NotFound("no such picture")
        return copy

    async def copy_awaited(self, key: str, seconds: float) -> PictureCopy:
        """The picture under that key; a copy that this process is making is waited for, at most so long.

        Raises:
            NotFound: there is none.
        """
        return await self._mirroring.awaited(key, seconds) or await self.picture(key)

    def picture_file(self, copy: PictureCopy) -> Path | None:
        """Where its copy lies."""
        return self._images.path(copy.filename) if copy.filename else None

    def picture_source(self, copy: PictureCopy) -> AsyncIterator[bytes]:
        """Its bytes from the source."""
        return self._images.open(copy, self._hosts())

    async def picture_quarter(self, copy: PictureCopy, number: int) -> Path:
        """Where one of a grid's four single images lies. Raises NotFound, Unavailable."""
        return await self._images.quarter(copy, number, self._hosts())

    async def picture_preview(self, copy: PictureCopy) -> bytes:
        """The picture as a JPEG that is small enough to be posted anywhere. Raises NotFound, Unavailable."""
        return await self._images.preview(copy, self._hosts())
