"""What a job looks like to an ImaginePro client: its status word, and which fields are there when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.api.pictures import address_of
from engine.api.times import to_seconds
from engine.model.batch import is_given_up, percent_of, standing_for, state_of
from engine.model.jobs import Component, Job, JobState

EMOJI_STYLE = "\ufe0f"
_STYLED = frozenset("⬅➡⬆⬇")
"""The buttons that the service spells with U+FE0F (its button page); the reroll arrow comes without."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A job's state in ImaginePro's words; `error` only with FAIL."""

    status: str
    error: str | None = None


def shown(job: Job, now: datetime) -> Shown:
    """The one table from our states to theirs.

    An unknown outcome stays PROCESSING until the deadline, because a client that reads FAIL pays again; then it is
    FAIL, so that no client polls for ever. A late DONE replaces such a FAIL.
    """
    match job.state:
        case JobState.QUEUED:
            return Shown("QUEUED")
        case JobState.SENT | JobState.RUNNING | JobState.WAITING_MODAL:
            return Shown("PROCESSING")
        case JobState.DONE:
            return Shown("DONE")
        case JobState.FAILED:
            return Shown("FAIL", _words(job) or "failed")
        case JobState.CANCELLED:
            return Shown("FAIL", job.note or "cancelled")
        case JobState.NEEDS_ATTENTION:
            if not is_given_up(job, now):
                return Shown("PROCESSING")
            return Shown("FAIL", "outcome unknown" + (f": {job.note}" if job.note else ""))


_WORD_OF = {JobState.QUEUED: "QUEUED", JobState.DONE: "DONE"}


def batch_shown(jobs: Sequence[Job], now: datetime) -> Shown:
    """A request of several jobs: DONE when all are over and one succeeded, FAIL with the first one's words else."""
    state = state_of(jobs, now)
    if state is not JobState.DONE and all(job.is_final or is_given_up(job, now) for job in jobs):
        return shown(jobs[0], now)
    return Shown(_WORD_OF.get(state, "PROCESSING"))


def status_body(job: Job, now: datetime, public_url: str) -> dict[str, object]:
    """The status object. What is not known yet is left out, as the recorded answers do; nothing is null."""
    state = shown(job, now)
    body: dict[str, object] = {
        "messageId": job.id,
        "prompt": job.prompt,
        "status": state.status,
        "progress": 100 if job.state is JobState.DONE else job.percent,
        "createdAt": to_seconds(job.created_at),
        "updatedAt": to_seconds(job.updated_at),
        "ref": job.ref or "",
    }
    if job.parent_id is not None:
        body["originatingMessageId"] = job.parent_id
    if state.error is not None:
        body["error"] = state.error
    if job.state is JobState.DONE and job.result is not None:
        uris = [address_of(picture, public_url) for picture in job.result.pictures]
        if uris:
            body["uri"] = uris[0]
            body["originalUrl"] = job.result.pictures[0].attachment.url
        body["images"] = uris
        body["buttons"] = buttons(job.result.components)
    return body


def batch_body(jobs: Sequence[Job], words: str, now: datetime, public_url: str) -> dict[str, object]:
    """The status object of a request of several jobs: the first one's, with the others beside it.

    `words` are the prompt as it was asked. Where the first did not succeed, the pictures are those of the first that
    did; its buttons have to be pressed under its own id.
    """
    first, pictured = jobs[0], standing_for(jobs)
    state = batch_shown(jobs, now)
    body = status_body(first, now, public_url)
    told = {"prompt": words, "status": state.status, "progress": percent_of(jobs, now)}
    body |= {**told, "updatedAt": to_seconds(max(job.updated_at for job in jobs))}
    body.pop("error", None)
    if state.error is not None:
        body["error"] = state.error
    if pictured is not first:
        of_another = status_body(pictured, now, public_url)
        body |= {key: of_another[key] for key in ("uri", "originalUrl", "images") if key in of_another}
        body["buttons"] = []
    body["jobs"] = [status_body(job, now, public_url) for job in jobs]
    return body


def buttons(components: tuple[Component, ...]) -> list[str]:
    """The labels of what can be pressed, in the order of the message; links cannot."""
    in_order = sorted(components, key=lambda component: (component.row, component.column))
    names = (component.name for component in in_order if not component.disabled)
    return [spelled(name) for name in names if name]


def spelled(name: str) -> str:
    """A label as the service writes it."""
    bare = name.replace(EMOJI_STYLE, "")
    return bare + EMOJI_STYLE if bare in _STYLED else name


def accepted_body(job: Job) -> dict[str, object]:
    """The answer to every call that starts a job."""
    return {"success": True, "messageId": job.id, "createdAt": to_seconds(job.created_at)}


def cancelled_body(now: datetime) -> dict[str, object]:
    """The answer to Cancel Job: without an id, as the service does it."""
    return {"success": True, "createdAt": to_seconds(now)}


def _words(job: Job) -> str | None:
    if job.failure is None:
        return job.note
    return job.failure.detail or job.failure.reason.value
