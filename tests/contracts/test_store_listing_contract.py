"""What every ports.Store promises of lists of jobs, and of accounts that are changed or begin a new session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.actions import Action, ActionKind
from engine.model.jobs import JobState
from engine.ports import JobPage, JobsWanted
from engine.store import listing
from tests.contracts.store_examples import T0, after, furnish, new_request
from tests.contracts.store_kinds import STORES, opened

UPSCALE = Action(ActionKind.UPSCALE, 1)


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


async def put(house, at, requester="key:1", ref=None, **changes):
    """A queued job with these values."""
    new = new_request(house.workspace_id, at=after(at))
    origin = replace(new.request.origin, requester=requester, ref=ref)
    job = replace(new.jobs[0], ref=ref, **changes)
    await house.store.apply([replace(new, request=replace(new.request, origin=origin), jobs=(job,))])
    return job


async def test_private_jobs_are_left_out_where_they_are_not_wanted(house):
    plain, secret = await put(house, 1), await put(house, 2, private=True)
    spoken = await put(house, 3, prompt='a sign that says "private":true', sent_prompt='"private":true')
    assert await ids(house) == [spoken.id, secret.id, plain.id]
    assert await ids(house, private=False) == [spoken.id, plain.id]
    assert await ids(house, private=False, requester="key:1", states=(JobState.QUEUED,)) == [spoken.id, plain.id]


async def ids(house, limit=50, **wanted):
    page = await house.store.job_page(house.workspace_id, JobsWanted(**wanted), limit)
    return [job.id for job in page.jobs]


async def test_every_wish_narrows_the_list_and_all_must_hold(house):
    plain = await put(house, 1)
    named = await put(house, 2, ref="order 7")
    asked = await put(house, 3, requester="ann", ref="order 7")
    child = await put(house, 4, requester="ann", parent_id=plain.id, action=UPSCALE)
    ended = await house.done()
    other = await house.store.ensure_workspace("other", T0)
    assert await ids(house, ref="order 7") == [asked.id, named.id]
    assert await ids(house, requester="ann") == [child.id, asked.id]
    assert await ids(house, requester="ann", ref="order 7") == [asked.id]
    assert await ids(house, parent_id=plain.id) == [child.id]
    assert await ids(house, parent_id=plain.id, requester="key:1") == []
    assert await ids(house, action=UPSCALE) == [child.id]
    assert await ids(house, states=(JobState.DONE,)) == [ended.id]
    assert await ids(house, states=(JobState.DONE, JobState.QUEUED), action=UPSCALE) == [child.id]
    assert await ids(house, since=after(2), until=after(4)) == [asked.id, named.id]
    page = await house.store.job_page(other.id, JobsWanted(ref="order 7"), 50)
    assert page == JobPage((), None)


@pytest.mark.parametrize(
    "wanted",
    [
        JobsWanted(),
        JobsWanted(ref="r"),
        JobsWanted(requester="key:1"),
        JobsWanted(states=(JobState.QUEUED,)),
        JobsWanted(ref="r", action=Action(ActionKind.IMAGINE)),
    ],
    ids=["all", "ref", "requester", "state", "ref and action"],
)
async def test_pages_follow_each_other_whatever_is_made_meanwhile(house, wanted):
    made = {(await put(house, at // 2, ref="r")).id for at in range(9)}  # two of each moment
    seen, place = [], None
    while True:
        page = await house.store.job_page(house.workspace_id, replace(wanted, behind=place), 4)
        seen += [job.id for job in page.jobs]
        await put(house, 100, ref="r")
        if page.rest is None:
            break
        place = page.rest
    assert len(seen) == len(made)
    assert set(seen) == made


async def test_a_search_among_many_others_goes_on_in_the_next_page(store, house, monkeypatch):
    monkeypatch.setattr(listing, "SEARCHED", 3)
    wanted = await put(house, 0, action=UPSCALE)
    for at in range(1, 8):
        await put(house, at)
    seen, place, pages = [], None, 0
    while True:
        page = await store.job_page(house.workspace_id, JobsWanted(action=UPSCALE, behind=place), 2)
        seen += [job.id for job in page.jobs]
        pages, place = pages + 1, page.rest
        if place is None:
            break
    assert seen == [wanted.id]
    assert pages <= 4


async def test_an_account_takes_another_name_and_number_of_jobs(house):
    assert await house.store.change_account(house.account.id, "studio", 7)
    changed = await house.store.account(house.account.id)
    assert changed == replace(house.account, name="studio", concurrency=7)
    await house.store.unlink_account(house.account.id)
    assert not await house.store.change_account(house.account.id, "gone", 1)
    assert not await house.store.change_account(999, "nobody", 1)


async def test_an_account_notes_when_it_is_to_begin_a_new_session(house):
    assert await house.store.restart_account(house.account.id, after(5))
    assert (await house.store.account(house.account.id)).restarted_at == after(5)
    await house.store.unlink_account(house.account.id)
    assert not await house.store.restart_account(house.account.id, after(6))
