"""What the native API's calls that start work do: any action of the catalogue, and pictures handed in for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import Fields, read_base64, read_fields
from engine.api.door import Door
from engine.api.ids import job_id_of
from engine.api.native import job_shapes
from engine.api.native.document import asked
from engine.api.native.reading import may_see, texts, word
from engine.api.native.rows import row
from engine.api.native.status import status_of
from engine.api.options import premises_of
from engine.api.origins import origin_of
from engine.api.problems import Json
from engine.api.service_options import Options, flux_options, scale_option
from engine.api.ways import NATIVE, PICTURES, UPLOAD, Id, Way
from engine.model.actions import MIDJOURNEY_APPLICATION, NIJI_APPLICATION, Action, ActionKind, Service
from engine.model.catalogue import COMMANDS, action_named, entry_of
from engine.model.errors import InvalidInput, NotFound
from engine.model.hooks import HookKind
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import Job, Mode, Origin
from engine.model.keys import Scope

_KEPT = re.compile(r"[0-9a-f]{64}\.(?:png|jpg|webp|gif)")
_APPLICATIONS = {"midjourney": MIDJOURNEY_APPLICATION, "niji": NIJI_APPLICATION}
_LONGEST_WORD = 60
_LAST_ACCOUNT = 10**15
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["image"],
                    "properties": {"image": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def ways() -> Iterator[Way]:
    """The routes."""
    yield row(
        "POST", "/v1/jobs", _create, Scope.GENERATE, "Ask for a job: any action", job_shapes.JOB, 404,
        extra=asked(job_shapes.ASKED, job_shapes.EXAMPLE), body=PICTURES,
        ids={"parent_id": Id.JOB, "account_id": Id.ACCOUNT},
    )  # fmt: skip
    yield row(
        "POST", "/v1/uploads", _upload, Scope.GENERATE, "Hand in a picture for jobs to come", job_shapes.UPLOADED,
        extra=_UPLOAD, body=UPLOAD,
    )  # fmt: skip


async def _create(request: Request, caller: Caller) -> Response:
    fields, premises = await read_fields(request), premises_of(request)
    job = await _started(premises.door, request, caller, fields)
    return Json(await status_of(premises.door, caller.workspace_id, job.id, premises.options.public_url))


async def _upload(request: Request, caller: Caller) -> Response:  # noqa: ARG001 - the key is asked for, not used
    content = (await read_fields(request)).file("image")
    if content is None:
        raise InvalidInput("image", "is required", allowed="a PNG, JPEG, WebP or GIF file in a multipart form")
    return Json({"id": await premises_of(request).door.keep(content, "image")})


async def _started(door: Door, request: Request, caller: Caller, fields: Fields) -> Job:
    for name in job_shapes.ASKED["properties"]:
        fields.knows(name)
    button, named = fields.text("button", most=job_shapes.LONGEST_LABEL), fields.text("action", most=_LONGEST_WORD)
    if button and named:
        raise InvalidInput("button", "is given, and action too", allowed="one of them")
    action = _action(named or "imagine")
    origin = _origin(request, caller, fields)
    timeout = fields.whole("timeout", *job_shapes.TIMEOUT)
    account_id = fields.whole("account_id", 1, _LAST_ACCOUNT)
    if account_id is not None and not may_see(caller, account_id):
        raise NotFound(f"there is no linked account {account_id}")
    if button or (action not in COMMANDS and entry_of(action).service is Service.MIDJOURNEY):
        return await _followed(door, origin, fields, action, button)
    images = await _images(door, fields)
    if entry_of(action).service is not Service.MIDJOURNEY:
        return await door.service(
            origin,
            action,
            prompt=fields.text("prompt") or "",
            image=_only(images) if action.kind is not ActionKind.FLUX_IMAGINE else None,
            options=_options(fields, action),
            timeout=timeout,
        )
    if action.kind is ActionKind.IMAGINE:
        return await door.imagine(
            origin,
            fields.text("prompt") or "" if images else fields.required("prompt"),
            images=images,
            mode=word("mode", fields.text("mode"), Mode),
            aspect=fields.text("aspect", most=_LONGEST_WORD) or None,
            application_id=_application(fields),
            account_id=account_id,
            timeout=timeout,
            alone_unless=None if fields.yes_or_no("allow_several") else "allow_several: true",
        )
    if action.kind is ActionKind.SUFFIX and fields.values.get("value") is None:
        raise InvalidInput("value", "is required", allowed='the new suffix; "" removes it')
    given = Given(
        images=images,
        dimensions=fields.text("dimensions", most=_LONGEST_WORD) or None,
        value=fields.text("value", most=job_shapes.LONGEST_REF) or None,
    )
    return await door.command(
        origin,
        action,
        prompt=fields.text("prompt") or "",
        given=given,
        application_id=_application(fields),
        account_id=account_id,
        timeout=timeout,
    )


async def _followed(door: Door, origin: Origin, fields: Fields, action: Action, button: str | None) -> Job:
    """What is made of a finished job, by its button's label or by the action."""
    timeout = fields.whole("timeout", *job_shapes.TIMEOUT)
    parent = job_id_of(fields.required("parent_id"))
    words, mask = fields.text("words") or None, fields.text("mask", most=job_shapes.LONGEST_PICTURE)
    kept = None
    if mask:
        kept = await door.kept(mask, "mask") if _KEPT.fullmatch(mask) else await _new_mask(door, mask)
    if button:
        return await door.press(origin, parent, button, words=words, mask=kept, timeout=timeout)
    return await door.act(origin, parent, action, words=words, mask=kept, timeout=timeout)


async def _new_mask(door: Door, mask: str) -> str | None:
    content = read_base64("mask", mask)
    return None if content is None else await door.keep(content, "mask")


def _action(name: str) -> Action:
    try:
        return action_named(name)
    except KeyError:
        raise InvalidInput("action", "is not known", value=name, allowed="a name of docs/actions.md") from None


def _application(fields: Fields) -> str:
    named = fields.text("application", most=_LONGEST_WORD) or "midjourney"
    if named not in _APPLICATIONS:
        raise InvalidInput("application", "is not known", value=named, allowed=", ".join(_APPLICATIONS))
    return _APPLICATIONS[named]


def _origin(request: Request, caller: Caller, fields: Fields) -> Origin:
    ref = fields.text("ref", most=job_shapes.LONGEST_REF) or None
    kind = word("webhook_type", fields.text("webhook_type", most=_LONGEST_WORD), HookKind)
    hook = fields.hook("webhook_url")
    if hook is not None and hook.kind is not HookKind.OFF and kind is not None:
        hook = replace(hook, kind=kind)
    boost = fields.yes_or_no("boost") or False
    return origin_of(request, caller, NATIVE, ref=ref, callback=hook, boost=boost)


async def _images(door: Door, fields: Fields) -> tuple[ImageInput, ...]:
    given = texts(fields, "images", job_shapes.LONGEST_PICTURE) or []
    if len(given) > job_shapes.MOST_PICTURES:
        allowed = f"at most {job_shapes.MOST_PICTURES}"
        raise InvalidInput("images", f"are {len(given)}", allowed=allowed)
    found = []
    for each in given:
        kept = await door.kept(each, "images") if _KEPT.fullmatch(each) else None
        found.append(ImageInput(each) if kept is None else ImageInput(None, kept))
    return tuple(found)


def _only(images: tuple[ImageInput, ...]) -> ImageInput:
    if len(images) != 1:
        raise InvalidInput("images", f"are {len(images)}", allowed="one picture")
    return images[0]


def _options(fields: Fields, action: Action) -> Options:
    """What the other services are told beside the prompt."""
    given = fields.values.get("options")
    if given is not None and not isinstance(given, dict):
        raise InvalidInput("options", "must be an object", value=given, allowed='{"model": "..."} and the like')
    told = Fields(given or {}, spelled=False)
    found: Options = ()
    if action.kind is ActionKind.FLUX_IMAGINE:
        found = flux_options(told)
    elif action.kind is ActionKind.FLUX_UPSCALE:
        found = scale_option(told, "options.scale")
    if told.ignored:
        raise InvalidInput("options", f"hold {told.ignored[0]!r}, which {action.name} does not take")
    return found
