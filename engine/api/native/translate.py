"""What a job looks like to a client of the native API: our own words, every key there, null for the unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from engine.api.pictures import address_of, quarters_of, source_of
from engine.api.times import to_milliseconds
from engine.model.actions import Action
from engine.model.batch import percent_of, standing_for, state_of
from engine.model.catalogue import entry_of
from engine.model.entries import Makes
from engine.model.jobs import Component, Failure, Job, JobUpdate, Picture, Progress, Request, Result
from engine.ports import JournalEntry

WaitsBecause = Callable[[Job], str | None]
"""Why a queued job is not sent yet; None for any other."""


def request_body(
    job: Job, jobs: Sequence[Job], request: Request, public_url: str, waits_because: WaitsBecause
) -> dict[str, object]:
    """A job with who asked, and the state of the whole request that it belongs to; the first one lists all.

    That one has the request's words, from which the pieces were made.
    """
    lists = job.id == job.request_id and len(jobs) > 1
    stands = standing_for(jobs)
    pictured = result_body(stands.action, stands.result, public_url) if lists else None
    return {
        **job_body(job, public_url, waits_because(job)),
        "prompt": request.prompt if lists else job.prompt,
        "requester": request.origin.requester,
        "request_state": state_of(jobs).value,
        "request_percent": percent_of(jobs),
        "request_result": {"job_id": stands.id, **pictured} if pictured is not None else None,
        "jobs": [job_body(each, public_url, waits_because(each)) for each in jobs] if lists else None,
    }


def job_body(job: Job, public_url: str, waits_because: str | None) -> dict[str, object]:
    """A job as a whole."""
    return {
        "id": job.id,
        "request_id": job.request_id,
        "action": job.action.name,
        "prompt": job.prompt,
        "ref": job.ref,
        "parent_id": job.parent_id,
        "root_id": job.root_id,
        "account_id": job.account_id if job.account_id is not None else job.bound_account_id,
        "state": job.state.value,
        "waits_because": waits_because,
        "version": job.version,
        "percent": job.percent,
        "preview_url": job.preview_url,
        "mode": job.mode.value if job.mode else None,
        "failure": failure_body(job.failure),
        "labels": [label.value for label in job.labels],
        "appeal": job.appeal is not None,
        "note": job.note,
        "given_up": job.given_up,
        "boost": job.boost,
        "private": job.private,
        "sent_prompt": job.sent_prompt,
        "prompt_ignored": job.prompt_ignored,
        "cancel_asked": job.cancel_asked,
        "result": result_body(job.action, job.result, public_url),
        "created_at": to_milliseconds(job.created_at),
        "updated_at": to_milliseconds(job.updated_at),
        "deadline_at": _time(job.deadline_at),
        "finished_at": _time(job.finished_at),
    }


def present_body(job: Job, public_url: str) -> dict[str, object]:
    """The state a job is in, in the shape of an update."""
    now = JobUpdate(job.id, job.version, job.state, "Present", job.updated_at, job.percent, job.failure, job.note)
    return update_body(now, job.action, job.result, public_url)


def update_body(update: JobUpdate, action: Action, result: Result | None, public_url: str) -> dict[str, object]:
    """A stored change; the result comes with DONE."""
    return {
        "job_id": update.job_id,
        "version": update.version,
        "state": update.state.value,
        "at": to_milliseconds(update.at),
        "percent": update.percent,
        "failure": failure_body(update.failure),
        "note": update.note,
        "result": result_body(action, result, public_url),
    }


def entry_body(entry: JournalEntry, result: Result | None, public_url: str) -> dict[str, object]:
    """A stored change with whose job it is of, for a reader who follows many."""
    return {
        **update_body(entry.update, entry.action, result, public_url),
        "request_id": entry.request_id,
        "action": entry.action.name,
        "ref": entry.ref,
        "requester": entry.requester,
    }


def ready_body(now: datetime) -> dict[str, object]:
    """Where a stream of many jobs begins."""
    return {"at": to_milliseconds(now)}


def progress_body(progress: Progress) -> dict[str, object]:
    """A volatile change."""
    return {"job_id": progress.job_id, "percent": progress.percent, "preview_url": progress.preview_url}


def result_body(action: Action, result: Result | None, public_url: str) -> dict[str, object] | None:
    """Pictures under our addresses, what Midjourney calls them, and the buttons that can be pressed."""
    if result is None:
        return None
    in_order = sorted(result.components, key=lambda component: (component.row, component.column))
    is_grid = entry_of(action).makes is Makes.GRID
    return {
        "uuid": result.uuid,
        "seed": result.details.seed if result.details else None,
        "pictures": [_picture_body(picture, public_url, is_grid=is_grid) for picture in result.pictures],
        "details": None if result.details is None else msgspec.to_builtins(result.details),
        "buttons": [_button_body(component) for component in in_order if component.name and not component.disabled],
    }


def failure_body(failure: Failure | None) -> dict[str, object] | None:
    """The class a program acts on and the words for a person."""
    return None if failure is None else {"reason": failure.reason.value, "detail": failure.detail}


def _picture_body(picture: Picture, public_url: str, *, is_grid: bool) -> dict[str, object]:
    source = picture.attachment
    return {
        "uri": address_of(picture, public_url),
        "original_url": source_of(picture, source, public_url),
        "proxy_url": source.proxy_url,
        "filename": source.filename,
        "content_type": source.content_type,
        "width": source.width,
        "height": source.height,
        "size": source.size,
        "quarters": quarters_of(picture, public_url) if is_grid else None,
    }


def _button_body(component: Component) -> dict[str, object]:
    return {"label": component.name, "style": component.style, "row": component.row, "column": component.column}


def _time(at: datetime | None) -> str | None:
    return None if at is None else to_milliseconds(at)
