"""What every ports.Store promises to the hot path: changes, fences, leases. Its reads: test_store_reads_contract.py."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.model import errors
from engine.model import events as ev
from engine.model.accounts import AccountState, Checkpoint, Lease
from engine.model.actions import Action, ActionKind, Click
from engine.model.details import UNKNOWN_FACTS, AccountFacts
from engine.model.jobs import Failure, FailureReason, JobState, Modal
from engine.model.sightings import Trouble
from engine.ports import AccountChange, FactsLearned, KeepEvidence, Outcome, PictureCopied, ProgressNote, SaveCheckpoint
from tests.contracts.store_examples import (
    T0,
    after,
    assigned,
    click_request,
    details,
    evidence,
    finished,
    furnish,
    new_account,
    new_nonce,
    new_request,
    result,
    seen,
    step,
)
from tests.contracts.store_kinds import STORES, opened

APPLIED, STALE_VERSION, STALE_LEASE, DUPLICATE = (
    Outcome.APPLIED,
    Outcome.STALE_VERSION,
    Outcome.STALE_LEASE,
    Outcome.DUPLICATE,
)


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


# --- a job's way


async def test_a_new_request_is_read_back_as_it_was_given(house):
    new = new_request(house.workspace_id, jobs=2)
    assert await house.store.apply([new]) == [APPLIED]
    assert await house.store.request(house.workspace_id, new.request.id) == new.request
    for job, update in zip(new.jobs, new.updates, strict=True):
        assert await house.store.job(house.workspace_id, job.id) == job
        assert await house.store.updates(job.id) == [update]


async def test_every_stored_step_of_a_job_is_read_back_equal(house):
    job = await house.submit()
    nonce = new_nonce()
    happened = [
        assigned(house.account.id),
        ev.ModalAsked(at=after(1), account_id=house.account.id, modal=Modal("9", "MJ::x", "Remix", (("p", 'a "b"'),))),
        ev.ModalAnswered(at=after(2), nonce=nonce, until=after(60)),
        ev.Accepted(at=after(3), nonce=nonce),
        seen(house.account.id),
        ev.DeadlinePassed(at=after(4), detail="nothing was heard"),
        finished(house.account.id),
    ]
    for event in happened:
        job = await house.move(job, event)
        assert await house.store.job(house.workspace_id, job.id) == job
    assert job.state is JobState.DONE
    assert job.version == 8


async def test_a_failure_is_read_back_with_its_reason_in_job_and_update(house):
    failure = Failure(FailureReason.CONTENT, "Sorry! Our AI moderator thinks …")
    job = await house.move(await house.sent(), ev.FailedUpstream(at=after(9), failure=failure))
    assert await house.store.job(house.workspace_id, job.id) == job
    assert job.failure == failure
    assert (await house.store.updates(job.id))[-1].failure == failure


async def test_a_job_by_button_keeps_its_click_its_parent_and_its_account(house):
    parent = await house.done()
    new = click_request(house.workspace_id, parent)
    await house.store.apply([new])
    assert await house.store.job(house.workspace_id, new.jobs[0].id) == new.jobs[0]


async def test_a_job_put_back_and_sent_again_keeps_every_nonce(house):
    first, second = new_nonce(), new_nonce()
    job = await house.move(
        await house.submit(),
        assigned(house.account.id, first),
        ev.NeverLeft(at=after(1), nonce=first, detail="no route"),
        assigned(house.account.id, second),
    )
    stored = await house.store.job(house.workspace_id, job.id)
    assert stored.nonces == (first, second)
    assert await house.store.highest_nonce(house.account.id) == int(second)


async def test_what_a_job_seldom_carries_is_read_back_too(house):
    account, lease = house.account, house.lease
    job = await house.submit()
    for event in (
        replace(assigned(account.id), sent_prompt="https://cdn.example/1.png a red fox"),
        ev.AnsweredUnknown(at=T0, detail="Moon phase required", until=after(60)),
        ev.CancelAsked(at=T0, by="key:1"),
    ):
        change = step(job, event, lease)
        assert await house.store.apply([change]) == [APPLIED]
        job = change.after
        assert await house.store.job(job.workspace_id, job.id) == job
    assert (job.sent_prompt, job.answered_unknown, job.cancel_asked) == (
        "https://cdn.example/1.png a red fox",
        True,
        True,
    )


async def test_the_appeal_that_a_refusal_offers_is_read_back(house):
    offered = Click("936929561302675456", "3", "1097768190658982127", 64, "MJ::Prompts::Appeal::AbC3dEf6GhI")
    job = await house.move(
        await house.submit(),
        assigned(house.account.id),
        ev.FailedUpstream(at=after(1), failure=Failure(FailureReason.CONTENT, "Action needed"), appeal=offered),
    )
    assert await house.store.job(house.workspace_id, job.id) == job
    assert (job.state, job.appeal) == (JobState.FAILED, offered)


async def test_all_jobs_of_a_request_are_found_in_their_order(house):
    new = new_request(house.workspace_id, jobs=3)
    await house.store.apply([new])
    found = await house.store.jobs_of(house.workspace_id, new.request.id)
    assert sorted(job.id for job in found) == sorted(job.id for job in new.jobs)
    assert await house.store.jobs_of("another", new.request.id) == []


async def test_the_children_of_a_job_are_found_by_their_action(house):
    parent = await house.submit()
    pressed = click_request(house.workspace_id, parent)
    await house.store.apply([pressed])
    (child,) = pressed.jobs
    assert await house.store.children(house.workspace_id, parent.id, child.action) == [child]
    assert await house.store.children(house.workspace_id, parent.id, Action(ActionKind.UPSCALE, 3)) == []
    assert await house.store.children("another", parent.id, child.action) == []


async def test_what_is_known_of_an_account_is_replaced_under_its_lease(house):
    account, lease = house.account, house.lease
    facts = AccountFacts(remix=True, remix_owed=False, suffix="--s 50", info=details().info, info_at=T0)
    assert await house.store.apply([FactsLearned(account.id, facts, lease)]) == [APPLIED]
    assert (await house.store.account(account.id)).facts == facts
    stale = replace(lease, epoch=lease.epoch - 1)
    assert await house.store.apply([FactsLearned(account.id, UNKNOWN_FACTS, stale)]) == [STALE_LEASE]
    assert (await house.store.account(account.id)).facts == facts


async def test_changes_of_one_call_build_on_each_other_in_their_order(house):
    new = new_request(house.workspace_id)
    sent = step(new.jobs[0], assigned(house.account.id), house.lease)
    running = step(sent.after, seen(house.account.id), house.lease)
    done = step(running.after, finished(house.account.id), house.lease)
    assert await house.store.apply([new, sent, running, done]) == [APPLIED] * 4
    assert await house.store.job(house.workspace_id, done.after.id) == done.after


async def test_no_changes_are_no_work(house):
    assert await house.store.apply([]) == []


# --- fences


async def test_a_stale_version_changes_nothing_and_leaves_no_trace(house):
    job = await house.submit()
    won = step(job, assigned(house.account.id), house.lease)
    lost_nonce = new_nonce()
    lost = step(job, assigned(house.account.id, lost_nonce), house.lease, [evidence(house.account.id, "lost")])
    assert await house.store.apply([won]) == [APPLIED]
    assert await house.store.apply([lost]) == [STALE_VERSION]
    assert await house.store.job(house.workspace_id, job.id) == won.after
    assert [update.version for update in await house.store.updates(job.id)] == [1, 2]
    assert await house.store.highest_nonce(house.account.id) == int(won.after.nonce)
    assert await house.store.evidence_counts(house.workspace_id) == []


async def test_a_stale_version_in_a_batch_of_fifty_loses_one_and_not_its_neighbours(house):
    news = [new_request(house.workspace_id) for _ in range(50)]
    await house.store.apply(news)
    changes = [step(new.jobs[0], assigned(house.account.id), house.lease) for new in news]
    await house.store.apply([step(news[20].jobs[0], ev.CancelAsked(at=T0, by="key:1"))])
    outcomes = await asyncio.gather(*(house.store.apply([change]) for change in changes))
    assert outcomes.count([APPLIED]) == 49
    assert outcomes[20] == [STALE_VERSION]
    for number, change in enumerate(changes):
        stored = await house.store.job(house.workspace_id, change.after.id)
        assert stored.state is (JobState.CANCELLED if number == 20 else JobState.SENT)


async def test_a_duplicate_in_a_batch_of_fifty_loses_one_and_not_its_neighbours(house):
    used = (await house.sent()).nonce
    news = [new_request(house.workspace_id) for _ in range(50)]
    await house.store.apply(news)
    nonces = [used if number == 20 else new_nonce() for number in range(50)]
    changes = [
        step(new.jobs[0], assigned(house.account.id, nonce), house.lease)
        for new, nonce in zip(news, nonces, strict=True)
    ]
    assert await house.store.apply(changes) == [DUPLICATE if n == 20 else APPLIED for n in range(50)]
    assert (await house.store.job(house.workspace_id, news[20].jobs[0].id)) == news[20].jobs[0]
    assert len(await house.store.updates(news[20].jobs[0].id)) == 1
    assert len(await house.store.open_jobs(house.account.id)) == 50


async def test_a_change_from_another_state_than_the_stored_one_is_stale(house):
    job = await house.sent()
    wrong = replace(job, state=JobState.RUNNING)
    assert await house.store.apply([step(wrong, finished(house.account.id), house.lease)]) == [STALE_VERSION]
    assert (await house.store.job(house.workspace_id, job.id)) == job


async def test_a_change_of_an_unknown_job_is_stale(house):
    ghost = new_request(house.workspace_id).jobs[0]
    assert await house.store.apply([step(ghost, assigned(house.account.id), house.lease)]) == [STALE_VERSION]


async def test_a_late_change_cannot_overwrite_a_finished_job(house):
    sent = await house.sent()
    done = await house.move(sent, finished(house.account.id))
    assert await house.store.apply([step(sent, seen(house.account.id), house.lease)]) == [STALE_VERSION]
    assert await house.store.job(house.workspace_id, sent.id) == done


async def test_an_old_epoch_is_refused_and_leaves_no_trace(house):
    job = await house.sent()
    newer = await house.store.take(house.account.id, "owner a", after(1), after(31))
    late = step(job, seen(house.account.id), house.lease, [evidence(house.account.id)])
    assert await house.store.apply([late]) == [STALE_LEASE]
    assert await house.store.job(house.workspace_id, job.id) == job
    assert await house.store.evidence_counts(house.workspace_id) == []
    assert await house.store.apply([replace(late, lease=newer)]) == [APPLIED]


async def test_another_owner_of_the_same_epoch_is_refused(house):
    job = await house.sent()
    stranger = replace(house.lease, owner="owner b")
    assert await house.store.apply([step(job, seen(house.account.id), stranger)]) == [STALE_LEASE]


async def test_after_release_the_lease_writes_nothing_more(house):
    job = await house.sent()
    await house.store.release(house.lease)
    assert await house.store.apply([step(job, seen(house.account.id), house.lease)]) == [STALE_LEASE]


async def test_a_change_without_a_lease_is_fenced_by_version_alone(house):
    job = await house.submit()
    assert await house.store.apply([step(job, ev.CancelAsked(at=T0, by="key:1"))]) == [APPLIED]


async def test_a_nonce_is_never_used_twice_on_one_account(house):
    nonce = (await house.sent()).nonce
    other = await house.submit()
    assert await house.store.apply([step(other, assigned(house.account.id, nonce), house.lease)]) == [DUPLICATE]
    assert await house.store.job(house.workspace_id, other.id) == other
    assert len(await house.store.updates(other.id)) == 1


async def test_two_accounts_may_use_the_same_nonce(house):
    nonce = (await house.sent()).nonce
    second = await house.store.add_account(new_account(house.workspace_id))
    other = await house.submit()
    assert await house.store.apply([step(other, assigned(second.id, nonce))]) == [APPLIED]


async def test_a_request_is_stored_once(house):
    new = new_request(house.workspace_id, jobs=2)
    await house.store.apply([new])
    assert await house.store.apply([new]) == [DUPLICATE]
    again = replace(new_request(house.workspace_id), jobs=new.jobs[1:], updates=())
    assert await house.store.apply([again]) == [DUPLICATE]
    assert await house.store.request(house.workspace_id, again.request.id) is None


async def test_a_request_for_an_unknown_workspace_is_an_error_and_its_neighbours_are_written(house):
    fine, broken = new_request(house.workspace_id), new_request("no such workspace")
    outcomes = await asyncio.gather(house.store.apply([fine]), house.store.apply([broken]), return_exceptions=True)
    assert outcomes[0] == [APPLIED]
    assert isinstance(outcomes[1], errors.NotFound)
    assert await house.store.job(house.workspace_id, fine.jobs[0].id) == fine.jobs[0]


async def test_many_callers_at_once_all_get_their_own_answer(house):
    news = [new_request(house.workspace_id) for _ in range(100)]
    outcomes = await asyncio.gather(*(house.store.apply([new, new]) for new in news))
    assert outcomes == [[APPLIED, DUPLICATE]] * 100
    assert len(await house.store.queued(1000)) == 100


async def test_a_cancelled_caller_does_not_stop_the_write(house):
    new = new_request(house.workspace_id)
    caller = asyncio.create_task(house.store.apply([new]))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await house.store.probe()
    assert caller.cancelled()
    assert await house.store.job(house.workspace_id, new.jobs[0].id) == new.jobs[0]


# --- updates and progress


async def test_updates_come_in_the_order_of_their_versions_and_after_the_one_asked_for(house):
    job = await house.done()
    told = await house.store.updates(job.id)
    assert [(update.version, update.event, update.state) for update in told] == [
        (1, "Submitted", JobState.QUEUED),
        (2, "Assigned", JobState.SENT),
        (3, "Seen", JobState.RUNNING),
        (4, "Finished", JobState.DONE),
    ]
    assert await house.store.updates(job.id, 2) == told[2:]
    assert await house.store.updates(job.id, 4) == []
    assert await house.store.updates("no such job") == []


async def test_progress_is_noted_without_a_version_and_without_an_update(house):
    job = await house.move(await house.sent(), seen(house.account.id, percent=15))
    assert await house.store.apply([ProgressNote(job.id, job.version, 46, "https://cdn/46.webp")]) == [APPLIED]
    stored = await house.store.job(house.workspace_id, job.id)
    assert stored == replace(job, percent=46, preview_url="https://cdn/46.webp")
    assert len(await house.store.updates(job.id)) == 3


async def test_a_progress_note_teaches_a_uuid_and_never_unlearns_it(house):
    job = await house.move(await house.sent(), seen(house.account.id, percent=15))
    await house.store.apply([ProgressNote(job.id, job.version, 46, None, house.lease, "uu")])
    await house.store.apply([ProgressNote(job.id, job.version, 62, None, house.lease)])
    stored = await house.store.job(house.workspace_id, job.id)
    assert stored == replace(job, percent=62, preview_url=None, links=replace(job.links, uuid="uu"))


async def test_a_step_stores_what_was_only_in_memory_before_it(house):
    job = await house.move(await house.sent(), seen(house.account.id, percent=15))
    job = job.but(percent=46, preview_url="https://cdn/46.webp", links=replace(job.links, uuid="uu"))
    late = await house.move(job, ev.DeadlinePassed(at=after(4), detail="nothing was heard"))
    assert await house.store.job(house.workspace_id, job.id) == late


async def test_a_job_sent_again_is_read_back_without_the_callers_old_limit(house):
    late = await house.move(await house.sent(), ev.DeadlinePassed(at=after(4), detail="nothing was heard"))
    again = await house.move(late, ev.SentAgain(at=after(5), by="the operator", until=after(999)))
    assert again.timeout_seconds is None
    assert await house.store.job(house.workspace_id, again.id) == again


async def test_progress_of_a_job_that_moved_on_is_lost(house):
    job = await house.move(await house.sent(), seen(house.account.id))
    done = await house.move(job, finished(house.account.id))
    assert await house.store.apply([ProgressNote(job.id, job.version, 99, None)]) == [STALE_VERSION]
    assert await house.store.job(house.workspace_id, job.id) == done


async def test_progress_never_goes_back(house):
    job = await house.move(await house.sent(), seen(house.account.id, percent=46))
    await house.store.apply([ProgressNote(job.id, job.version, 31, None)])
    assert (await house.store.job(house.workspace_id, job.id)).percent == 46


# --- leases


async def test_a_held_account_is_not_given_to_somebody_else(house):
    assert await house.store.take(house.account.id, "owner b", after(29), after(60)) is None


async def test_an_expired_lease_is_given_away_under_a_higher_epoch(house):
    taken = await house.store.take(house.account.id, "owner b", after(31), after(61))
    assert taken == Lease(house.account.id, "owner b", house.lease.epoch + 1, after(61))
    assert await house.store.renew([house.lease], after(90)) == []


async def test_the_owner_may_take_its_own_account_again_and_its_epoch_rises(house):
    again = await house.store.take(house.account.id, "owner a", after(1), after(31))
    assert again.epoch == house.lease.epoch + 1


async def test_a_released_account_is_free_at_once(house):
    await house.store.release(house.lease)
    assert (await house.store.take(house.account.id, "owner b", after(1), after(31))).epoch == house.lease.epoch + 1


async def test_a_stale_release_changes_nothing(house):
    taken = await house.store.take(house.account.id, "owner b", after(31), after(61))
    await house.store.release(house.lease)
    assert await house.store.renew([taken], after(90)) == [replace(taken, until=after(90))]


async def test_renewal_prolongs_what_still_holds_and_keeps_the_epoch(house):
    second = await house.store.add_account(new_account(house.workspace_id))
    lease = await house.store.take(second.id, "owner a", T0, after(30))
    stale = replace(lease, epoch=lease.epoch - 1)
    renewed = await house.store.renew([house.lease, stale], after(60))
    assert renewed == [replace(house.lease, until=after(60))]
    assert await house.store.take(house.account.id, "owner b", after(59), after(90)) is None
    assert await house.store.take(second.id, "owner b", after(59), after(90)) is not None


async def test_renewing_nothing_is_no_work(house):
    assert await house.store.renew([], after(60)) == []


async def test_an_unknown_or_unlinked_account_cannot_be_taken(house):
    await house.store.unlink_account(house.account.id)
    assert await house.store.take(house.account.id, "owner a", T0, after(30)) is None
    assert await house.store.take(4711, "owner a", T0, after(30)) is None


# --- checkpoints, accounts, evidence, pictures


async def test_a_checkpoint_is_stored_with_the_changes_of_its_call(house):
    assert await house.store.checkpoint(house.account.id) is None
    job = await house.sent()
    point = Checkpoint(house.account.id, "session", "wss://gateway", 42, house.account.user_id, after(1))
    saved = SaveCheckpoint(point, house.lease)
    running = step(job, seen(house.account.id), house.lease)
    assert await house.store.apply([running, saved]) == [APPLIED, APPLIED]
    assert await house.store.checkpoint(house.account.id) == point
    assert await house.store.job(house.workspace_id, job.id) == running.after


async def test_a_checkpoint_of_an_old_epoch_is_refused(house):
    await house.store.take(house.account.id, "owner a", after(1), after(31))
    point = Checkpoint(house.account.id, "session", "wss://gateway", 42)
    assert await house.store.apply([SaveCheckpoint(point, house.lease)]) == [STALE_LEASE]
    assert await house.store.checkpoint(house.account.id) is None


async def test_a_call_with_an_error_stores_neither_its_changes_nor_its_checkpoint(house):
    point = Checkpoint(house.account.id, "session", "wss://gateway", 42)
    fine = new_request(house.workspace_id)
    with pytest.raises(errors.NotFound):
        await house.store.apply([fine, SaveCheckpoint(point, house.lease), new_request("no such workspace")])
    assert await house.store.checkpoint(house.account.id) is None
    assert await house.store.job(house.workspace_id, fine.jobs[0].id) is None


async def test_a_checkpoint_teaches_the_account_its_user_and_never_unlearns_it(house):
    account = await house.store.add_account(new_account(house.workspace_id, user_id=None))
    lease = await house.store.take(account.id, "owner a", T0, after(30))
    await house.store.apply([SaveCheckpoint(Checkpoint(account.id, "s", "wss://g", 1, "123"), lease)])
    await house.store.apply([SaveCheckpoint(Checkpoint(account.id, "s", "wss://g", 2, None), lease)])
    assert (await house.store.account(account.id)).user_id == "123"
    assert (await house.store.checkpoint(account.id)).seq == 2


async def test_an_account_takes_another_state_with_trouble_and_reason(house):
    stopped = AccountChange(
        house.account.id, AccountState.STOPPED, Trouble.CAPTCHA, "Discord asks for a captcha", lease=house.lease
    )
    assert await house.store.apply([stopped]) == [APPLIED]
    assert await house.store.account(house.account.id) == replace(
        house.account, state=AccountState.STOPPED, trouble=Trouble.CAPTCHA, reason="Discord asks for a captcha"
    )
    assert await house.store.apply([AccountChange(house.account.id, AccountState.ACTIVE)]) == [APPLIED]
    assert await house.store.account(house.account.id) == house.account


async def test_an_account_change_of_an_old_epoch_is_refused(house):
    await house.store.take(house.account.id, "owner a", after(1), after(31))
    change = AccountChange(house.account.id, AccountState.STOPPED, lease=house.lease)
    assert await house.store.apply([change]) == [STALE_LEASE]
    assert (await house.store.account(house.account.id)).state is AccountState.ACTIVE


async def test_progress_and_evidence_of_an_old_epoch_are_refused(house):
    job = await house.move(await house.sent(), seen(house.account.id))
    await house.store.take(house.account.id, "owner a", after(1), after(31))
    changes = [
        ProgressNote(job.id, job.version, 90, None, house.lease),
        KeepEvidence(evidence(house.account.id), house.lease),
    ]
    assert await house.store.apply(changes) == [STALE_LEASE] * 2
    assert await house.store.job(house.workspace_id, job.id) == job
    assert await house.store.evidence_counts(house.workspace_id) == []


async def test_an_unlinked_account_stays_unlinked(house):
    await house.store.unlink_account(house.account.id)
    change = AccountChange(house.account.id, AccountState.ACTIVE)
    assert await house.store.apply([change]) == [STALE_VERSION]
    assert (await house.store.account(house.account.id)).state is AccountState.UNLINKED


async def test_evidence_is_counted_by_kind_with_its_latest_time(house):
    kinds = [("b", 1), ("a", 5), ("b", 3)]
    changes = [KeepEvidence(evidence(house.account.id, kind, after(at))) for kind, at in kinds]
    assert await house.store.apply(changes) == [APPLIED] * 3
    counts = await house.store.evidence_counts(house.workspace_id)
    assert [(count.kind, count.count, count.last_at) for count in counts] == [("a", 1, after(5)), ("b", 2, after(3))]


async def test_evidence_of_a_change_is_kept_with_it(house):
    job = await house.submit()
    kept = evidence(house.account.id, "answer", job_id=job.id)
    await house.store.apply([step(job, assigned(house.account.id), house.lease, [kept])])
    assert [count.kind for count in await house.store.evidence_counts(house.workspace_id)] == ["answer"]


async def test_no_more_than_ten_thousand_pieces_of_evidence_are_kept_and_the_oldest_go_first(house):
    await house.store.apply([KeepEvidence(evidence(house.account.id, "old"))] * 40)
    for _ in range(4):
        await house.store.apply([KeepEvidence(evidence(house.account.id, "new"))] * 2495)
    counts = {count.kind: count.count for count in await house.store.evidence_counts(house.workspace_id)}
    assert counts == {"old": 20, "new": 9980}


async def test_pictures_of_a_done_job_wait_to_be_copied_and_then_do_not(house):
    job = await house.done()
    waiting = await house.store.pictures_to_copy(10)
    assert [copy.picture for copy in waiting] == list(job.result.pictures)
    assert all((copy.job_id, copy.account_id) == (job.id, house.account.id) for copy in waiting)
    copied, broken = job.result.pictures
    outcomes = await house.store.apply(
        [PictureCopied(copied.key, "ab/fox.webp", after(1)), PictureCopied(broken.key, None, after(1))]
    )
    assert outcomes == [APPLIED, APPLIED]
    assert await house.store.pictures_to_copy(10) == []
    first, second = await house.store.picture(copied.key), await house.store.picture(broken.key)
    assert (first.filename, first.failed) == ("ab/fox.webp", False)
    assert (second.filename, second.failed) == (None, True)


async def test_an_unknown_picture_is_neither_found_nor_marked(house):
    assert await house.store.picture("f" * 32) is None
    assert await house.store.apply([PictureCopied("f" * 32, "x.webp", T0)]) == [STALE_VERSION]


async def test_pictures_are_copied_oldest_first_and_as_many_as_asked_for(house):
    first, second = await house.done(at=after(1)), await house.done(at=after(2))
    expected = [picture.key for job in (first, second) for picture in job.result.pictures]
    assert [copy.picture.key for copy in await house.store.pictures_to_copy(3)] == expected[:3]


async def test_a_picture_key_is_used_once(house):
    shown = result()
    await house.move(await house.sent(), finished(house.account.id, outcome=shown))
    other = await house.sent()
    again = step(other, finished(house.account.id, outcome=shown), house.lease)
    assert await house.store.apply([again]) == [DUPLICATE]
    assert await house.store.job(house.workspace_id, other.id) == other
