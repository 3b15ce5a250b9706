"""What operators are told of: one value for each condition, once until it changes; how the bot is; what is expected."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.core.community.alerts import LITTLE_ROOM, Alerts
from engine.core.community.bot import HEARD_FOR, BotDesk
from engine.core.outlook import expected_wait
from engine.model.accounts import AccountState
from engine.model.choosing import Waiting
from engine.model.community.reports import AlertKind, BotState
from engine.model.details import AccountFacts, AccountInfo
from engine.model.jobs import JobState, Mode
from engine.ports import AccountChange, Evidence, FactsLearned, KeepEvidence
from tests.contracts.store_examples import result
from tests.core.house import House


@pytest.fixture
async def opened(house: House):
    return await house.open()


class Disk:
    """So many bytes are free."""

    def __init__(self) -> None:
        self.bytes: int | None = 10 * LITTLE_ROOM

    def free(self) -> int | None:
        return self.bytes


def told(alerts):
    return [(alert.kind, alert.said) for alert in alerts]


async def test_each_condition_is_told_once_until_it_changes(opened):
    disk = Disk()
    alerts = Alerts(opened.store, opened.clock, disk.free)
    account = opened._account()
    assert await alerts.look() == []
    await opened.store.apply([AccountChange(account.id, AccountState.STOPPED, reason="a captcha is to be solved")])
    (found,) = await alerts.look()
    assert (found.kind, found.said) == (AlertKind.ACCOUNT, f"{account.name}: a captcha is to be solved")
    assert await alerts.look() == [found]
    await alerts.told(found)
    assert await alerts.look() == []
    assert await alerts.holding(opened.origin.workspace_id) == [found]
    await opened.store.apply([AccountChange(account.id, AccountState.ACTIVE)])
    assert await alerts.look() == []
    await opened.store.apply([AccountChange(account.id, AccountState.STOPPED, reason="a captcha is to be solved")])
    assert told(await alerts.look()) == told([found])


@pytest.mark.parametrize(
    ("left", "age", "said"),
    [
        (7200.0, 0, None),
        (3600.0, 0, "less than an hour"),
        (800.0, 0, "less than 15 minutes"),
        (0.0, 0, "no fast hours are left"),
        (0.0, 3, None),
    ],
)
async def test_few_fast_hours_are_told_by_steps(opened, left, age, said):
    account = opened._account()
    info = AccountInfo(plan="Pro", fast_seconds_left=left)
    facts = AccountFacts(info=info, info_at=opened.clock.now() - timedelta(days=age))
    await opened.store.apply([FactsLearned(account.id, facts)])
    found = await Alerts(opened.store, opened.clock, Disk().free).look()
    expected = [] if said is None else [(AlertKind.FAST_HOURS, f"{account.name}: {said}")]
    assert told(found) == expected


async def test_a_full_disk_and_unknown_words_are_told(opened):
    disk = Disk()
    disk.bytes = LITTLE_ROOM - 1
    frame = Evidence(opened._account().id, "MESSAGE_CREATE:type 46", opened.clock.now(), "{}")
    await opened.store.apply([KeepEvidence(frame)])
    found = await Alerts(opened.store, opened.clock, disk.free).look()
    assert {alert.kind for alert in found} == {AlertKind.DISK, AlertKind.UNKNOWN_WIRE}
    disk.bytes = None
    assert [alert.kind for alert in await Alerts(opened.store, opened.clock, disk.free).look()] == [
        AlertKind.UNKNOWN_WIRE
    ]


async def test_how_little_room_is_told_is_the_operators_to_say(opened):
    disk = Disk()
    disk.bytes = 5 << 30
    (found,) = await Alerts(opened.store, opened.clock, disk.free, 6 << 30).look()
    assert (found.kind, found.said) == (AlertKind.DISK, "less than 6 GiB is free on the disk")
    disk.bytes = 0
    assert await Alerts(opened.store, opened.clock, disk.free, 0).look() == []


async def test_who_watches_is_told_within_ten_seconds(opened):
    alerts = Alerts(opened.store, opened.clock, Disk().free)
    watch = alerts.watch()
    waiting = asyncio.ensure_future(anext(watch))
    await opened.clock.advance(5)
    assert not waiting.done()
    await opened.store.apply([AccountChange(opened._account().id, AccountState.STOPPED, reason="blocked")])
    began = opened.clock.ticks()
    await opened.until(waiting.done)
    assert opened.clock.ticks() - began <= 10
    assert waiting.result().kind is AlertKind.ACCOUNT
    await watch.aclose()


# --- the bot


async def test_the_status_says_how_the_bot_is(opened):
    assert (await opened.engine.status(None)).bot is BotState.OFF
    await opened.engine.community.bot.tell(BotState.CONNECTED)
    assert (await opened.engine.status(None)).bot is BotState.CONNECTED


async def test_a_bot_of_another_process_is_off_when_it_was_not_heard_of(opened):
    theirs = BotDesk(opened.store, opened.clock, alone=False)
    ours = BotDesk(opened.store, opened.clock, alone=False)
    assert await ours.state() is BotState.OFF
    await theirs.tell(BotState.CONNECTED)
    assert await ours.state() is BotState.CONNECTED
    telling = asyncio.ensure_future(theirs.keep_telling())
    await opened.clock.advance(2 * HEARD_FOR.total_seconds())
    assert await ours.state() is BotState.CONNECTED
    telling.cancel()
    await opened.clock.advance(HEARD_FOR.total_seconds() + 1)
    assert await ours.state() is BotState.OFF


# --- what is expected


@pytest.mark.parametrize(
    ("ahead", "slots", "takes", "waits"),
    [(0, 3, 60.0, 60.0), (2, 3, 60.0, 60.0), (3, 3, 60.0, 120.0), (0, 1, 9.0, 9.0)],
)
def test_a_wait_is_as_many_rounds_as_are_ahead(ahead, slots, takes, waits):
    assert expected_wait(ahead, slots, takes) == waits


async def test_a_job_knows_how_many_are_ahead_and_why_it_waits(opened):
    await opened.engine.queues.pause(opened.origin.workspace_id)
    first, second = await opened.imagine(), await opened.imagine()
    boost = await opened.engine.imagine(replace(opened.origin, boost=True), "a fox")
    outlook = opened.engine.outlooks.of
    assert [outlook(job).ahead for job in (boost, first, second)] == [0, 1, 2]
    assert outlook(first).waits_because == "the workspace's queue is paused"
    assert outlook(first).takes_seconds is None
    durations = next(iter(opened.engine._keepers.values())).durations
    for seconds in (10, 20, 30, 40, 50):
        start = 1_380_000_000_000_000_000
        links = replace(first.links, progress_message_id=str(start))
        outcome = replace(result(), message_id=str(start + (seconds * 1000 << 22)))
        durations.learn(replace(first, state=JobState.DONE, links=links, result=outcome, mode=Mode.FAST))
    assert outlook(second).takes_seconds == 30
    assert outlook(second).waits_seconds is None, "nobody knows how long the queue is paused"
    await opened.engine.queues.resume(opened.origin.workspace_id)
    *_, last = [await opened.imagine() for _ in range(3)]
    await opened.until_posted(3)
    assert (outlook(last).ahead, outlook(last).waits_because, outlook(last).waits_seconds) == (2, Waiting.NO_SLOT, 30)
