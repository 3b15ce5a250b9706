"""What every store promises of calls that come again, and of credits that are spent and given back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model import events as ev
from engine.model.answers import KEPT_FOR, Claim, Found, KeptAnswer, Turn
from engine.model.quotas import Charge, Period, Quota, Spending
from engine.ports import Outcome
from tests.contracts.store_examples import T0, after, assigned, finished, furnish, new_key, new_request, seen
from tests.contracts.store_kinds import STORES, opened

ANSWER = KeptAnswer(200, "application/json", b'{"messageId":"1"}')


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


def claim(**changes):
    return Claim(**({"key_id": 7, "token": "order 7", "print": "p", "owner": "us", "now": T0} | changes))


async def turn(house, *, sole_owner=True, **changes):
    return (await house.store.claim_answer(claim(**changes), sole_owner=sole_owner)).turn


# --- answers


async def test_the_first_call_has_the_turn_and_the_same_again_is_in_flight(house):
    assert await turn(house) is Turn.OURS
    assert await turn(house) is Turn.IN_FLIGHT
    assert await turn(house, print="other") is Turn.OTHER_BODY
    assert await turn(house, token="order 8") is Turn.OURS
    assert await turn(house, key_id=8) is Turn.OURS


async def test_of_many_calls_at_one_moment_one_has_the_turn(house):
    turns = await asyncio.gather(*(turn(house) for _ in range(100)))
    assert sorted(turns, key=str) == [Turn.IN_FLIGHT] * 99 + [Turn.OURS]


async def test_an_answer_is_kept_for_a_day(house):
    await turn(house)
    await house.store.keep_answer(claim(), ANSWER)
    late = {"now": T0 + KEPT_FOR - timedelta(seconds=1)}
    assert await house.store.claim_answer(claim(**late), sole_owner=True) == Found(Turn.ANSWERED, ANSWER)
    assert await turn(house, print="other", **late) is Turn.OTHER_BODY
    assert await turn(house, print="other", now=T0 + KEPT_FOR) is Turn.OURS


async def test_a_call_that_came_to_nothing_leaves_the_turn_to_the_next(house):
    await turn(house)
    await house.store.drop_claim(claim())
    assert await turn(house, print="other") is Turn.OURS


async def test_the_turn_of_a_dead_process_is_taken_over_and_its_answer_comes_too_late(house):
    await turn(house)
    assert await turn(house, owner="them", sole_owner=False) is Turn.IN_FLIGHT
    assert await turn(house, owner="them") is Turn.AGAIN
    await house.store.keep_answer(claim(), KeptAnswer(500, "text/plain", b"late"))
    await house.store.drop_claim(claim())
    assert await turn(house, owner="them") is Turn.IN_FLIGHT
    await house.store.keep_answer(claim(owner="them"), ANSWER)
    assert await turn(house) is Turn.ANSWERED


async def test_beside_other_processes_a_turn_is_held_for_minutes_and_not_for_ever(house):
    await turn(house)
    assert await turn(house, owner="them", sole_owner=False, now=after(140)) is Turn.IN_FLIGHT
    assert await turn(house, owner="them", sole_owner=False, now=after(160)) is Turn.AGAIN


def with_token(house, token="order 7", key_id=7, **wishes):
    new = new_request(house.workspace_id, **wishes)
    origin = replace(new.request.origin, key_id=key_id, token=token)
    return replace(new, request=replace(new.request, origin=origin))


async def test_a_request_is_stored_once_for_a_token_of_a_key(house):
    first = with_token(house)
    assert await house.store.apply([first]) == [Outcome.APPLIED]
    assert await house.store.apply([with_token(house)]) == [Outcome.DUPLICATE]
    assert await house.store.apply([with_token(house, key_id=8)]) == [Outcome.APPLIED]
    assert await house.store.apply([with_token(house, token=None), with_token(house, token=None)]) == [
        Outcome.APPLIED,
        Outcome.APPLIED,
    ]
    assert await house.store.request_by_token(7, "order 7") == first.request.id
    assert await house.store.request_by_token(7, "order 8") is None
    assert await house.store.request(house.workspace_id, first.request.id) == first.request


async def test_a_token_that_was_let_go_may_be_used_anew(house):
    await turn(house)
    await house.store.apply([with_token(house)])
    await house.store.forget_answers(after(-1))
    assert await house.store.apply([with_token(house)]) == [Outcome.DUPLICATE]
    await house.store.forget_answers(T0)
    assert await turn(house) is Turn.OURS
    assert await house.store.apply([with_token(house)]) == [Outcome.APPLIED]


# --- credits

PAYER = "key:7"


def costing(house, credits_, limit=25, began=T0, **wishes):
    new = new_request(house.workspace_id, **wishes)
    jobs = tuple(replace(job, charge=Charge(PAYER, began, credits_)) for job in new.jobs)
    return replace(new, jobs=jobs, spending=Spending(PAYER, began, credits_ * len(jobs), limit))


async def test_a_request_is_stored_with_its_price_or_not_at_all(house):
    first, second, third = [costing(house, 10) for _ in range(3)]
    assert await house.store.apply([first, second, third]) == [Outcome.APPLIED, Outcome.APPLIED, Outcome.OVER_QUOTA]
    assert await house.store.spent(PAYER, T0) == 20
    assert await house.store.job(house.workspace_id, third.jobs[0].id) is None
    assert (await house.store.job(house.workspace_id, first.jobs[0].id)).charge == first.jobs[0].charge
    assert await house.store.apply([costing(house, 5)]) == [Outcome.APPLIED]
    assert await house.store.apply([costing(house, 26, began=after(1))]) == [Outcome.OVER_QUOTA]
    assert await house.store.spent(PAYER, after(1)) == 0


async def test_many_requests_at_one_moment_never_spend_more_than_there_is(house):
    outcomes = await asyncio.gather(*(house.store.apply([costing(house, 10, 100)]) for _ in range(40)))
    assert sorted(outcomes) == sorted([[Outcome.APPLIED]] * 10 + [[Outcome.OVER_QUOTA]] * 30)
    assert await house.store.spent(PAYER, T0) == 100


async def test_a_duplicate_spends_nothing(house):
    first = costing(house, 10)
    assert await house.store.apply([first]) == [Outcome.APPLIED]
    assert await house.store.apply([first]) == [Outcome.DUPLICATE]
    assert await house.store.spent(PAYER, T0) == 10


async def test_what_a_job_without_a_result_cost_is_given_back_once(house):
    new = costing(house, 10, jobs=2)
    await house.store.apply([new])
    assert await house.store.spent(PAYER, T0) == 20
    (done, taken_back) = new.jobs
    await house.move(taken_back, ev.CancelAsked(at=T0, by="key:7"))
    assert await house.store.spent(PAYER, T0) == 10
    account = house.account.id
    await house.move(done, assigned(account), seen(account), finished(account, T0))
    assert await house.store.spent(PAYER, T0) == 10


async def test_a_key_knows_the_quota_of_its_workspace(house):
    key = await house.store.add_key(new_key(house.workspace_id))
    assert key.workspace_quota is None
    await house.store.set_quota(house.workspace_id, Quota(40, Period.DAY))
    (listed,) = await house.store.keys(house.workspace_id)
    assert listed == await house.store.key_by_digest(key.digest) == replace(key, workspace_quota=Quota(40, Period.DAY))
