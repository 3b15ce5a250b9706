"""Nothing is lost, sent twice or swapped when Easel dies or is stopped."""

from __future__ import annotations

import random
import time

import pytest

from tests.contracts.store_kinds import DATABASES
from tests.journeys.processes import (
    SOON,
    assert_nothing_lost_doubled_or_swapped,
    imagine,
    message,
    wait_final,
    wait_over,
)


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
    easel = start_easel(simulator, accounts=4, concurrency=12, **database, **SOON)
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
    easel = start_easel(simulator, concurrency=3, **SOON)
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
