"""What every ports.Store promises about the queue: its order, what steers it, what is no longer waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model import events as ev
from engine.model.accounts import AccountState
from engine.model.inputs import Given
from engine.model.jobs import JobState
from engine.ports import AccountChange, LiveNoted, Load, Outcome
from tests.contracts.store_examples import (
    T0,
    after,
    assigned,
    click_request,
    finished,
    furnish,
    new_account,
    new_request,
    result,
)
from tests.contracts.store_kinds import STORES, opened


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


async def submit(house, *, at=T0, key_id=1, **changes):
    new = new_request(house.workspace_id, at=at)
    request = replace(new.request, origin=replace(new.request.origin, key_id=key_id))
    (job,) = (replace(job, **changes) for job in new.jobs)
    await house.store.apply([replace(new, request=request, jobs=(job,))])
    return job


# --- the order


async def test_boosts_stand_ahead_of_older_jobs_and_among_themselves_by_age(house):
    old, middle = await submit(house, at=after(1)), await submit(house, at=after(2))
    late = await submit(house, at=after(4), boosted_by="key:2")
    early = await submit(house, at=after(3), boosted_by="key:1")
    in_order = [early, late, old, middle]
    assert await house.store.queued(10) == in_order
    for place, job in enumerate(in_order):
        assert await house.store.queued(10, job) == in_order[place + 1 :]
        assert await house.store.queued(1, job) == in_order[place + 1 : place + 2]


async def test_a_request_keeps_that_it_is_a_boost_and_for_which_accounts(house):
    new = new_request(house.workspace_id)
    asked = replace(
        new.request,
        origin=replace(new.request.origin, boost=True, only_accounts=(3, 5), source_links=True, private=True),
    )
    job = replace(new.jobs[0], boosted_by="key:1", only_accounts=(3, 5), source_links=True, private=True)
    await house.store.apply([replace(new, request=asked, jobs=(job,))])
    assert await house.store.request(house.workspace_id, asked.id) == asked
    assert await house.store.job(house.workspace_id, job.id) == job
    sent = await house.move(job, assigned(house.account.id))
    assert (await house.store.job(house.workspace_id, job.id)).boosted_by == sent.boosted_by == "key:1"


# --- pauses and reboots


async def test_a_workspace_is_paused_from_the_first_time_on_until_it_goes_on(house):
    other = await house.store.ensure_workspace("other", T0)
    assert await house.store.pause_workspace(house.workspace_id, after(1))
    assert await house.store.pause_workspace(house.workspace_id, after(9))
    assert (await house.store.workspace(house.workspace_id)).paused_at == after(1)
    assert (await house.store.workspace(other.id)).paused_at is None
    assert {each.id: each.paused_at for each in (await house.store.switches()).workspaces} == {
        house.workspace_id: after(1),
        other.id: None,
    }
    assert await house.store.pause_workspace(house.workspace_id, None)
    assert (await house.store.workspace(house.workspace_id)).paused_at is None


async def test_a_workspace_remembers_its_last_reboot(house):
    await house.store.reboot_workspace(house.workspace_id, after(1))
    await house.store.reboot_workspace(house.workspace_id, after(5))
    assert (await house.store.workspace(house.workspace_id)).rebooted_at == after(5)


async def test_what_is_no_workspace_can_be_neither_paused_nor_rebooted(house):
    assert not await house.store.pause_workspace("no such", after(1))
    assert not await house.store.reboot_workspace("no such", after(1))
    assert await house.store.workspace("no such") is None


async def test_the_switches_show_every_linked_accounts_state(house):
    second = await house.store.add_account(new_account(house.workspace_id))
    third = await house.store.add_account(new_account(house.workspace_id))
    await house.store.apply([AccountChange(second.id, AccountState.PAUSED)])
    await house.store.unlink_account(third.id)
    states = {house.account.id: AccountState.ACTIVE, second.id: AccountState.PAUSED}
    assert (await house.store.switches()).accounts == states


async def test_the_switches_show_until_when_an_account_is_held_live(house):
    account_id, lease = house.account.id, house.lease
    assert (await house.store.switches()).live_until == {}
    assert await house.store.apply([LiveNoted(live=True, lease=lease)]) == [Outcome.APPLIED]
    assert (await house.store.switches()).live_until == {account_id: lease.until}
    await house.store.renew([lease], after(60))
    assert (await house.store.switches()).live_until == {account_id: after(60)}
    assert await house.store.apply([LiveNoted(live=False, lease=lease)]) == [Outcome.APPLIED]
    assert (await house.store.switches()).live_until == {}


async def test_an_account_that_is_given_back_or_taken_anew_is_not_live_before_that_is_noted(house):
    account_id, lease = house.account.id, house.lease
    await house.store.apply([LiveNoted(live=True, lease=lease)])
    await house.store.release(lease)
    assert (await house.store.switches()).live_until == {}
    anew = await house.store.take(account_id, "another", T0, after(40))
    assert (await house.store.switches()).live_until == {}
    await house.store.apply([LiveNoted(live=True, lease=anew)])
    assert await house.store.apply([LiveNoted(live=False, lease=lease)]) == [Outcome.STALE_LEASE]
    assert (await house.store.switches()).live_until == {account_id: after(40)}


# --- who waits no longer


async def test_what_was_sent_and_is_waited_for_until_now_is_found_longest_ago_first(house):
    late = await house.move(await submit(house, gives_up_at=after(20)), assigned(house.account.id))
    early = await house.move(await submit(house, gives_up_at=after(10)), assigned(house.account.id))
    await house.move(await submit(house, gives_up_at=after(31)), assigned(house.account.id))
    await house.move(await submit(house), assigned(house.account.id))
    await submit(house, gives_up_at=after(1))  # not sent: the queue withdraws it
    await house.move(await submit(house, gives_up_at=after(1)), assigned(house.account.id), finished(house.account.id))
    assert await house.store.awaited_until(after(30), 10) == [early, late]
    assert await house.store.awaited_until(after(30), 1) == [early]
    told = await house.move(early, ev.GaveUp(at=after(30)))
    assert await house.store.job(house.workspace_id, early.id) == told
    assert told.given_up
    assert await house.store.awaited_until(after(30), 10) == [late]


# --- figures, history, one requester's jobs


async def test_loads_are_counted_by_the_account_that_alone_may_run_a_job_or_runs_it(house):
    second = await house.store.add_account(new_account(house.workspace_id))
    await submit(house)
    await submit(house)
    await submit(house, bound_account_id=second.id)
    await house.sent()
    await house.move(await house.sent(), ev.DeadlinePassed(at=after(9), detail="silence"))
    await house.done()
    assert await house.store.loads(house.workspace_id) == [
        Load(None, 2, 0),
        Load(house.account.id, 0, 1),
        Load(second.id, 1, 0),
    ]
    assert await house.store.loads("no such") == []


async def test_what_was_made_since_comes_latest_first_page_by_page_and_only_with_pictures(house):
    made = [await house.done(at=after(at)) for at in (10, 20, 30)]
    wordless = replace(result(), pictures=())
    await house.move(await house.sent(), finished(house.account.id, after(40), wordless))
    await house.sent()
    assert await house.store.made(house.workspace_id, after(20), limit=10) == [made[2], made[1]]
    assert await house.store.made(house.workspace_id, T0, limit=1, offset=1) == [made[1]]
    assert await house.store.made(house.workspace_id, T0, limit=5, offset=3) == []
    assert await house.store.made("no such", T0, limit=5) == []


async def test_a_keys_jobs_on_an_account_are_those_bound_to_it_or_running_there(house):
    bound = await submit(house, at=after(1), bound_account_id=house.account.id)
    await submit(house, at=after(2))
    running = await house.move(await submit(house, at=after(3)), assigned(house.account.id))
    await house.move(await submit(house, at=after(4), key_id=2), assigned(house.account.id))
    await house.done()
    assert await house.store.open_of(house.workspace_id, 1, house.account.id) == [bound, running]
    assert await house.store.open_of(house.workspace_id, 1, 4711) == []
    assert await house.store.open_of("no such", 1, house.account.id) == []
    assert running.state is JobState.SENT


async def test_the_button_that_a_queued_job_waited_for_is_kept_with_the_intent_to_press_it(house):
    parent = await house.done()
    new = click_request(house.workspace_id, parent)
    click = new.jobs[0].click
    waiting = replace(new.jobs[0], click=None, given=Given(words="it runs", awaits_parent=True))
    await house.store.apply([replace(new, jobs=(waiting,))])
    assert await house.store.job(house.workspace_id, waiting.id) == waiting
    sent = await house.move(waiting.but(click=click), assigned(house.account.id))
    assert sent.click == click
    assert await house.store.job(house.workspace_id, waiting.id) == sent
