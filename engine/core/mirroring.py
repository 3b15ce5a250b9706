"""When pictures are copied to our own disk: after DONE is stored, a few at a time, and never at a job's cost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from engine.core.patience import wait_for
from engine.model.errors import Refused, Unavailable
from engine.ports import Clock, Images, Outcome, PictureCopied, PictureCopy, Store

_LOG = logging.getLogger(__name__)

TRIES = 6
FIRST_PAUSE = 1.0
POLL_SECONDS = 5.0
REMEMBERED_SECONDS = 5.0
"""So long a copy that was made here needs not be looked up."""


class Mirroring:
    """The copying of pictures."""

    def __init__(
        self, *, store: Store, images: Images, clock: Clock, concurrency: int, hosts: Callable[[], frozenset[str]]
    ) -> None:
        self._store = store
        self._images = images
        self._clock = clock
        self._concurrency = concurrency
        self._hosts = hosts
        self._wanted = asyncio.Event()
        self._copying: dict[str, asyncio.Task[PictureCopy | None]] = {}
        self._made: dict[str, tuple[float, PictureCopy]] = {}
        """In the order in which they were made, with the ticks until which they are remembered."""
        self._tried: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def wake(self) -> None:
        """A job ended: there may be pictures."""
        self._wanted.set()

    async def awaited(self, key: str, seconds: float) -> PictureCopy | None:
        """A picture that is being copied here, waited for at most so long, or just was; None: look it up."""
        copying = self._copying.get(key)
        if copying is None:
            until, made = self._made.get(key, (0.0, None))
            return made if self._clock.ticks() < until else None
        done, _ = await asyncio.wait({copying}, timeout=seconds)
        if not done or copying.cancelled() or copying.exception() is not None:
            return None
        return copying.result()

    async def run(self) -> None:
        """Copy for ever; what was not copied when the process ended is copied by the next."""
        try:
            while True:
                self._wanted.clear()
                await self._start_some()
                await wait_for(self._wanted, self._clock, POLL_SECONDS)
        finally:
            for task in self._copying.values():
                task.cancel()
            await asyncio.gather(*self._copying.values(), return_exceptions=True)

    async def _start_some(self) -> None:
        if len(self._copying) >= self._concurrency:
            return
        try:
            waiting = await self._store.pictures_to_copy(10 * self._concurrency)
        except Unavailable as error:
            _LOG.warning("the pictures to copy could not be read: %s", error)
            return
        now = self._clock.ticks()
        for copy in waiting:
            key = copy.picture.key
            if len(self._copying) >= self._concurrency:
                return
            if key in self._copying or self._not_before.get(key, 0.0) > now:
                continue
            task = asyncio.create_task(self._copy(copy))
            self._copying[key] = task
            task.add_done_callback(lambda _, key=key: self._ended(key))  # type: ignore[misc]  # mypy cannot infer defaults

    def _ended(self, key: str) -> None:
        self._copying.pop(key, None)
        self._wanted.set()

    async def _copy(self, copy: PictureCopy) -> PictureCopy | None:
        """The picture with its copy, when that is made and stored."""
        key = copy.picture.key
        filename: str | None = None
        try:
            filename = await self._images.copy(copy, self._hosts())
        except Unavailable as error:
            tries = self._tried[key] = self._tried.get(key, 0) + 1
            if tries < TRIES:
                self._not_before[key] = self._clock.ticks() + FIRST_PAUSE * 2**tries
                return None
            _LOG.warning("picture of job %s was not copied after %d tries: %s", copy.job_id, tries, error)
        except Refused as error:
            _LOG.warning("picture of job %s cannot be copied: %s", copy.job_id, error)
        self._tried.pop(key, None)
        self._not_before.pop(key, None)
        with suppress(Unavailable):
            (outcome,) = await self._store.apply([PictureCopied(key, filename, self._clock.now())])
            if filename is not None:
                if outcome is Outcome.APPLIED:
                    return self._remembered(replace(copy, filename=filename))
                await self._images.discard(filename)  # the picture was removed meanwhile
        return None

    def _remembered(self, made: PictureCopy) -> PictureCopy:
        now = self._clock.ticks()
        for key, (until, _) in list(self._made.items()):
            if until > now:
                break
            del self._made[key]
        self._made[made.picture.key] = (now + REMEMBERED_SECONDS, made)
        return made
