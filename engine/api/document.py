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
            if "requestBody" in operation:
                operation["requestBody"] = _body(operation["requestBody"])
    return document


def _add_refusals(operation: Schema, way: Way) -> None:
    answers: dict[str, Schema] = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):  # the framework's: it checks nothing here
        del answers["422"]
    shapes = [each["content"] for status, each in answers.items() if status >= "400" and "content" in each]
    shown = {"content": shapes[0]} if shapes else {}
    for status in _refusals(operation, way):
        answers.setdefault(status, {"description": _SAID[status], **shown})


def _refusals(operation: Schema, way: Way) -> Iterator[str]:
    if way.scope is not None:
        yield from ("401", "403", "429", "503")
    if any(each["in"] == "query" for each in operation.get("parameters", ())):
        yield "400"
    if way.ids:
        yield "404"
    if way.method != "GET":
        yield from ("400", "408", "413", "415")
    if way.method == "POST" and way.scope is not None:
        yield from ("409", "422")


def _body(body: Schema) -> Schema:
    """A request's body: null is the same as a missing field, and what needs no field may be empty."""
    told = copy.deepcopy(body)
    for kind, content in told["content"].items():
        schema = content["schema"]
        if schema.get("type") == "object":
            required = schema.get("required", ())
            for name, each in schema.get("properties", {}).items():
                if name not in required:
                    schema["properties"][name] = _or_null(each)
            told["required"] = bool(required)
            if kind in _FORMS:
                content["schema"] = _as_form(schema)
    return told


def _or_null(schema: Schema) -> Schema:
    if "null" in schema.get("type", "null") or None in schema.get("enum", ()):
        return schema
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*kinds, "null"], **enum}


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
