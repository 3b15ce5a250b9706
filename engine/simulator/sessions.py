"""What a gateway session remembers: its sequence, and the dispatches a RESUME may ask for again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.simulator.connection import Connection
    from engine.simulator.people import Account


class Session:
    """One client's session; it outlives its socket for a while, then its dispatches pile up for the replay."""

    def __init__(self, identity: str, account: Account, replay_frames: int) -> None:
        self.id = identity
        self.account = account
        self.seq = 0
        self.capabilities = 0  # the bits of IDENTIFY
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
