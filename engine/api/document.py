"""What the OpenAPI document says that is true of every route: the refusals each may answer with, and forms as text.

A route's row names its own answers; what follows from its kind alone (a key, a body, an id) is added here, in the shape
that the route's other refusals have.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from engine.api.ways import Way
from engine.model.keys import Scope

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
_EXAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))
"""By method and path; made by `make docs`."""


def _header(name: str, said: str, **schema: Any) -> Schema:
    return {"name": name, "in": "header", "required": False, "description": said, "schema": {"type": "string"} | schema}


_NUMBERED = _header("X-Request-Id", "Comes back with the answer, and stands in Easel's log.")
_ONCE = _header(
    "Idempotency-Key",
    "New for each thing that is to be done: the same call again is answered as the first one was, and nothing is done.",
    pattern=r"^[\x21-\x7e]{1,255}$",
)
_FOR_SOMEBODY = _header(
    "Easel-Requester", "The end user for whom the call is made; without it, the key.", maxLength=128
)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SPELLED_BOOLEANS = [True, False, "true", "false", "1", "0", "", 1, 0, None]
_SPELLED_NUMBER = r"^\s*[0-9]*\s*$"


def complete(document: Schema, ways: Iterable[Way]) -> Schema:
    """The document, with what is true of all routes put in."""
    for way in ways:
        if not way.hidden:
            operation = document["paths"][way.path][way.method.lower()]
            _add_refusals(operation, way)
            _add_headers(operation, way)
            _add_example(operation, way)
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


def _add_headers(operation: Schema, way: Way) -> None:
    told = [_NUMBERED]
    if way.method == "POST" and way.scope is not None:
        told.append(_ONCE)
    if way.scope is Scope.GENERATE:
        told.append(_FOR_SOMEBODY)
    operation["parameters"] = [*operation.get("parameters", ()), *told]


def _add_example(operation: Schema, way: Way) -> None:
    """What a started server answered to the same call."""
    example = _EXAMPLES.get(f"{way.method} {way.path}")
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if example is not None and content is not None and status.startswith("2"):
            content["example"] = example


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
