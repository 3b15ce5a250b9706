"""The order in which a session's news reach the core, and how far the core has got with them.

Whoever judges what was *not* seen must not be ahead of the consumer: a heartbeat ACK therefore travels through the
queue behind everything that came before it and counts once the consumer has finished all that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from engine.ports import SessionNews


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    at: datetime


class NewsQueue:
    """From the reader of the socket to the one consumer. Unbounded: a reader that waits would miss heartbeat ACKs."""

    def __init__(self) -> None:
        self._items: deque[SessionNews | _Acknowledged] = deque()
        self._stirred = asyncio.Event()
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

    def put(self, news: SessionNews) -> None:
        """Append; after `finish` nothing more is taken."""
        if not self._finished:
            self._items.append(news)
            self._stirred.set()

    def acknowledged(self, at: datetime) -> None:
        """A heartbeat ACK arrived."""
        self._items.append(_Acknowledged(at))
        self._stirred.set()

    def new_connection(self) -> None:
        """ACKs of the former connection count no more."""
        self._acknowledged_at = None
        self._items = deque(item for item in self._items if not isinstance(item, _Acknowledged))

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
            item = self._items.popleft()
            if isinstance(item, _Acknowledged):
                self._acknowledged_at = item.at
                continue
            self._in_hand = True
            yield item
            self._in_hand = False
