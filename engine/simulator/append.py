"""When appended lines reach the operating system: at once when asked, otherwise within 30 ms."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DELAY = 0.03


class AppendFile:
    """A file of lines that only grows; a line cut off by a crash is removed at opening."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = _whole_lines(path)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._waiting: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    def append(self, line: bytes, *, now: bool = False) -> None:
        """Take one line (without its end). With `now` it and all before it are written when this returns."""
        self._waiting.append(line)
        self.size += len(line) + 1
        if now:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_DELAY, self.flush)

    def flush(self) -> None:
        """Hand everything that waits to the operating system."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            data = b"\n".join(self._waiting) + b"\n"
            self._waiting.clear()
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]

    def close(self) -> None:
        """Flush and let the file go."""
        self.flush()
        os.close(self._descriptor)


def _whole_lines(path: Path) -> int:
    """Cut a half-written last line away and return the size that is left."""
    if not path.exists():
        return 0
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        end = size
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end != size:
            file.truncate(end)
        return end
