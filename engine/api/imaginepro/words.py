"""Which addresses of ImaginePro's concern words: the ban list, and the check of a prompt before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import Fields, read_fields
from engine.api.imaginepro import document
from engine.api.options import premises_of
from engine.api.problems import Json, cause_of_input
from engine.api.ways import Dialect, Way
from engine.model.errors import InvalidInput
from engine.model.keys import Scope
from engine.model.moderation.rules import MOST_RULES
from engine.model.rates import Rate

_LIST: dict[str, Any] = {
    "type": "object",
    "required": ["banWords"],
    "properties": {"banWords": {"type": "array", "items": {"type": "string"}}},
}
_CHECKED: dict[str, Any] = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"enum": ["SUCCESS", "FAIL"]}, "message": {"type": "string"}},
}
_WRONG = (400, "A field is missing or wrong.")


def _body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def ways(dialect: Dialect, families: tuple[str, ...]) -> Iterator[Way]:
    """The routes of both families."""
    for family in families:
        yield Way(
            method="GET",
            path=f"/api/v1/{family}/ban-words",
            endpoint=_ban_words,
            dialect=dialect,
            scope=Scope.READ,
            summary="Get the ban words",
            described={"responses": document.answers(_LIST)},
        )
        yield Way(
            method="POST",
            path=f"/api/v1/{family}/ban-words",
            endpoint=_update,
            dialect=dialect,
            scope=Scope.MANAGE,
            summary="Update the ban words",
            described={
                "openapi_extra": _body(_LIST, {"banWords": ["gore", "nude woman"]}),
                "responses": document.answers(_LIST, _WRONG),
            },
        )
        yield Way(
            method="POST",
            path=f"/api/v1/{family}/prompt-check",
            endpoint=_check,
            dialect=dialect,
            scope=Scope.READ,
            rate=Rate.READ,
            summary="Check a prompt",
            described={
                "openapi_extra": _body(
                    {"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": "string"}}},
                    {"prompt": "a red fox --ar 16:9"},
                ),
                "responses": document.answers(_CHECKED, _WRONG),
            },
        )


async def _ban_words(request: Request, caller: Caller) -> Response:
    return Json({"banWords": await premises_of(request).door.block_words(caller.workspace_id)})


async def _update(request: Request, caller: Caller) -> Response:
    words = read_words(await read_fields(request))
    door = premises_of(request).door
    return Json({"banWords": await door.replace_block_words(caller.workspace_id, words, requester(caller))})


async def _check(request: Request, caller: Caller) -> Response:
    prompt = (await read_fields(request)).required("prompt")
    problems = await premises_of(request).door.check_prompt(caller.workspace_id, prompt)
    if not problems:
        return Json({"status": "SUCCESS"})
    return Json({"status": "FAIL", "message": "; ".join(map(cause_of_input, problems))})


def read_words(fields: Fields) -> list[str]:
    """The list of ban words; a form has one a line. Raises InvalidInput."""
    given = fields.lines("banWords")
    if given is None:
        raise InvalidInput("banWords", "is required", allowed='a list of words, like ["gore", "nude woman"]')
    if not isinstance(given, list):
        raise InvalidInput("banWords", "must be a list", value=given, allowed='["gore", "nude woman"]')
    if len(given) > MOST_RULES:
        raise InvalidInput("banWords", f"has {len(given)} entries", allowed=f"at most {MOST_RULES}")
    for number, word in enumerate(given):
        if not isinstance(word, str):
            raise InvalidInput(f"banWords[{number}]", "must be text", value=word, allowed="a word or a phrase")
    return given
