"""What is only in memory reaches the disk together with the place in the wire, or neither does."""

import asyncio

import pytest

from engine.core.bookmark import Bookmark
from engine.core.saving import Saving
from engine.model import events as ev
from engine.model.accounts import Checkpoint
from engine.model.errors import Unavailable
from engine.model.jobs import Links


class HeldBack:
    """The store, whose next write waits until it may go on."""

    def __init__(self, store) -> None:
        self._store = store
        self.may_go_on = asyncio.Event()

    async def apply(self, changes):
        await self.may_go_on.wait()
        return await self._store.apply(changes)


def seen(workshop, percent, uuid=None):
    return ev.Seen(
        at=workshop.clock.now(),
        account_id=workshop.account.id,
        links=Links("i", "m", uuid),
        percent=percent,
        preview_url=None,
        mode=None,
        until=workshop.clock.now(),
    )


@pytest.fixture
async def job(workshop):
    """One that runs, and of which more was seen than is stored."""
    job = await workshop.sent()
    await workshop.casebook.happened(job.id, seen(workshop, 10))
    await workshop.casebook.happened(job.id, seen(workshop, 62, uuid="u"))
    return job


def saving(workshop, store=None):
    place = Checkpoint(workshop.account.id, "session", "wss://discord", 1)
    bookmark = Bookmark(workshop.account.id, place, workshop.casebook.acknowledgments)
    bookmark.processed(9)
    return Saving(store or workshop.store, workshop.clock, workshop.casebook, bookmark)


async def test_what_could_not_be_saved_is_saved_with_the_place_the_next_time(workshop, job):
    works = saving(workshop)
    workshop.store.trouble = "locked"
    with pytest.raises(Unavailable):
        await works.save(None)
    workshop.store.trouble = None
    await works.save(None)
    stored = await workshop.stored(job)
    assert (stored.percent, stored.links.uuid) == (62, "u")
    assert (await workshop.store.checkpoint(workshop.account.id)).seq == 9
    assert workshop.casebook.unsaved_progress() == []


async def test_what_is_seen_while_it_is_saved_is_saved_the_next_time(workshop, job):
    store = HeldBack(workshop.store)
    works = saving(workshop, store)
    saves = asyncio.create_task(works.save(None))
    await asyncio.sleep(0)
    await workshop.casebook.happened(job.id, seen(workshop, 77, uuid="u"))
    store.may_go_on.set()
    await saves
    assert (await workshop.stored(job)).percent == 62
    await works.save(None)
    assert (await workshop.stored(job)).percent == 77
