"""How what a thread found reaches the event loop that waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Raised:
    """An answer that is an error."""

    error: Exception


class Waiting:
    """A caller on an event loop."""

    __slots__ = ("future", "outbox")

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.future: asyncio.Future[Any] = outbox.loop.create_future()


class Outbox:
    """Answers for one event loop, which is woken once for all that are there when it comes to look."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._answers: deque[tuple[asyncio.Future[Any], Any]] = deque()
        self._called = False

    def tell(self, answers: Iterable[tuple[asyncio.Future[Any], Any]]) -> None:
        """Hand answers over, from any thread."""
        self._answers.extend(answers)
        if not self._called:  # set back before it looks: an answer is seen by that look, or calls for another
            self._called = True
            with suppress(RuntimeError):  # that loop is closed, and nobody waits any more
                self.loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        self._called = False
        while self._answers:
            future, answer = self._answers.popleft()
            if future.done():
                continue
            if isinstance(answer, Raised):
                future.set_exception(answer.error)
            else:
                future.set_result(answer)


class Outboxes:
    """One for each event loop that asks; all but the last one's are forgotten."""

    def __init__(self) -> None:
        self._newest: Outbox | None = None

    def waiting(self) -> Waiting:
        """Somebody who waits on the running event loop."""
        loop = asyncio.get_running_loop()
        if self._newest is None or self._newest.loop is not loop:
            self._newest = Outbox(loop)
        return Waiting(self._newest)
