"""Every kind of trouble that the simulator knows, before the whole Easel; what is lost, doubled or swapped is counted.

All of them happen at once in one house, each to accounts of its own, so that one account's trouble would be seen to
spread. The count is taken from the simulator's ledger.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.simulator.faults import KINDS
from tests.journeys.fault_cases import CASES, ELSEWHERE
from tests.journeys.fault_house import FaultHouse

pytestmark = [pytest.mark.timeout(180)]

BY_TIME = ("server_error", "answer_5xx", "missed_final", "op9_false", "close_1001", "message_gone")
"""Cases in which something is held against Discord's time: the history's beginning, a job's own time, a click's."""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return FaultHouse(tmp_path_factory.mktemp("faults"), CASES).run()


def test_no_kind_of_trouble_is_left_out():
    assert {case.kind for case in CASES.values()} == set(KINDS) - set(ELSEWHERE)
    here = Path(__file__).parent
    assert [kind for kind, file in ELSEWHERE.items() if f'"{kind}"' not in (here / file).read_text()] == []


@pytest.mark.parametrize("skew", [20_000, -20_000])
def test_a_discord_whose_clock_is_not_ours_changes_nothing(skew, tmp_path):
    cases = {name: CASES[name] for name in BY_TIME}
    for name, told in FaultHouse(tmp_path, cases, clock_skew_ms=skew).run().items():
        assert_nothing_lost_doubled_or_swapped(CASES[name], told)
        assert_the_right_ends(CASES[name], told)


@pytest.mark.parametrize("name", CASES)
def test_no_completion_is_lost_doubled_or_swapped(name, house):
    assert_nothing_lost_doubled_or_swapped(CASES[name], house[name])


def assert_nothing_lost_doubled_or_swapped(case, told):
    assert not told.late
    assert not told.left_orders, "the trouble did not strike"
    assert told.duplicate_nonces == 0
    for job in told.jobs:
        assert len(job.accepted) <= 1, f"accepted twice: {job}"
        assert job.shown == (job.drawn if job.state == "DONE" else None), f"another picture, or none: {job}"
        if job.state != "DONE" and not case.lost:
            assert job.drawn is None, f"its picture is there and was not found: {job}"


@pytest.mark.parametrize("name", CASES)
def test_each_trouble_ends_as_it_must_for_the_job_it_strikes_and_for_no_other(name, house):
    assert_the_right_ends(CASES[name], house[name])


def assert_the_right_ends(case, told):
    struck = [job for job in told.jobs if job.struck or (case.lost and job.state != "DONE")]
    for job in told.jobs:
        if job in struck:
            assert (job.state, job.reason) == (case.end, case.reason), job
            if case.end != "DONE":
                assert case.says in job.words
            assert len(job.nonces) == case.submissions, job
        else:
            assert job.state == "DONE", job  # perhaps on the second account, after the first one could not take it


@pytest.mark.parametrize("name", CASES)
def test_a_trouble_stops_the_account_it_means_and_no_other(name, house):
    case, told = CASES[name], house[name]
    first, *others = told.accounts
    assert all(other["state"] == "active" and other["live"] for other in others)
    if case.stops:
        assert (told.stopped["state"], told.stopped["trouble"]) == ("stopped", case.stops)
        assert told.stopped["reason"]
        if case.submissions == 2:
            assert case.says in told.stopped["reason"]
    expected = "stopped" if case.stops and not case.resumed else "active"
    assert first["state"] == expected
    assert first["live"] == (expected == "active"), first
