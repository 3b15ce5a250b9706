"""How the messages of one connection become frames: inflated in order, big ones beside the loop."""

from __future__ import annotations

import asyncio

import msgspec
from websockets.asyncio.client import ClientConnection

from engine.drivers.midjourney.inflate import Inflater
from engine.drivers.midjourney.payloads import Frame

_BIG = 32 * 1024
"""Compressed bytes above which a frame is inflated and decoded on a thread, so that other accounts go on."""

_frame = msgspec.json.Decoder(Frame)


class Frames:
    """Whole frames, one after the other."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._inflater = Inflater()

    async def next(self) -> Frame:
        """The next whole frame.

        Raises:
            ConnectionClosed: the connection ended.
            TooLarge, zlib.error, msgspec.DecodeError: it cannot be read.
        """
        while True:
            message = await self._socket.recv()
            if isinstance(message, str):
                return _frame.decode(message)
            whole = self._inflater.add(message)
            if whole is not None:
                return await asyncio.to_thread(self._unpack, whole) if len(whole) > _BIG else self._unpack(whole)

    def _unpack(self, whole: bytes) -> Frame:
        return _frame.decode(self._inflater.inflate(whole))
