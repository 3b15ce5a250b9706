"""Two processes on one database: the one that holds the account, and one that only asks and watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from engine.core.elsewhere import Elsewhere
from engine.core.engine import Engine
from engine.core.leases import Leases
from engine.core.settling import Settling
from engine.model.actions import CANCEL_JOB, MessageCommand
from engine.model.choosing import Waiting
from engine.model.errors import Conflict, Hindrance
from engine.model.jobs import Job, JobState
from engine.model.sightings import Channel, Stage
from engine.ports import LiveNoted
from tests.core.answers_at_hand import message_id
from tests.core.house import House
from tests.core.workshop import stored_job
from tests.fakes import scripted_session as says
from tests.fakes.memory_store import MemoryStore
from tests.fakes.plain_secrets import PlainSecrets

HEARD_WITHIN = 2.5


class CountingStore(MemoryStore):
    """Counts the questions for versions and the notes of liveness."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.notes: list[bool] = []

    async def versions(self, job_ids):
        self.asked += 1
        return await super().versions(job_ids)

    async def apply(self, changes):
        self.notes += [change.live for change in changes if isinstance(change, LiveNoted)]
        return await super().apply(changes)


@dataclass
class Town:
    """`house` holds the account, `other` is the second process's engine."""

    house: House
    other: Engine

    @property
    def account_id(self) -> int:
        return self.house._account().id

    def live(self) -> bool:
        return self.other.linked.is_live(self.account_id)

    async def running(self) -> tuple[Job, str]:
        """A job of which the holder has seen the first message, and the id of that."""
        job = await self.house.imagine()
        _, nonce = await self.house.until_posted(1)
        shown = message_id(self.house, 10)
        self.house.session.shows(says.waiting(nonce, shown))
        return await self.house.until_state(job, JobState.RUNNING), shown

    async def account_status(self, engine: Engine):
        status = await engine.status(self.house.origin.workspace_id)
        (account,) = status.workspace.accounts
        return account


@pytest.fixture
async def town():
    house = House(sole_owner=False)
    house.store = CountingStore()
    house.engine = house._engine()
    await house.open(concurrency=1)
    other = house._engine()
    await other.start()
    opened = Town(house, other)
    await house.until(opened.live)
    yield opened
    house.engine, holder = other, house.engine
    await house.stop()
    house.engine = holder
    await house.stop()


# --- who is live


async def test_an_account_that_is_live_in_one_process_is_live_for_all(town):
    told = await town.account_status(town.other)
    assert (told.live, told.running) == (True, 0)
    assert len(town.house.driver.sessions) == 1


async def test_what_runs_there_is_counted_by_the_store(town):
    await town.running()
    assert (await town.account_status(town.other)).running == 1
    assert (await town.account_status(town.house.engine)).running == 1


async def test_an_account_that_loses_its_connection_is_live_for_nobody_until_it_is_back(town):
    town.house.session.loses()
    await town.house.until(lambda: not town.live(), HEARD_WITHIN)
    assert not (await town.account_status(town.other)).live
    town.house.session.goes_live()
    await town.house.until(town.live, HEARD_WITHIN)


async def test_liveness_is_noted_when_it_changes_and_not_again_and_again(town):
    await town.house.clock.advance(30)
    assert town.house.store.notes == [True]
    town.house.session.loses()
    await town.house.until(lambda: not town.live(), HEARD_WITHIN)
    assert town.house.store.notes == [True, False]


async def test_a_note_counts_no_longer_than_its_holders_lease(workshop):
    leases = Leases(workshop.store, workshop.clock, owner="another", seconds=30, sole_owner=False)
    elsewhere = Elsewhere(workshop.clock, leases)
    elsewhere.read({workshop.account.id: workshop.clock.now() + timedelta(seconds=30)})
    assert elsewhere.live(workshop.account.id)
    await workshop.clock.advance(31)
    assert not elsewhere.live(workshop.account.id)


async def test_an_account_that_is_held_here_is_never_elsewhere(workshop):
    elsewhere = Elsewhere(workshop.clock, workshop.leases)
    elsewhere.read({workshop.account.id: workshop.clock.now() + timedelta(seconds=30)})
    assert not elsewhere.live(workshop.account.id)


# --- why a job waits


async def test_a_job_that_waits_for_an_account_elsewhere_is_not_told_that_none_is_connected(town):
    await town.running()
    waiting = await town.other.imagine(town.house.origin, "another fox")
    await town.house.clock.advance(1.5)
    assert town.house.engine.waits_because(waiting) is Waiting.NO_SLOT
    assert town.other.waits_because(waiting) is None
    assert town.other.outlooks.of(waiting).waits_because is None


async def test_while_it_is_connected_nowhere_that_is_the_reason(town):
    town.house.session.loses()
    waiting = await town.other.imagine(town.house.origin, "a fox")
    await town.house.until(lambda: not town.live(), HEARD_WITHIN)
    assert town.other.waits_because(waiting) is Waiting.NOT_LIVE
    assert town.house.engine.waits_because(waiting) is Waiting.NOT_LIVE


# --- what is decided there


async def test_a_running_job_is_taken_back_by_the_process_that_does_not_hold_its_account(town):
    job, shown = await town.running()
    asked = await town.other.cancel(town.house.origin, job.id)
    assert (asked.state, asked.cancel_asked) == (JobState.RUNNING, True)
    began = town.house.clock.ticks()
    way, _ = await town.house.until_posted(2)
    assert town.house.clock.ticks() - began <= HEARD_WITHIN
    assert way == MessageCommand(says.MIDJOURNEY_APPLICATION, CANCEL_JOB, town.house.channel_id(), shown)
    town.house.session.shows(says._seen(Channel.EDITED, Stage.STOPPED, message_id=shown))
    await town.house.until_state(job, JobState.CANCELLED)
    told = [update.event for update in await town.house.store.updates(job.id)]
    assert told[-2:] == ["CancelAsked", "StoppedUpstream"]


async def test_a_second_cancel_changes_nothing_more(town):
    job, _ = await town.running()
    first = await town.other.cancel(town.house.origin, job.id)
    assert (await town.other.cancel(town.house.origin, job.id)).version == first.version


async def test_a_cancel_for_an_account_that_is_connected_nowhere_is_refused_with_the_reason(town):
    job, _ = await town.running()
    town.house.session.loses()
    await town.house.until(lambda: not town.live(), HEARD_WITHIN)
    with pytest.raises(Conflict) as refused:
        await town.other.cancel(town.house.origin, job.id)
    assert refused.value.code is Hindrance.NOT_CONNECTED


async def test_what_an_operator_settles_in_another_process_is_open_here_no_longer(town):
    house = town.house
    job = await stored_job(
        house.store,
        house.clock.now(),
        house.origin.workspace_id,
        JobState.NEEDS_ATTENTION,
        account_id=town.account_id,
        sent_at=house.clock.now(),
        nonces=("1",),
    )
    (keeper,) = house.engine._keepers.values()
    await keeper._casebook.load()
    assert [each.id for each in keeper.open_jobs] == [job.id]
    settling = Settling(house.store, house.driver, PlainSecrets(), house.clock)
    await settling.failed(job.workspace_id, job.id, "the operator")
    await house.until(lambda: not keeper.open_jobs, HEARD_WITHIN)


async def test_without_open_jobs_nobody_is_asked(town):
    await town.house.clock.advance(5)
    assert town.house.store.asked == 0
    await town.running()
    before = town.house.store.asked
    await town.house.clock.advance(5)
    assert 4 <= town.house.store.asked - before <= 6


async def test_a_process_that_owns_its_database_alone_notes_nothing_and_asks_nothing():
    house = House()
    house.store = CountingStore()
    house.engine = house._engine()
    await house.open()
    await Town(house, house.engine).running()
    await house.clock.advance(5)
    assert (house.store.asked, house.store.notes) == (0, [])
    await house.stop()
