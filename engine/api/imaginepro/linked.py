"""ImaginePro's calls of the DIY plan: linked accounts, which it calls tokens, and the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import read_fields
from engine.api.imaginepro import document, schemas, tokens, translate
from engine.api.imaginepro.dialect import way
from engine.api.imaginepro.generating import may_see
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.ways import Id, Way
from engine.model.accounts import Account
from engine.model.errors import NotFound
from engine.model.keys import Scope


def ways() -> Iterator[Way]:
    """Tokens and queue."""
    listed = {"described": {"responses": document.answers(document.TOKENS)}}
    yield way("GET", "/discord/tokens", _list, Scope.READ, "Get linked account list", **listed)
    yield way("GET", "/discord/token", _list, Scope.READ, "Get linked account list (no id)", **listed)
    queues = {"described": {"responses": document.answers(document.QUEUES)}}
    yield way("GET", "/discord/tokens/queue", _queues, Scope.READ, "Get linked accounts' queue status", **queues)
    one = {"ids": {"token_id": Id.ACCOUNT}}
    shown = {"described": {"responses": document.answers(document.TOKENS, document.NO_ACCOUNT)}}
    yield way("GET", "/discord/token/{token_id}", _one, Scope.READ, "Get token details", **one, **shown)
    switched = {
        "described": {
            "openapi_extra": document.SWITCH,
            "responses": document.answers(document.TOKENS, document.WRONG, document.NO_ACCOUNT, document.NOT_NOW),
        }
    }
    yield way("PUT", "/discord/token/{token_id}", _switch, Scope.MANAGE, "Toggle a token", **one, **switched)
    counted = {"described": {"responses": document.answers(document.COUNT)}}
    yield way("GET", "/discord/queue/count", _count, Scope.READ, "Count jobs in queue", **counted)
    deed = {"described": {"responses": document.answers(document.DEED)}}
    for word, endpoint in (("pause", _pause), ("resume", _resume), ("reboot", _reboot)):
        summary = f"{word.title()} the queue"
        yield way("POST", f"/discord/queue/{word}", endpoint, Scope.MANAGE, summary, **deed)


async def _list(request: Request, caller: Caller) -> Response:
    door = premises_of(request).door
    accounts = [each for each in await door.queues.accounts(caller.workspace_id) if may_see(caller, each)]
    return _tokens(request, accounts)


async def _one(token_id: str, request: Request, caller: Caller) -> Response:
    return _tokens(request, [await _account(token_id, request, caller)])


async def _switch(token_id: str, request: Request, caller: Caller) -> Response:
    account = await _account(token_id, request, caller)
    wanted = schemas.read_switch(await read_fields(request))
    switched = await premises_of(request).door.queues.switch(
        caller.workspace_id, account.id, on=wanted, who=requester(caller)
    )
    return _tokens(request, [switched])


async def _account(token_id: str, request: Request, caller: Caller) -> Account:
    if not (token_id.isascii() and token_id.isdigit() and int(token_id[:20]) <= schemas.HIGHEST_ID):
        raise NotFound("there is no such linked account")
    account = await premises_of(request).door.queues.account(caller.workspace_id, int(token_id))
    if not may_see(caller, account):
        raise NotFound(f"there is no linked account {account.id}")
    return account


def _tokens(request: Request, accounts: list[Account]) -> Response:
    linked = premises_of(request).door.linked
    return Json([tokens.token_body(account, live=linked.is_live(account.id)) for account in accounts])


async def _queues(request: Request, caller: Caller) -> Response:
    queues = await premises_of(request).door.queues.of_accounts(caller.workspace_id)
    return Json([tokens.queue_body(each) for each in queues if may_see(caller, each.account)])


async def _count(request: Request, caller: Caller) -> Response:
    return Json({"count": await premises_of(request).door.queues.count(caller.workspace_id)})


async def _pause(request: Request, caller: Caller) -> Response:
    return _did(await premises_of(request).door.queues.pause(caller.workspace_id, requester(caller)))


async def _resume(request: Request, caller: Caller) -> Response:
    return _did(await premises_of(request).door.queues.resume(caller.workspace_id, requester(caller)))


async def _reboot(request: Request, caller: Caller) -> Response:
    return _did(await premises_of(request).door.queues.reboot(caller.workspace_id, requester(caller)))


def _did(at: datetime) -> Response:
    return Json(translate.deed_body(at))
