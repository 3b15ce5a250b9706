"""What a request of several jobs is as a whole: its state, its percent, and the job that stands for it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.jobs import Job, JobState


def is_over(job: Job) -> bool:
    """Whether it ended, or its outcome is unknown and nobody waits for it any more; that may still turn out well."""
    return job.is_final or (job.state is JobState.NEEDS_ATTENTION and job.given_up)


def state_of(jobs: Sequence[Job]) -> JobState:
    """DONE when all are over and one succeeded; one job alone is as it is."""
    if len(jobs) == 1:
        return jobs[0].state
    states = {job.state for job in jobs}
    if all(is_over(job) for job in jobs):
        ends = (JobState.DONE, JobState.NEEDS_ATTENTION, JobState.FAILED, JobState.CANCELLED)
        return next(state for state in ends if state in states)
    if states == {JobState.QUEUED}:
        return JobState.QUEUED
    going_on = {job.state for job in jobs if not job.is_final}
    if going_on == {JobState.NEEDS_ATTENTION}:
        return JobState.NEEDS_ATTENTION
    return JobState.SENT if states <= {JobState.QUEUED, JobState.SENT} else JobState.RUNNING


def percent_of(jobs: Sequence[Job]) -> int:
    """The mean; what has ended, or is waited for no more, counts as whole. 0 to 100."""
    if len(jobs) == 1:
        return jobs[0].percent
    return sum(100 if is_over(job) else job.percent for job in jobs) // len(jobs)


def standing_for(jobs: Sequence[Job]) -> Job:
    """The job whose pictures are shown for all: the first, or the first that succeeded where that one did not."""
    first = jobs[0]
    done = (job for job in jobs if job.state is JobState.DONE)
    return next(done, first) if first.is_final or first.state is JobState.NEEDS_ATTENTION else first
