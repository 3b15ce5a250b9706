"""The gateway's WebSocket: the library's own connection, with a short way for messages that arrive whole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.streams import StreamReader

from engine.drivers.midjourney.rest import is_here
from engine.line import shared_context

_MAX_MESSAGE = 64 * 1024 * 1024
_CLOSE_TIMEOUT = 2.0

_WHOLE_BINARY = 0x82
"""First byte of a binary message in one frame, without extensions."""
_SIZE_IN_TWO_BYTES, _LONGER = 126, 127
"""What the second byte says of a server's frame when it is no size: where the size stands (RFC 6455 §5.2)."""

# websockets' DEBUG lines show the beginning of what is sent, and IDENTIFY begins with the token
socket_log = logging.getLogger("easel.gateway.socket")
socket_log.setLevel(logging.INFO)


class Socket(ClientConnection):
    """Takes whole binary messages out of what arrives, a third of what the library's parser costs.

    Everything else (pieces, text, control frames, what breaks the protocol) goes the library's way, and so do the
    messages that `sink` leaves: their order, `recv` and the limits of what may wait are its own.
    """

    sink: Callable[[bytes], bool] | None = None
    """Asked to take a message in the step of the loop in which it arrives, when none waits for `recv`."""

    def data_received(self, data: bytes) -> None:
        """Called by the transport."""
        protocol = self.protocol
        if protocol.state is State.OPEN and not protocol.reader.buffer and self._begins_a_message:
            data = self._without_whole_messages(data)
            if not data:
                return
        super().data_received(data)

    @property
    def _begins_a_message(self) -> bool:
        """Whether the library's parser waits for the first byte of a message, and not in the middle of one."""
        if self.protocol.current_size is not None:
            return False
        waits: Any = self.protocol.parser
        while waits.gi_yieldfrom is not None:
            waits = waits.gi_yieldfrom
        return waits.gi_code is StreamReader.at_eof.__code__

    def _without_whole_messages(self, data: bytes) -> bytes:
        """Hand over the messages that it begins with, and return the rest."""
        at, length = 0, len(data)
        while length - at > 1 and data[at] == _WHOLE_BINARY:
            size, begins = data[at + 1], at + 2
            if size == _SIZE_IN_TWO_BYTES:
                size, begins = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size >= _LONGER:
                break  # a long one, or one that a server must not send
            if begins + size > length:
                break
            at = begins + size
            message = data[begins:at]
            if self.sink is None or self.recv_messages.frames or not self.sink(message):
                self.recv_messages.put(Frame(Opcode.BINARY, message))
        return data[at:]


class _Connect(connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        """A redirect would take the token to another host than the account's upstream."""
        return exc


async def opened(url: str, user_agent: str, timeout_seconds: float) -> Socket:
    """Connect.

    Raises:
        OSError, TimeoutError, EOFError, WebSocketException: there is no connection.
    """
    socket = await _Connect(
        url,
        compression=None,  # zlib-stream is the compression
        max_size=_MAX_MESSAGE,  # the default of 1 MiB ends a big READY in 1009, for ever
        ping_interval=None,  # op 1 decides
        create_connection=Socket,
        open_timeout=timeout_seconds,
        close_timeout=_CLOSE_TIMEOUT,
        user_agent_header=user_agent,
        ssl=shared_context() if url.startswith("wss:") else None,
        proxy=None if is_here(url) else True,
        logger=socket_log,
    )
    assert isinstance(socket, Socket)
    return socket
