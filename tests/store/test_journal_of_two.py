"""Two processes store on one PostgreSQL, and whoever looks now and then is told of everything, each entry once."""

from __future__ import annotations

import asyncio

from engine.clock import SystemClock
from engine.core.journal import Journal, JournalWanted
from engine.core.recent import Recent
from engine.core.updates import Updates
from engine.store.sql_store import open_store
from tests.contracts.store_examples import furnish, new_request

ROUNDS = 150


async def test_a_poller_loses_nothing_while_two_store(postgres):
    clock = SystemClock()
    with postgres.database() as url:
        one, two = open_store(url, clock=clock), open_store(url, clock=clock)
        house = await furnish(one)
        journal = Journal(one, Updates(clock), clock, Recent(one, clock), list)
        writing = [asyncio.create_task(write(store, house.workspace_id, clock)) for store in (one, two)]
        told: list[int] = []
        while not all(task.done() for task in writing):
            told += await poll(journal, house.workspace_id, told)
            await asyncio.sleep(0.01)
        await asyncio.gather(*writing)
        told += await poll(journal, house.workspace_id, told)
        stored = []
        while page := await one.journal(stored[-1] if stored else 0, 500):
            stored += [entry.place for entry in page]
        await one.close()
        await two.close()
    assert told == stored
    assert len(stored) == 2 * 3 * ROUNDS


async def write(store, workspace_id, clock):
    for _ in range(ROUNDS):
        await store.apply([new_request(workspace_id, at=clock.now()) for _ in range(3)])


async def poll(journal, workspace_id, told):
    reader = await journal.open(workspace_id, JournalWanted(), told[-1] if told else 0)
    try:
        new = []
        while page := await reader.missed():
            new += [entry.place for entry in page]
        return new
    finally:
        reader.close()
