"""More jobs than Midjourney takes: what its full queue turns away is submitted anew when a job ends, and runs once."""

from __future__ import annotations

import pytest

from tests.journeys.processes import (
    Account,
    assert_nothing_lost_doubled_or_swapped,
    imagine,
    nonces_of,
    wait_final,
)


@pytest.mark.timeout(120)
def test_what_a_full_queue_turned_away_runs_later_and_only_once(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=600, first_ms=50)
    simulator.change_account(simulator.accounts[0]["id"], concurrency=2, queue=3)
    easel = start_easel(simulator, accounts=1, concurrency=12)
    with easel.client() as client:
        told = wait_final(client, [imagine(client, f"a crowded harbor {n}") for n in range(14)], seconds=60)
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
    account = Account(simulator)
    assert account.turned_away
    assert len(account.turned_away) + 14 == sum(len(used) for used in nonces_of(easel).values())


@pytest.mark.timeout(120)
def test_a_button_that_a_full_queue_turned_away_is_pressed_again(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=300, first_ms=50)
    easel = start_easel(simulator, accounts=1, LIMIT_QUEUE_FULL=1)
    with easel.client() as client:
        grid = imagine(client, "a calm harbor")
        told = wait_final(client, [grid])
        for label in ("V2", "U3"):
            simulator.order("queue_full")
            pressed = client.post("/api/v1/midjourney/button", json={"messageId": grid, "button": label}).json()
            told |= wait_final(client, [pressed["messageId"]])
    assert not simulator.orders()
    assert len(Account(simulator).turned_away) == 2
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
