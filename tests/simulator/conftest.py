"""A simulator in this process, small and fast, and the calls of its control port."""

from __future__ import annotations

import contextlib

import httpx
import pytest

from engine.simulator import Simulator, SimulatorOptions, Timing
from tests.simulator.raw_client import RawClient


class Running:
    """A started simulator with short ways to its control port."""

    def __init__(self, simulator):
        self.simulator = simulator
        self.accounts = simulator.accounts()
        self.control = httpx.AsyncClient(base_url=simulator.control_url, timeout=10)

    def client(self, number=0, **more):
        return RawClient(self.simulator.api_url, self.accounts[number], **more)

    async def order(self, kind, **more):
        answer = await self.control.post("/faults", json={"kind": kind, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rows(self, kind=None, **match):
        found, after = [], 0
        while True:
            page = (await self.control.get("/ledger", params={"after": after, "limit": 500})).json()
            found += page["rows"]
            if not page["rows"]:
                return [
                    r
                    for r in found
                    if kind in (None, r["kind"]) and all(r.get(name) == value for name, value in match.items())
                ]
            after = page["next"]


@pytest.fixture
def simulate(tmp_path):
    """Start a simulator for the length of a block: `async with simulate(accounts=2) as it`."""

    @contextlib.asynccontextmanager
    async def start(**options):
        timing = Timing(
            **{"job_ms": 60, "first_ms": 8, "upscale_ms": 20, "progress_events": 4, **options.pop("timing", {})}
        )
        wanted = {"speed": 200, "picture_size": 64, "state_dir": tmp_path / "state", "timing": timing, **options}
        simulator = Simulator(SimulatorOptions(**wanted))
        await simulator.start()
        running = Running(simulator)
        try:
            yield running
        finally:
            await running.control.aclose()
            await simulator.stop()

    return start
