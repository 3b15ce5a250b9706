"""What a card that is kept up to date knows of its job, and how an edit gives way to the job's end."""

from __future__ import annotations

import asyncio

import pytest

from bot.live import Live
from engine import Card
from tests.bot.jobs_shown import job
from tests.contracts.store_examples import T0


def live(**known):
    card = Card(
        workspace_id="w", request_id="r", job_id="j", user_id="1", application_id="2", guild_id="3",
        channel_id="4", message_id="5", private=False, created_at=T0, updated_at=T0,
    )  # fmt: skip
    return Live(card, **known)


async def test_an_edit_that_hangs_gives_way_to_the_end_of_its_job():
    card = live()

    async def hangs():
        async with card.giving_way(grace=0.0):
            card.news(final=True)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await hangs()


async def test_an_edit_that_begins_after_the_end_has_no_longer():
    card = live()
    card.news(final=True)
    with pytest.raises(TimeoutError):
        async with card.giving_way(grace=0.0):
            await asyncio.Event().wait()


async def test_an_edit_of_a_job_that_goes_on_takes_its_time():
    card = live()
    async with card.giving_way(grace=0.0):
        card.news(final=False)
        await asyncio.sleep(0)
    card.news(final=True)
    await card.pause(60.0, 60.0)


async def test_a_job_of_which_nothing_is_heard_is_read_again(monkeypatch):
    card = live(job=job())
    monkeypatch.setattr("bot.live.READ_AGAIN", -1.0)
    card.read(job())
    assert card.job is None


async def test_a_job_that_ended_and_was_read_as_it_was_before_is_read_again_soon_and_not_at_once():
    card = live(job=job())
    card.news(final=True)
    turns = 0

    async def others():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(others())
    async with asyncio.timeout(5):
        await card.pause(60.0, 60.0)
    beside.cancel()
    assert card.job is None
    assert turns > 1
