"""While the database cannot be written new work is refused, nothing is submitted, and what runs is caught up after."""

from __future__ import annotations

import resource
import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from tests.fakes.postgres import PostgresServer
from tests.journeys.processes import (
    EaselProcess,
    SimulatorProcess,
    assert_nothing_lost_doubled_or_swapped,
    imagine,
    wait_final,
)

TROUBLE_SECONDS = 5.0
SETTLED_SECONDS = 0.7
"""A POST whose intent was stored just before the trouble may still arrive."""


def posts(simulator: SimulatorProcess) -> int:
    return sum(row["path"].endswith("/interactions") for row in simulator.ledger("request"))


def finals(simulator: SimulatorProcess) -> int:
    return sum(row["state"] == "finished" for row in simulator.ledger("job"))


@dataclass
class Meanwhile:
    """What was seen from outside while the database could not be written."""

    refused: list[httpx.Response] = field(default_factory=list)
    read: list[tuple[int, float]] = field(default_factory=list)
    posted: int = 0
    finished: int = 0


def watch(simulator: SimulatorProcess, easel: EaselProcess, job_id: str, ends: float) -> Meanwhile:
    """Ask for new work and for a job, again and again until shortly before the end."""
    time.sleep(SETTLED_SECONDS)
    seen = Meanwhile()
    posts_before, finals_before = posts(simulator), finals(simulator)
    with easel.client() as client:
        while time.monotonic() < ends - 0.1:
            began = time.monotonic()
            seen.read.append((client.get(f"/api/v1/midjourney/message/{job_id}").status_code, time.monotonic() - began))
            if ends - time.monotonic() > 4.2 or not seen.refused:  # one try may wait for the lock twice
                seen.refused.append(client.post("/api/v1/midjourney/imagine", json={"prompt": "not now"}))
            time.sleep(0.05)
    seen.posted, seen.finished = posts(simulator) - posts_before, finals(simulator) - finals_before
    return seen


def assert_refused_and_nothing_sent(seen: Meanwhile) -> None:
    assert seen.refused
    for answer in seen.refused:
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
    assert seen.posted == 0
    assert seen.finished > 0, "no job ended meanwhile, so nothing had to be caught up"


@pytest.fixture
def at_work(start_simulator, start_easel):
    """Six jobs, some at Midjourney, the others waiting for the pace: they would be sent during the trouble."""

    def begin(**settings) -> tuple[SimulatorProcess, EaselProcess, list[str]]:
        simulator = start_simulator(speed=10, accounts=2)
        easel = start_easel(simulator, PACE_SECONDS=1.5, **settings)
        with easel.client() as client:
            job_ids = [imagine(client, f"a fox in trouble {n}") for n in range(8)]
            while posts(simulator) < 3:
                time.sleep(0.02)
        return simulator, easel, job_ids

    return begin


def caught_up(simulator: SimulatorProcess, easel: EaselProcess, job_ids: list[str]) -> None:
    with easel.client() as client:
        told = wait_final(client, job_ids, 60)
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)


def settled_places(easel: EaselProcess) -> list[tuple]:
    """The saved places, once a COMMIT that was under way when the trouble began can be seen."""
    places = easel.query("SELECT seq FROM accounts ORDER BY id")
    while True:
        time.sleep(0.5)
        before, places = places, easel.query("SELECT seq FROM accounts ORDER BY id")
        if places == before:
            return places


@contextmanager
def locked(easel: EaselProcess):
    with closing(sqlite3.connect(easel.folder / "easel.db", isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full_disk(easel: EaselProcess):
    """Every byte that the process adds to a file fails, as on a full disk."""
    resource.prlimit(easel.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    yield
    resource.prlimit(easel.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.parametrize("trouble", [locked, full_disk])
@pytest.mark.timeout(180)
def test_a_database_that_cannot_be_written_for_five_seconds_costs_nothing(at_work, trouble):
    simulator, easel, job_ids = at_work()
    with trouble(easel):
        ends = time.monotonic() + TROUBLE_SECONDS
        places = settled_places(easel)
        seen = watch(simulator, easel, job_ids[0], ends)
        assert easel.query("SELECT seq FROM accounts ORDER BY id") == places
    assert_refused_and_nothing_sent(seen)
    assert {status for status, _ in seen.read} == {200}
    assert max(seconds for _, seconds in seen.read) < 1.5, "a read waited for the writer"
    caught_up(simulator, easel, job_ids)


@pytest.mark.timeout(180)
def test_a_postgresql_that_crashes_and_comes_back_costs_nothing(at_work):
    server = PostgresServer()
    try:
        with server.database() as url:
            simulator, easel, job_ids = at_work(DATABASE_URL=url)
            server.stop()
            seen = watch(simulator, easel, job_ids[0], time.monotonic() + 3.0)
            server.start()
            assert_refused_and_nothing_sent(seen)
            caught_up(simulator, easel, job_ids)
            assert easel.stop() == 0
    finally:
        server.close()
