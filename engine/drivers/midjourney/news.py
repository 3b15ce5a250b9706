"""The order in which a session's news reach the core, and what is still on its way."""

from __future__ import annotations

import asyncio
from collections import deque

from engine.ports import SessionNews


class NewsQueue:
    """From the reader of the socket to the one consumer. Unbounded: a reader that waits would miss heartbeat ACKs."""

    def __init__(self) -> None:
        self._items: deque[SessionNews] = deque()
        self._stirred = asyncio.Event()
        self._finished = False

    @property
    def empty(self) -> bool:
        """Whether the consumer has been handed everything."""
        return not self._items

    def put(self, news: SessionNews) -> None:
        """Append; after `finish` nothing more is taken."""
        if not self._finished:
            self._items.append(news)
            self._stirred.set()

    def finish(self) -> None:
        """Nothing comes any more; what waits is still handed out."""
        self._finished = True
        self._stirred.set()

    async def take(self) -> SessionNews | None:
        """The next item; None at the end."""
        while not self._items:
            if self._finished:
                return None
            self._stirred.clear()
            await self._stirred.wait()
        return self._items.popleft()
