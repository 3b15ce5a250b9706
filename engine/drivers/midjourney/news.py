"""The order in which a session's news reach the core, and how far the core has got with them.

Whoever judges what was *not* seen must not be ahead of the consumer: a heartbeat ACK therefore travels through the
queue behind everything that came before it and counts once the consumer has finished all that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime

from engine.model.values import value
from engine.ports import SessionNews


@value(frozen=True, slots=True)
class _Acknowledged:
    at: datetime


class NewsQueue:
    """From the reader of the socket to the one consumer, who stands still while the store cannot write.

    `put` never waits, because a reader that waits would miss heartbeat ACKs; when the queue is `full` the connection is
    to be left, until there is `room` again.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._items: deque[tuple[SessionNews | _Acknowledged, int]] = deque()
        self._bytes = 0
        self._stirred = asyncio.Event()
        self._taken = asyncio.Event()
        self._finished = False
        self._in_hand = False
        self._acknowledged_at: datetime | None = None

    @property
    def all_done(self) -> bool:
        """Whether nothing waits and the consumer has come back from the last item."""
        return not self._items and not self._in_hand

    @property
    def acknowledged_at(self) -> datetime | None:
        """The last heartbeat ACK of this connection of which everything before it is done."""
        return self._acknowledged_at

    @property
    def full(self) -> bool:
        """Whether as much waits as may be held."""
        return len(self._items) >= self._most or self._bytes >= self._most_bytes

    async def room(self) -> None:
        """Return when less than half of what may be held waits."""
        while len(self._items) * 2 >= self._most or self._bytes * 2 >= self._most_bytes:
            self._taken.clear()
            await self._taken.wait()

    def put(self, news: SessionNews, size: int = 0) -> None:
        """Append, with the bytes it came in; after `finish` nothing more is taken."""
        if not self._finished:
            self._items.append((news, size))
            self._bytes += size
            self._stirred.set()

    def acknowledged(self, at: datetime) -> None:
        """A heartbeat ACK arrived."""
        self._items.append((_Acknowledged(at), 0))
        self._stirred.set()

    def new_connection(self) -> None:
        """ACKs of the former connection count no more."""
        self._acknowledged_at = None
        self._items = deque(entry for entry in self._items if not isinstance(entry[0], _Acknowledged))

    def finish(self) -> None:
        """Nothing comes any more; what waits is still handed out."""
        self._finished = True
        self._stirred.set()

    async def hand_out(self) -> AsyncIterator[SessionNews]:
        """The items in order, until `finish`."""
        while True:
            while not self._items:
                if self._finished:
                    return
                self._stirred.clear()
                await self._stirred.wait()
            item, size = self._items.popleft()
            self._bytes -= size
            self._taken.set()
            if isinstance(item, _Acknowledged):
                self._acknowledged_at = item.at
                continue
            self._in_hand = True
            yield item
            self._in_hand = False
