"""Which addresses the native API has: a job, and the stream of what happens to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, shown_key
from engine.api.ids import job_id_of
from engine.api.native import translate
from engine.api.native.document import answers, refusals
from engine.api.native.job_shapes import JOB
from engine.api.native.status import status_of
from engine.api.native.stream import EventStream, frame
from engine.api.options import Premises, premises_of
from engine.api.problems import Json
from engine.api.ways import NATIVE, Id, Way
from engine.model.errors import Unauthenticated
from engine.model.jobs import FINAL_STATES, Job, JobState, JobUpdate, Progress
from engine.model.keys import Scope
from engine.model.rates import Rate

_VERSION = re.compile(r"[0-9]{1,9}")

_ERRORS: dict[int | str, dict[str, Any]] = refusals((401, 403, 404, 408, 413, 429, 500, 503))
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The job's version; not with progress."},
        "event": {"type": "string", "enum": ["update", "progress"]},
        "data": {"type": "string", "description": "A JSON object."},
    },
    "required": ["event", "data"],
}
_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": _EVENT}}},
    204: {"description": "Last-Event-ID was the final update: there is nothing more to come."},
}
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The id of the last update that was read: the later ones are replayed.",
}


def ways() -> Iterator[Way]:
    """The routes under /v1."""
    yield Way(
        method="GET",
        path="/v1/jobs/{job_id}",
        endpoint=_job,
        dialect=NATIVE,
        scope=Scope.READ,
        rate=Rate.PROGRESS,
        ids={"job_id": Id.JOB},
        summary="A job",
        described={"responses": answers(JOB, 404)},
    )
    yield Way(
        method="GET",
        path="/v1/jobs/{job_id}/events",
        endpoint=_events,
        dialect=NATIVE,
        scope=Scope.READ,
        ids={"job_id": Id.JOB},
        summary="What happens to a job, as server-sent events",
        described={
            "response_class": Response,
            "responses": {**_STREAMED, **_ERRORS},
            "openapi_extra": {"parameters": [_LAST_EVENT_ID]},
        },
    )


async def _job(job_id: str, request: Request, caller: Caller) -> Response:
    premises = premises_of(request)
    return Json(await status_of(premises.door, caller.workspace_id, job_id_of(job_id), premises.options.public_url))


async def _events(job_id: str, request: Request, caller: Caller) -> Response:
    premises = premises_of(request)
    job = await premises.door.job(caller.workspace_id, job_id_of(job_id))
    seen = _last_seen(request.headers.get("last-event-id"), job)
    if seen == job.version and job.is_final:
        return Response(status_code=204)  # tells an EventSource not to come back
    return EventStream(
        _Frames(premises, job, seen, shown_key(request, NATIVE.credentials) or ""),
        heartbeat_seconds=premises.options.heartbeat_seconds,
        closing=premises.closing,
    )


def _last_seen(header: str | None, job: Job) -> int | None:
    """The version a returning reader has; None for a new one, and for one that names what never was."""
    if header is None or not _VERSION.fullmatch(header.strip()):
        return None
    version = int(header)
    return version if version <= job.version else None


class _Frames:
    """A new reader's present state, a returning one's missed updates; then what happens, while the key is in force."""

    def __init__(self, premises: Premises, job: Job, seen: int | None, key: str) -> None:
        self._door = premises.door
        self._key = key
        self._public_url = premises.options.public_url
        self._job = job
        self._is_new = seen is None
        self._over = False
        self._news = premises.door.watch(job.workspace_id, job.id, job.version if seen is None else seen)

    def __aiter__(self) -> _Frames:
        return self

    async def __anext__(self) -> bytes:
        if self._is_new:
            self._is_new, self._over = False, self._job.is_final
            return frame("update", translate.present_body(self._job, self._public_url), event_id=self._job.version)
        told = [] if self._over else await self._news.batch()
        if not told or not await self._in_force():
            raise StopAsyncIteration
        return b"".join([await self._frame(item) for item in told])

    async def aclose(self) -> None:
        await self._news.aclose()

    async def _in_force(self) -> bool:
        try:
            return Scope.READ in (await self._door.authenticate(self._key)).scopes
        except Unauthenticated:
            return False

    async def _frame(self, told: JobUpdate | Progress) -> bytes:
        if not isinstance(told, JobUpdate):
            return frame("progress", translate.progress_body(told))
        result = None
        if told.state is JobState.DONE:
            result = (await self._door.job(self._job.workspace_id, self._job.id)).result
        self._over = told.state in FINAL_STATES
        return frame(
            "update", translate.update_body(told, self._job.action, result, self._public_url), event_id=told.version
        )
