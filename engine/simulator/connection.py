"""How bytes leave on one gateway socket, plain, zlib-stream or not at all, and what its session remembers."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections import deque
from typing import Any

_CHUNK = 16 * 1024  # larger deflated frames leave in several WebSocket messages (protocol §2.1)
_BACKLOG = 64 * 1024 * 1024
_CLOSING_SECONDS = 2.0
_TEXT, _BINARY, _CLOSE = 0x81, 0x82, 0x88


class Connection:
    """The server's end of a WebSocket after its handshake.

    Frames are written to the transport by hand: half of the simulator's work under load is sending, and only so
    can a socket be cut, left half open or fed with broken deflate.
    """

    def __init__(self, transport: asyncio.Transport, *, compress: bool, level: int, path: str) -> None:
        self.transport = transport
        self.path = path
        self.session: Session | None = None
        self.mute = False  # half open: nothing is sent or answered any more
        self.ack = True  # False: heartbeats are not acknowledged
        self.corrupt_next = False
        self.closed_with: int | None = None
        self._deflate = zlib.compressobj(level, memLevel=8) if compress else None
        self._timer: asyncio.TimerHandle | None = None
        self._leaving: list[bytes] = []

    @property
    def compressed(self) -> bool:
        """Whether the client asked for zlib-stream."""
        return self._deflate is not None

    def send(self, frame: bytes) -> bool:
        """Take one gateway frame, to leave with this turn of the loop; False if the socket is mute or gone."""
        if self.mute or self.transport.is_closing() or self.closed_with is not None:
            return False
        if not self._leaving:
            asyncio.get_running_loop().call_soon(self.flush)
        if self._deflate is None:
            self._leaving += (_head(_TEXT, len(frame)), frame)
            return True
        data = self._deflate.compress(frame) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        if self.corrupt_next:
            self.corrupt_next = False
            # a reserved block type (11) where a block begins: every inflater refuses it
            data = b"\xff" * max(8, len(data) - 4) + data[-4:]
        for start in range(0, len(data), _CHUNK):
            part = data[start : start + _CHUNK]
            self._leaving += (_head(_BINARY, len(part)), part)
        return True

    def flush(self) -> None:
        """Write what was taken: one system call for all frames of a turn, it is the dearest part of a frame."""
        if self._leaving and not self.transport.is_closing():
            self.transport.write(b"".join(self._leaving))
            if self.transport.get_write_buffer_size() > _BACKLOG:
                self.cut()
        self._leaving.clear()

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame; if the client does not answer, the socket ends two seconds later."""
        if self.closed_with is not None or self.transport.is_closing():
            return
        self.flush()
        self.closed_with = code
        body = struct.pack("!H", code) + reason.encode()
        if not self.mute:
            self.transport.write(_head(_CLOSE, len(body)) + body)
        self._timer = asyncio.get_running_loop().call_later(_CLOSING_SECONDS, self.transport.abort)

    def cut(self) -> None:
        """End the TCP connection with a reset and no word before it."""
        reset(self.transport)

    def ended(self) -> None:
        """The reading side is done: let the transport go."""
        if self._timer is not None:
            self._timer.cancel()
        self.transport.close()


class Session:
    """One client's session; it outlives its socket for a while, then its dispatches pile up for the replay."""

    def __init__(self, identity: str, account: Any, replay_frames: int) -> None:
        self.id = identity
        self.account = account  # an Account, or the bot's Application
        self.seq = 0
        self.capabilities = 0  # the bits of IDENTIFY; a bot's intents
        self.connection: Connection | None = None
        self.left_at_us: int | None = None  # monotonic; None while a socket is on it
        self._frames: deque[tuple[int, bytes]] = deque(maxlen=replay_frames)

    def dispatch(self, name: str, body: bytes) -> bool:
        """Number an event, keep it for replay, and send it if a socket is there. True if it was sent."""
        self.seq += 1
        frame = b'{"t":"%s","s":%d,"op":0,"d":%s}' % (name.encode(), self.seq, body)
        self._frames.append((self.seq, frame))
        if self.connection is None:
            return False
        return self.connection.send(frame)

    def missed(self, seq: int) -> list[bytes] | None:
        """The frames after `seq`, or None when they are no longer all kept."""
        if seq > self.seq or seq < 0:
            return None
        if self._frames and seq < self._frames[0][0] - 1:
            return None
        return [frame for number, frame in self._frames if number > seq]


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Abort a transport so that the peer sees RST instead of an orderly end."""
    if not isinstance(transport, asyncio.Transport):
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _head(kind: int, length: int) -> bytes:
    """The header of an unmasked, final frame (RFC 6455 §5.2)."""
    if length < 126:
        return bytes((kind, length))
    if length < 65536:
        return struct.pack("!BBH", kind, 126, length)
    return struct.pack("!BBQ", kind, 127, length)
