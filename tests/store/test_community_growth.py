"""Reads of the bot stay as fast with a million cards and finished jobs: none scans a table that grows."""

from __future__ import annotations

import pytest

from engine.ports import GalleryWanted, Place
from tests.contracts.store_examples import after
from tests.store.plans import scans_of_postgresql, scans_of_sqlite

GROWING = ("jobs", "requests", "results", "pictures", "cards", "strikes", "reports", "members", "styles", "removals")
WHO = "111111111111111111"
REQUESTER = f"discord:{WHO}"

READS = {
    "footing": lambda store, house: store.footing(WHO, "3" * 18),
    "footing in a workspace": lambda store, house: store.footing(WHO, None, house.workspace_id),
    "footing at a job": lambda store, house: store.footing_at(WHO, "3" * 18, "id"),
    "members": lambda store, house: store.members(house.workspace_id, 10, WHO),
    "memberships": lambda store, house: store.memberships(WHO),
    "strikes": lambda store, house: store.strikes(house.workspace_id, WHO),
    "member_load": lambda store, house: store.member_load(house.workspace_id, REQUESTER),
    "unfinished_of": lambda store, house: store.unfinished_of(house.workspace_id, REQUESTER),
    "open_cards": lambda store, house: store.open_cards(10, 5),
    "cards_of": lambda store, house: store.cards_of(house.workspace_id, "id"),
    "card_of_message": lambda store, house: store.card_of_message(house.workspace_id, "8" * 18),
    "styles": lambda store, house: store.styles(house.workspace_id, WHO),
    "reports": lambda store, house: store.reports(house.workspace_id, 10, 9),
    "unsettled reports": lambda store, house: store.reports(house.workspace_id, 10, unsettled=True),
    "removal": lambda store, house: store.removal(house.workspace_id, "id"),
    "workspace_of_job": lambda store, house: store.workspace_of_job("id"),
    "versions": lambda store, house: store.versions(["one", "two"]),
    "gallery": lambda store, house: store.gallery(house.workspace_id, GalleryWanted(viewer=REQUESTER, text="fox"), 10),
    "own gallery": lambda store, house: store.gallery(
        house.workspace_id, GalleryWanted(viewer=REQUESTER, requester=REQUESTER, behind=Place(after(9), "id")), 10
    ),
    "requested": lambda store, house: store.requested(REQUESTER, Place(after(9), "id"), 10),
}


@pytest.mark.parametrize("name", READS)
async def test_no_read_scans_a_table_that_grows(tmp_path, name):
    assert await scans_of_sqlite(tmp_path / "easel.db", READS[name], GROWING) == []


@pytest.mark.parametrize("name", READS)
async def test_postgresql_needs_no_scan_of_a_table_that_grows_either(postgres, name):
    with postgres.database() as url:
        assert await scans_of_postgresql(url, READS[name], GROWING) == []
