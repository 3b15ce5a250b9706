"""Boosts: ahead of all others, in turn among themselves, and what only some accounts may run beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from engine.core.lines import Lines, kind_of
from engine.model.jobs import JobState, Origin
from tests.core.test_dispatching import Office
from tests.model.jobs_at_hand import NOW, a_job


def waiting(name: str, *, at: float = 0.0, by: str | None = None, **changes):
    return a_job(name, JobState.QUEUED, created_at=NOW + timedelta(seconds=at), boosted_by=by, **changes)


def in_order(lines: Lines) -> list[str]:
    """The jobs as they would leave."""
    left = []
    while lines.kinds:
        firsts = [lines.first(kind) for kind in lines.kinds]
        job = min(firsts, key=lines.place)
        left.append(job.id)
        lines.remove(job.id)
    return left


def test_a_boost_overtakes_everything_that_waits():
    lines = Lines()
    for n in range(20):
        lines.add(waiting(f"old {n:02}", at=n))
    lines.add(waiting("boost", at=99, by="key:1"))
    assert in_order(lines)[:2] == ["boost", "old 00"]


def test_boosts_of_several_requesters_take_turns_however_many_one_asks_for():
    lines = Lines()
    for n in range(3):
        lines.add(waiting(f"many {n}", at=n, by="key:1"))
    lines.add(waiting("one", at=10, by="key:2"))
    lines.add(waiting("other", at=11, by="key:3"))
    assert in_order(lines) == ["many 0", "one", "other", "many 1", "many 2"]


def test_who_comes_late_gets_the_turn_that_is_now_not_those_that_passed():
    lines = Lines()
    for n in range(4):
        lines.add(waiting(f"many {n}", at=n, by="key:1"))
    for n in range(2):
        lines.remove(f"many {n}")
    for n in range(3):
        lines.add(waiting(f"late {n}", at=20 + n, by="key:2"))
    assert in_order(lines) == ["late 0", "many 2", "late 1", "many 3", "late 2"]


def test_a_boost_that_could_not_be_sent_comes_back_to_its_turn():
    lines = Lines()
    first, second = waiting("first", at=0, by="key:1"), waiting("second", at=1, by="key:1")
    for job in (first, second):
        lines.add(job)
    lines.leave("first")
    lines.add(first)
    assert in_order(lines) == ["first", "second"]


def test_turns_are_taken_across_jobs_that_need_a_slot_and_jobs_that_need_none():
    lines = Lines()
    grid, single = waiting("grid", at=0, by="key:1"), waiting("single", at=1, by="key:1", bound_account_id=1)
    lines.add(grid)
    lines.add(single)
    lines.add(waiting("other", at=2, by="key:2"))
    assert kind_of(grid) != kind_of(single)
    assert in_order(lines) == ["grid", "other", "single"]


def test_an_account_serves_the_lines_that_name_it():
    lines = Lines()
    named = waiting("named", only_accounts=(2, 3))
    lines.add(named)
    assert kind_of(named) in lines.kinds_for("w", 3)
    assert kind_of(named) not in lines.kinds_for("w", 1)
    lines.remove("named")
    assert kind_of(named) not in lines.kinds_for("w", 3)


def test_a_job_for_named_accounts_leaves_when_one_of_them_is_free():
    office = Office(3)
    for number in (1, 2):
        office.keepers[number].stands = replace(office.keepers[number].stands, taken=3)
    office.dispatcher.add(waiting("named", only_accounts=(2,)))
    office.look(at_everything=True)
    assert office.keepers[3].taken == []
    office.keepers[2].stands = replace(office.keepers[2].stands, taken=0)
    office.dispatcher.account_changed(2)
    office.look()
    assert office.keepers[2].taken == ["named"]


def test_nothing_of_a_paused_workspace_leaves_until_it_goes_on():
    office = Office(2)
    office.dispatcher.pause(frozenset({"w"}))
    office.queue(3)
    office.look(at_everything=True)
    assert office.sent() == []
    (job, *_) = office.dispatcher.queued
    assert office.dispatcher.waits_because(job) == "the workspace's queue is paused"
    office.dispatcher.pause(frozenset())
    office.look()
    assert len(office.sent()) == 3


async def test_a_boost_is_stored_as_the_requesters(house):
    await house.open()
    boosting = Origin(workspace_id=house.origin.workspace_id, requester="key:9", dialect="test", boost=True)
    job = await house.engine.imagine(boosting, "a red fox")
    assert job.boosted_by == "key:9"
    assert (await house.engine.request(boosting.workspace_id, job.id)).origin == boosting
    await house.stop()
