"""Where bytes that people sent are kept: by their sha256 on disk, and by attachment id where they hang."""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import TYPE_CHECKING, Any

import msgspec
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from engine.simulator.world import World

_NAMED = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}


class File(msgspec.Struct, frozen=True):
    """Bytes that somebody uploaded; width and height are 0 when they are no picture."""

    filename: str
    sha256: str
    length: int
    content_type: str
    width: int = 0
    height: int = 0

    def told(self) -> dict[str, Any]:
        """What the ledger says of it."""
        return {"filename": self.filename, "sha256": self.sha256, "length": self.length}


class Shelf:
    """Content-addressed files; what hangs under an attachment id survives a restart."""

    def __init__(self, directory: Path, world: World) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._world = world

    def put(self, filename: str, data: bytes, content_type: str = "") -> File:
        """Keep bytes and say what they are."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._directory / digest
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(path)
        width, height = _measured(data)
        kind = content_type.partition(";")[0].strip() or _NAMED.get(filename.rpartition(".")[2].lower(), "")
        return File(filename, digest, len(data), kind or "application/octet-stream", width, height)

    def read(self, sha256: str) -> bytes | None:
        """The bytes with this digest."""
        path = self._directory / sha256
        return path.read_bytes() if len(sha256) == 64 and sha256.isalnum() and path.exists() else None

    def hang(self, attachment: str, file: File) -> None:
        """Make a file reachable under an attachment id."""
        self._world.keep("hung", attachment, msgspec.json.encode(file))

    def unhang(self, attachment: str) -> None:
        """Nothing hangs under an attachment id any more; the bytes stay."""
        self._world.unkeep("hung", attachment)

    def hung(self, attachment: str) -> File | None:
        """What hangs under an attachment id."""
        kept = self._world.kept("hung").get(attachment)
        return None if kept is None else msgspec.json.decode(kept, type=File)


def _measured(data: bytes) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 0, 0
