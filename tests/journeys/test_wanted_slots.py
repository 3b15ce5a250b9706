"""A slot whose job has ended unseen is not kept until that job's deadline when somebody waits for it."""

from __future__ import annotations

import time

from engine.model.durations import ENOUGH
from tests.journeys.processes import assert_nothing_lost_doubled_or_swapped, imagine, wait_final

FAR_AWAY = {"LIMIT_QUIET": 300, "LIMIT_FINAL_AFTER_DELETE": 300, "LIMIT_FAST": 600}
"""So that neither silence nor a deletion, but only the wanted slot, can lead to a look."""


def test_a_missed_final_gives_its_slot_to_the_job_that_waits_for_it(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=150, first_ms=20)
    easel = start_easel(simulator, accounts=1, concurrency=1, **FAR_AWAY)
    with easel.client() as client:
        told = wait_final(client, [imagine(client, f"a quick heron {n}") for n in range(ENOUGH)])
        simulator.order("missed_final", match="missed")
        began = time.monotonic()
        both = [imagine(client, "a missed heron"), imagine(client, "a heron that waits")]
        told |= wait_final(client, both, seconds=40)
        assert time.monotonic() - began < 30
    assert not simulator.orders()
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
