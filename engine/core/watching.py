"""What a watcher of one job is told: the stored updates it missed, then the live ones, each once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from engine.core.updates import Mailbox, Updates
from engine.model.errors import Unavailable
from engine.model.jobs import FINAL_STATES, Job, JobUpdate, Progress
from engine.ports import Store

REREAD_SECONDS = 1.5
"""How often the store is asked for what another process stored (the operator's command line)."""


class Watch:
    """Updates above a version and progress, until a final state was told: one by one, or all that is ready.

    It takes part from the first question on; whoever does not read it to its end closes it.
    """

    def __init__(
        self,
        store: Store,
        updates: Updates,
        job_id: str,
        after_version: int,
        present: Callable[[], Awaitable[Job]] | None = None,
    ) -> None:
        """`present` gives the job as it is now, or raises; what it shows that was not missed is not read."""
        self._store = store
        self._updates = updates
        self._job_id = job_id
        self._version = after_version
        self._present = present
        self._ready: list[JobUpdate | Progress] = []
        self._mailbox: Mailbox[JobUpdate | Progress] | None = None
        self._over = False
        self._silence: asyncio.TimerHandle | None = None
        self._heard_at = 0.0

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> JobUpdate | Progress:
        if not self._ready:
            self._ready = list(await self.batch())
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.pop(0)

    async def batch(self) -> Sequence[JobUpdate | Progress]:
        """All that is ready, at least one; nothing when the end was told."""
        try:
            ready, self._ready = self._ready, []
            while not ready and not self._over:
                ready = await (self._first() if self._mailbox is None else self._next(self._mailbox))
        except BaseException:
            self._leave()
            raise
        return ready

    async def aclose(self) -> None:
        """Take part no longer."""
        self._leave()

    def _leave(self) -> None:
        self._over = True
        if self._mailbox is not None:
            self._updates.leave(self._job_id, self._mailbox)
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    async def _first(self) -> list[JobUpdate | Progress]:
        self._mailbox = self._updates.enter(self._job_id)
        now = await self._present() if self._present is not None else None
        ready: list[JobUpdate | Progress] = []
        if now is None or now.version != self._version:
            for update in await self._store.updates(self._job_id, self._version):
                self._tell(ready, update)
        latest = self._updates.latest(self._job_id)
        if latest is not None and not self._over:
            ready.append(latest)
        return ready

    async def _next(self, mailbox: Mailbox[JobUpdate | Progress]) -> list[JobUpdate | Progress]:
        ready: list[JobUpdate | Progress] = []
        items = mailbox.take() or await self._arrived(mailbox)
        if not items:
            items = await self._stored()
        for item in items:
            if isinstance(item, JobUpdate) and item.version > self._version + 1:
                for missed in await self._stored():
                    self._tell(ready, missed)
            else:
                self._tell(ready, item)
        return ready

    def _tell(self, ready: list[JobUpdate | Progress], item: JobUpdate | Progress) -> None:
        if self._over:
            return
        if isinstance(item, Progress):
            if ready and isinstance(ready[-1], Progress):
                ready.pop()  # the latest counts
            ready.append(item)
        elif item.version > self._version:
            self._version = item.version
            ready.append(item)
            if item.state in FINAL_STATES:
                self._leave()

    async def _arrived(self, mailbox: Mailbox[JobUpdate | Progress]) -> list[JobUpdate | Progress]:
        """What comes next; nothing after a long silence. One timer serves many waits: most are short."""
        loop = asyncio.get_running_loop()
        self._heard_at = loop.time()
        if self._silence is None:
            self._silence = loop.call_later(REREAD_SECONDS, self._silent, loop, mailbox)
        return await mailbox.wait()

    def _silent(self, loop: asyncio.AbstractEventLoop, mailbox: Mailbox[JobUpdate | Progress]) -> None:
        self._silence = None
        left = self._heard_at + REREAD_SECONDS - loop.time()
        if not mailbox.waited_for:
            return
        if left > 0:
            self._silence = loop.call_later(left, self._silent, loop, mailbox)
        else:
            mailbox.wake()

    async def _stored(self) -> list[JobUpdate | Progress]:
        try:
            return list(await self._store.updates(self._job_id, self._version))
        except Unavailable:
            return []
