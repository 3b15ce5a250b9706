"""In which order queued jobs leave, and what a look at the accounts costs when there are many of both."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.core.awaiting import Awaiting
from engine.core.dispatcher import Dispatcher
from engine.core.gathering import Gathering, Pictures
from engine.core.lines import Lines, kind_of
from engine.core.ownpictures import OwnPictures
from engine.core.parents import Parents
from engine.model.accounts import AccountState
from engine.model.choosing import Standing, Waiting
from engine.model.jobs import JobState
from engine.model.limits import Limits
from tests.core.house import NoImages
from tests.core.workshop import nobody_else
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_inputs import MemoryInputs
from tests.fakes.memory_store import MemoryStore
from tests.model.jobs_at_hand import NOW, a_job
from tests.model.test_choosing import standing


class CountingKeeper:
    """An account of three slots that takes what it is given, and counts how often it is asked how it stands."""

    def __init__(self, number: int) -> None:
        self.stands = standing(number, idle=float(number))
        self.account = self.stands.account
        self.asked = 0
        self.wanted = 0
        self.taken: list[str] = []
        self.free_in = 0.0

    def standing(self) -> Standing:
        self.asked += 1
        return self.stands

    def take(self, job, returned) -> None:
        self.taken.append(job.id)
        self.stands = replace(self.stands, taken=self.stands.taken + 1)
        returned(job, False)

    def slot_wanted(self) -> None:
        self.wanted += 1

    def ends_one(self) -> None:
        self.stands = replace(self.stands, taken=self.stands.taken - 1)


class Office:
    """A dispatcher over counting keepers; a look is made when the test says so."""

    def __init__(self, accounts: int) -> None:
        self.keepers = {number: CountingKeeper(number) for number in range(1, accounts + 1)}
        clock = ManualClock(NOW)
        store, inputs = MemoryStore(), MemoryInputs(clock.now)
        own = OwnPictures(store, NoImages(), "http://127.0.0.1:8000", frozenset)
        self.dispatcher = Dispatcher(
            store=store,
            clock=clock,
            limits=Limits(),
            ended=lambda *_: None,
            keepers=self.keepers,
            elsewhere=nobody_else(store, clock),
            gathering=Gathering(Pictures(inputs, own, clock), clock),
            awaiting=Awaiting(store, Parents(store, switches_remix=False), clock),
        )

    def queue(self, count: int, **changes) -> list[str]:
        jobs = [
            a_job(f"job {number:05}", JobState.QUEUED, created_at=NOW + timedelta(seconds=number), **changes)
            for number in range(count)
        ]
        for job in jobs:
            self.dispatcher.add(job)
        return [job.id for job in jobs]

    def look(self, *, at_everything: bool = False) -> None:
        self.dispatcher._dispatch(at_everything=at_everything)

    def asked(self) -> int:
        return sum(keeper.asked for keeper in self.keepers.values())

    def sent(self) -> list[str]:
        return [job for keeper in self.keepers.values() for job in keeper.taken]


def test_the_oldest_job_leaves_first_whatever_its_line():
    office = Office(1)
    office.queue(6)
    for number, bound in (("a", 1), ("b", None)):
        at = NOW + timedelta(seconds=1, microseconds=ord(number))
        office.dispatcher.add(a_job(number, JobState.QUEUED, created_at=at, bound_account_id=bound))
    office.look(at_everything=True)
    assert office.sent() == ["job 00000", "job 00001", "a"]


def test_a_line_that_waits_for_its_account_stands_in_nobodys_way():
    office = Office(2)
    office.keepers[1].stands = replace(office.keepers[1].stands, live=False)
    office.queue(2, bound_account_id=1)
    office.dispatcher.add(a_job("free", JobState.QUEUED, created_at=NOW + timedelta(hours=1)))
    office.look(at_everything=True)
    assert office.sent() == ["free"]


def test_a_thousand_jobs_find_three_hundred_accounts_without_asking_each_account_for_each_job():
    office = Office(300)
    queued = office.queue(1000)
    office.look(at_everything=True)
    assert len(office.sent()) == 900
    assert office.asked() <= 300 + 2 * 900
    assert max(len(keeper.taken) for keeper in office.keepers.values()) == 3
    assert sorted(office.sent()) == queued[:900]


def test_a_place_that_is_free_again_costs_a_look_at_its_account_alone():
    office = Office(300)
    queued = office.queue(1000)
    office.look(at_everything=True)
    before = office.asked()
    office.keepers[7].ends_one()
    office.dispatcher.account_changed(7)
    office.look()
    assert office.asked() - before <= 3
    assert office.keepers[7].taken[-1] == queued[900]


def test_what_nobody_told_of_is_seen_when_everything_is_looked_at():
    office = Office(3)
    office.queue(10)
    office.look(at_everything=True)
    office.keepers[2].ends_one()
    office.look()
    assert len(office.sent()) == 9
    office.look(at_everything=True)
    assert len(office.sent()) == 10


@pytest.mark.parametrize("change", [{"live": False}, {"full": True}, {"lane_free": False}])
def test_an_account_that_can_take_nothing_any_more_is_found_out_before_it_is_given_a_job(change):
    office = Office(2)
    office.queue(1)
    office.look(at_everything=True)
    assert office.keepers[1].taken == ["job 00000"]
    office.keepers[2].stands = replace(office.keepers[2].stands, **change)
    office.dispatcher.add(a_job("next", JobState.QUEUED))
    office.look()
    assert office.keepers[1].taken == ["job 00000", "next"]


def test_an_account_that_is_unlinked_meanwhile_is_given_nothing():
    office = Office(2)
    office.queue(1)
    office.look(at_everything=True)
    del office.keepers[2]
    office.dispatcher.add(a_job("next", JobState.QUEUED))
    office.look()
    assert office.sent() == ["job 00000", "next"]


def test_a_pause_between_two_submissions_ends_without_a_word_of_the_account():
    office = Office(1)
    keeper = office.keepers[1]
    keeper.stands, keeper.free_in = replace(keeper.stands, lane_free=False), 2.0
    office.queue(1)
    assert office.dispatcher._dispatch(at_everything=True) == 2.0
    keeper.stands = replace(keeper.stands, lane_free=True)
    office.dispatcher._clock._move(2.0)
    office.look()
    assert office.sent() == ["job 00000"]


def test_only_who_would_run_what_waits_is_told_that_its_slots_are_wanted():
    office = Office(3)
    office.keepers[3].stands = standing(3, state=AccountState.PAUSED)
    office.queue(7)
    office.look(at_everything=True)
    office.dispatcher._want_slots()
    assert [keeper.wanted for keeper in office.keepers.values()] == [1, 1, 0]


def test_a_job_waits_in_one_place_however_often_it_is_put_there():
    lines = Lines()
    first, second = (a_job(name, JobState.QUEUED) for name in "ab")
    for job in (second, first, second):
        lines.add(job)
    assert (len(lines), lines.first(kind_of(first))) == (2, first)
    lines.remove("a")
    lines.remove("a")
    assert (len(lines), lines.first(kind_of(first))) == (1, second)
    lines.remove("b")
    assert (list(lines.kinds), lines.first(kind_of(first))) == ([], None)


def test_why_a_job_waits_is_said_as_the_accounts_stand_at_that_moment():
    office = Office(2)
    (job_id,) = office.queue(1)
    (job,) = office.dispatcher.queued
    assert office.dispatcher.waits_because(job) is None, "they were not looked at yet, and are free"
    for keeper in office.keepers.values():
        keeper.stands = replace(keeper.stands, live=False)
    assert office.dispatcher.waits_because(job) is Waiting.NOT_LIVE
    office.keepers[2].stands = replace(office.keepers[2].stands, live=True)
    assert office.dispatcher.waits_because(job) is None
    office.look()
    assert office.keepers[2].taken == [job_id], "to be asked does not hide the news from the queue"
