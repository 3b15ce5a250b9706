"""A simulator and an Easel of its own for each journey."""

from __future__ import annotations

import pytest

from tests.journeys.processes import EaselProcess, SimulatorProcess


@pytest.fixture
def start_simulator(tmp_path):
    started: list[SimulatorProcess] = []

    def start(**options: object) -> SimulatorProcess:
        # the bot keeps Discord's own beat: one that is missed on a busy machine ends its session, and presses are lost
        beat = 41_250 if options.get("community") else 1000
        values = {"speed": 20, "picture_size": 128, "heartbeat_ms": beat, **options}
        simulator = SimulatorProcess(tmp_path / f"simulator{len(started)}", **values)
        started.append(simulator)
        return simulator

    yield start
    for simulator in started:
        simulator.stop()


@pytest.fixture
def start_easel(tmp_path):
    started: list[EaselProcess] = []

    def start(
        simulator: SimulatorProcess, *, accounts: int = 2, concurrency: int = 3, **settings: object
    ) -> EaselProcess:
        easel = EaselProcess(tmp_path / f"easel{len(started)}", simulator, **settings)
        started.append(easel)
        linked = simulator.accounts[:accounts]
        for account in linked[:1]:
            easel.link(account, concurrency=concurrency)
        easel.start()
        for account in linked[1:]:
            easel.link_at_work(account, concurrency=concurrency)
        easel.wait_live(accounts)
        return easel

    yield start
    for easel in started:
        easel.stop()
