"""What a request of several jobs is as a whole."""

from __future__ import annotations

import pytest

from engine.model.batch import percent_of, standing_for, state_of
from engine.model.jobs import JobState
from tests.api.fake_engine import job

QUEUED, SENT, RUNNING, DONE = JobState.QUEUED, JobState.SENT, JobState.RUNNING, JobState.DONE
FAILED, CANCELLED, UNKNOWN = JobState.FAILED, JobState.CANCELLED, JobState.NEEDS_ATTENTION


def jobs_in(*states: JobState, **more):
    return [job(state=state, **more) for state in states]


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ((QUEUED, QUEUED), QUEUED),
        ((SENT, QUEUED), SENT),
        ((RUNNING, QUEUED), RUNNING),
        ((DONE, QUEUED), RUNNING),
        ((DONE, RUNNING), RUNNING),
        ((FAILED, SENT), RUNNING),
        ((DONE, DONE), DONE),
        ((FAILED, DONE), DONE),
        ((CANCELLED, DONE), DONE),
        ((FAILED, FAILED), FAILED),
        ((CANCELLED, FAILED), FAILED),
        ((CANCELLED, CANCELLED), CANCELLED),
        ((DONE, UNKNOWN), UNKNOWN),
        ((RUNNING, UNKNOWN), RUNNING),
    ],
)
def test_it_is_done_when_all_are_over_and_one_succeeded(states, whole):
    assert state_of(jobs_in(*states)) is whole
    assert state_of(jobs_in(*reversed(states))) is whole


def test_an_unknown_outcome_is_waited_for_until_it_is_given_up():
    assert state_of(jobs_in(DONE, UNKNOWN, given_up=True)) is DONE
    assert state_of(jobs_in(FAILED, UNKNOWN, given_up=True)) is UNKNOWN


def test_a_job_that_goes_on_although_nobody_waits_is_still_running():
    assert state_of(jobs_in(DONE, RUNNING, given_up=True)) is RUNNING


@pytest.mark.parametrize("state", JobState)
def test_one_job_alone_is_as_it_is(state):
    assert state_of(jobs_in(state)) is state
    assert percent_of(jobs_in(state, percent=7)) == 7


def test_the_percent_is_the_mean_and_what_ended_counts_as_whole():
    jobs = [job(state=RUNNING, percent=31), job(state=QUEUED), job(state=DONE, percent=100), job(state=FAILED)]
    assert percent_of(jobs) == 57


def test_what_is_waited_for_no_more_counts_as_whole():
    jobs = jobs_in(DONE, UNKNOWN, percent=20, given_up=True)
    assert (state_of(jobs), percent_of(jobs)) == (DONE, 100)


def test_the_first_stands_for_all_unless_it_ended_without_a_result():
    for states, index in (((RUNNING, DONE), 0), ((DONE, DONE), 0), ((FAILED, DONE), 1), ((FAILED, FAILED), 0)):
        jobs = jobs_in(*states)
        assert standing_for(jobs) is jobs[index]
