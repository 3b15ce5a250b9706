"""What the native API does with servers of Discord: one-time codes, settings, disconnecting; and with operators."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import read_fields
from engine.api.native.document import array, asked, fields, moment, shape, text
from engine.api.native.guild_shapes import (
    CHANGE,
    EXAMPLE,
    GUILD,
    OPERATOR,
    changed_settings,
    guild_body,
    operator_body,
)
from engine.api.native.reading import snowflake_in
from engine.api.native.rows import row
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.times import to_milliseconds
from engine.api.ways import Id, Way
from engine.model.errors import Forbidden
from engine.model.keys import Scope

_LONGEST = 100
_CODE = shape(code=text(), expires_at=moment())
_OPERATOR = fields(["user"], user=text(description="The id of a Discord user."))


def ways() -> Iterator[Way]:
    """The routes."""
    place, one = "/v1/guilds", {"guild_id": Id.GUILD}
    yield row("GET", place, _list, Scope.READ, "The connected servers of Discord", shape(guilds=array(GUILD)))
    yield row("POST", f"{place}/codes", _code, Scope.MANAGE, "A one-time code that connects a server", _CODE)
    yield row("GET", f"{place}/{{guild_id}}", _one, Scope.READ, "A connected server", GUILD, 404, ids=one)
    yield row(
        "PATCH", f"{place}/{{guild_id}}", _change, Scope.MANAGE, "Change a server's settings", GUILD, 404,
        extra=asked(CHANGE, EXAMPLE), ids=one,
    )  # fmt: skip
    yield row("DELETE", f"{place}/{{guild_id}}", _drop, Scope.MANAGE, "Disconnect a server", GUILD, 404, ids=one)
    place = "/v1/operators"
    yield row("GET", place, _operators, Scope.MANAGE, "The operators", shape(operators=array(OPERATOR)))
    yield row(
        "POST", place, _add, Scope.MANAGE, "Make a Discord user an operator", OPERATOR,
        extra=asked(_OPERATOR, {"user": "100000000000000001"}),
    )  # fmt: skip
    yield row(
        "DELETE", f"{place}/{{operator_id}}", _remove, Scope.MANAGE, "Take that back", shape(operators=array(OPERATOR)),
        404, ids={"operator_id": Id.OPERATOR},
    )  # fmt: skip


def _check_unlimited(caller: Caller) -> None:
    """A key that is limited to some accounts makes nobody an operator, who may use all.

    Raises:
        Forbidden: it is limited.
    """
    if caller.account_ids:
        own = ", ".join(map(str, caller.account_ids))
        raise Forbidden(f"this key is limited to the accounts {own}, and operators are not")


async def _list(request: Request, caller: Caller) -> Response:
    found = await premises_of(request).door.community.guilds.of(caller.workspace_id)
    return Json({"guilds": [guild_body(guild) for guild in found]})


async def _code(request: Request, caller: Caller) -> Response:
    await read_fields(request)
    _check_unlimited(caller)
    made = await premises_of(request).door.community.guilds.code(caller.workspace_id)
    told = {"code": made.code, "expires_at": to_milliseconds(made.expires_at)}
    return Json(told, headers={"Cache-Control": "no-store"})


async def _one(guild_id: str, request: Request, caller: Caller) -> Response:
    desk = premises_of(request).door.community.guilds
    return Json(guild_body(await desk.named(caller.workspace_id, snowflake_in("server", guild_id))))


async def _change(guild_id: str, request: Request, caller: Caller) -> Response:
    said, desk = await read_fields(request), premises_of(request).door.community.guilds
    known = await desk.named(caller.workspace_id, snowflake_in("server", guild_id))
    wanted = changed_settings(said, known.settings)
    return Json(guild_body(await desk.settle(caller.workspace_id, guild_id, wanted, requester(caller))))


async def _drop(guild_id: str, request: Request, caller: Caller) -> Response:
    desk = premises_of(request).door.community.guilds
    return Json(
        guild_body(await desk.disconnect(caller.workspace_id, snowflake_in("server", guild_id), requester(caller)))
    )


async def _operators(request: Request, caller: Caller) -> Response:
    found = await premises_of(request).door.community.guilds.operators(caller.workspace_id)
    return Json({"operators": [operator_body(each) for each in found]})


async def _add(request: Request, caller: Caller) -> Response:
    user = (await read_fields(request)).required("user", most=_LONGEST)
    _check_unlimited(caller)
    desk = premises_of(request).door.community.guilds
    return Json(operator_body(await desk.add_operator(caller.workspace_id, user, requester(caller))))


async def _remove(operator_id: str, request: Request, caller: Caller) -> Response:
    desk = premises_of(request).door.community.guilds
    await desk.remove_operator(caller.workspace_id, snowflake_in("operator", operator_id), requester(caller))
    return await _operators(request, caller)
