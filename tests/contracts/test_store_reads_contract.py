"""What every ports.Store promises to its readers and to the operator. Changes and leases: test_store_contract.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model import errors
from engine.model import events as ev
from engine.model.accounts import AccountState, Checkpoint, Upstream
from engine.model.jobs import JobState, Links
from engine.model.keys import Scope
from engine.model.quotas import Period, Quota
from engine.model.rates import read_rates
from engine.model.transitions import advance, update_of
from engine.ports import KeepEvidence, Outcome, SaveCheckpoint, Tally
from tests.contracts.store_examples import (
    T0,
    after,
    assigned,
    evidence,
    finished,
    furnish,
    new_account,
    new_key,
    new_request,
    seen,
)
from tests.contracts.store_kinds import STORES, opened


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


# --- jobs


async def test_queued_jobs_come_oldest_first_from_all_workspaces(house):
    other = await house.store.ensure_workspace("other", T0)
    late, early, middle = [await house.submit(at=after(at)) for at in (30, 10, 20)]
    foreign = new_request(other.id, at=after(15))
    await house.store.apply([foreign])
    await house.sent(at=after(1))
    assert await house.store.queued(10) == [early, foreign.jobs[0], middle, late]
    assert await house.store.queued(2) == [early, foreign.jobs[0]]


async def test_queued_jobs_of_one_moment_keep_a_stable_order(house):
    jobs = [await house.submit() for _ in range(5)]
    assert await house.store.queued(10) == sorted(jobs, key=lambda job: job.id)


async def test_a_new_job_may_repeat_the_result_of_another_one(house):
    known = await house.done()
    new = new_request(house.workspace_id, at=after(60))
    told = ev.Finished(at=after(60), account_id=known.account_id, links=Links(), result=known.result)
    done = advance(new.jobs[0], told)
    repeated = replace(new, jobs=(done,), updates=(*new.updates, update_of(done, told)))
    assert await house.store.apply([repeated]) == [Outcome.APPLIED]
    assert await house.store.job(house.workspace_id, done.id) == done
    assert [update.version for update in await house.store.updates(done.id)] == [1, 2]
    assert (await house.store.picture(known.result.pictures[0].key)).job_id == known.id
    assert done not in await house.store.queued(10)


async def test_open_jobs_are_those_that_may_run_at_midjourney(house):
    await house.submit()
    sent = await house.sent(at=after(1))
    running = await house.move(await house.sent(at=after(2)), seen(house.account.id))
    unknown = await house.move(await house.sent(at=after(3)), ev.DeadlinePassed(at=after(9), detail="silence"))
    await house.done()
    second = await house.store.add_account(new_account(house.workspace_id))
    house.lease = await house.store.take(second.id, "owner a", T0, after(30))
    elsewhere = await house.move(await house.submit(), assigned(second.id))
    assert await house.store.open_jobs(house.account.id) == [sent, running, unknown]
    assert await house.store.open_jobs(second.id) == [elsewhere]
    assert await house.store.open_jobs(4711) == []


async def test_jobs_that_ended_since_a_moment_come_with_their_results(house):
    await house.done(at=after(10))
    second = await house.done(at=after(20))
    third = await house.done(at=after(30))
    await house.sent()
    assert await house.store.finished_since(house.account.id, after(20)) == [second, third]
    assert await house.store.finished_since(4711, T0) == []


async def test_an_account_without_submissions_has_nonce_zero(house):
    assert await house.store.highest_nonce(house.account.id) == 0


async def test_the_highest_nonce_is_the_highest_number_not_the_highest_text(house):
    await house.move(await house.submit(), assigned(house.account.id, "99"))
    await house.move(await house.submit(), assigned(house.account.id, "1380000000000000001"))
    await house.move(await house.submit(), assigned(house.account.id, "380000000000000001"))
    assert await house.store.highest_nonce(house.account.id) == 1380000000000000001


async def test_jobs_of_a_workspace_come_newest_first(house):
    jobs = [await house.submit(at=after(at)) for at in range(5)]
    assert await house.store.jobs(house.workspace_id) == jobs[::-1]
    assert await house.store.jobs(house.workspace_id, limit=2) == [jobs[4], jobs[3]]
    assert await house.store.jobs(house.workspace_id, before=after(2)) == [jobs[1], jobs[0]]


async def test_jobs_can_be_asked_for_by_state(house):
    queued = await house.submit(at=after(1))
    sent = await house.sent(at=after(2))
    done = [await house.done(at=after(9)) for _ in range(3)]
    newest = sorted(done, key=lambda job: job.id, reverse=True)
    assert await house.store.jobs(house.workspace_id, states=[JobState.QUEUED]) == [queued]
    assert await house.store.jobs(house.workspace_id, states=[JobState.DONE, JobState.SENT]) == [sent, *newest]
    assert await house.store.jobs(house.workspace_id, states=[JobState.DONE], limit=2) == newest[:2]
    assert await house.store.jobs(house.workspace_id, states=[JobState.SENT, JobState.DONE], before=after(2)) == newest
    assert await house.store.jobs(house.workspace_id, states=[JobState.FAILED]) == []


async def test_unknown_ids_answer_none(house):
    assert await house.store.job(house.workspace_id, "no such job") is None
    assert await house.store.request(house.workspace_id, "no such request") is None
    assert await house.store.account(4711) is None
    assert await house.store.checkpoint(4711) is None


async def test_another_workspace_sees_nothing_of_ours(house):
    job = await house.done()
    await house.submit()
    await house.store.apply([KeepEvidence(evidence(house.account.id))])
    key = await house.store.add_key(new_key(house.workspace_id, name="ours", digest="d" * 64))
    other = (await house.store.ensure_workspace("other", T0)).id
    assert await house.store.job(other, job.id) is None
    assert await house.store.request(other, job.request_id) is None
    assert await house.store.jobs(other) == []
    assert await house.store.jobs(other, states=[JobState.DONE]) == []
    assert await house.store.accounts(other) == []
    assert await house.store.keys(other) == []
    assert await house.store.evidence_counts(other) == []
    assert await house.store.revoke_key(other, key.id, T0) is False
    empty = await house.store.tally(other, T0)
    assert (set(empty.by_state.values()), empty.done_since, empty.oldest_queued_at) == ({0}, 0, None)


async def test_the_tally_counts_what_is_open_and_what_ended_since(house):
    await house.submit(at=after(7))
    await house.submit(at=after(5))
    await house.sent()
    await house.done(at=after(10))
    await house.done(at=after(20))
    await house.move(await house.sent(), finished(house.account.id, after(30)))
    failed = await house.sent()
    await house.move(
        failed,
        ev.DeadlinePassed(at=after(25), detail="silence"),
        ev.SettledFailed(at=after(26), by="operator"),
    )
    assert await house.store.tally(house.workspace_id, after(20)) == Tally(
        {
            JobState.QUEUED: 2,
            JobState.SENT: 1,
            JobState.RUNNING: 0,
            JobState.WAITING_MODAL: 0,
            JobState.NEEDS_ATTENTION: 0,
        },
        done_since=2,
        failed_since=1,
        oldest_queued_at=after(5),
    )


# --- workspaces, accounts, keys


async def test_a_workspace_is_made_once(house):
    again = await house.store.ensure_workspace("default", after(5))
    assert again.id == house.workspace_id
    assert again.created_at == T0
    other = await house.store.ensure_workspace("other", after(5))
    assert await house.store.workspaces() == [again, other]


async def test_a_linked_account_is_read_back_as_it_was_given(house):
    new = new_account(house.workspace_id, upstream=Upstream("https://discord.example/api/v9"), concurrency=12)
    account = await house.store.add_account(new)
    assert account.state is AccountState.ACTIVE
    for name in ("workspace_id", "name", "guild_id", "channel_id", "token_sealed", "token_mask", "upstream"):
        assert getattr(account, name) == getattr(new, name)
    assert (account.user_id, account.demo, account.concurrency, account.linked_at) == (new.user_id, False, 12, T0)
    assert await house.store.account(account.id) == account
    assert await house.store.accounts() == [house.account, account]
    assert await house.store.accounts(house.workspace_id) == [house.account, account]


async def test_the_first_real_account_pauses_the_demo_accounts_of_its_workspace_alone(store):
    workspace, other = [(await store.ensure_workspace(name, T0)).id for name in ("default", "other")]
    demos = [await store.add_account(new_account(workspace, demo=True)) for _ in range(2)]
    elsewhere = await store.add_account(new_account(other, demo=True))
    real = await store.add_account(new_account(workspace))
    states = {account.id: account.state for account in await store.accounts()}
    assert [states[demo.id] for demo in demos] == [AccountState.PAUSED] * 2
    assert states[elsewhere.id] is AccountState.ACTIVE
    assert states[real.id] is AccountState.ACTIVE


async def test_the_same_account_is_not_linked_twice(house):
    new = new_account(house.workspace_id)
    first = await house.store.add_account(new)
    with pytest.raises(errors.Conflict, match="already linked"):
        await house.store.add_account(replace(new, token_mask="MTB...9999"))
    assert await house.store.unlink_account(first.id)
    again = await house.store.add_account(new)
    assert again.id != first.id
    assert again.hash != first.hash


async def test_while_the_user_is_not_known_the_mask_tells_accounts_of_one_channel_apart(house):
    new = new_account(house.workspace_id, user_id=None)
    await house.store.add_account(new)
    with pytest.raises(errors.Conflict, match="already linked"):
        await house.store.add_account(new)
    await house.store.add_account(replace(new, token_mask="MTB...9999"))


async def test_another_channel_or_upstream_is_another_account(house):
    new = new_account(house.workspace_id)
    await house.store.add_account(new)
    await house.store.add_account(replace(new, channel_id="1"))
    await house.store.add_account(replace(new, upstream=Upstream("http://elsewhere/api", None)))
    assert len(await house.store.accounts(house.workspace_id)) == 4


async def test_an_account_of_an_unknown_workspace_is_refused(store):
    with pytest.raises(errors.NotFound):
        await store.add_account(new_account("no such workspace"))


async def test_unlinking_erases_the_token_and_keeps_the_row_for_its_jobs(house):
    job = await house.done()
    point = Checkpoint(house.account.id, "session", "wss://gateway", 42)
    await house.store.apply([SaveCheckpoint(point, house.lease)])
    assert await house.store.unlink_account(house.account.id) is True
    assert await house.store.unlink_account(house.account.id) is False
    assert await house.store.unlink_account(4711) is False
    unlinked = await house.store.account(house.account.id)
    assert (unlinked.state, unlinked.token_sealed) == (AccountState.UNLINKED, "")
    assert unlinked.token_mask == house.account.token_mask
    assert await house.store.accounts() == []
    assert await house.store.checkpoint(house.account.id) is None
    assert await house.store.job(house.workspace_id, job.id) == job


async def test_keys_are_found_by_digest_and_listed_revoked_or_not(house):
    first = await house.store.add_key(new_key(house.workspace_id, name="first", digest="a" * 64, created_at=T0))
    second = await house.store.add_key(new_key(house.workspace_id, name="second", digest="b" * 64))
    assert await house.store.key_by_digest("a" * 64) == first
    assert await house.store.key_by_digest("c" * 64) is None
    assert await house.store.revoke_key(house.workspace_id, first.id, after(2)) is True
    assert await house.store.revoke_key(house.workspace_id, first.id, after(3)) is False
    assert await house.store.revoke_key(house.workspace_id, 4711, after(3)) is False
    assert await house.store.keys(house.workspace_id) == [replace(first, revoked_at=after(2)), second]
    assert (await house.store.key_by_digest("a" * 64)).revoked_at == after(2)


async def test_a_digest_is_stored_once(house):
    await house.store.add_key(new_key(house.workspace_id, name="first", digest="a" * 64, created_at=T0))
    with pytest.raises(errors.Conflict):
        await house.store.add_key(new_key(house.workspace_id, name="second", digest="a" * 64, created_at=T0))


async def test_what_a_key_may_do_is_kept_and_changed(house):
    terms = {
        "scopes": frozenset({Scope.READ, Scope.MANAGE}),
        "account_ids": (3, 7),
        "rates": read_rates("generate=1/3s progress=10/s"),
        "quota": Quota(500, Period.MONTH),
    }
    key = await house.store.add_key(new_key(house.workspace_id, **terms))
    assert {name: getattr(key, name) for name in terms} == terms
    usual = replace(key, name="other", scopes=frozenset({Scope.READ}), account_ids=(), rates=None, quota=None)
    assert await house.store.change_key(usual) is True
    assert await house.store.key_by_digest(key.digest) == usual
    assert await house.store.change_key(replace(key, workspace_id="another")) is False
    await house.store.revoke_key(house.workspace_id, key.id, T0)
    assert await house.store.change_key(key) is False
    assert (await house.store.key_by_digest(key.digest)).name == "other"


async def test_a_workspace_has_a_contact_and_a_quota(house):
    assert await house.store.set_contact(house.workspace_id, "ops@studio.test") is True
    assert await house.store.set_quota(house.workspace_id, Quota(40, Period.DAY)) is True
    (own,) = [each for each in await house.store.workspaces() if each.id == house.workspace_id]
    assert (own.contact, own.quota) == ("ops@studio.test", Quota(40, Period.DAY))
    assert await house.store.set_quota(house.workspace_id, None) is True
    (own,) = [each for each in await house.store.workspaces() if each.id == house.workspace_id]
    assert (own.contact, own.quota) == ("ops@studio.test", None)
    assert await house.store.set_contact("nowhere", "x") is False
    assert await house.store.set_quota("nowhere", None) is False


async def test_the_last_use_of_a_key_is_written_at_most_once_a_minute(house):
    key = await house.store.add_key(new_key(house.workspace_id, name="first", digest="a" * 64, created_at=T0))
    await house.store.touch_key(key.id, after(1))
    await house.store.touch_key(key.id, after(60))
    assert (await house.store.key_by_digest("a" * 64)).last_used_at == after(1)
    await house.store.touch_key(key.id, after(61))
    assert (await house.store.key_by_digest("a" * 64)).last_used_at == after(61)


# --- the store itself


async def test_a_store_that_can_write_passes_the_probe(store):
    await store.probe()


async def test_a_closed_store_is_unavailable(store):
    workspace = await store.ensure_workspace("default", T0)
    await store.close()
    with pytest.raises(errors.Unavailable):
        await store.apply([new_request(workspace.id)])
    with pytest.raises(errors.Unavailable):
        await store.probe()
