"""A card that is kept up to date: when it may be edited next, and how its end cuts in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.values import Drawn
from engine import Card, Job

BEHIND = 0.2
"""Seconds until a job that ended is read again, where it was read as it was before."""
TOGETHER = 0.25
"""What happens to all jobs is looked at, and edits become due, at whole multiples of so many seconds: each time that an
idle machine has to wake costs it as much as an edit."""
READ_AGAIN = 10.0
"""A job of which nothing is heard is read again after so many seconds: another process may have moved it."""


class Live:
    """One card and what is known of its job. `job`: as it was a moment ago; `token`: of its interaction, if known."""

    def __init__(self, card: Card, job: Job | None = None, token: str | None = None) -> None:
        self.card = card
        self.token = token
        self.drawn: Drawn | None = None
        """As its message shows it."""
        self.task: asyncio.Task[None] | None = None
        self.read(job)
        self._woken = asyncio.Event()
        self._over = asyncio.Event()
        self._edit: asyncio.Timeout | None = None
        self._grace = 0.0

    def read(self, job: Job | None) -> None:
        """So it is just now; None: it is otherwise, and not known how."""
        self._job = None if job is None else (job, time.monotonic() + READ_AGAIN)

    @property
    def job(self) -> Job | None:
        """The job as it was read; None: it has to be read again."""
        known = self._job
        return None if known is None or known[1] < time.monotonic() else known[0]

    def moves(self) -> None:
        """Its job makes progress here: so it is still as it was read."""
        self.read(self.job)
        self.news()

    def news(self, *, final: bool = False) -> None:
        """Something happened to its job; `final`: it ended."""
        self._woken.set()
        if final and not self._over.is_set():
            self._over.set()
            if self._edit is not None:
                self._edit.reschedule(asyncio.get_running_loop().time() + self._grace)

    async def pause(self, pace: float, at_most: float) -> None:
        """At least `pace` seconds, then until there is news or `at_most` seconds are over; the end does not wait.

        `pace` is rounded up to when the other cards' is over too.
        """
        if self._over.is_set():  # and what was read did not say so: it is read again
            self.read(None)
            await asyncio.sleep(BEHIND)
            return
        await _within(pace + until_all_look(pace), self._over)
        if not self._over.is_set():
            await _within(at_most, self._woken)
            self._woken.clear()

    @asynccontextmanager
    async def giving_way(self, grace: float) -> AsyncIterator[None]:
        """What is done within has `grace` seconds from the end of the job on.

        Raises:
            TimeoutError: they are over.
        """
        self._grace = grace
        async with asyncio.timeout(grace if self._over.is_set() else None) as limit:
            self._edit = limit
            try:
                yield
            finally:
                self._edit = None


def until_all_look(ahead: float = 0.0) -> float:
    """Seconds until the next whole multiple of `TOGETHER`, counted from so many seconds ahead."""
    return -(asyncio.get_running_loop().time() + ahead) % TOGETHER


async def _within(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Pacer:
    """Spreads the edits that the bot makes as itself: Discord counts them by channel, whatever message they are for."""

    def __init__(self, seconds: float = 1.25) -> None:
        self._seconds = seconds
        self._next: dict[str, float] = {}

    async def turn(self, channel_id: str, *, urgent: bool) -> None:
        """Wait for one's turn in a channel; the end of a job takes its turn at once."""
        now = time.monotonic()
        at = max(now, self._next.get(channel_id, now))
        if len(self._next) > 1_000:  # noqa: PLR2004 - a bound, not a figure
            self._next = {each: then for each, then in self._next.items() if then > now}
        self._next[channel_id] = at + self._seconds
        if not urgent:
            await asyncio.sleep(at - now)
