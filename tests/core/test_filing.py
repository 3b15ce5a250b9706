"""Requests under an Idempotency-Key and within a quota, in a running engine and after its death."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.credit import budget_of
from engine.core.keyring import Keyring, Terms
from engine.model.actions import Action, ActionKind
from engine.model.errors import Forbidden, OverQuota
from engine.model.inputs import Given
from engine.model.jobs import JobState
from engine.model.prices import PRICES, RELAXED, price_of
from engine.model.quotas import UNLIMITED, Budget, Period, Quota

QUOTA = Quota(25, Period.DAY)


@pytest.fixture
async def house(house):
    return await house.open()


# --- once


async def test_a_call_that_comes_again_after_a_crash_finds_the_job_and_answers_the_same(house):
    origin = replace(house.origin, key_id=1, token="order 7")
    job = await house.engine.imagine(origin, "a red fox")
    await house.restart()
    again = await house.engine.imagine(replace(origin, again=True), "a red fox")
    assert again.id == job.id
    assert len(await house.store.jobs(job.workspace_id)) == 1


async def test_two_processes_that_file_the_same_call_make_one_job(house):
    origin = replace(house.origin, key_id=1, token="order 7")
    first = await house.engine.imagine(origin, "a red fox")
    second = await house.engine.imagine(origin, "a red fox")
    assert second.id == first.id
    assert len(await house.store.jobs(first.workspace_id)) == 1


async def test_a_call_that_had_stored_nothing_before_the_crash_is_done(house):
    origin = replace(house.origin, key_id=1, token="order 7", again=True)
    assert (await house.engine.imagine(origin, "a red fox")).state is JobState.QUEUED


# --- accounts


async def test_a_key_presses_nothing_on_an_account_that_it_may_not_use(house):
    parent = await house.finished()
    jobs = len(await house.store.jobs(parent.workspace_id))
    other = replace(house.origin, only_accounts=(parent.account_id + 1,))
    with pytest.raises(Forbidden, match=f"account {parent.account_id}"):
        await house.engine.press(other, parent.id, "V1")
    with pytest.raises(Forbidden):
        await house.engine.imagine(other, "a red fox", account_id=parent.account_id)
    assert len(await house.store.jobs(parent.workspace_id)) == jobs
    own = replace(house.origin, only_accounts=(parent.account_id,))
    assert (await house.engine.press(own, parent.id, "V1")).parent_id == parent.id


# --- quotas


def test_every_action_has_its_price():
    assert set(PRICES) == set(ActionKind)
    assert PRICES[ActionKind.IMAGINE] == 10
    assert PRICES[ActionKind.UPSCALE] == 5
    assert PRICES[ActionKind.INFO] == 0


async def test_a_prompt_for_relax_mode_costs_half(house):
    job = await house.engine.imagine(house.origin, "a red fox --relax")
    assert price_of(job) == RELAXED == 5


async def test_flux_costs_its_price_for_each_picture(house):
    job = await house.engine.imagine(house.origin, "a red fox")
    flux = replace(
        job, action=Action(ActionKind.FLUX_IMAGINE), given=Given(options=(("model", "flux-dev"), ("n", "3")))
    )
    assert price_of(flux) == 3 * PRICES[ActionKind.FLUX_IMAGINE] == 18


async def a_key(house, **terms):
    keyring = Keyring(house.store, house.clock)
    return (await keyring.make(house.origin.workspace_id, Terms(**terms))).stored


async def test_without_a_quota_there_is_no_end_of_credits(house):
    key = await a_key(house)
    assert budget_of(key) is None
    left = await house.engine.credits(key)
    assert (left.quota, left.left, left.ends_at, left.contact) == (UNLIMITED, UNLIMITED, None, "")


async def test_a_job_costs_its_price_and_one_that_came_to_nothing_costs_nothing(house):
    await house.engine.queues.pause(house.origin.workspace_id)
    key = await a_key(house, quota=QUOTA)
    origin = replace(house.origin, key_id=key.id, budget=budget_of(key))
    job = await house.engine.imagine(origin, "a red fox")
    left = await house.engine.credits(key)
    assert (left.quota, left.left, left.ends_at) == (25, 15, QUOTA.ends(house.clock.now()))
    await house.engine.cancel(house.origin, job.id)
    assert (await house.engine.credits(key)).left == 25
    await house.engine.imagine(origin, "a red fox")
    await house.engine.command(origin, Action(ActionKind.INFO))
    assert (await house.engine.credits(key)).left == 15


async def test_when_the_credits_do_not_suffice_nothing_is_stored_and_it_is_said_when_they_do(house):
    key = await a_key(house, quota=QUOTA)
    origin = replace(house.origin, key_id=key.id, budget=budget_of(key))
    with pytest.raises(OverQuota, match="Insufficient credits"):
        await house.engine.imagine(origin, "a {red, blue, green} fox")
    assert await house.store.jobs(key.workspace_id) == []
    for _ in range(2):
        await house.engine.imagine(origin, "a red fox")
    with pytest.raises(OverQuota) as refused:
        await house.engine.imagine(origin, "a red fox")
    assert refused.value.frees_at == QUOTA.ends(house.clock.now())
    assert 0 < refused.value.retry_after <= 86_400
    assert len(await house.store.jobs(key.workspace_id)) == 2
    assert (await house.engine.credits(key)).left == 5


async def test_keys_without_a_quota_of_their_own_share_their_workspaces(house):
    await house.store.set_quota(house.origin.workspace_id, QUOTA)
    keys = [await a_key(house), await a_key(house)]
    own = await a_key(house, quota=Quota(10, Period.MONTH))
    for key in keys:
        found = await house.store.key_by_digest(key.digest)
        origin = replace(house.origin, key_id=key.id, budget=budget_of(found))
        await house.engine.imagine(origin, "a red fox")
        assert budget_of(found) == Budget(f"workspace:{key.workspace_id}", QUOTA)
    assert [(await house.engine.credits(await house.store.key_by_digest(key.digest))).left for key in keys] == [5, 5]
    assert budget_of(own) == Budget(f"key:{own.id}", Quota(10, Period.MONTH))
