"""What every ports.Store promises of a request that is stored with the first step of its job."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.model.jobs import JobState
from engine.model.quotas import Spending
from engine.ports import Outcome
from tests.contracts.store_examples import T0, after, assigned, furnish, new_nonce, new_request, step
from tests.contracts.store_kinds import STORES, opened

APPLIED, DUPLICATE, OVER_QUOTA = Outcome.APPLIED, Outcome.DUPLICATE, Outcome.OVER_QUOTA
STALE_LEASE, STALE_VERSION = Outcome.STALE_LEASE, Outcome.STALE_VERSION


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


def leaving(house, nonce=None, **wishes):
    new = new_request(house.workspace_id, **wishes)
    return new, step(new.jobs[0], assigned(house.account.id, nonce), house.lease)


async def test_both_are_there_and_the_job_is_what_the_step_makes_of_it(house):
    new, intent = leaving(house)
    assert await house.store.apply([new, intent]) == [APPLIED, APPLIED]
    sent = await house.store.job(house.workspace_id, new.jobs[0].id)
    assert sent == intent.after
    assert await house.store.updates(sent.id) == [*new.updates, intent.update]
    assert await house.store.request(house.workspace_id, new.request.id) == new.request
    assert await house.store.queued(10) == []
    assert await house.store.open_jobs(house.account.id) == [sent]
    assert await house.store.highest_nonce(house.account.id) == int(sent.nonce)


async def test_the_next_step_goes_on_from_there(house):
    new, intent = leaving(house)
    await house.store.apply([new, intent])
    again = step(new.jobs[0], assigned(house.account.id), house.lease)
    assert await house.store.apply([again]) == [STALE_VERSION]


async def test_under_a_lease_that_is_over_the_request_alone_is_stored(house):
    new, intent = leaving(house)
    await house.store.release(house.lease)
    await house.store.take(house.account.id, "another", after(1), after(60))
    assert await house.store.apply([new, intent]) == [APPLIED, STALE_LEASE]
    assert await house.store.job(house.workspace_id, new.jobs[0].id) == new.jobs[0]
    assert await house.store.updates(new.jobs[0].id) == list(new.updates)


async def test_a_request_that_was_there_already_takes_no_step(house):
    new, intent = leaving(house)
    await house.store.apply([new])
    assert await house.store.apply([new, intent]) == [DUPLICATE, APPLIED]
    other, its = leaving(house)
    twice = replace(other, request=replace(other.request, id=new.request.id))
    assert (await house.store.apply([twice, its]))[0] is DUPLICATE
    assert await house.store.job(house.workspace_id, other.jobs[0].id) is None


async def test_what_no_quota_covers_is_not_stored_at_all(house):
    new, intent = leaving(house)
    dear = replace(new, spending=Spending("key:1", T0, 10, 9))
    assert await house.store.apply([dear, intent]) == [OVER_QUOTA, STALE_VERSION]
    assert await house.store.job(house.workspace_id, new.jobs[0].id) is None


async def test_a_nonce_that_is_taken_leaves_the_request_queued(house):
    nonce = new_nonce()
    first, second = leaving(house, nonce), leaving(house, nonce)
    assert await house.store.apply(first) == [APPLIED, APPLIED]
    assert await house.store.apply(second) == [APPLIED, DUPLICATE]
    queued = await house.store.job(house.workspace_id, second[0].jobs[0].id)
    assert (queued.state, queued.version) == (JobState.QUEUED, 1)


async def test_fifty_at_once_and_a_bad_one_among_them_all_get_their_own_answer(house):
    many = [leaving(house) for _ in range(50)]
    bad = leaving(house)
    broken = replace(bad[0], request=many[0][0].request)
    outcomes = await asyncio.gather(*(house.store.apply(each) for each in [*many, (broken, bad[1])]))
    assert outcomes[:50] == [[APPLIED, APPLIED]] * 50
    assert outcomes[50][0] is DUPLICATE
    assert len(await house.store.open_jobs(house.account.id)) == 50
