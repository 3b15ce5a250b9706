"""How the messages of one connection become frames: inflated in order, big ones beside the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from engine.drivers.midjourney.inflate import Inflater
from engine.drivers.midjourney.payloads import Frame
from engine.drivers.midjourney.socket import Socket

_BIG = 32 * 1024
"""Compressed bytes above which a frame is inflated and decoded on a thread, so that other accounts go on."""

_frame = msgspec.json.Decoder(Frame)


class Frames:
    """Whole frames, one after the other; those that are taken where they arrive spare a job's twenty wake-ups."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._inflater = Inflater()
        self._waits = False
        self._ahead: Frame | Exception | None = None
        """What became of the message that `recv` gives next, where it was inflated already."""

    def give(self, take: Callable[[Frame], bool]) -> None:
        """From now on offer frames to `take` as they arrive; what it leaves (False), `next` returns.

        Only while `next` waits, so that none is offered before an earlier one was dealt with.
        """
        self._socket.sink = lambda message: self._given(message, take)

    async def next(self) -> Frame:
        """The next whole frame that was not taken.

        Raises:
            ConnectionClosed: the connection ended.
            TooLarge, zlib.error, msgspec.DecodeError: it cannot be read.
        """
        while True:
            self._waits = True
            try:
                message = await self._socket.recv()
            finally:
                self._waits = False
            ahead, self._ahead = self._ahead, None
            if isinstance(ahead, Exception):
                raise ahead
            if ahead is not None:
                return ahead
            if isinstance(message, str):
                return _frame.decode(message)
            whole = self._inflater.add(message)
            if whole is not None:
                return await asyncio.to_thread(self._unpack, whole) if len(whole) > _BIG else self._unpack(whole)

    def _given(self, message: bytes, take: Callable[[Frame], bool]) -> bool:
        if not self._waits or len(message) > _BIG or not self._inflater.is_whole(message):
            return False
        try:
            frame = self._unpack(message)
            if take(frame):
                return True
            self._ahead = frame
        except Exception as error:  # noqa: BLE001 - `next` raises it
            self._ahead = error
        return False

    def _unpack(self, whole: bytes) -> Frame:
        return _frame.decode(self._inflater.inflate(whole))
