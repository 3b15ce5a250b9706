"""What is written down for tests to count from: one row per request, per frame and per step of a job."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator.append import AppendFile
from engine.simulator.clock import Clock

if TYPE_CHECKING:
    from pathlib import Path

_STRIDE = 256  # every so many rows the file offset is remembered
_encode = msgspec.json.Encoder().encode


class Ledger:
    """Append-only JSON lines that survive restarts; rows are numbered from 1 and never change."""

    def __init__(self, path: Path) -> None:
        self._file = AppendFile(path)
        self._offsets = array("Q", [0])
        self.last = 0
        offset = 0
        if self._file.size:
            with path.open("rb") as file:
                for line in file:
                    self.last += 1
                    offset += len(line)
                    if self.last % _STRIDE == 0:
                        self._offsets.append(offset)

    def write(self, kind: str, *, now: bool = False, **values: Any) -> int:
        """Add a row and return its number. With `now` it is in the file when this returns."""
        self.last += 1
        at, mono = Clock.wall_ms(), Clock.monotonic_us()
        row = {"n": self.last, "at": at, "mono_us": mono, "kind": kind, **values}
        self._file.append(_encode(row), now=now)
        if self.last % _STRIDE == 0:
            self._offsets.append(self._file.size)
        return self.last

    def rows(self, after: int, limit: int, kind: str | None = None) -> tuple[list[dict[str, Any]], int]:
        """Rows numbered above `after`, and the number to ask after next."""
        self._file.flush()
        block = min(max(after, 0) // _STRIDE, len(self._offsets) - 1)
        number = block * _STRIDE
        found: list[dict[str, Any]] = []
        with self._file.path.open("rb") as file:
            file.seek(self._offsets[block])
            for line in file:
                number += 1
                if number <= after:
                    continue
                if kind is None or b'"kind":"%s"' % kind.encode() in line:
                    found.append(msgspec.json.decode(line))
                if len(found) >= limit:
                    break
        return found, max(number, after) if number > after else after

    def close(self) -> None:
        """Write what waits and close the file."""
        self._file.close()
