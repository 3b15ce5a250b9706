"""A job is sent once and found again when an answer, or the word of its end, is lost on the way."""

from __future__ import annotations

import pytest

from tests.journeys.processes import assert_nothing_lost_doubled_or_swapped, imagine, nonces_of, wait_final


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
