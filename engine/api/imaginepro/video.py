"""ImaginePro's calls for videos: generate, extend, fetch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import read_fields
from engine.api.imaginepro import document, knowing, schemas, translate
from engine.api.imaginepro.dialect import asked_by, way
from engine.api.options import Premises, premises_of
from engine.api.problems import Json
from engine.api.ways import Id, Way
from engine.model.actions import Action, ActionKind
from engine.model.catalogue import entry_of
from engine.model.entries import Makes
from engine.model.errors import Conflict, Unavailable
from engine.model.jobs import Job, JobState, Origin
from engine.model.keys import Scope
from engine.model.rates import Rate

UNFOLDED_WITHIN = 30.0
"""Seconds that an extension waits for its video to be taken out of the grid; that costs nothing and takes one."""
_NUMBERS = range(1, 5)


def ways() -> Iterator[Way]:
    """The three."""
    generated = {
        "described": {
            "openapi_extra": document.VIDEO,
            "responses": document.answers(document.ACCEPTED, document.WRONG),
        }
    }
    yield way("POST", "/video/mj/generate", _generate, Scope.GENERATE, "Generate a video", **generated)
    extended = {
        "ids": {"messageId": Id.JOB},
        "described": {
            "openapi_extra": document.EXTENSION,
            "responses": document.answers(document.ACCEPTED, document.WRONG, document.UNKNOWN, document.NOT_NOW),
        },
    }
    yield way("POST", "/video/mj/extend", _extend, Scope.GENERATE, "Extend a video", **extended)
    told = {
        "ids": {"message_id": Id.JOB},
        "rate": Rate.PROGRESS,
        "described": {"responses": document.answers(document.STATUS, document.UNKNOWN)},
    }
    path = "/video/mj/fetch/{message_id}"
    yield way("GET", path, knowing.progress, Scope.READ, "Get a video's progress", **told)


async def _generate(request: Request, caller: Caller) -> Response:
    asked = schemas.read_video(await read_fields(request))
    origin, door = asked_by(request, caller, asked.common), premises_of(request).door
    for field, address in asked.frames:
        door.check_address(address, field)
    job = await door.imagine(origin, asked.prompt, timeout=asked.common.timeout, alone_unless="imagine")
    return Json(translate.accepted_body(job))


async def _extend(request: Request, caller: Caller) -> Response:
    asked = schemas.read_extension(await read_fields(request))
    premises = premises_of(request)
    origin = asked_by(request, caller, asked.common)
    parent = await premises.door.job(caller.workspace_id, asked.message_id)
    if parent.state is JobState.DONE and entry_of(parent.action).makes is not Makes.VIDEO:
        parent = await _one_of(premises, origin, parent, asked.index + 1)
    job = await premises.door.act(
        origin,
        parent.id,
        *(Action(ActionKind.EXTEND, number, asked.motion) for number in _NUMBERS),
        words=asked.prompt,
        timeout=asked.common.timeout,
    )
    return Json(translate.accepted_body(job))


async def _one_of(premises: Premises, origin: Origin, grid: Job, number: int) -> Job:
    """One video of a grid as a job of its own, made once and then found again.

    Raises:
        Conflict: Midjourney did not take it out of the grid.
        Unavailable: it is not there yet; asking again goes on where this ended.
    """
    door = premises.door
    quiet = Origin(workspace_id=origin.workspace_id, requester=origin.requester, dialect=origin.dialect)
    job = await door.act(quiet, grid.id, Action(ActionKind.VIDEO_UPSCALE, number))
    watch = door.watch(job.workspace_id, job.id, job.version)
    try:
        async with asyncio.timeout(UNFOLDED_WITHIN):
            while not job.is_final and await watch.batch():
                job = await door.job(job.workspace_id, job.id)
    except TimeoutError:
        raise Unavailable(f"video {number - 1} is not taken out of its grid yet") from None
    finally:
        await watch.aclose()
    if job.state is not JobState.DONE:
        raise Conflict(f"video {number - 1} could not be taken out of its grid: {job.failure or job.note}")
    return job
