"""Pictures are copied beside the jobs, and whoever wants one may wait for the copy that is being made."""

from __future__ import annotations

import asyncio

import pytest

from engine.core.mirroring import Mirroring
from engine.model.errors import Unavailable
from engine.model.jobs import Attachment, Picture
from engine.ports import Outcome, PictureCopy
from tests.fakes.manual_clock import ManualClock

KEY = "a" * 32
FILE = Attachment("1", "fox.webp", "https://cdn.example/fox.webp", None, "image/webp", 8, 8, 100)


class OnePicture:
    """A store with one picture to be copied."""

    def __init__(self) -> None:
        self.kept: str | None = None
        self.is_removed = False

    async def pictures_to_copy(self, limit):
        return [PictureCopy(Picture(KEY, FILE), "job", 1, None, failed=False)] if self.kept is None else []

    async def apply(self, changes):
        if self.is_removed:
            return [Outcome.STALE_VERSION]
        self.kept = changes[0].filename
        return [Outcome.APPLIED]


class SlowImages:
    """Copies when told to."""

    def __init__(self) -> None:
        self.begun, self.arrives = asyncio.Event(), asyncio.Event()
        self.error: Exception | None = None
        self.discarded: list[str] = []

    async def copy(self, copy, hosts):
        self.begun.set()
        await self.arrives.wait()
        if self.error is not None:
            raise self.error
        return f"{copy.picture.key}.webp"

    async def discard(self, filename):
        self.discarded.append(filename)


@pytest.fixture
async def copying():
    store, images, clock = OnePicture(), SlowImages(), ManualClock()
    mirroring = Mirroring(store=store, images=images, clock=clock, concurrency=2, hosts=frozenset)
    running = asyncio.create_task(mirroring.run())
    await images.begun.wait()
    yield mirroring, images, store
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_copy_that_is_being_made_is_waited_for_until_it_is_stored(copying):
    mirroring, images, store = copying
    waiting = asyncio.create_task(mirroring.awaited(KEY, 60))
    await asyncio.sleep(0)
    assert not waiting.done()
    images.arrives.set()
    copy = await asyncio.wait_for(waiting, 5)
    assert copy.filename == store.kept == f"{KEY}.webp"


async def test_a_copy_that_fails_is_answered_with_nothing_so_that_the_picture_is_looked_up(copying):
    mirroring, images, _ = copying
    waiting = asyncio.create_task(mirroring.awaited(KEY, 60))
    await asyncio.sleep(0)
    images.error = Unavailable("the far side hung up")
    images.arrives.set()
    assert await asyncio.wait_for(waiting, 5) is None


async def test_a_picture_that_was_removed_meanwhile_is_answered_with_nothing_and_its_copy_thrown_away(copying):
    mirroring, images, store = copying
    waiting = asyncio.create_task(mirroring.awaited(KEY, 60))
    await asyncio.sleep(0)
    store.is_removed = True
    images.arrives.set()
    assert await asyncio.wait_for(waiting, 5) is None
    assert images.discarded == [f"{KEY}.webp"]


async def test_a_copy_that_does_not_come_is_waited_for_no_longer_than_asked_and_goes_on(copying):
    mirroring, images, store = copying
    assert await asyncio.wait_for(mirroring.awaited(KEY, 0.01), 5) is None
    assert store.kept is None
    images.arrives.set()
    await asyncio.wait_for(mirroring.awaited(KEY, 60), 5)
    assert store.kept == f"{KEY}.webp"


async def test_what_is_not_being_copied_is_not_waited_for(copying):
    mirroring, *_ = copying
    assert await asyncio.wait_for(mirroring.awaited("b" * 32, 60), 1) is None
