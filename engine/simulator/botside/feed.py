"""What people's Discord windows are told as it happens: numbered events, read by waiting for the next."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = 5000


class Feed:
    """The events since the start, the oldest forgotten; each may be for one person only."""

    def __init__(self) -> None:
        self.last = 0
        self._events: deque[tuple[int, str | None, str | None, dict[str, Any]]] = deque(maxlen=_KEPT)
        self._more = asyncio.Event()

    def add(self, kind: str, *, channel: str | None = None, only: str | None = None, **values: Any) -> None:
        """Tell everybody who sees the channel, or one person."""
        self.last += 1
        self._events.append((self.last, channel, only, {"n": self.last, "kind": kind, "channel": channel, **values}))
        self._more.set()
        self._more = asyncio.Event()

    async def read(
        self, after: int, seconds: float, sees: Callable[[str | None, str | None], bool]
    ) -> list[dict[str, Any]]:
        """Events after a number for which `sees(channel, only)` holds; waits so long for the first."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            found = [event for number, channel, only, event in self._events if number > after and sees(channel, only)]
            left = until - loop.time()
            if found or left <= 0:
                return found
            after = max(after, self.last)
            try:
                await asyncio.wait_for(self._more.wait(), left)
            except TimeoutError:
                return []
