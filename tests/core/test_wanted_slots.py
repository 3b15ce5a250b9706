"""When a job waits for a slot, whoever keeps it unusually long is looked up in the history."""

from dataclasses import replace

from engine.model.durations import ASSUMED, ENOUGH
from engine.model.jobs import JobState, Mode
from tests.fakes import scripted_session as says

UUID = "22222222-2222-4222-8222-222222222222"
LONGEST = ASSUMED[Mode.FAST]


def told(house, nonce):
    """All that is shown of a job, except that its final goes only to the history and its progress is not deleted."""
    *before, final, _ = says.an_imagine(nonce, house.clock.now(), UUID, turn=900)
    house.session.shows(*before)
    house.session.in_history(replace(final, channel=says.Channel.HISTORY))
    return before


async def lives(house, message_id, seconds):
    """The job goes on showing itself every ten seconds."""
    for _ in range(seconds // 10):
        await house.clock.advance(10)
        house.session.shows(says.progress(message_id, 70, UUID))


async def test_a_job_past_the_longest_of_its_mode_is_looked_up_when_its_slot_is_wanted(house):
    await house.open(concurrency=1)
    slow = await house.imagine("slow")
    _, nonce = await house.until_posted(1)
    before = told(house, nonce)
    await lives(house, before[-1].message_id, 70)
    await house.imagine("waits for the slot")
    await house.clock.advance(4)
    assert house.session.histories == []
    await house.until_state(
        slow, JobState.DONE, seconds=LONGEST - 74 + 17
    )  # two of its usual pauses after it was last heard of
    await house.until_posted(2)
    assert len(house.session.histories) == 1


async def test_nobody_is_looked_up_while_no_job_waits(house):
    await house.open(concurrency=1)
    await house.imagine("slow")
    _, nonce = await house.until_posted(1)
    before = told(house, nonce)
    await lives(house, before[-1].message_id, 200)
    assert house.session.histories == []


async def test_a_job_that_shows_itself_keeps_its_slot_in_peace(house):
    await house.open(concurrency=1)
    await house.imagine("slow")
    _, nonce = await house.until_posted(1)
    before = told(house, nonce)
    await house.imagine("waits for the slot")
    for _ in range(50):
        await house.clock.advance(4)
        house.session.shows(says.progress(before[-1].message_id, 70, UUID))
    assert house.session.histories == []


async def test_a_job_that_the_history_does_not_show_is_asked_for_less_and_less_often(house):
    await house.open(concurrency=1)
    await house.imagine("slow")
    _, nonce = await house.until_posted(1)
    house.session.shows(*says.an_imagine(nonce, house.clock.now(), UUID)[:-2])
    await house.imagine("waits for the slot")
    for _ in range(400):
        await house.clock.advance(1)
    assert 3 <= len(house.session.histories) <= 8


async def test_what_is_measured_replaces_what_was_assumed(house):
    await house.open(concurrency=1)
    for n in range(ENOUGH):
        await house.finished(f"quick {n}", f"{n:08d}-1111-4111-8111-111111111111")
    slow = await house.imagine("slow")
    _, nonce = await house.until_posted(ENOUGH + 1)
    told(house, nonce)
    await house.imagine("waits for the slot")
    await house.until_state(slow, JobState.DONE, seconds=8)
