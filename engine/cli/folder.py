"""What stands in DATA_DIR besides the database, and which process holds it: one Easel at a time."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from engine.model.errors import Conflict, Unavailable

_PATIENCE = 1.0
"""Seconds: whoever only asks for the holder has the lock for a moment too."""


class DataFolder:
    """The folder of one Easel."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first_key = path / "first.key"
        self.simulator = path / "simulator"
        self.simulator_pid = path / "simulator.pid"
        self._lock_path = path / "easel.lock"
        self._lock: int | None = None

    def make(self) -> None:
        """Make the folder, for this user alone.

        Raises:
            Unavailable: it cannot be made or written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"EASEL_DATA_DIR {self.path} cannot be made: {error.strerror}") from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise Unavailable(f"EASEL_DATA_DIR {self.path} cannot be written by this user")

    def hold(self) -> None:
        """Keep every other Easel out until this process ends, however it ends.

        Raises:
            Conflict: another one holds it; the message names its pid.
        """
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + _PATIENCE
        while not _locked(descriptor):
            if time.monotonic() > until:
                pid = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
                os.close(descriptor)
                raise Conflict(f"Easel runs already on {self.path}, as process {pid}; stop that one first")
            time.sleep(0.02)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._lock = descriptor

    def let_go(self) -> None:
        """Let another one in."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def holder(self) -> int | None:
        """The pid of the Easel that runs on this folder, if one does."""
        if not self._lock_path.exists():
            return None
        descriptor = os.open(self._lock_path, os.O_RDONLY)
        try:
            if _locked(descriptor):
                return None
            text = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            return int(text) if text.isdigit() else 0
        finally:
            os.close(descriptor)

    def keep_first_key(self, key: str) -> None:
        """Write the first API key for the operator's eyes only."""
        write_private(self.first_key, key + "\n")

    def read_first_key(self) -> str | None:
        """The first API key, if it is still there."""
        try:
            return self.first_key.read_text().strip() or None
        except FileNotFoundError:
            return None


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
