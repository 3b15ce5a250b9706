"""One reader of many jobs: what it missed, then what happens, each once and in order."""

from __future__ import annotations

import asyncio

import pytest

from engine.model.jobs import JobState, JobUpdate, Progress
from tests.core.house import House


@pytest.fixture
async def opened(house: House):
    return await house.open()


async def until_told(feed, wanted: int) -> list[JobUpdate | Progress]:
    told = []
    while sum(isinstance(each, JobUpdate) for each in told) < wanted:
        async with asyncio.timeout(10):
            told += await feed.batch()
    return told


def updates(told, job):
    return [each.state for each in told if isinstance(each, JobUpdate) and each.job_id == job.id]


async def test_many_jobs_are_told_of_in_one_mailbox(opened):
    feed = opened.engine.feed()
    jobs = [await opened.imagine() for _ in range(3)]
    for job in jobs:
        feed.follow(job.id)
    told = await until_told(feed, 3)
    assert {each.job_id for each in told} == {job.id for job in jobs}
    assert all(updates(told, job)[0] is JobState.QUEUED for job in jobs)
    await feed.aclose()


async def test_who_comes_back_is_told_what_was_missed_and_then_what_comes(opened):
    job = await opened.imagine()
    _, nonce = await opened.until_posted(1)
    feed = opened.engine.feed()
    feed.follow(job.id, job.version)
    first = await until_told(feed, 1)
    opened.shows_an_imagine(nonce, "11111111-1111-4111-8111-111111111111")
    await opened.until_state(job, JobState.DONE)
    told = first + await until_told(feed, 1)
    while updates(told, job)[-1] is not JobState.DONE:
        told += await feed.batch()
    versions = [each.version for each in told if isinstance(each, JobUpdate)]
    assert versions == list(range(2, versions[-1] + 1))


async def test_a_job_that_is_over_is_followed_no_more(opened):
    done = await opened.finished()
    feed = opened.engine.feed()
    feed.follow(done.id)
    told = await until_told(feed, done.version)
    assert updates(told, done)[-1] is JobState.DONE
    assert feed._versions == {}
    assert done.id not in opened.engine._updates._watchers


async def test_a_job_of_which_nothing_was_missed_is_told_of_from_its_next_change_on(opened):
    await opened.engine.queues.pause(opened.origin.workspace_id)
    job = await opened.imagine()
    feed = opened.engine.feed()
    feed.follow(job.id, opened.engine.newest(job).version, behind=False)
    assert not feed._behind
    assert await opened.engine.cancel(opened.origin, job.id)
    assert updates(await until_told(feed, 1), job) == [JobState.CANCELLED]


async def test_what_another_process_stored_is_told_too(opened):
    await opened.engine.queues.pause(opened.origin.workspace_id)
    job = await opened.imagine()
    feed = opened.engine.feed()
    feed.follow(job.id, job.version)
    withdrawing = opened.engine.community.members._withdrawing
    withdrawing._told = lambda *_: None  # as a process without this one's watchers
    reading = asyncio.create_task(until_told(feed, 1))
    await withdrawing.all_of(opened.origin.workspace_id, "key:1", "somebody")
    assert updates(await reading, job) == [JobState.CANCELLED]


async def test_a_job_that_is_left_is_not_told_of(opened):
    feed = opened.engine.feed()
    left, kept = await opened.imagine(), await opened.imagine()
    feed.follow(left.id)
    feed.follow(kept.id)
    feed.leave(left.id)
    assert {each.job_id for each in await until_told(feed, 1)} == {kept.id}
