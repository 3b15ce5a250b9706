"""Which ImaginePro routes are other services' than Midjourney's: Flux, enlarging, cutting out, longer prompts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import Fields, read_fields
from engine.api.imaginepro import document, schemas, translate
from engine.api.imaginepro.dialect import IMAGINEPRO, asked_by
from engine.api.options import premises_of
from engine.api.origins import origin_of
from engine.api.problems import Json
from engine.api.service_options import SCALES, Options, flux_options, scale_option
from engine.api.ways import PICTURES, SMALL, Way, with_slash
from engine.model.actions import Action, ActionKind
from engine.model.flux import MODELS, MOST_PICTURES
from engine.model.inputs import ImageInput
from engine.model.keys import Scope

_LONGEST_IMAGE = 16 * 1024 * 1024

_IMAGE = {"type": "string", "description": "An http or https address, one of ours, or a `data:` address."}
FLUX_BODY = document.body(
    {
        "prompt": {"type": "string"},
        "model": {"type": "string", "enum": list(MODELS), "default": "flux-1.1-pro"},
        "n": {"type": "integer", "minimum": 1, "maximum": MOST_PICTURES, "default": 1},
        "width": {"type": "integer", "default": 1024},
        "height": {"type": "integer", "default": 1024},
        "aspect_ratio": {
            "type": "string",
            "default": "1:1",
            "description": "Wins over width and height unless both are given.",
        },
        "output_format": {"type": "string", "enum": ["png", "jpeg", "jpg"], "default": "png"},
        "output_quality": {"description": "Not read: the service has no such option."},
    },
    ["prompt"],
    {"prompt": "a lighthouse in the fog", "aspect_ratio": "16:9", "n": 2},
)
UPSCALE_BODY = document.body(
    {"image": _IMAGE, "scale": {"type": "number", "minimum": SCALES[0], "maximum": SCALES[1]}},
    ["image", "scale"],
    {"image": "https://example.com/fox.png", "scale": 2},
)
BACKGROUND_BODY = document.body({"image": _IMAGE}, ["image"], {"image": "https://example.com/fox.png"})
EXTEND_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
                "example": {"prompt": "a red fox"},
            }
        },
    }
}
EXTENDED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}},
    "required": ["prompt"],
}
_WRONG = (400, "A field is missing or wrong, or the service is not configured.")


def ways() -> Iterator[Way]:
    """The routes, each with and without a slash at its end."""
    return with_slash(_ways())


def _ways() -> Iterator[Way]:
    rows = (
        ("flux/imagine", _flux, "Generate pictures with Flux", FLUX_BODY, SMALL),
        ("flux/upscale", _upscale, "Enlarge a picture", UPSCALE_BODY, PICTURES),
        ("tools/remove-bg", _remove_background, "Remove a picture's background", BACKGROUND_BODY, PICTURES),
    )
    for path, endpoint, summary, asked, most in rows:
        yield Way(
            method="POST",
            path=f"/api/v1/{path}",
            endpoint=endpoint,
            dialect=IMAGINEPRO,
            scope=Scope.GENERATE,
            body=most,
            summary=summary,
            described={"openapi_extra": asked, "responses": document.answers(document.ACCEPTED, _WRONG)},
        )
    yield Way(
        method="POST",
        path="/api/v1/tools/prompt-extend",
        endpoint=_extend,
        dialect=IMAGINEPRO,
        scope=Scope.GENERATE,
        summary="Make a prompt longer",
        described={"openapi_extra": EXTEND_BODY, "responses": document.answers(EXTENDED_SCHEMA, _WRONG)},
    )


async def _flux(request: Request, caller: Caller) -> Response:
    fields = await read_fields(request)
    prompt, common = fields.required("prompt"), schemas.read_common(fields)
    options = flux_options(fields)
    job = await premises_of(request).door.service(
        asked_by(request, caller, common),
        Action(ActionKind.FLUX_IMAGINE),
        prompt=prompt,
        options=options,
        timeout=common.timeout,
    )
    return Json(translate.accepted_body(job))


async def _upscale(request: Request, caller: Caller) -> Response:
    fields = await read_fields(request)
    return await _with_picture(request, caller, fields, ActionKind.FLUX_UPSCALE, scale_option(fields))


async def _remove_background(request: Request, caller: Caller) -> Response:
    return await _with_picture(request, caller, await read_fields(request), ActionKind.REMOVE_BACKGROUND)


async def _with_picture(
    request: Request, caller: Caller, fields: Fields, kind: ActionKind, options: Options = ()
) -> Response:
    address, common = fields.required("image", most=_LONGEST_IMAGE), schemas.read_common(fields)
    job = await premises_of(request).door.service(
        asked_by(request, caller, common),
        Action(kind),
        image=ImageInput(address),
        options=options,
        timeout=common.timeout,
    )
    return Json(translate.accepted_body(job))


async def _extend(request: Request, caller: Caller) -> Response:
    prompt = (await read_fields(request)).required("prompt")
    origin = origin_of(request, caller, IMAGINEPRO)
    return Json({"prompt": await premises_of(request).door.extended(origin, prompt)})
