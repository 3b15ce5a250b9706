"""Which addresses speak ImaginePro: the two families of Midjourney routes and both forms of the progress route."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import read_fields
from engine.api.ids import job_id_of
from engine.api.imaginepro import schemas, translate, words
from engine.api.imaginepro.status import status_of
from engine.api.options import premises_of
from engine.api.origins import origin_of
from engine.api.problems import Json
from engine.api.ways import PICTURES, Credential, Dialect, Id, Way, with_slash
from engine.model.catalogue import CANCEL_LABEL, same_label
from engine.model.jobs import Origin
from engine.model.keys import Scope
from engine.model.rates import Rate

IMAGINEPRO = Dialect(
    name="imaginepro",
    title="ImaginePro",
    credentials=(Credential.BEARER,),
    prefixes=("/api/v1",),
    over_quota=HTTPStatus.UNAUTHORIZED,
    webhook_field="webhookOverride",
)
FAMILIES = ("midjourney", "nova")
PROGRESS = ("/midjourney/message/{message_id}", "/message/fetch/{message_id}")

_WRONG = (400, "A field is missing or wrong.")
_UNKNOWN = (404, "No such job.")
_NOT_NOW = (409, "The job's state does not allow it now.")


def ways() -> Iterator[Way]:
    """The routes under /api/v1, each with and without a slash at its end."""
    return with_slash((*_ways(), *words.ways(IMAGINEPRO, FAMILIES)))


def _ways() -> Iterator[Way]:
    for family in FAMILIES:
        yield Way(
            method="POST",
            path=f"/api/v1/{family}/imagine",
            endpoint=_imagine,
            dialect=IMAGINEPRO,
            scope=Scope.GENERATE,
            summary="Generate a picture",
            described={
                "openapi_extra": schemas.IMAGINE_BODY,
                "responses": schemas.answers(schemas.ACCEPTED_SCHEMA, _WRONG),
            },
        )
        yield Way(
            method="POST",
            path=f"/api/v1/{family}/button",
            endpoint=_button,
            dialect=IMAGINEPRO,
            scope=Scope.GENERATE,
            body=PICTURES,
            ids={"messageId": Id.JOB},
            summary="Press a button of a finished job",
            described={
                "openapi_extra": schemas.PRESS_BODY,
                "responses": schemas.answers(schemas.ACCEPTED_SCHEMA, _WRONG, _UNKNOWN, _NOT_NOW),
            },
        )
    for path in PROGRESS:
        yield Way(
            method="GET",
            path=f"/api/v1{path}",
            endpoint=_progress,
            dialect=IMAGINEPRO,
            scope=Scope.READ,
            rate=Rate.PROGRESS,
            ids={"message_id": Id.JOB},
            summary="Get progress",
            described={"responses": schemas.answers(schemas.STATUS_SCHEMA, _UNKNOWN)},
        )


async def _imagine(request: Request, caller: Caller) -> Response:
    asked = schemas.read_imagine(await read_fields(request))
    origin = asked_by(request, caller, asked.common)
    job = await premises_of(request).door.imagine(origin, asked.prompt, timeout=asked.common.timeout)
    return Json(translate.accepted_body(job))


async def _button(request: Request, caller: Caller) -> Response:
    asked = schemas.read_press(await read_fields(request))
    door = premises_of(request).door
    origin = asked_by(request, caller, asked.common)
    if same_label(asked.button, CANCEL_LABEL):
        await door.cancel(origin, asked.message_id)
        return Json(translate.cancelled_body(door.now()))
    mask = await door.keep(asked.mask, "mask") if asked.mask is not None else None
    job = await door.press(
        origin, asked.message_id, asked.button, words=asked.prompt, mask=mask, timeout=asked.common.timeout
    )
    return Json(translate.accepted_body(job))


async def _progress(message_id: str, request: Request, caller: Caller) -> Response:
    premises = premises_of(request)
    door, public_url = premises.door, premises.options.public_url
    return Json(await status_of(door, caller.workspace_id, job_id_of(message_id), public_url))


def asked_by(request: Request, caller: Caller, common: schemas.Common) -> Origin:
    """Who asks, and where they want to be told."""
    return origin_of(request, caller, IMAGINEPRO, ref=common.ref, callback=common.webhook)
