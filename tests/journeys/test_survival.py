"""Nothing is lost, sent twice or swapped when Easel dies, the gateway drops, or events come twice or out of order."""

from __future__ import annotations

import random
import time

import pytest

from tests.contracts.store_kinds import DATABASES
from tests.journeys.processes import (
    Account,
    assert_nothing_lost_doubled_or_swapped,
    imagine,
    message,
    nonces_of,
    wait_final,
    wait_over,
)

DROPS = ["tcp_cut", "close_4000", "op7", "op9_false", "heartbeat_not_acked", "resume_refused"]


@pytest.fixture(params=DATABASES)
def database(request, tmp_path):
    """The settings of an Easel on each database; on PostgreSQL a lease must run out before anybody else takes it."""
    if request.param == "sqlite":
        yield {}
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield {"DATABASE_URL": url, "LEASE_SECONDS": 3, "POST_TIMEOUT_SECONDS": 0.5}


@pytest.mark.timeout(300)
def test_kill_9_with_twenty_jobs_in_flight_loses_and_doubles_nothing(start_simulator, start_easel, database):
    simulator = start_simulator(speed=8, accounts=4)
    easel = start_easel(simulator, accounts=4, concurrency=12, **database)
    for account in simulator.accounts:
        simulator.change_account(account["id"], plan="pro", concurrency=12)
    dice = random.Random(3)
    told: dict[str, dict] = {}
    asked: set[str] = set()
    for round_number in range(2):
        with easel.client() as client:
            job_ids = [imagine(client, f"round {round_number} fox number {n}") for n in range(20)]
            time.sleep(dice.uniform(0.05, 2.5))
        easel.kill()
        easel.start()
        with easel.client() as client:
            done, left = wait_over(client, job_ids, 90)
        told |= done
        asked |= left
    assert len(told) + len(asked) == 40
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told, asked)


@pytest.mark.timeout(240)
def test_a_kill_9_whose_resume_is_refused_is_recovered_from_the_history(start_simulator, start_easel):
    simulator = start_simulator(speed=10, accounts=2)
    easel = start_easel(simulator, concurrency=3)
    with easel.client() as client:
        job_ids = [imagine(client, f"a heron, study {n}") for n in range(6)]
        while not all(message(client, job_id)["progress"] > 0 for job_id in job_ids):
            time.sleep(0.05)
    easel.kill()
    simulator.order("resume_refused", count=2)
    easel.start()
    with easel.client() as client:
        told, asked = wait_over(client, job_ids, 90)
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told, asked)


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


@pytest.mark.timeout(120)
def test_an_answer_lost_after_acceptance_is_not_sent_again(start_simulator, start_easel):
    simulator = start_simulator(accounts=1)
    easel = start_easel(simulator, accounts=1)
    simulator.order("answer_dropped", count=3)
    with easel.client() as client:
        told = wait_final(client, [imagine(client, f"a dropped answer {n}") for n in range(3)])
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
    assert all(len(used) == 1 for used in nonces_of(easel).values())


@pytest.mark.timeout(120)
def test_a_rate_limited_job_waits_and_is_sent_once(start_simulator, start_easel):
    simulator = start_simulator(accounts=1)
    easel = start_easel(simulator, accounts=1)
    simulator.order("rate_limited", retry_after=1.5)
    with easel.client() as client:
        told = wait_final(client, [imagine(client, "a patient fox")])
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)


@pytest.mark.timeout(120)
def test_a_final_that_was_never_told_is_found_in_the_history(start_simulator, start_easel):
    simulator = start_simulator(accounts=1)
    easel = start_easel(simulator, accounts=1, LIMIT_FINAL_AFTER_DELETE=0.5, LIMIT_QUIET=3)
    simulator.order("missed_final", count=2)
    with easel.client() as client:
        told = wait_final(client, [imagine(client, f"an unheard fox {n}") for n in range(2)])
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)


@pytest.mark.timeout(120)
def test_sigterm_leaves_everything_in_order(start_simulator, start_easel):
    simulator = start_simulator(speed=10, accounts=2)
    easel = start_easel(simulator)
    with easel.client() as client:
        job_ids = [imagine(client, f"a stopped fox {n}") for n in range(12)]
        time.sleep(0.8)
    began = time.monotonic()
    assert easel.stop() == 0
    assert time.monotonic() - began < 30
    easel.start()
    with easel.client() as client:
        told = wait_final(client, job_ids, 90)
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
