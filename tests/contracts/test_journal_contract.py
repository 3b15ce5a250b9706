"""What every ports.JournalStore promises: all that was stored of all jobs, in one order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.jobs import JobState
from tests.contracts.store_examples import T0, assigned, furnish, new_request, step
from tests.contracts.store_kinds import STORES, opened


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


def steps(entries):
    return [(entry.update.job_id, entry.update.version) for entry in entries]


async def test_an_empty_store_has_no_entry(store):
    assert await store.journal_end() == 0
    assert list(await store.journal(0, 10)) == []


async def test_entries_stand_in_the_order_in_which_they_were_stored_whatever_job_they_are_of(house):
    first, second = await house.submit(), await house.submit()
    await house.store.apply([step(second, assigned(house.account.id), house.lease)])
    await house.store.apply([step(first, assigned(house.account.id), house.lease)])
    entries = await house.store.journal(0, 10)
    assert steps(entries) == [(first.id, 1), (second.id, 1), (second.id, 2), (first.id, 2)]
    assert [entry.place for entry in entries] == sorted({entry.place for entry in entries})
    assert entries[-1].place == await house.store.journal_end()
    assert [entry.update for entry in entries if entry.update.job_id == first.id] == await house.store.updates(first.id)


async def test_a_reader_begins_behind_a_place_and_ends_with_one(house):
    for _ in range(4):
        await house.submit()
    places = [entry.place for entry in await house.store.journal(0, 10)]
    assert [entry.place for entry in await house.store.journal(places[0], 2)] == places[1:3]
    assert [entry.place for entry in await house.store.journal(places[0], 10, until=places[1])] == places[1:2]
    assert list(await house.store.journal(places[-1], 10)) == []


async def test_one_workspaces_entries_can_be_read_alone(house):
    other = await house.store.ensure_workspace("other", T0)
    await house.submit()
    foreign = new_request(other.id)
    await house.store.apply([foreign])
    await house.submit()
    entries = await house.store.journal_of(other.id, 0, 10, until=9)
    assert steps(entries) == [(foreign.jobs[0].id, 1)]
    assert [entry.workspace_id for entry in entries] == [other.id]
    assert len(await house.store.journal(0, 10)) == 3


async def test_an_entry_says_whose_job_it_is_of_and_what_was_asked(house):
    new = new_request(house.workspace_id)
    job = replace(new.jobs[0], ref="order 7", private=True)
    asked = replace(new.request, origin=replace(new.request.origin, requester="user 9"))
    await house.store.apply([replace(new, jobs=(job,), request=asked)])
    plain = await house.submit()
    private, open_to_all = await house.store.journal(0, 10)
    assert (private.request_id, private.action, private.ref) == (job.request_id, job.action, "order 7")
    assert (private.requester, private.private) == ("user 9", True)
    assert (open_to_all.update.job_id, open_to_all.private) == (plain.id, False)


async def test_an_end_tells_why(house):
    job = await house.done()
    (*_, end) = await house.store.journal_of(job.workspace_id, 0, 10, until=9)
    assert (end.update.job_id, end.update.state, end.update.version) == (job.id, JobState.DONE, job.version)


async def test_one_workspaces_entries_can_be_narrowed_to_states_an_end_user_and_a_span(house):
    job = await house.done()
    new = new_request(house.workspace_id)
    hers = replace(new, request=replace(new.request, origin=replace(new.request.origin, requester="anna")))
    await house.store.apply([hers])

    async def told(**wanted):
        found = await house.store.journal_of(house.workspace_id, 0, 10, **{"until": 99, **wanted})
        return [(entry.update.job_id, entry.update.state) for entry in found]

    assert await told(states={JobState.DONE, JobState.SENT}) == [(job.id, JobState.SENT), (job.id, JobState.DONE)]
    assert await told(requester="anna") == [(new.jobs[0].id, JobState.QUEUED)]
    assert await told(states={JobState.WAITING_MODAL, JobState.NEEDS_ATTENTION}) == []
    assert await told(until=2) == [(job.id, JobState.QUEUED), (job.id, JobState.SENT)]
    assert await told(requester="nobody") == []
