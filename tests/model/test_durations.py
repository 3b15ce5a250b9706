"""How long Midjourney takes, as measured from the messages of finished jobs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.actions import NIJI_APPLICATION, ActionKind
from engine.model.durations import A_FEW, ASSUMED, ENOUGH, WINDOW, Durations, ran_for, running_since
from engine.model.jobs import JobState, Mode
from tests.model.jobs_at_hand import NOW, a_job, a_result, links, snowflake

IMAGINE = ActionKind.IMAGINE


def done(seconds, *, mode=Mode.FAST, **changes):
    final = a_result(snowflake(1 + seconds))
    return a_job(state=JobState.DONE, mode=mode, links=links(progress_message_id=snowflake(1)), result=final, **changes)


def measured(*seconds, **changes):
    durations = Durations()
    for each in seconds:
        durations.learn(done(each, **changes))
    return durations


def running(mode=Mode.FAST, **changes):
    return a_job(state=JobState.RUNNING, mode=mode, **changes)


def test_a_job_ran_from_its_first_message_to_its_final_one_whenever_we_heard_of_them():
    late = replace(done(27.5), finished_at=NOW + timedelta(hours=3))
    assert ran_for(late) == 27.5


@pytest.mark.parametrize(
    "job",
    [
        running(),
        replace(done(5), links=links()),
        replace(done(5), result=a_result("")),
        done(-3),
    ],
    ids=["runs", "no first message", "no final message", "goes back in time"],
)
def test_a_job_without_two_messages_in_order_is_not_measured(job):
    assert ran_for(job) is None


def test_the_usual_duration_is_the_median_and_unknown_until_a_few_were_measured():
    assert measured(*[10] * (A_FEW - 1)).usual(IMAGINE, Mode.FAST) is None
    assert measured(10, 11, 12, 13, 500).usual(IMAGINE, Mode.FAST) == 12


@pytest.mark.parametrize("mode", list(Mode))
def test_the_longest_is_assumed_until_enough_were_measured(mode):
    few = measured(*[2] * (ENOUGH - 1), mode=mode)
    assert few.longest(IMAGINE, mode) == ASSUMED[mode]
    few.learn(done(3, mode=mode))
    assert few.longest(IMAGINE, mode) == 3


def test_the_longest_is_what_one_in_a_hundred_exceeds():
    assert measured(*range(1, 201)).longest(IMAGINE, Mode.FAST) == 198


def test_only_the_latest_count():
    durations = measured(*[500] * WINDOW, *[20] * WINDOW)
    assert durations.usual(IMAGINE, Mode.FAST) == durations.longest(IMAGINE, Mode.FAST) == 20


def test_verbs_speeds_and_applications_are_measured_apart():
    durations = measured(*[10] * ENOUGH)
    assert durations.usual(ActionKind.REROLL, Mode.FAST) is None
    assert durations.usual(IMAGINE, Mode.RELAX) is None
    assert durations.usual(IMAGINE, Mode.FAST, NIJI_APPLICATION) is None


def test_a_job_that_waited_in_midjourneys_queue_runs_since_its_first_message():
    assert running_since(running()) == NOW
    assert running_since(running(links=links(progress_message_id=snowflake(300)))) == NOW + timedelta(seconds=300)
    assert running_since(a_job(upstream_queued=True)) is None


@pytest.mark.parametrize("ahead", [-20, 20])
def test_a_discord_whose_clock_is_not_ours_makes_no_job_look_older(ahead):
    assert running_since(running(links=links(progress_message_id=snowflake(1 + ahead)))) >= NOW


def test_a_job_is_overdue_when_it_runs_longer_than_nearly_all_like_it():
    durations = measured(*[10] * ENOUGH)
    assert not durations.overdue(running(), NOW + timedelta(seconds=10))
    assert durations.overdue(running(), NOW + timedelta(seconds=11))
    assert not durations.overdue(running(mode=Mode.RELAX), NOW + timedelta(seconds=11))
    assert not durations.overdue(a_job(upstream_queued=True), NOW + timedelta(hours=1))
