"""Calls with an Idempotency-Key through a kill -9: each is done once, and the same call again reads of the same job."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.journeys.processes import SOON, assert_nothing_lost_doubled_or_swapped, wait_over

CALLS = 40


def ask(easel, number):
    """One call; the id that it was answered, None when it was cut off."""
    with easel.client() as client:
        try:
            body = {"prompt": f"a fox, study {number}"}
            answer = client.post("/api/v1/nova/imagine", json=body, headers={"Idempotency-Key": f"order-{number}"})
        except httpx.HTTPError:
            return None
    return answer.json().get("messageId") if answer.status_code == 200 else None


@pytest.mark.timeout(240)
def test_calls_that_a_kill_9_cut_off_come_again_and_make_no_second_job(start_simulator, start_easel):
    simulator = start_simulator(speed=60, accounts=2)
    easel = start_easel(simulator, accounts=2, concurrency=3, **SOON)
    told: dict[int, set[str]] = {number: set() for number in range(CALLS)}

    def all_at_once(pool):
        for number, job_id in enumerate(pool.map(lambda n: ask(easel, n), range(CALLS))):
            if job_id is not None:
                told[number].add(job_id)

    with ThreadPoolExecutor(CALLS) as pool:
        under_way = [pool.submit(ask, easel, number) for number in range(CALLS)]
        time.sleep(random.Random(7).uniform(0.05, 0.15))
        easel.kill()
        for number, call in enumerate(under_way):
            if (job_id := call.result()) is not None:
                told[number].add(job_id)
        easel.start()
        all_at_once(pool)
        all_at_once(pool)
    assert {len(ids) for ids in told.values()} == {1}
    job_ids = [job_id for ids in told.values() for job_id in ids]
    assert len(set(job_ids)) == CALLS
    with easel.client() as client:
        done, asked = wait_over(client, job_ids, 120)
        counted = client.get("/status").json()["workspace"]
    assert_nothing_lost_doubled_or_swapped(simulator, easel, done, asked)
    assert (counted["done_today"], counted["queued"], counted["running"]) == (CALLS - len(asked), 0, 0)
