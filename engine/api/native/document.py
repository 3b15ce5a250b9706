"""How the OpenAPI document describes the native API: shapes, the error shape, and which answers a route may give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.api.codes import Code

Schema = dict[str, Any]

ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "field", "allowed"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "string", "enum": list(Code)},
                "message": {"type": "string"},
                "field": {"type": ["string", "null"], "description": "What is missing or wrong."},
                "allowed": {"type": ["string", "null"], "description": "What it may be."},
            },
        }
    },
}
_SAID = {
    400: "A field is missing or wrong, or it cannot be done as asked.",
    401: "The key is missing or wrong.",
    403: "The key may not do this.",
    404: "There is no such thing in the workspace.",
    408: "The body did not arrive in time.",
    409: "Its state does not allow it now.",
    413: "The body is too large.",
    415: "The body is neither JSON nor a form.",
    422: "The Idempotency-Key was used for another call.",
    429: "Too many calls, or the quota is used up: after Retry-After.",
    500: "An error of ours.",
    503: "Not now: after Retry-After.",
}
_ALWAYS = (401, 403, 408, 413, 429, 500, 503)
_WITH_BODY = (400, 415)
_WITH_POST = (400, 409, 415, 422)


def text(*, null: bool = False, **more: object) -> Schema:
    """A text, or null."""
    return {"type": ["string", "null"] if null else "string", **more}


def number(*, null: bool = False, **more: object) -> Schema:
    """A whole number, or null."""
    return {"type": ["integer", "null"] if null else "integer", **more}


def yes_or_no() -> Schema:
    """True or false."""
    return {"type": "boolean"}


def moment(*, null: bool = False) -> Schema:
    """A time in UTC with offset and milliseconds, or null."""
    return text(null=null, format="date-time")


def words(of: Iterable[str], *, null: bool = False) -> Schema:
    """One of these words, or null."""
    known = [str(word) for word in of]
    return {"enum": [*known, None]} if null else {"type": "string", "enum": known}


def array(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def shape(**properties: Schema) -> Schema:
    """An object in which every one of these keys is always there, and no other."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def answers(schema: Schema, *others: int, body: bool = False, post: bool = False) -> dict[int | str, dict[str, Any]]:
    """What a route may answer: 200 with this, the refusals that every route has, and these.

    Args:
        schema: of the answer's body.
        others: further statuses of refusals.
        body: whether the route reads one.
        post: whether it is a POST, which reads a body and may carry an Idempotency-Key.
    """
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "Done or found.", "content": {"application/json": {"schema": schema}}}
    }
    statuses = {*_ALWAYS, *others, *(_WITH_BODY if body else ()), *(_WITH_POST if post else ())}
    return {**found, **refusals(statuses)}


def refusals(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    """These refusals in the one shape."""
    content = {"application/json": {"schema": ERROR}}
    return {status: {"description": _SAID[status], "content": content} for status in sorted(statuses)}


def asked(schema: Schema, example: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    """The body of a call, in JSON."""
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": required, "content": content}}


def fields(required: Iterable[str] = (), **properties: Schema) -> Schema:
    """The fields of a body; those that are not required may be left out or null."""
    wanted = list(required)
    told = {name: each if name in wanted else or_null(each) for name, each in properties.items()}
    return {"type": "object", "properties": told, **({"required": wanted} if wanted else {})}


def or_null(schema: Schema) -> Schema:
    """The same or null, which in a body is the same as nothing."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if kind is None or "null" in kinds or None in schema.get("enum", ()):
        return schema
    found = {**schema, "type": [*kinds, "null"]}
    return {**found, "enum": [*schema["enum"], None]} if "enum" in schema else found


def query(name: str, schema: Schema, said: str) -> dict[str, Any]:
    """A parameter of the query."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": said}


LONGEST_NAME = 200
"""Characters of an end user's name."""
MOST_PER_PAGE = 200
USUAL_PER_PAGE = 50
LONGEST_CURSOR = 200
LIMIT = query("limit", number(minimum=1, maximum=MOST_PER_PAGE, default=USUAL_PER_PAGE), "How many at most.")
CURSOR = query("cursor", text(maxLength=LONGEST_CURSOR), "`next_cursor` of the page before.")
