"""Nothing is lost, sent twice or swapped when the gateway drops, or events come twice or out of order."""

from __future__ import annotations

import random
import time

import pytest

from tests.journeys.processes import Account, assert_nothing_lost_doubled_or_swapped, imagine, wait_final

DROPS = ["tcp_cut", "close_4000", "op7", "op9_false", "heartbeat_not_acked", "resume_refused"]


@pytest.mark.parametrize("drop", DROPS)
@pytest.mark.timeout(240)
def test_no_completion_is_lost_when_the_gateway_drops(drop, start_simulator, start_easel):
    simulator = start_simulator(speed=10, accounts=2)
    easel = start_easel(simulator, LIMIT_QUIET=5)
    with easel.client() as client:
        job_ids = [imagine(client, f"{drop} harbor {n}") for n in range(6)]
        time.sleep(0.7)
        for account in simulator.accounts:
            simulator.order(drop, account=account["id"])
            if drop == "resume_refused":
                simulator.order("tcp_cut", account=account["id"])
        told = wait_final(client, job_ids, 90)
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
    struck = {row["decision"] for row in simulator.ledger("fault") + simulator.ledger("gateway")}
    assert ("refused op9" if drop == "resume_refused" else drop) in struck


@pytest.mark.timeout(300)
def test_two_hundred_jobs_half_of_the_same_words_are_never_swapped(start_simulator, start_easel):
    simulator = start_simulator(speed=40, accounts=4, picture_size=64)
    for account in simulator.accounts:
        simulator.change_account(account["id"], plan="pro", concurrency=12)
    easel = start_easel(simulator, accounts=4, concurrency=12, COPY_PICTURES="no")
    for account in simulator.accounts:
        simulator.order("duplicated", account=account["id"], count=25)
        simulator.order("reordered", account=account["id"], count=25)
    with easel.client() as client:
        prompts = ["the very same words"] * 100 + [f"different words {n}" for n in range(100)]
        random.Random(5).shuffle(prompts)
        job_ids = [imagine(client, prompt) for prompt in prompts]
        told = wait_final(client, job_ids, 200)
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
    accepted = Account(simulator).prompts
    assert accepted["the very same words"] == 100
