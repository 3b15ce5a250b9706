"""What the OpenAPI document says that is true of every route: the refusals each may answer with, and forms as text.

A route's row names its own answers; what follows from its kind alone (a key, a body, an id) is added here, in the shape
that the route's other refusals have.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from engine.api.ways import Way

Schema = dict[str, Any]

_SAID = {
    "400": "A field is missing or wrong, or it cannot be done as asked.",
    "401": "The key is missing, wrong or revoked.",
    "403": "The key may not do this.",
    "404": "There is no such thing in the workspace.",
    "408": "The body did not arrive in time.",
    "409": "Its state does not allow it now, or the same Idempotency-Key is at work.",
    "413": "The body is too large.",
    "415": "The body is neither JSON nor a form, or it is compressed.",
    "422": "The Idempotency-Key was used for another body.",
    "429": "Too many calls, or the quota is used up: after Retry-After.",
    "503": "Not now: after Retry-After.",
}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SPELLED_BOOLEANS = [True, False, "true", "false", "1", "0", "", 1, 0, None]
_SPELLED_NUMBER = r"^\s*[0-9]*\s*$"


def complete(document: Schema, ways: Iterable[Way]) -> Schema:
    """The document, with what is true of all routes put in."""
    for way in ways:
        if not way.hidden:
            operation = document["paths"][way.path][way.method.lower()]
            _add_refusals(operation, way)
            if way.anonymous:
                operation["security"] = [{}, *operation["security"]]
            for kind in _FORMS:
                body = operation.get("requestBody", {}).get("content", {}).get(kind)
                if body is not None:
                    body["schema"] = _as_form(body["schema"])
    return document


def _add_refusals(operation: Schema, way: Way) -> None:
    answers: dict[str, Schema] = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):  # the framework's: it checks nothing here
        del answers["422"]
    shapes = [each["content"] for status, each in answers.items() if status >= "400" and "content" in each]
    if shapes:
        for status in _refusals(operation, way):
            answers.setdefault(status, {"description": _SAID[status], "content": shapes[0]})


def _refusals(operation: Schema, way: Way) -> Iterator[str]:
    if way.scope is not None:
        yield from ("401", "403", "429", "503")
    if any(each["in"] == "query" for each in operation.get("parameters", ())):
        yield "400"
    if way.words:
        yield "404"
    if way.method != "GET":
        yield from ("400", "408", "413", "415")
    if way.method == "POST" and way.scope is not None:
        yield from ("409", "422")


def _as_form(schema: Schema) -> Schema:
    """The same body where numbers and booleans are text."""
    spelled = copy.deepcopy(schema)
    properties = spelled.get("properties", {})
    for name, each in properties.items():
        kinds = each.get("type", ())
        kinds = {kinds} if isinstance(kinds, str) else set(kinds)
        if "boolean" in kinds:
            properties[name] = {"enum": _SPELLED_BOOLEANS, **_told(each)}
        elif "integer" in kinds and "string" not in kinds:
            properties[name] = {"anyOf": [each, {"type": "string", "pattern": _SPELLED_NUMBER}], **_told(each)}
    return spelled


def _told(schema: Schema) -> Schema:
    return {"description": schema["description"]} if "description" in schema else {}
