"""The bot in a process that does not hold the account: what it shows comes from the store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.transitions import advance, update_of
from engine.ports import JobChange, LiveNoted, ProgressNote
from tests.bot.conftest import EVERYTHING
from tests.contracts.store_examples import assigned, seen


@pytest.fixture
def offered():
    return {**EVERYTHING, "sole_owner": False}


class OtherProcess:
    """Holds the stage's account, and writes of its jobs."""

    def __init__(self, stage) -> None:
        self._house = stage.house
        self._store = stage.house.store
        self.account_id = stage.house._account().id

    async def takes_over(self) -> None:
        now = self._house.clock.now()
        await self._store.release(self._house.engine._leases.lease(self.account_id))
        self._lease = await self._store.take(self.account_id, "another", now, now + timedelta(hours=1))
        await self._house.until(lambda: self._house.engine._leases.lease(self.account_id) is None)

    async def goes_live(self) -> None:
        await self._store.apply([LiveNoted(live=True, lease=self._lease)])
        await self._house.until(lambda: self._house.engine.linked.is_live(self.account_id))

    async def runs(self, job):
        for event in (assigned(self.account_id), seen(self.account_id)):
            before, job = job, advance(job, event)
            await self._store.apply([JobChange(before, job, update_of(job, event), self._lease)])
        return job

    async def notes(self, job, percent: int) -> None:
        await self._store.apply([ProgressNote(job.id, job.version, percent, None, self._lease)])


@pytest.fixture
async def other(stage):
    process = OtherProcess(stage)
    await process.takes_over()
    return process


async def test_the_bar_of_a_job_that_runs_in_another_process_moves(stage, other, monkeypatch):
    monkeypatch.setattr("bot.relay.PACE", 0.05)
    await other.goes_live()
    answer = await stage.slash("ann", "imagine", prompt="a red fox")
    await answer.shows("Imagine")
    job = await other.runs(stage.newest())
    for percent in (31, 62):
        await other.notes(job, percent)
        assert await stage.card(lambda call: f"{percent} %" in call.embed.get("description", ""))  # noqa: B023


async def listed_account(stage):
    listed = await (await stage.slash("owner", "admin account list")).shows("Accounts")
    return listed.embed["description"]


async def test_an_account_that_is_live_in_another_process_is_shown_as_live(stage, other):
    assert (await listed_account(stage)).startswith("🔴 `1`")
    await other.goes_live()
    assert (await listed_account(stage)).startswith("🟢 `1`")
