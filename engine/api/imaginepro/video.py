"""ImaginePro's calls for videos: generate, extend, fetch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import read_fields
from engine.api.imaginepro import document, knowing, schemas, translate
from engine.api.imaginepro.dialect import asked_by, way
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.ways import Id, Way
from engine.model.actions import Action, ActionKind
from engine.model.catalogue import entry_of
from engine.model.entries import Makes
from engine.model.hooks import NO_HOOK
from engine.model.jobs import JobState
from engine.model.keys import Scope
from engine.model.rates import Rate

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
    door = premises_of(request).door
    origin = asked_by(request, caller, asked.common)
    parent = await door.job(caller.workspace_id, asked.message_id)
    if parent.state is JobState.DONE and entry_of(parent.action).makes is not Makes.VIDEO:
        # one video of the grid as a job of its own, made once and then found again; of which nobody is told
        quiet = replace(origin, ref=None, callback=NO_HOOK, token=None, budget=None)
        parent = await door.act(quiet, parent.id, Action(ActionKind.VIDEO_UPSCALE, asked.index + 1))
    job = await door.act(
        origin,
        parent.id,
        *(Action(ActionKind.EXTEND, number, asked.motion) for number in _NUMBERS),
        words=asked.prompt,
        timeout=asked.common.timeout,
        early=parent.action.kind is ActionKind.VIDEO_UPSCALE,
    )
    return Json(translate.accepted_body(job))
