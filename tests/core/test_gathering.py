"""Pictures that jobs name by an address, and what becomes of jobs whose pictures do not come."""

from __future__ import annotations

import asyncio
import ipaddress

from engine.core.gathering import PAUSES
from engine.model.actions import Action, ActionKind
from engine.model.choosing import Waiting
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import FailureReason, JobState
from tests.fakes import pictures
from tests.fakes.memory_inputs import MemoryInputs

SLOW = "https://slow.example/a.png"
GIVEN = "https://given.example/b.png"


class SlowWeb(MemoryInputs):
    """What lies at `SLOW` comes when `arrives` is set."""

    def __init__(self, now):
        super().__init__(now)
        self.arrives = asyncio.Event()

    async def fetch(self, address, hosts=frozenset(), *, field="image"):
        if address == SLOW:
            await self.arrives.wait()
        return await super().fetch(address, hosts, field=field)


async def blended(house, *addresses):
    given = Given(images=tuple(ImageInput(address) for address in addresses))
    return await house.engine.command(house.origin, Action(ActionKind.BLEND), given=given)


async def waits(house, job):
    return house.engine.waits_because(await house.job(job))


async def test_a_picture_that_does_not_come_keeps_nobody_else_waiting(house):
    await house.open()
    stuck = await blended(house, SLOW, GIVEN)
    others = [await house.imagine(f"fox {number}") for number in range(3)]
    began = house.clock.ticks()
    await house.until_posted(3)
    assert house.clock.ticks() - began < 1
    assert {(await house.job(other)).state for other in others} == {JobState.SENT}
    assert (await house.job(stuck)).state is JobState.QUEUED
    assert await waits(house, stuck) == Waiting.PICTURE


async def test_a_picture_that_never_comes_ends_its_job_unsent_after_some_tries(house):
    await house.open()
    job = await blended(house, SLOW, GIVEN)
    failed = await house.until_state(job, JobState.FAILED, seconds=sum(PAUSES) + 5)
    assert failed.failure.reason is FailureReason.NOT_SENT
    assert "nobody answers" in failed.failure.detail
    assert f"tried {len(PAUSES) + 1} times" in failed.failure.detail
    assert house.inputs.fetched == [SLOW] * (len(PAUSES) + 1)
    assert house.session.submissions == []


async def test_a_job_that_ends_unsent_is_known_to_have_ended_when_it_is_told(house):
    await house.open()
    job = await blended(house, SLOW, GIVEN)
    feed = house.engine.feed()
    feed.follow(job.id, job.version, behind=False)
    told = []

    async def read():
        told.extend((item.state, house.engine.newest(job).state) for item in await feed.batch())

    reading = asyncio.create_task(read())
    await house.until(reading.done, seconds=sum(PAUSES) + 5)
    await feed.aclose()
    assert told == [(JobState.FAILED, JobState.FAILED)]


async def test_a_picture_that_comes_at_the_second_try_is_sent(house):
    await house.open()
    house.inputs.web[GIVEN] = pictures.drawn(size=(9, 9))
    job = await blended(house, SLOW, GIVEN)
    await house.clock.advance(0.5)
    house.inputs.web[SLOW] = pictures.drawn()
    command, _ = await house.until_posted(1)
    assert [name for name, _ in command.options] == ["image1", "image2"]
    assert (await house.job(job)).state is JobState.SENT
    assert house.inputs.fetched == [SLOW, SLOW, GIVEN]


async def test_a_job_of_the_same_address_fetches_it_anew(house):
    await house.open()
    for size in ((8, 8), (9, 9)):
        house.inputs.web = {address: pictures.drawn(size=size) for address in (SLOW, GIVEN)}
        await blended(house, SLOW, GIVEN)
        await house.until_posted(size[0] - 7)
    assert house.inputs.fetched == [SLOW, GIVEN] * 2


async def test_a_job_can_be_cancelled_while_its_picture_is_awaited(house):
    house.inputs = SlowWeb(house.clock.now)
    house.engine = house._engine()
    await house.open()
    job = await blended(house, SLOW, GIVEN)
    await house.clock.advance(0.2)
    cancelled = await house.engine.cancel(house.origin, job.id)
    assert cancelled.state is JobState.CANCELLED
    house.inputs.web = {address: pictures.drawn() for address in (SLOW, GIVEN)}
    house.inputs.arrives.set()
    await house.clock.advance(5)
    assert (await house.job(job)).state is JobState.CANCELLED


async def test_a_job_whose_time_is_over_before_its_picture_comes_says_so(house):
    await house.open()
    given = Given(images=(ImageInput(SLOW), ImageInput(GIVEN)))
    job = await house.engine.command(house.origin, Action(ActionKind.BLEND), given=given, timeout=10)
    ended = await house.until_state(job, JobState.FAILED, seconds=15)
    assert str(Waiting.PICTURE) in ended.failure.detail


async def test_a_name_that_leads_into_our_own_network_is_uploaded_and_not_sent(house):
    await house.open(allow_networks=(ipaddress.ip_network("192.168.7.0/24"),))
    house.inputs.web[GIVEN] = pictures.drawn()
    house.inputs.inside.add(GIVEN)
    await house.imagine(f"{GIVEN} a fox --sref {SLOW}")
    command, _ = await house.until_posted(1)
    sent = dict(command.options)["prompt"]
    assert sent.startswith("https://cdn.test/")
    assert GIVEN not in sent
    assert sent.endswith(f"a fox --sref {SLOW}")
    assert house.inputs.fetched == [GIVEN]


async def test_a_link_of_the_words_that_midjourney_fetches_itself_is_not_fetched(house):
    await house.open()
    await house.imagine(f"{GIVEN} a fox")
    await house.until_posted(1)
    assert house.inputs.fetched == []
