"""What UserAPI's calls about an account do: its figures, its switches, what it is; and uploads to its channel."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from engine.api.account_words import account_words
from engine.api.auth import Caller
from engine.api.bodies import Fields, read_fields
from engine.api.options import Premises, premises_of
from engine.api.problems import Json
from engine.api.times import to_seconds
from engine.api.userapi import schemas, translate
from engine.api.userapi.echo import Echo
from engine.api.userapi.schemas import read_common
from engine.api.userapi.starting import account_of, hash_answer, may_use, origin_for, usable, when_ended
from engine.model.accounts import Account
from engine.model.actions import Action, ActionKind
from engine.model.catalogue import actions_of_userapi
from engine.model.errors import AccountStopped, Conflict, InvalidInput, Unavailable
from engine.model.jobs import Attachment

SPEEDS = ("relax", "fast", "turbo")
PREFERENCES = ("remix",)
UPLOADED_KINDS = ("png", "jpg")


async def info(request: Request, caller: Caller) -> Response:
    """POST info: never waited for."""
    fields, premises = await read_fields(request), premises_of(request)
    account, common = await _named(premises, caller, fields), read_common(fields, ends_alone=True)
    job = await premises.door.command(
        origin_for(request, caller, common), Action(ActionKind.INFO), account_id=account.id
    )
    return hash_answer(job)


async def prefer(request: Request, caller: Caller) -> Response:
    """POST prefer."""
    return await _switched(request, caller, "prefer", PREFERENCES)


async def speed(request: Request, caller: Caller) -> Response:
    """POST speed."""
    return await _switched(request, caller, "speed", SPEEDS)


async def _switched(request: Request, caller: Caller, kind: str, choices: tuple[str, ...]) -> Response:
    fields, premises = await read_fields(request), premises_of(request)
    choice, common = schemas.required_word(fields, "choice", choices), read_common(fields, ends_alone=True)
    is_async = fields.yes_or_no("is_async")
    account = await _named(premises, caller, fields)
    (action,) = actions_of_userapi(kind, choice)
    job = await premises.door.command(
        origin_for(request, caller, common, Echo(kind, choice)), action, account_id=account.id
    )
    return hash_answer(job) if is_async else await when_ended(premises, job)


async def _named(premises: Premises, caller: Caller, fields: Fields) -> Account:
    named = schemas.account_hash_of(fields, required=True)
    account = await premises.door.linked.able(caller.workspace_id, named or "")
    return usable(caller, account)


async def upload(request: Request, caller: Caller) -> Response:
    """POST upload: a file or an address; there is no task, so what cannot be done now is 503."""
    fields, premises = await read_fields(request), premises_of(request)
    content, url = fields.file("image"), fields.address("url")
    if (content is None) is (url is None):
        raise InvalidInput("image", "is required, or url; one of them", allowed="a PNG or JPEG file, or its address")
    account_id = await account_of(premises, caller, fields)
    seconds = premises.options.sync_wait_seconds
    until = asyncio.get_running_loop().time() + seconds
    if url is not None:
        try:
            async with asyncio.timeout_at(until):
                content = await premises.door.links.fetched(url, field="url")
        except TimeoutError:
            raise InvalidInput("url", f"did not arrive within {seconds:g} seconds") from None
    try:
        async with asyncio.timeout_at(until):
            chosen, file = await _posted(
                premises, caller, content or b"", account_id, "image" if url is None else "url"
            )
    except TimeoutError:
        raise Unavailable("Discord did not take the picture in time") from None
    return Json(translate.uploaded_body(file, await premises.door.linked.hash_of(chosen)))


async def _posted(
    premises: Premises, caller: Caller, picture: bytes, account_id: int | None, field: str
) -> tuple[int, Attachment]:
    try:
        return await premises.door.links.upload(
            caller.workspace_id, picture, account_id, among=caller.account_ids, kinds=UPLOADED_KINDS, field=field
        )
    except AccountStopped:
        raise
    except Conflict as error:  # nobody is connected at this moment
        raise Unavailable(str(error)) from error


async def discord_info(request: Request, caller: Caller) -> Response:
    """GET /discord/info."""
    premises = premises_of(request)
    fields = Fields(dict(request.query_params), spelled=True)
    named = schemas.account_hash_of(fields, required=True) or ""
    account = usable(caller, await premises.door.linked.looked_at(caller.workspace_id, named))
    words = account_words(account, live=premises.door.linked.is_live(account.id))
    return Json(
        {
            "hash": account.hash,
            "token": account.token_mask,
            "channel_id": account.channel_id,
            "status": words.userapi,
            "status_reason": words.reason,
            "external_username": account.facts.username,
            "external_email": account.facts.masked_email,
            "is_remix": account.facts.remix is True,
            "created_at": to_seconds(account.linked_at),
        }
    )


async def whoami(request: Request, caller: Caller) -> Response:
    """GET /user/whoami: what the key is and may use."""
    accounts = await premises_of(request).door.linked.of(caller.workspace_id)
    result = {
        "name": caller.name,
        "scopes": sorted(scope.value for scope in caller.scopes),
        "accounts": [account.hash for account in accounts if may_use(caller, account)],
    }
    return Json({"status": True, "result": result})
