"""Silence, and words that nobody knows."""

from __future__ import annotations

from engine.model.accounts import AccountState
from engine.model.jobs import JobState
from engine.model.sightings import Channel, Stage
from engine.ports import AccountChange
from tests.core.answers_at_hand import message_id
from tests.fakes import scripted_session as says


async def test_two_silent_jobs_in_a_row_stop_the_account(house):
    await house.open()
    jobs = [await house.imagine(f"fox {n}") for n in range(2)]
    for number in (1, 2):
        _, nonce = await house.until_posted(number)
        house.session.shows(says.acknowledged(nonce, f"80{number}"))
    await house.clock.advance(59)
    status = await house.engine.status(house.origin.workspace_id)
    assert status.workspace.accounts[0].state == "active"
    await house.clock.advance(5)
    await house.until(house.stopped)
    status = await house.engine.status(house.origin.workspace_id)
    assert "silent block" in status.workspace.accounts[0].reason
    assert [(await house.job(job)).state for job in jobs] == [JobState.SENT] * 2


async def test_whoever_resumes_an_account_begins_a_new_count(house):
    await house.open()
    for number in (1, 2):
        await house.imagine(f"fox {number}")
        _, nonce = await house.until_posted(number)
        house.session.shows(says.acknowledged(nonce, f"80{number}"))
    await house.clock.advance(64)
    assert house.stopped()
    await house.store.apply([AccountChange(house._account().id, AccountState.ACTIVE)])
    await house.clock.advance(2)
    await house.imagine("fox 3")
    _, nonce = await house.until_posted(3)
    house.session.shows(says.acknowledged(nonce, "803"))
    await house.clock.advance(70)
    assert not house.stopped()


async def test_jobs_that_discord_shows_late_are_not_silent(house):
    await house.open()
    for number in (1, 2):
        await house.imagine(f"fox {number}")
        await house.until_posted(number)
    await house.clock.advance(59)
    for number, (_, nonce) in enumerate(house.session.submissions, start=1):
        house.session.shows(says.acknowledged(nonce, f"80{number}"))
    await house.clock.advance(30)
    assert not house.stopped()
    await house.clock.advance(35)
    assert house.stopped()


async def test_jobs_that_were_answered_with_words_that_nobody_knows_are_not_silent(house):
    await house.open()
    jobs = [await house.imagine(f"fox {number}") for number in (1, 2)]
    for number in (1, 2):
        _, nonce = await house.until_posted(number)
        house.session.shows(
            says.acknowledged(nonce, f"80{number}"),
            says._seen(Channel.CREATED, Stage.UNKNOWN, nonce=nonce, interaction_id=f"80{number}", words="Tides wanted"),
        )
    await house.clock.advance(70)
    assert not house.stopped()
    assert [(await house.job(job)).state for job in jobs] == [JobState.NEEDS_ATTENTION] * 2


async def test_one_silent_job_among_others_stops_nothing(house):
    await house.open()
    await house.imagine("silent")
    _, nonce = await house.until_posted(1)
    house.session.shows(says.acknowledged(nonce, "801"))
    await house.clock.advance(65)
    await house.finished()
    job = await house.imagine("silent again")
    _, nonce = await house.until_posted(3)
    house.session.shows(says.acknowledged(nonce, "803"))
    await house.clock.advance(65)
    assert not house.stopped()
    assert (await house.job(job)).state is JobState.SENT


async def test_three_strange_things_in_ten_minutes_are_told_and_stop_nothing(house):
    await house.open()
    for number, words in enumerate(("Moon phase required", "Tides wanted", "Wind expected")):
        house.session.shows(
            says._seen(
                Channel.CREATED,
                Stage.UNKNOWN,
                message_id=message_id(house, 60 + number),
                words=words,
                user_id=None,
            )
        )
        await house.clock.advance(1)
    status = await house.engine.status(house.origin.workspace_id)
    (account,) = status.workspace.accounts
    assert account.state == "active"
    assert any("Moon phase required" in warning for warning in account.warnings)
