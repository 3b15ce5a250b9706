"""How the bytes of zlib-stream become whole frames, and how large one may become (§2.1)."""

from __future__ import annotations

import zlib

END = b"\x00\x00\xff\xff"
MAX_FRAME = 64 * 1024 * 1024
"""Bytes of one inflated frame; READY is 5-17 MB."""


class TooLarge(Exception):
    """A frame inflates to more than `MAX_FRAME` bytes."""


class Inflater:
    """One inflate context for one connection; messages are pieces, a frame is complete when one ends in `END`."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._stream = zlib.decompressobj()
        self._pieces = bytearray()
        self._limit = limit

    def is_whole(self, piece: bytes) -> bool:
        """Whether a piece is a compressed frame by itself, as nearly every one is."""
        return not self._pieces and piece.endswith(END) and len(piece) <= self._limit

    def add(self, piece: bytes) -> bytes | None:
        """Take a piece; the compressed frame when it is complete.

        Raises:
            TooLarge: the pieces alone are more than the limit.
        """
        if self.is_whole(piece):
            return piece
        self._pieces += piece
        if len(self._pieces) > self._limit:
            raise TooLarge(f"a gateway frame is larger than {self._limit} bytes")
        if not self._pieces.endswith(END):
            return None
        whole = bytes(self._pieces)
        self._pieces.clear()
        return whole

    def inflate(self, whole: bytes) -> bytes:
        """The frame's JSON. Frames must be inflated in their order.

        Raises:
            TooLarge: it is more than the limit.
            zlib.error: it is no zlib stream.
        """
        frame = self._stream.decompress(whole, self._limit)
        if self._stream.unconsumed_tail:
            raise TooLarge(f"a gateway frame inflates to more than {self._limit} bytes")
        return frame
