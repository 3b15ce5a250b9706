"""How a file comes to lie in a folder: whole and on the disk before it has its name, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

_PREFIX, _SUFFIX = ".", ".part"
_FORGOTTEN_SECONDS = 3600


class Part:
    """A file that is not there under its name until all of it is on the disk; only its user may read it."""

    def __init__(self, folder: Path, stem: str) -> None:
        descriptor, name = tempfile.mkstemp(prefix=f"{_PREFIX}{stem[:64]}.", suffix=_SUFFIX, dir=folder)
        self.path = Path(name)
        self.file: BinaryIO = os.fdopen(descriptor, "wb")

    def keep(self, name: str) -> None:
        """Bytes first, then the name, then the folder's entry: a crash leaves the whole file or none."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.path.replace(self.path.parent / name)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop(self) -> None:
        """Close, and remove what was not kept."""
        self.file.close()
        self.path.unlink(missing_ok=True)


def write(folder: Path, name: str, content: bytes) -> None:
    """A whole file at once.

    Raises:
        OSError: it could not be written; nothing is left of it.
    """
    part = Part(folder, name.partition(".")[0])
    try:
        part.file.write(content)
        part.keep(name)
    finally:
        part.drop()


def sweep_parts(folder: Path) -> None:
    """Remove what a crash left half written; younger parts may be another's who is writing."""
    long_ago = time.time() - _FORGOTTEN_SECONDS
    for part in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            if part.stat().st_mtime < long_ago:
                part.unlink()
