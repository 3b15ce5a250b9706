"""What Midjourney's refusals do to the job, its slot and its account."""

from __future__ import annotations

import pytest

from engine.model.accounts import AccountState
from engine.model.jobs import FailureReason, JobState
from engine.model.sightings import Trouble
from tests.drivers.captures import embed_of, message, sighted, wire

STOPS = {
    "Credits exhausted": Trouble.CREDITS,
    "Subscription required": Trouble.BILLING,
    "Subscription paused": Trouble.BILLING,
    "Plan Cancelled": Trouble.BILLING,
    "Tos not accepted": Trouble.TERMS,
    "Pending mod message": Trouble.MODERATION,
    "Blocked": Trouble.BLOCKED,
    "Action required to continue": Trouble.CAPTCHA,
    "Please complete the task": Trouble.CAPTCHA,
}
WAITS = {"Job queued", "Queue full"}
ITEMS = {item["title"]: item for item in wire("error-embeds.json")["items"]}


async def refused(house, title):
    """A job that Midjourney answers with this title, and its account afterwards."""
    await house.open(concurrency=1)
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    house.session.shows(sighted(message(nonce=nonce, flags=64, content="", embeds=[embed_of(ITEMS[title])])))
    failed = await house.until_state(job, JobState.FAILED)
    await house.clock.advance(1.0)
    (account,) = await house.store.accounts(house.origin.workspace_id)
    return failed, account


@pytest.mark.parametrize("title", STOPS)
async def test_a_refusal_that_is_about_the_account_stops_it_and_says_why(house, title):
    failed, account = await refused(house, title)
    assert failed.failure.reason is FailureReason.ACCOUNT
    assert (account.state, account.trouble) == (AccountState.STOPPED, STOPS[title])
    assert title in account.reason


@pytest.mark.parametrize("title", sorted(set(ITEMS) - set(STOPS) - WAITS))
async def test_a_refusal_that_is_about_the_job_leaves_the_account_at_work_and_its_slot_free(house, title):
    failed, account = await refused(house, title)
    assert failed.failure.reason is not FailureReason.ACCOUNT
    assert (account.state, account.trouble) == (AccountState.ACTIVE, None)
    await house.imagine("the next")
    await house.until_posted(2)


async def test_job_queued_is_a_wait(house):
    await house.open(concurrency=1)
    job = await house.imagine()
    _, nonce = await house.until_posted(1)
    embed = embed_of(ITEMS["Job queued"])
    house.session.shows(sighted(message(nonce=nonce, flags=64, content="", embeds=[embed])))
    await house.clock.advance(120.0)
    waits = await house.job(job)
    assert (waits.state, waits.upstream_queued, waits.failure) == (JobState.SENT, True, None)
    assert len(house.session.submissions) == 1
