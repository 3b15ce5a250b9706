"""ImaginePro's calls that start a job, or take one back: imagine, button, describe, blend, boosts, commands."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import called, read_fields
from engine.api.imaginepro import document, schemas, translate
from engine.api.imaginepro.dialect import FAMILIES, asked_by, way
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.ways import PICTURES, Id, Way
from engine.model.accounts import Account
from engine.model.actions import Action, ActionKind
from engine.model.catalogue import CANCEL_LABEL, same_label
from engine.model.errors import InvalidInput, NotFound
from engine.model.inputs import Given, ImageInput
from engine.model.keys import Scope

_COMMANDS = {
    "info": Action(ActionKind.INFO),
    "remix": Action(ActionKind.REMIX),
    **{speed: Action(ActionKind.SPEED, None, speed) for speed in ("fast", "relax", "turbo")},
}


def ways() -> Iterator[Way]:
    """Both families."""
    accepted = document.answers(document.ACCEPTED, document.WRONG)
    pressed = document.answers(document.ACCEPTED, document.WRONG, document.UNKNOWN, document.NOT_NOW)
    commanded = document.answers(document.ACCEPTED, document.WRONG, document.NO_ACCOUNT, document.NOT_NOW)
    imagine = {"described": {"openapi_extra": document.IMAGINE, "responses": accepted}}
    press = {
        "body": PICTURES,
        "ids": {"messageId": Id.JOB},
        "described": {"openapi_extra": document.PRESS, "responses": pressed},
    }
    describe = {"body": PICTURES, "described": {"openapi_extra": document.DESCRIBE, "responses": accepted}}
    blend = {"body": PICTURES, "described": {"openapi_extra": document.BLEND, "responses": accepted}}
    face_swap = {"body": PICTURES, "described": {"openapi_extra": document.FACE_SWAP, "responses": accepted}}
    command = {
        "ids": {"tokenId": Id.ACCOUNT},
        "described": {"openapi_extra": document.COMMAND, "responses": commanded},
    }
    for family in FAMILIES:
        post = ("POST", f"/{family}")
        for part, endpoint, summary, more in (
            ("/imagine", _imagine, "Generate a picture", imagine),
            ("/boost/imagine", _boost_imagine, "Generate a picture ahead of ordinary jobs", imagine),
            ("/button", _button, "Press a button of a finished job", press),
            ("/boost/button", _boost_button, "Press a button ahead of ordinary jobs", press),
            ("/describe", _describe, "Describe a picture in four prompts", describe),
            ("/blend", _blend, "Blend two to five pictures", blend),
            ("/faceswap", _face_swap, "Put a face into a picture", face_swap),
            ("/commands", _command, "Have a linked account execute a command", command),
        ):
            yield way(post[0], post[1] + part, endpoint, Scope.GENERATE, summary, **more)


async def _imagine(request: Request, caller: Caller) -> Response:
    return await _imagined(request, caller, boost=False)


async def _boost_imagine(request: Request, caller: Caller) -> Response:
    return await _imagined(request, caller, boost=True)


async def _imagined(request: Request, caller: Caller, *, boost: bool) -> Response:
    asked = schemas.read_imagine(await read_fields(request))
    job = await premises_of(request).door.imagine(
        asked_by(request, caller, asked.common, boost=boost),
        asked.prompt,
        timeout=asked.common.timeout,
        alone_unless=None if asked.several else f"{schemas.PERMUTATIONS}: true",
    )
    return Json(translate.accepted_body(job))


async def _button(request: Request, caller: Caller) -> Response:
    return await _pressed(request, caller, boost=False)


async def _boost_button(request: Request, caller: Caller) -> Response:
    return await _pressed(request, caller, boost=True)


async def _pressed(request: Request, caller: Caller, *, boost: bool) -> Response:
    asked = schemas.read_press(await read_fields(request))
    door = premises_of(request).door
    origin = asked_by(request, caller, asked.common, boost=boost)
    if same_label(asked.button, CANCEL_LABEL):
        await door.cancel(origin, asked.message_id)
        return Json(translate.deed_body(door.now()))
    mask = await door.keep(asked.mask, "mask") if asked.mask is not None else None
    job = await door.press(
        origin, asked.message_id, asked.button, words=asked.prompt, mask=mask, timeout=asked.common.timeout
    )
    return Json(translate.accepted_body(job))


async def _describe(request: Request, caller: Caller) -> Response:
    return await _of_pictures(request, caller, ActionKind.DESCRIBE, schemas.read_describe(await read_fields(request)))


async def _blend(request: Request, caller: Caller) -> Response:
    return await _of_pictures(request, caller, ActionKind.BLEND, schemas.read_blend(await read_fields(request)))


async def _face_swap(request: Request, caller: Caller) -> Response:
    asked = schemas.read_face_swap(await read_fields(request))
    return await _of_pictures(request, caller, ActionKind.FACE_SWAP, asked)


async def _of_pictures(request: Request, caller: Caller, kind: ActionKind, asked: schemas.Pictures) -> Response:
    named = "urls" if kind is ActionKind.BLEND else "url"
    with called(image=named, images=named):
        job = await premises_of(request).door.command(
            asked_by(request, caller, asked.common),
            Action(kind),
            given=Given(images=tuple(ImageInput(url) for url in asked.urls)),
            timeout=asked.common.timeout,
        )
    return Json(translate.accepted_body(job))


async def _command(request: Request, caller: Caller) -> Response:
    asked = schemas.read_command(await read_fields(request))
    door = premises_of(request).door
    own = [each for each in await door.queues.accounts(caller.workspace_id) if may_see(caller, each)]
    account = _meant(own, asked.account_id)
    origin = asked_by(request, caller, asked.common)
    if asked.name == "cancel":
        await door.cancel_on(origin, account.id)
        return Json(translate.deed_body(door.now()))
    job = await door.command(origin, _COMMANDS[asked.name], account_id=account.id, timeout=asked.common.timeout)
    return Json(translate.accepted_body(job))


def may_see(caller: Caller, account: Account) -> bool:
    """Whether an account of the workspace is one of those that the key is for."""
    return not caller.account_ids or account.id in caller.account_ids


def _meant(accounts: list[Account], account_id: int | None) -> Account:
    """The account that carries out a command; one alone need not be named."""
    if account_id is not None:
        for account in accounts:
            if account.id == account_id:
                return account
        raise NotFound(f"there is no linked account {account_id}")
    if len(accounts) == 1:
        return accounts[0]
    if not accounts:
        raise NotFound("no account is linked")
    ids = ", ".join(str(account.id) for account in accounts)
    raise InvalidInput("tokenId", "is required, for several accounts are linked", allowed=ids)
