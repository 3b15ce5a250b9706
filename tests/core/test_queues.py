"""What an operator does to queues and accounts while everything runs, and jobs that are no longer waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.accounts import AccountState
from engine.model.errors import NotFound
from engine.model.jobs import FailureReason, JobState
from engine.model.limits import Limits
from engine.ports import AccountChange
from tests.fakes import scripted_session as says

UUID = "22222222-2222-4222-8222-222222222222"


def posts(house) -> int:
    return sum(len(session.submissions) for session in house.driver.sessions)


def place(house) -> str:
    return house.origin.workspace_id


async def running(house):
    """A job that Midjourney shows, and what its final will be."""
    before = posts(house)
    job = await house.imagine("runs")
    _, nonce = await house.until_posted(before + 1)
    frames = says.an_imagine(nonce, house.clock.now(), UUID)
    (session,) = [each for each in house.driver.sessions if each.submissions]
    session.shows(*frames[:4])
    await house.until_state(job, JobState.RUNNING)
    return job, frames


# --- pause


async def test_a_paused_queue_lets_what_runs_finish_and_keeps_what_is_new(house):
    await house.open()
    first, frames = await running(house)
    await house.engine.queues.pause(place(house))
    second = await house.imagine("waits")
    house.session.shows(*frames[4:])
    await house.until_state(first, JobState.DONE)
    await house.clock.advance(30)
    assert posts(house) == 1
    assert house.engine.waits_because(await house.job(second)) == "the workspace's queue is paused"
    assert await house.engine.queues.count(place(house)) == 1
    await house.engine.queues.resume(place(house))
    await house.until_posted(2)
    assert await house.engine.queues.count(place(house)) == 0


async def test_a_pause_survives_a_restart(house):
    await house.open()
    await house.engine.queues.pause(place(house))
    await house.imagine("waits")
    await house.restart()
    await house.clock.advance(5)
    assert posts(house) == 0


async def test_a_pause_by_another_process_is_heeded_within_a_second(house):
    await house.open()
    await house.store.pause_workspace(place(house), house.clock.now())
    await house.clock.advance(1)
    await house.imagine("waits")
    await house.clock.advance(5)
    assert posts(house) == 0
    await house.store.pause_workspace(place(house), None)
    await house.clock.advance(1)
    assert posts(house) == 1


async def test_another_workspaces_queue_goes_on(house):
    await house.open()
    other = await house.store.ensure_workspace("other", house.clock.now())
    await house.engine.queues.pause(other.id)
    await house.imagine("goes on")
    await house.until_posted(1)


async def test_what_is_no_workspace_has_no_queue_to_pause(house):
    await house.open()
    for deed in (house.engine.queues.pause, house.engine.queues.resume, house.engine.queues.reboot):
        with pytest.raises(NotFound):
            await deed("no such")


# --- reboot


async def test_a_reboot_finds_the_result_of_a_job_of_unknown_outcome(house):
    await house.open()
    job, frames = await running(house)
    await house.until_state(job, JobState.NEEDS_ATTENTION, seconds=2 * Limits().fast)
    house.session.in_history(replace(frames[-2], channel=says.Channel.HISTORY))
    await house.clock.advance(600)
    assert (await house.job(job)).state is JobState.NEEDS_ATTENTION
    await house.engine.queues.reboot(place(house))
    done = await house.until_state(job, JobState.DONE, seconds=5)
    assert done.result.uuid == UUID


async def test_a_reboot_by_another_process_is_heeded_too_and_drops_nothing(house):
    await house.open()
    job, _ = await running(house)
    queued = await house.store.loads(place(house))
    looks = len(house.session.histories)
    await house.store.reboot_workspace(place(house), house.clock.now())
    await house.clock.advance(3)
    assert len(house.session.histories) == looks + 1
    assert (await house.job(job)).state is JobState.RUNNING
    assert await house.store.loads(place(house)) == queued
    await house.clock.advance(5)
    assert posts(house) == 1


async def test_a_reboot_while_nobody_is_connected_is_made_good_when_somebody_is(house):
    await house.open()
    _, _ = await running(house)
    house.session.loses()
    await house.engine.queues.reboot(place(house))
    looks = len(house.session.histories)
    await house.until(
        lambda: len(house.driver.sessions[-1].histories) > (looks if len(house.driver.sessions) == 1 else 0)
    )


# --- accounts


async def test_an_account_that_is_switched_off_gets_nothing_new_and_the_others_go_on(house):
    await house.open(accounts=2)
    first, second = await house.engine.queues.accounts(place(house))
    off = await house.engine.queues.switch(place(house), first.id, on=False)
    assert off.state is AccountState.PAUSED
    jobs = [await house.imagine(f"fox {n}") for n in range(3)]
    await house.until(lambda: posts(house) == 3)
    assert {(await house.job(job)).account_id for job in jobs} == {second.id}
    on = await house.engine.queues.switch(place(house), first.id, on=True)
    assert on.state is AccountState.ACTIVE
    job = await house.imagine("the fourth")
    await house.until(lambda: posts(house) == 4)
    assert (await house.job(job)).account_id == first.id


async def test_a_switch_stands_in_the_audit_log_once_for_each_change(house):
    await house.open()
    (account,) = await house.engine.queues.accounts(place(house))
    for on in (False, False, True, True):
        await house.engine.queues.switch(place(house), account.id, on=on, who="key:7")
    log = await house.engine.audit(place(house))
    assert [(entry.who, entry.what) for entry in log] == [("key:7", "account resumed"), ("key:7", "account paused")]
    assert {entry.after for entry in log} == {f"{account.id} {account.name}"}


async def test_a_switch_by_another_process_is_heeded_within_a_second(house):
    await house.open()
    (account,) = await house.engine.queues.accounts(place(house))
    await house.store.apply([AccountChange(account.id, AccountState.PAUSED)])
    await house.clock.advance(0.9)
    await house.imagine("waits")
    await house.clock.advance(5)
    assert posts(house) == 0


async def test_what_stopped_stays_stopped_when_it_is_switched_off_and_works_when_switched_on(house):
    await house.open()
    house.session.ends()
    await house.until(house.stopped)
    (account,) = await house.engine.queues.accounts(place(house))
    assert (await house.engine.queues.switch(place(house), account.id, on=False)).state is AccountState.STOPPED
    assert (await house.engine.queues.switch(place(house), account.id, on=True)).state is AccountState.ACTIVE


async def test_an_account_of_another_workspace_cannot_be_switched(house):
    await house.open()
    (account,) = await house.engine.queues.accounts(place(house))
    other = await house.store.ensure_workspace("other", house.clock.now())
    with pytest.raises(NotFound, match=r"no linked account 1$"):
        await house.engine.queues.switch(other.id, account.id, on=False)
    with pytest.raises(NotFound, match=r"no linked account 4711$"):
        await house.engine.queues.switch(place(house), 4711, on=False)


async def test_each_accounts_figures_are_its_own_jobs(house):
    await house.open(accounts=2)
    job, _ = await running(house)
    runs_on = (await house.job(job)).account_id
    figures = {each.account.id: each for each in await house.engine.queues.of_accounts(place(house))}
    assert [figures[runs_on].running, sum(each.running for each in figures.values())] == [1, 1]
    assert not any(each.paused for each in figures.values())
    await house.engine.queues.pause(place(house))
    assert all(each.paused for each in await house.engine.queues.of_accounts(place(house)))
    trace = await house.engine.queues.traced(await house.job(job))
    assert trace.account.id == runs_on


# --- who waits no longer


async def limited(house, seconds: float):
    return await house.engine.imagine(house.origin, "a red fox", timeout=seconds)


async def test_a_job_that_was_not_sent_in_time_is_withdrawn(house):
    await house.open()
    await house.engine.queues.pause(place(house))
    job = await limited(house, 10)
    await house.clock.advance(9)
    assert (await house.job(job)).state is JobState.QUEUED
    failed = await house.until_state(job, JobState.FAILED, seconds=3)
    assert failed.failure.reason is FailureReason.NOT_SENT
    assert "paused" in failed.failure.detail
    await house.engine.queues.resume(place(house))
    await house.clock.advance(5)
    assert posts(house) == 0


async def test_a_job_whose_time_was_over_before_the_start_blames_no_account(house):
    await house.open(accounts=2)
    await house.engine.queues.pause(place(house))
    job = await limited(house, 10)
    await house.stop()
    await house.engine.queues.resume(place(house))
    await house.clock.advance(60)
    house.engine = house._engine()
    await house.engine.start()
    failed = await house.until_state(job, JobState.FAILED, seconds=3)
    assert failed.failure.detail == "it was never sent: its time was over before it could be sent"


async def test_a_job_that_was_sent_goes_on_after_its_limit_and_its_late_picture_is_kept(house):
    await house.open()
    job = await limited(house, 10)
    _, nonce = await house.until_posted(1)
    frames = says.an_imagine(nonce, house.clock.now(), UUID)
    house.session.shows(*frames[:4])
    await house.clock.advance(8)
    assert not (await house.job(job)).given_up
    await house.clock.advance(3)
    late = await house.job(job)
    assert (late.state, late.given_up) == (JobState.RUNNING, True)
    assert [update.event for update in await house.store.updates(job.id)].count("GaveUp") == 1
    house.session.shows(*frames[4:])
    done = await house.until_state(job, JobState.DONE)
    assert (done.result.uuid, posts(house)) == (UUID, 1)


async def test_a_limit_that_passed_while_no_process_ran_counts_at_the_next_start(house):
    await house.open()
    job = await limited(house, 10)
    await house.until_posted(1)
    await house.stop()
    await house.clock.advance(60)
    house.engine = house._engine()
    await house.engine.start()
    await house.clock.advance(1)
    assert (await house.job(job)).given_up


async def test_without_a_limit_only_the_engines_own_deadline_counts(house):
    await house.open()
    job, _ = await running(house)
    await house.clock.advance(500)
    assert (await house.job(job)).state is JobState.RUNNING
    assert not (await house.job(job)).given_up
    unknown = await house.until_state(job, JobState.NEEDS_ATTENTION, seconds=200)
    assert unknown.given_up
