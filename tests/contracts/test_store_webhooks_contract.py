"""What every ports.Store promises of webhook posts: written with a job's step, held by one sender, tried, replayed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model import events as ev
from engine.model.deliveries import DeliveryKind, DeliveryState
from engine.model.hooks import NO_HOOK, Hook, HookKind, WorkspaceHook
from engine.model.jobs import Failure, FailureReason
from engine.ports import Attempt, DeliveryCounts, Outcome
from tests.contracts.store_examples import T0, after, assigned, finished, furnish, new_request, seen, step
from tests.contracts.store_kinds import STORES, opened

FINAL, PROGRESS = DeliveryKind.FINAL, DeliveryKind.PROGRESS
DUE, DELIVERED, FAILED, REPLACED = (
    DeliveryState.DUE,
    DeliveryState.DELIVERED,
    DeliveryState.FAILED,
    DeliveryState.REPLACED,
)
END = Hook("https://a.example/hook", HookKind.RESULT, "imaginepro")
ALL = Hook("https://a.example/hook", HookKind.PROGRESS, "imaginepro")


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


async def the_post(house, **wishes):
    """The final post of a job that is done."""
    await house.done(hook=END, **wishes)
    return (await house.store.deliveries(house.workspace_id))[0]


def attempt(post, state, at=T0, **changes):
    return Attempt(**({"delivery_id": post.id, "owner": "me", "at": at, "state": state} | changes))


async def claimed(house, post, owner="me", at=T0):
    return await house.store.claim_delivery(post.id, owner, at, at + timedelta(seconds=60))


@pytest.mark.parametrize("hook", [END, ALL, NO_HOOK, Hook("http://b.example", HookKind.CHANGES), None])
async def test_the_hook_of_a_request_and_of_its_jobs_is_read_back(house, hook):
    new = new_request(house.workspace_id, hook=hook)
    await house.store.apply([new])
    assert (
        await house.store.request(house.workspace_id, new.request.id)
    ).origin.callback == new.request.origin.callback
    assert (await house.store.job(house.workspace_id, new.jobs[0].id)).hook == hook


async def test_a_job_without_a_hook_has_no_posts(house):
    await house.done()
    assert await house.store.deliveries(house.workspace_id) == []


async def test_the_end_of_a_job_makes_one_post_due(house):
    job = await house.done(hook=END, at=after(5))
    (post,) = await house.store.due_deliveries(after(5), 10)
    assert (post.kind, post.state, post.job_id, post.version) == (FINAL, DUE, job.id, job.version)
    assert (post.request_id, post.workspace_id) == (job.request_id, job.workspace_id)
    assert (post.url, post.dialect, post.hook_kind) == (END.url, "imaginepro", HookKind.RESULT)
    assert (post.tries, post.created_at, post.due_at) == (0, after(5), after(5))
    assert await house.store.due_deliveries(after(4), 10) == []


async def test_a_step_that_fails_its_fence_makes_nothing_due(house):
    job = await house.sent(hook=END)
    change = step(job, finished(house.account.id), replace(house.lease, epoch=99))
    assert await house.store.apply([change]) == [Outcome.STALE_LEASE]
    assert await house.store.deliveries(house.workspace_id) == []


async def test_progress_that_was_not_sent_is_replaced_by_the_newest(house):
    job = await house.submit(hook=ALL)
    job = await house.move(job, assigned(house.account.id), seen(house.account.id))
    newest, *older = await house.store.deliveries(house.workspace_id)
    assert (newest.kind, newest.version, newest.state) == (PROGRESS, job.version, DUE)
    assert [post.state for post in older] == [REPLACED, REPLACED]
    assert await house.store.due_deliveries(T0, 10) == [newest]


async def test_the_end_replaces_progress_also_when_that_is_under_way(house):
    job = await house.move(await house.submit(hook=ALL), assigned(house.account.id))
    (under_way,) = await house.store.due_deliveries(T0, 10)
    assert await claimed(house, under_way)
    await house.move(job, finished(house.account.id))
    (final,) = await house.store.due_deliveries(T0, 10)
    assert final.kind is FINAL
    assert await claimed(house, final)
    assert not await house.store.settle_delivery(attempt(under_way, DUE, due_at=T0))
    assert (await house.store.delivery(house.workspace_id, under_way.id)).state is REPLACED


async def test_one_end_of_a_request_is_sent_at_a_time(house):
    new = new_request(house.workspace_id, jobs=2, hook=END)
    await house.store.apply([new])
    ended = ev.FailedUpstream(at=T0, failure=Failure(FailureReason.PROMPT, "no"))
    await house.move(new.jobs[0], assigned(house.account.id), ended)
    (first,) = await house.store.due_deliveries(T0, 10)
    assert await claimed(house, first)
    await house.move(new.jobs[1], assigned(house.account.id), finished(house.account.id))
    (second,) = await house.store.due_deliveries(T0, 10)
    assert not await claimed(house, second, "another")
    assert await house.store.settle_delivery(attempt(first, DELIVERED))
    assert await claimed(house, second, "another")


async def test_an_end_that_waits_is_replaced_by_a_later_one_of_its_request(house):
    new = new_request(house.workspace_id, jobs=2, hook=END)
    await house.store.apply([new])
    for job in new.jobs:
        await house.move(job, assigned(house.account.id), finished(house.account.id, outcome=None))
    states = [post.state for post in await house.store.deliveries(house.workspace_id)]
    assert states == [DUE, REPLACED]


async def test_a_post_is_held_by_one_sender_until_its_time_is_over(house):
    post = await the_post(house)
    assert await claimed(house, post)
    assert not await claimed(house, post, "another", after(59))
    assert await house.store.due_deliveries(after(59), 10) == []
    assert await house.store.due_deliveries(after(61), 10) == [post]
    assert await claimed(house, post, "another", after(61))
    assert not await house.store.settle_delivery(attempt(post, DELIVERED))


async def test_a_sender_lets_go_what_it_holds(house):
    post = await the_post(house)
    await claimed(house, post)
    await house.store.free_deliveries("another")
    assert await house.store.due_deliveries(T0, 10) == []
    await house.store.free_deliveries("me", [post.id])
    assert await house.store.due_deliveries(T0, 10) == [post]
    await claimed(house, post)
    await house.store.free_deliveries(None)
    assert await house.store.due_deliveries(T0, 10) == [post]


async def test_a_failed_try_is_kept_with_its_words_and_due_again_later(house):
    post = await the_post(house)
    await claimed(house, post)
    failed = attempt(post, DUE, after(1), due_at=after(6), status=503, error="it answers 503")
    assert await house.store.settle_delivery(failed)
    tried = await house.store.delivery(house.workspace_id, post.id)
    assert (tried.state, tried.tries, tried.status, tried.error) == (DUE, 1, 503, "it answers 503")
    assert (tried.tried_at, tried.due_at, tried.settled_at) == (after(1), after(6), None)
    assert await house.store.due_deliveries(after(5), 10) == []
    assert await house.store.due_deliveries(after(6), 10) == [tried]


async def test_what_was_delivered_or_given_up_is_due_no_more(house):
    arrived, given_up = await the_post(house), await the_post(house)
    for post, state in ((arrived, DELIVERED), (given_up, FAILED)):
        await claimed(house, post)
        assert await house.store.settle_delivery(attempt(post, state, after(2), status=200))
        settled = await house.store.delivery(house.workspace_id, post.id)
        assert (settled.state, settled.tries, settled.settled_at) == (state, 1, after(2))
    assert await house.store.due_deliveries(after(9), 10) == []
    assert await house.store.delivery_counts(house.workspace_id) == DeliveryCounts(due=0, failed=1)


async def test_what_was_never_sent_counts_no_try(house):
    post = await the_post(house)
    await claimed(house, post)
    assert await house.store.settle_delivery(attempt(post, REPLACED, counts=False))
    assert (await house.store.delivery(house.workspace_id, post.id)).tries == 0


async def test_ends_are_due_before_progress_and_the_oldest_first(house):
    await house.submit(hook=ALL, at=after(1))
    late, early = await the_post(house, at=after(9)), await the_post(house, at=after(3))
    found = await house.store.due_deliveries(after(10), 10)
    assert [post.kind for post in found] == [FINAL, FINAL, PROGRESS]
    assert found[:2] == [early, late]
    assert await house.store.due_deliveries(after(10), 1) == [early]


async def test_posts_to_a_busy_place_are_left_out(house):
    there = await the_post(house)
    await house.done(hook=replace(END, url="http://b.example:8080/hook"))
    (other,) = [post for post in await house.store.due_deliveries(T0, 10) if post.id != there.id]
    assert await house.store.due_deliveries(T0, 10, {"b.example:8080"}) == [there]
    assert await house.store.due_deliveries(T0, 10, {"a.example", "c.example"}) == [other]


async def test_posts_are_listed_newest_first_by_page_request_and_state(house):
    first, second, third = [await the_post(house) for _ in range(3)]
    await claimed(house, second)
    await house.store.settle_delivery(attempt(second, DELIVERED))
    delivered = await house.store.delivery(house.workspace_id, second.id)
    listed = house.store.deliveries
    assert await listed(house.workspace_id) == [third, delivered, first]
    assert await listed(house.workspace_id, limit=1, before=third.id) == [delivered]
    assert await listed(house.workspace_id, state=DUE) == [third, first]
    assert await listed(house.workspace_id, request_id=first.request_id) == [first]
    assert await listed(house.workspace_id, request_id="unknown") == []


async def test_another_workspaces_posts_are_unknown(house):
    post = await the_post(house)
    other = await house.store.ensure_workspace("other", T0)
    assert await house.store.deliveries(other.id) == []
    assert await house.store.delivery(other.id, post.id) is None
    assert await house.store.replay_deliveries(other.id, post.id, T0) == 0
    assert await house.store.delivery_counts(other.id) == DeliveryCounts(0, 0)


async def test_a_replayed_post_is_as_if_it_were_new(house):
    post = await the_post(house)
    await claimed(house, post)
    await house.store.settle_delivery(attempt(post, FAILED, after(1), status=410, error="not wanted"))
    assert await house.store.replay_deliveries(house.workspace_id, post.id, after(100)) == 1
    (again,) = await house.store.due_deliveries(after(100), 10)
    assert again == replace(post, created_at=after(100), due_at=after(100), tried_at=after(1))


async def test_all_that_failed_can_be_replayed_at_once(house):
    posts = [await the_post(house) for _ in range(3)]
    for post, state in zip(posts, (FAILED, DELIVERED, FAILED), strict=True):
        await claimed(house, post)
        await house.store.settle_delivery(attempt(post, state))
    assert await house.store.replay_deliveries(house.workspace_id, None, after(1)) == 2
    assert {post.id for post in await house.store.due_deliveries(after(1), 10)} == {posts[0].id, posts[2].id}


async def test_old_posts_are_swept_but_ends_that_failed_are_kept(house):
    progressing = await house.move(await house.submit(hook=ALL), assigned(house.account.id))
    arrived, given_up, waiting = [await the_post(house) for _ in range(3)]
    for post, state in ((arrived, DELIVERED), (given_up, FAILED)):
        await claimed(house, post)
        await house.store.settle_delivery(attempt(post, state))
    assert await house.store.sweep_deliveries(after(3500)) == 0
    assert await house.store.sweep_deliveries(after(3700)) == 1  # the replaced progress
    assert await house.store.sweep_deliveries(T0 + timedelta(days=31)) == 1
    left = await house.store.deliveries(house.workspace_id)
    assert [post.id for post in left if post.kind is FINAL] == [waiting.id, given_up.id]
    assert [post.version for post in left if post.kind is PROGRESS] == [progressing.version]


@pytest.mark.parametrize("hook", [WorkspaceHook("https://a.example", "userapi", progress=True), None])
async def test_a_workspaces_default_is_read_back(house, hook):
    await house.store.set_webhook(house.workspace_id, WorkspaceHook(None, "imaginepro"))
    await house.store.set_webhook(house.workspace_id, hook)
    await house.store.set_signing_secret(house.workspace_id, "sealed words")
    (workspace,) = await house.store.workspaces()
    assert (workspace.webhook, workspace.signing_sealed) == (hook, "sealed words")
