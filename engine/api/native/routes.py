"""Which addresses the native API has: a job, and the stream of what happens to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.ids import job_id_of
from engine.api.iterators import close
from engine.api.native import translate
from engine.api.native.stream import EventStream, frame
from engine.api.options import Premises, premises_of
from engine.api.problems import Json
from engine.model.jobs import FINAL_STATES, Job, JobState, JobUpdate

_VERSION = re.compile(r"[0-9]{1,9}")


def router() -> APIRouter:
    """The routes under /v1."""
    routes = APIRouter(prefix="/v1", tags=["Easel"])
    errors: dict[int | str, dict[str, Any]] = {
        401: {"description": "The key is missing or wrong."},
        404: {"description": "No such job."},
        503: {"description": "Not now: after Retry-After."},
    }
    routes.add_api_route("/jobs/{job_id}", _job, methods=["GET"], summary="A job", responses=errors)
    streamed: dict[int | str, dict[str, Any]] = {
        200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        204: {"description": "Last-Event-ID was the final update: there is nothing more to come."},
    }
    routes.add_api_route(
        "/jobs/{job_id}/events",
        _events,
        methods=["GET"],
        summary="What happens to a job, as server-sent events",
        response_class=Response,
        responses={**streamed, **errors},
        openapi_extra={
            "parameters": [
                {
                    "name": "Last-Event-ID",
                    "in": "header",
                    "required": False,
                    "schema": {"type": "string"},
                    "description": "The id of the last update that was read: the later ones are replayed.",
                }
            ]
        },
    )
    return routes


async def _job(job_id: str, request: Request, caller: Caller) -> Response:
    premises = premises_of(request)
    job = await premises.door.job(caller.workspace_id, job_id_of(job_id))
    return Json(translate.job_body(job, premises.options.public_url))


async def _events(job_id: str, request: Request, caller: Caller) -> Response:
    premises = premises_of(request)
    job = await premises.door.job(caller.workspace_id, job_id_of(job_id))
    seen = _last_seen(request.headers.get("last-event-id"), job)
    if seen == job.version and job.is_final:
        return Response(status_code=204)  # tells an EventSource not to come back
    return EventStream(
        _frames(premises, job, seen),
        heartbeat_seconds=premises.options.heartbeat_seconds,
        closing=premises.closing,
    )


def _last_seen(header: str | None, job: Job) -> int | None:
    """The version a returning reader has; None for a new one, and for one that names what never was."""
    if header is None or not _VERSION.fullmatch(header.strip()):
        return None
    version = int(header)
    return version if version <= job.version else None


async def _frames(premises: Premises, job: Job, seen: int | None) -> AsyncIterator[bytes]:
    """A new reader's present state, a returning one's missed updates; then what happens."""
    public_url = premises.options.public_url
    if seen is None:
        yield frame("update", translate.present_body(job, public_url), version=job.version)
        if job.is_final:
            return
        seen = job.version
    news = premises.door.watch(job.workspace_id, job.id, seen)
    try:
        async for told in news:
            if not isinstance(told, JobUpdate):
                yield frame("progress", translate.progress_body(told))
                continue
            result = None
            if told.state is JobState.DONE:
                result = (await premises.door.job(job.workspace_id, job.id)).result
            yield frame("update", translate.update_body(told, result, public_url), version=told.version)
            if told.state in FINAL_STATES:
                return
    finally:
        await close(news)
