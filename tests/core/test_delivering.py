"""Which webhooks are posted, in which order, and what becomes of those that nobody takes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.deliveries import DeliveryKind, DeliveryState
from engine.model.hooks import NO_HOOK, Hook, HookKind, WorkspaceHook
from engine.model.jobs import JobState
from tests.fakes.scripted_session import an_imagine, progress, refused

END = Hook("https://a.example/hook", HookKind.RESULT)
ALL = Hook("https://a.example/hook", HookKind.PROGRESS)
CHANGES = Hook("https://a.example/hook", HookKind.CHANGES)
UUID = "11111111-1111-4111-8111-{:012d}"


@pytest.fixture
async def open_house(house):
    return await house.open()


async def asked(house, hook, prompt="a red fox"):
    return await house.engine.imagine(replace(house.origin, callback=hook), prompt)


async def ran(house, hook, number=1):
    """A job from its submission to its end."""
    job = await asked(house, hook)
    _, nonce = await house.until_posted(number)
    house.shows_an_imagine(nonce, UUID.format(number))
    return await house.until_state(job, JobState.DONE)


async def post_of(house, job):
    """The newest stored post of a job's request."""
    return (await house.engine.webhooks.deliveries(house.origin.workspace_id, job_id=job.id))[0]


async def until_settled(house, job, state=DeliveryState.DELIVERED):
    for _ in range(400):
        post = await post_of(house, job)
        if post.state is state:
            return post
        await house.clock.advance(0.05)
    raise AssertionError(post)


async def test_the_end_is_posted_once_in_the_words_of_the_requests_dialect(open_house):
    house = open_house
    job = await ran(house, END)
    post = await until_settled(house, job)
    (letter,) = house.courier.letters
    assert (letter.body, letter.url, letter.webhook_id) == (b"test DONE 100", END.url, post.webhook_id)
    assert (post.tries, post.status) == (1, 200)
    await house.clock.advance(60)
    assert len(house.courier.letters) == 1


async def test_without_an_address_nothing_is_stored_or_posted(open_house):
    house = open_house
    for hook in (None, NO_HOOK):
        await asked(house, hook)
    await house.clock.advance(5)
    assert house.store.webhooks.posts == {}
    assert house.courier.letters == []


async def test_the_workspaces_default_counts_from_the_moment_it_is_set(open_house):
    house = open_house
    webhooks, place = house.engine.webhooks, house.origin.workspace_id
    before = await asked(house, None)
    await webhooks.set(place, WorkspaceHook("https://b.example/all", "test", progress=True))
    default, own, off = [await asked(house, hook) for hook in (None, Hook("https://a.example/own"), NO_HOOK)]
    await webhooks.off(place)
    after = await asked(house, None)
    hooks = [(await house.job(job)).hook for job in (before, default, own, off, after)]
    assert hooks == [
        None,
        Hook("https://b.example/all", HookKind.PROGRESS, "test"),
        Hook("https://a.example/own", HookKind.PROGRESS, "test"),
        None,
        None,
    ]


async def test_posts_are_signed_as_soon_as_there_is_a_secret(open_house):
    house = open_house
    first = await ran(house, END)
    await until_settled(house, first)
    secret = await house.engine.webhooks.new_secret(house.origin.workspace_id)
    await until_settled(house, await ran(house, END, 2))
    unsigned, signed = house.courier.posts
    assert "webhook-signature" not in unsigned.headers
    assert signed.headers["webhook-signature"].startswith("v1,")
    assert house.courier.letters[1].secret == secret


async def test_progress_is_told_by_every_change_of_status_and_percent(open_house):
    house = open_house
    job = await asked(house, ALL)
    _, nonce = await house.until_posted(1)
    picture = Drawn(house, nonce)
    for percent in (0, 31, 62):
        picture.grows(percent)
        await house.clock.advance(1.2)
    picture.ends()
    await until_settled(house, await house.until_state(job, JobState.DONE))
    words = house.courier.said
    assert words[-1] == "test DONE 100"
    assert [each for each in words if "RUNNING" in each] == [f"test RUNNING {n}" for n in (0, 31, 62)]
    assert len(set(words)) == len(words)


class Drawn:
    """A picture that Midjourney draws as slowly as the test says."""

    def __init__(self, house, nonce):
        self._session = house.session
        first, started, again, *_, self._final, self._gone = an_imagine(nonce, house.clock.now(), UUID.format(1))
        self._start_id = started.message_id
        self._session.shows(first, started, again)

    def grows(self, percent):
        self._session.shows(progress(self._start_id, percent))

    def ends(self):
        self._session.shows(self._final, self._gone)


async def test_a_percentage_is_told_at_most_once_a_second(open_house):
    house = open_house
    await asked(house, ALL)
    _, nonce = await house.until_posted(1)
    picture = Drawn(house, nonce)
    for percent in range(1, 90, 2):
        picture.grows(percent)
        await house.clock.advance(0.1)
    told = [words for words in house.courier.said if "RUNNING" in words]
    assert 3 <= len(told) <= 7


async def test_changes_alone_tell_no_percentage(open_house):
    house = open_house
    await asked(house, CHANGES)
    _, nonce = await house.until_posted(1)
    picture = Drawn(house, nonce)
    for percent in (10, 40, 80):
        picture.grows(percent)
        await house.clock.advance(1.5)
    assert len([words for words in house.courier.said if "RUNNING" in words]) == 1


async def test_a_receiver_that_is_down_is_tried_again_with_growing_pauses(open_house):
    house = open_house
    house.courier.answers(503)
    job = await ran(house, END)
    await house.until(lambda: len(house.courier.letters) == 4, 800)
    at = [letter.at for letter in house.courier.letters]
    pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(at)]
    assert [round(pause / 5) * 5 for pause in pauses] == [5, 30, 120]
    failing = await post_of(house, job)
    assert (failing.state, failing.tries, failing.error) == (DeliveryState.DUE, 4, "it answers 503")
    assert (await house.engine.status(house.origin.workspace_id)).workspace.webhooks_due == 1
    house.courier.answers(200)
    await house.clock.advance(620)
    assert (await post_of(house, job)).state is DeliveryState.DELIVERED
    assert len({letter.webhook_id for letter in house.courier.letters}) == 1


async def test_after_three_days_a_post_is_given_up_kept_and_replayed_when_somebody_says_so(open_house):
    house = open_house
    house.courier.answers(500)
    job = await ran(house, END)
    failing = await post_of(house, job)
    house.store.webhooks.posts[failing.id] = replace(failing, created_at=failing.created_at - timedelta(days=3))
    await until_settled(house, job, DeliveryState.FAILED)
    count = len(house.courier.letters)
    assert (await house.engine.status(house.origin.workspace_id)).workspace.webhooks_failed == 1
    house.courier.answers(200)
    await house.clock.advance(60)
    assert len(house.courier.letters) == count
    assert await house.engine.webhooks.replay_failed(house.origin.workspace_id) == 1
    await until_settled(house, job)
    assert house.courier.letters[-1].webhook_id == house.courier.letters[0].webhook_id


async def test_410_ends_it_at_once(open_house):
    house = open_house
    house.courier.answers(410)
    job = await ran(house, END)
    post = await until_settled(house, job, DeliveryState.FAILED)
    assert (post.tries, post.status) == (1, 410)


async def test_the_end_never_waits_behind_progress(open_house):
    house = open_house
    house.courier.silent()
    job = await asked(house, ALL)
    _, nonce = await house.until_posted(1)
    picture = Drawn(house, nonce)
    picture.grows(31)
    await house.until(lambda: any("RUNNING" in words for words in house.courier.said), 40)
    stuck = len(house.courier.letters)
    house.courier.answers(200)
    began = house.clock.ticks()
    picture.ends()
    await until_settled(house, await house.until_state(job, JobState.DONE))
    assert house.clock.ticks() - began < 1.0
    assert house.courier.broken_off >= 1
    assert house.courier.said[stuck:] == ["test DONE 100"]
    await house.clock.advance(30)
    assert house.courier.said[stuck:] == ["test DONE 100"]


async def test_a_silent_receiver_holds_up_nobody_else(open_house):
    house = open_house
    house.courier.silent("https://slow.example")
    slow = [await ran(house, replace(END, url=f"https://slow.example/{n}"), n) for n in range(1, 8)]
    assert len(house.courier.under_way) <= 4
    began = house.clock.ticks()
    await until_settled(house, await ran(house, END, 8))
    assert house.clock.ticks() - began < 3.0
    await house.clock.advance(20)
    assert len(house.courier.under_way) <= 1  # it kept its callers waiting, so one at a time
    assert {(await post_of(house, job)).state for job in slow} == {DeliveryState.DUE}


async def test_a_request_of_several_jobs_tells_one_end(open_house):
    house = open_house
    job = await asked(house, END, "a {red, blue} fox")
    _, first = await house.until_posted(1)
    house.shows_an_imagine(first, UUID.format(1))
    await house.clock.advance(3)
    assert house.courier.letters == []
    _, second = await house.until_posted(2)
    house.session.shows(refused(second))
    await house.until(lambda: house.courier.letters, 30)
    await house.clock.advance(10)
    assert house.courier.said == ["test DONE 100"]
    posts = await house.engine.webhooks.deliveries(house.origin.workspace_id, job_id=job.id)
    assert [post.state for post in posts] == [DeliveryState.DELIVERED, DeliveryState.REPLACED]


async def test_a_picture_that_comes_after_its_requester_gave_up_is_told_as_a_second_end(open_house):
    house = open_house
    job = await house.engine.imagine(replace(house.origin, callback=ALL), "a red fox", timeout=10)
    _, nonce = await house.until_posted(1)
    picture = Drawn(house, nonce)
    picture.grows(15)
    await house.clock.advance(12)
    given_up = await house.job(job)
    assert (given_up.state, given_up.given_up) == (JobState.RUNNING, True)
    ended = await until_settled(house, job)
    assert ended.kind is DeliveryKind.FINAL
    count = len(house.courier.letters)
    picture.grows(62)
    await house.clock.advance(5)
    assert len(house.courier.letters) == count
    picture.ends()
    await house.until_state(job, JobState.DONE)
    await house.until(lambda: len(house.courier.letters) == count + 1, 10)
    assert house.courier.said[-1] == "test DONE 100"
    assert house.courier.letters[-1].webhook_id != ended.webhook_id


async def test_what_was_under_way_when_the_process_ended_is_posted_again_under_the_same_id(open_house):
    house = open_house
    house.courier.silent()
    job = await ran(house, END)
    await house.until(lambda: house.courier.under_way, 20)
    house.courier.answers(200)
    await house.restart()
    await until_settled(house, job)
    assert len(house.courier.letters) == 2
    assert len({letter.webhook_id for letter in house.courier.letters}) == 1


async def test_a_job_that_was_cancelled_in_the_queue_tells_its_end(house):
    await house.open(concurrency=1)
    await asked(house, None)
    await house.until_posted(1)
    job = await asked(house, END)
    await house.engine.cancel(house.origin, job.id)
    await until_settled(house, job)
    assert house.courier.said == ["test CANCELLED 0"]


async def test_words_that_cannot_be_written_are_tried_later_and_stop_nobody(open_house, monkeypatch):
    house = open_house
    bodies = house.engine._mailroom._delivering._bodies
    said = bodies.said

    async def broken(*asked):
        raise ZeroDivisionError

    monkeypatch.setattr(bodies, "said", broken)
    job = await ran(house, END)
    await house.clock.advance(1)
    broken_post = await post_of(house, job)
    assert (broken_post.state, broken_post.error) == (DeliveryState.DUE, "it could not be written: ZeroDivisionError")
    monkeypatch.setattr(bodies, "said", said)
    await until_settled(house, job)


async def test_a_store_that_cannot_be_written_makes_no_second_post(open_house):
    house = open_house
    house.courier.silent()
    job = await ran(house, END)
    await house.until(lambda: house.courier.under_way, 20)
    house.store.trouble = "the disk is full"
    await house.clock.advance(16)
    house.store.trouble = None
    await house.clock.advance(2)
    assert (await post_of(house, job)).tries == 1
    assert len(house.courier.letters) == 1
    assert (await post_of(house, job)).kind is DeliveryKind.FINAL
