"""A Discord whose clock is not ours, and a simulator whose time a test steps."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime

import pytest

from engine.simulator import Simulator, SimulatorOptions
from engine.simulator.clock import Clock
from engine.simulator.ids import DISCORD_EPOCH_MS, Snowflakes
from tests.simulator.raw_client import RawClient


def made_ms(snowflake):
    return (int(snowflake) >> 22) + DISCORD_EPOCH_MS


@pytest.mark.parametrize("skew", [20_000, -20_000])
async def test_ids_stamps_and_dates_follow_a_skewed_clock_and_the_ledger_does_not(simulate, skew):
    async with simulate() as it, it.client() as client:
        answer = await it.control.put("/clock", json={"skew_ms": skew})
        assert answer.json()["skew_ms"] == skew
        final = await client.finished("harbor")
        now = time.time() * 1000
        assert abs(made_ms(final["id"]) - skew - now) < 5000
        assert final["timestamp"][:19] == (await client.history())[0]["timestamp"][:19]
        date = parsedate_to_datetime((await client.http.get("/gateway")).headers["Date"])
        assert abs(date.timestamp() * 1000 - skew - now) < 5000
        assert all(abs(row["at"] - now) < 5000 for row in await it.rows())


async def test_the_skew_can_be_there_from_the_beginning(simulate):
    async with simulate(clock_skew_ms=-20_000) as it:
        assert abs(made_ms(it.accounts[0]["user_id"]) + 20_000 - time.time() * 1000) < 5000
        assert (await it.control.get("/clock")).json()["skew_ms"] == -20_000


@pytest.mark.parametrize("body", [{}, {"skew_ms": "1"}, {"skew_ms": 1.5}, {"skew_ms": 10**12}, {"skew_ms": 1, "x": 2}])
async def test_a_bad_skew_is_refused(simulate, body):
    async with simulate() as it:
        assert (await it.control.put("/clock", json=body)).status_code == 400


def test_ids_go_back_with_the_clock_and_none_is_given_twice():
    snowflakes, given = Snowflakes(), set()
    for ms in (1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_001):
        given.add(snowflakes.next(ms))
    snowflakes.set_back()
    again = [snowflakes.next(ms) for ms in (1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_001)]
    assert len(given | set(again)) == 6
    assert [made_ms(one) for one in again] == [1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_001]


class SteppedClock(Clock):
    """Stands still until the test lets time pass."""

    def __init__(self):
        self.passed = 0.0
        self.moved = asyncio.Condition()
        super().__init__(wall_ms=lambda: 1_800_000_000_000 + int(self.passed * 1000))

    async def pause(self, seconds):
        until = self.passed + seconds
        async with self.moved:
            await self.moved.wait_for(lambda: self.passed >= until)

    async def step(self, seconds):
        async with self.moved:
            self.passed += seconds
            self.moved.notify_all()
        await asyncio.sleep(0.01)


async def test_a_job_takes_the_time_of_the_clock_that_the_test_brought(tmp_path):
    clock = SteppedClock()
    options = SimulatorOptions(state_dir=tmp_path / "state", picture_size=64)
    async with Simulator(options, clock) as simulator, RawClient(simulator.api_url, simulator.accounts()[0]) as client:
        nonce = await client.imagine("harbor")
        await asyncio.sleep(0.1)
        assert not client.of("MESSAGE_CREATE")
        while not client.of("MESSAGE_CREATE", lambda d: d["attachments"]):
            await clock.step(0.5)
        final = await client.final_of(nonce)
        assert 20 < clock.passed < 40
        assert made_ms(final["id"]) - 1_800_000_000_000 <= clock.passed * 1000
