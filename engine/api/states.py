"""What a job's state is called in each dialect, and why it failed: the one table (docs/api/states.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.jobs import Job, JobState


class Stage(StrEnum):
    """How far a job is, as far as any dialect tells it."""

    QUEUED = "queued"
    """Stored, nothing sent."""
    SENT = "sent"
    """It left, or may have; nothing of it was seen."""
    WAITING = "waiting"
    """Midjourney has it and shows no percentage, or its outcome is unknown and still waited for."""
    PROGRESS = "progress"
    """Midjourney shows a percentage."""
    DONE = "done"
    FAILED = "failed"
    """It failed, was taken back, or is not waited for any more: a late picture still makes it DONE."""


@dataclass(frozen=True, slots=True)
class Words:
    """A row of the table: what each dialect calls a stage."""

    imaginepro: str
    userapi: str


TABLE: dict[Stage, Words] = {
    Stage.QUEUED: Words("QUEUED", "sent"),
    Stage.SENT: Words("PROCESSING", "sent"),
    Stage.WAITING: Words("PROCESSING", "waiting"),
    Stage.PROGRESS: Words("PROCESSING", "progress"),
    Stage.DONE: Words("DONE", "done"),
    Stage.FAILED: Words("FAIL", "error"),
}


def stage_of(job: Job) -> Stage:
    """The stage of a job.

    An unknown outcome is waited for until its deadline, because a client that reads of a failure pays again; then it
    is a failure, so that nobody asks for ever.
    """
    if job.given_up and not job.is_final:
        return Stage.FAILED
    match job.state:
        case JobState.QUEUED:
            return Stage.QUEUED
        case JobState.SENT | JobState.WAITING_MODAL:
            return Stage.WAITING if job.upstream_queued else Stage.SENT
        case JobState.RUNNING:
            return Stage.PROGRESS if job.percent else Stage.WAITING
        case JobState.NEEDS_ATTENTION:
            return Stage.WAITING
        case JobState.DONE:
            return Stage.DONE
        case JobState.FAILED | JobState.CANCELLED:
            return Stage.FAILED


def reason_of(job: Job) -> str | None:
    """Why a job counts as failed, in words; None when it does not."""
    if stage_of(job) is not Stage.FAILED:
        return None
    if job.state is JobState.FAILED:
        return (job.failure.detail or job.failure.reason.value) if job.failure is not None else job.note or "failed"
    if job.state is JobState.CANCELLED:
        return job.note or "cancelled"
    if job.state is JobState.NEEDS_ATTENTION:
        return "outcome unknown" + (f": {job.note}" if job.note else "")
    seconds = "" if job.timeout_seconds is None else f" within {job.timeout_seconds:g} seconds"
    return f"it did not finish{seconds}; it was sent, and if a picture comes it is kept here"
