"""Writes that can wait ride with others, are made soon in any case, and are never forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.model import errors
from engine.model.community.cards import CardState
from engine.store.sql_store import open_store
from tests.contracts.store_examples import furnish, new_request
from tests.contracts.test_cards_contract import card
from tests.store.test_writing import be_impatient, locked


@pytest.fixture
def file(tmp_path):
    return tmp_path / "easel.db"


@pytest.fixture
async def store(file):
    made = open_store(f"sqlite:///{file}", migrate=True)
    yield made
    await made.close()


@pytest.fixture
async def house(store):
    return await furnish(store)


def nothing(*_):
    """What a caller wants written."""


async def test_a_write_that_can_wait_rides_with_the_next_transaction(store, house, monkeypatch):
    monkeypatch.setattr("engine.store.writer.PATIENCE", 60)
    before = store.commits
    waiting = asyncio.create_task(store._writer.write(nothing, patient=True))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await store.apply([new_request(house.workspace_id)])
    await asyncio.wait_for(waiting, 5)
    assert store.commits == before + 1


async def test_a_write_that_can_wait_is_made_alone_when_nothing_else_is_written(store, house):
    before = store.commits
    await asyncio.wait_for(asyncio.gather(*(store._writer.write(nothing, patient=True) for _ in range(5))), 5)
    assert store.commits == before + 1


async def test_what_waits_is_written_when_the_store_is_closed(store, house, monkeypatch):
    monkeypatch.setattr("engine.store.writer.PATIENCE", 60)
    waiting = asyncio.create_task(store._writer.write(lambda *_: "written", patient=True))
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.wait_for(waiting, 5) == "written"


async def test_a_write_that_can_wait_is_told_of_trouble_too(file, store, house):
    await be_impatient(store)
    with locked(file), pytest.raises(errors.Unavailable):
        await asyncio.wait_for(store._writer.write(nothing, patient=True), 10)


async def test_what_waits_while_others_are_refused_is_refused_with_them(file, store, house, monkeypatch):
    monkeypatch.setattr("engine.store.writer.PATIENCE", 0)
    await be_impatient(store)
    with locked(file):
        others = asyncio.create_task(store._writer.write(nothing))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(store._writer.write(nothing, patient=True))
        for each in (others, waiting):
            with pytest.raises(errors.Unavailable):
                await asyncio.wait_for(each, 5)


async def test_a_reminder_among_a_full_batch_is_not_lost(store, house, monkeypatch):
    monkeypatch.setattr("engine.store.writer.MOST_AT_ONCE", 3)
    monkeypatch.setattr("engine.store.writer.PATIENCE", 0)
    waiting = asyncio.create_task(store._writer.write(nothing, patient=True))
    await asyncio.gather(*(store._writer.write(nothing) for _ in range(3)))
    await asyncio.wait_for(waiting, 5)


async def test_a_new_card_is_stored_at_once_and_only_that_its_end_was_shown_can_wait(store, house, monkeypatch):
    monkeypatch.setattr("engine.store.writer.PATIENCE", 60)
    new = new_request(house.workspace_id)
    await store.apply([new])
    kept = await asyncio.wait_for(store.add_card(card(new.jobs[0])), 5)
    assert await asyncio.wait_for(store.change_card(replace(kept, message_id="77")), 5)
    shown = asyncio.create_task(store.change_card(replace(kept, state=CardState.DELIVERED)))
    await asyncio.sleep(0.05)
    assert not shown.done()
    await store.probe()
    assert await asyncio.wait_for(shown, 5)
