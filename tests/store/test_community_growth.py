"""Reads of the bot stay as fast with a million cards and finished jobs: none scans a table that grows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import event

from engine.ports import GalleryWanted, Place
from engine.store.sql_store import open_store
from tests.contracts.store_examples import after, furnish

GROWING = ("jobs", "requests", "results", "pictures", "cards", "strikes", "reports", "members", "styles", "removals")
WHO = "111111111111111111"
REQUESTER = f"discord:{WHO}"

READS = {
    "footing": lambda store, place: store.footing(WHO, "3" * 18),
    "footing in a workspace": lambda store, place: store.footing(WHO, None, place),
    "members": lambda store, place: store.members(place, 10, WHO),
    "memberships": lambda store, place: store.memberships(WHO),
    "strikes": lambda store, place: store.strikes(place, WHO),
    "member_load": lambda store, place: store.member_load(place, REQUESTER),
    "unfinished_of": lambda store, place: store.unfinished_of(place, REQUESTER),
    "open_cards": lambda store, place: store.open_cards(10, 5),
    "cards_of": lambda store, place: store.cards_of(place, "id"),
    "card_of_message": lambda store, place: store.card_of_message(place, "8" * 18),
    "styles": lambda store, place: store.styles(place, WHO),
    "reports": lambda store, place: store.reports(place, 10, 9),
    "unsettled reports": lambda store, place: store.reports(place, 10, unsettled=True),
    "removal": lambda store, place: store.removal(place, "id"),
    "workspace_of_job": lambda store, place: store.workspace_of_job("id"),
    "versions": lambda store, place: store.versions(["one", "two"]),
    "gallery": lambda store, place: store.gallery(place, GalleryWanted(viewer=REQUESTER, text="fox"), 10),
    "own gallery": lambda store, place: store.gallery(
        place, GalleryWanted(viewer=REQUESTER, requester=REQUESTER, behind=Place(after(9), "id")), 10
    ),
    "requested": lambda store, place: store.requested(REQUESTER, Place(after(9), "id"), 10),
}


async def asked_by(url: str, name: str) -> list[tuple]:
    asked: list[tuple] = []

    def listen(*said) -> None:
        asked.append((said[2], said[3]))

    store = open_store(url, migrate=True)
    house = await furnish(store)
    event.listen(store._reading, "before_cursor_execute", listen)
    await READS[name](store, house.workspace_id)
    await store.close()
    assert asked
    return asked


@pytest.mark.parametrize("name", READS)
async def test_no_read_scans_a_table_that_grows(tmp_path, name):
    asked = await asked_by(f"sqlite:///{tmp_path / 'easel.db'}", name)
    with closing(sqlite3.connect(tmp_path / "easel.db")) as connection:
        for statement, parameters in asked:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert [step for step in plan if any(step.startswith(f"SCAN {table}") for table in GROWING)] == [], plan


@pytest.mark.parametrize("name", READS)
async def test_postgresql_needs_no_scan_of_a_table_that_grows_either(postgres, name):
    with postgres.database() as url:
        asked = await asked_by(url, name)
        with closing(psycopg.connect(url)) as connection:
            connection.execute("SET enable_seqscan = off")  # of empty tables it is the cheapest way
            for statement, parameters in asked:
                plan = [row[0] for row in connection.execute(f"EXPLAIN {statement}", parameters)]
                assert [step for step in plan if any(f"Seq Scan on {table} " in step for table in GROWING)] == [], plan
