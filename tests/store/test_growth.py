"""Reads stay as fast with a million finished jobs: each is answered by an index, none scans a table that grows."""

from __future__ import annotations

import pytest

from engine.model.actions import Action, ActionKind
from engine.model.deliveries import DeliveryState
from engine.model.jobs import FINAL_STATES, OPEN_STATES, JobState
from engine.ports import JobsWanted, Place
from tests.contracts.store_examples import T0, after, new_request
from tests.store.plans import scans_of_postgresql, scans_of_sqlite, way_of_sqlite

GROWING = ("jobs", "requests", "job_updates", "submissions", "results", "pictures", "deliveries")

READS = {
    "accounts": lambda store, house: store.accounts(),
    "queued": lambda store, house: store.queued(100),
    "queued behind": lambda store, house: store.queued(100, new_request(house.workspace_id).jobs[0]),
    "switches": lambda store, house: store.switches(),
    "awaited_until": lambda store, house: store.awaited_until(after(9), 100),
    "loads": lambda store, house: store.loads(house.workspace_id),
    "made": lambda store, house: store.made(house.workspace_id, T0, limit=10, offset=10),
    "open_of": lambda store, house: store.open_of(house.workspace_id, 1, house.account.id),
    "open_jobs": lambda store, house: store.open_jobs(house.account.id),
    "finished_since": lambda store, house: store.finished_since(house.account.id, T0),
    "highest_nonce": lambda store, house: store.highest_nonce(house.account.id),
    "pictures_to_copy": lambda store, house: store.pictures_to_copy(10),
    "picture": lambda store, house: store.picture("f" * 32),
    "job": lambda store, house: store.job(house.workspace_id, "id"),
    "request": lambda store, house: store.request(house.workspace_id, "id"),
    "jobs of a request": lambda store, house: store.jobs_of(house.workspace_id, "id"),
    "children": lambda store, house: store.children(house.workspace_id, "id", Action(ActionKind.UPSCALE, 1)),
    "jobs": lambda store, house: store.jobs(house.workspace_id),
    "jobs before": lambda store, house: store.jobs(house.workspace_id, before=after(9)),
    "jobs needing attention": lambda store, house: store.jobs(house.workspace_id, states=[JobState.NEEDS_ATTENTION]),
    "jobs open": lambda store, house: store.jobs(house.workspace_id, states=sorted(OPEN_STATES), before=after(9)),
    "jobs ended": lambda store, house: store.jobs(house.workspace_id, states=sorted(FINAL_STATES)),
    "jobs of any state": lambda store, house: store.jobs(house.workspace_id, states=list(JobState)),
    **{
        f"a page of jobs by {'+'.join(wanted)}": lambda store, house, wanted=wanted: store.job_page(
            house.workspace_id, JobsWanted(**wanted), 10
        )
        for wanted in (
            {"behind": Place(after(9), "id"), "since": T0, "until": after(9)},
            {"ref": "r", "behind": Place(after(9), "id")},
            {"requester": "key:1", "since": T0},
            {"requester": "key:1", "states": (JobState.DONE,), "action": Action(ActionKind.IMAGINE)},
            {"parent_id": "id", "requester": "key:1"},
            {"action": Action(ActionKind.IMAGINE)},
            {"states": (JobState.FAILED, JobState.QUEUED), "action": Action(ActionKind.IMAGINE)},
        )
    },
    "updates": lambda store, house: store.updates("id", 3),
    "journal_end": lambda store, house: store.journal_end(),
    "journal": lambda store, house: store.journal(7, 100),
    "journal of one workspace": lambda store, house: store.journal_of(house.workspace_id, 7, 100, until=99),
    "tally": lambda store, house: store.tally(house.workspace_id, T0),
    "due_deliveries": lambda store, house: store.due_deliveries(T0, 10, {"a.example"}),
    "delivery": lambda store, house: store.delivery(house.workspace_id, 1),
    "deliveries": lambda store, house: store.deliveries(house.workspace_id, before=9),
    "deliveries of a request": lambda store, house: store.deliveries(house.workspace_id, request_id="id"),
    "deliveries that failed": lambda store, house: store.deliveries(house.workspace_id, state=DeliveryState.FAILED),
    "delivery_counts": lambda store, house: store.delivery_counts(house.workspace_id),
    "key_by_digest": lambda store, house: store.key_by_digest("d" * 64),
}


@pytest.mark.parametrize("name", READS)
async def test_no_read_scans_a_table_that_grows(tmp_path, name):
    scans = await scans_of_sqlite(tmp_path / "easel.db", READS[name], GROWING)
    # a partial index of what waits may be read from its start: it holds nothing that has ended
    assert [step for step in scans if "ix_pictures_to_copy" not in step] == []


@pytest.mark.parametrize("name", READS)
async def test_postgresql_needs_no_scan_of_a_table_that_grows_either(postgres, name):
    with postgres.database() as url:
        assert await scans_of_postgresql(url, READS[name], GROWING) == []


@pytest.mark.parametrize("read", ["journal", "journal of one workspace"])
async def test_the_journal_is_read_along_the_outbox_and_not_sorted(tmp_path, read):
    first, *others = await way_of_sqlite(tmp_path / "easel.db", READS[read])
    assert first.startswith("SEARCH job_updates USING INTEGER PRIMARY KEY")
    assert [step for step in others if "jobs" not in step or "id=?" not in step] == []
