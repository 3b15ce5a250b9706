"""Random ids and keys from the system's generator, drawn many at a time: a call to the kernel costs ten slices."""

from __future__ import annotations

import os
import threading

_AT_ONCE = 4096
_KEY_BYTES = 16


class _Pool:
    """Bytes from the kernel that nobody has got yet. A forked process draws its own."""

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> bytes:
        """So many bytes, each handed out once."""
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = os.urandom(_AT_ONCE), 0
            self._at += count
            return self._bytes[self._at - count : self._at]

    def forget(self) -> None:
        """Hand out nothing that another process may hold too."""
        self._bytes, self._at = b"", 0


_pool = _Pool()
os.register_at_fork(after_in_child=_pool.forget)


def new_key() -> str:
    """128 random bits, hex: unguessable."""
    return _pool.take(_KEY_BYTES).hex()


def new_uuid() -> str:
    """A UUID of version 4 (RFC 9562)."""
    drawn = bytearray(_pool.take(_KEY_BYTES))
    drawn[6] = drawn[6] & 0x0F | 0x40
    drawn[8] = drawn[8] & 0x3F | 0x80
    text = drawn.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
