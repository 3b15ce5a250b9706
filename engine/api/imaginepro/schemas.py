"""Which fields an ImaginePro call has, which values they may take, and how the document describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.api.bodies import Fields, read_base64
from engine.api.ids import job_id_of
from engine.model.hooks import Hook

TIMEOUT = (10, 900)
"""Seconds, both included (the service's own bounds)."""
LONGEST_REF = 1_000
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Common:
    """What every call that starts a job may carry."""

    ref: str | None
    webhook: Hook | None
    timeout: int | None


@dataclass(frozen=True, slots=True)
class Imagine:
    """The body of imagine."""

    prompt: str
    common: Common


@dataclass(frozen=True, slots=True)
class Press:
    """The body of button."""

    message_id: str
    button: str
    prompt: str | None
    """For the form that the button opens: with Remix, Vary (Region), Custom Zoom, a description's number."""
    mask: bytes | None
    common: Common


def read_imagine(fields: Fields) -> Imagine:
    """Read the body of imagine. Raises InvalidInput."""
    # how long a prompt may be is the engine's rule
    return Imagine(fields.required("prompt"), read_common(fields))


def read_press(fields: Fields) -> Press:
    """Read the body of button. Raises InvalidInput, and NotFound for what cannot be an id."""
    message_id = fields.required("messageId", "message_id")
    button = fields.required("button", most=LONGEST_LABEL)
    prompt = fields.text("prompt")
    mask = read_base64("mask", fields.text("mask"))
    return Press(job_id_of(message_id), button, prompt or None, mask, read_common(fields))


def read_common(fields: Fields) -> Common:
    """Read what every call that starts a job may carry. Raises InvalidInput."""
    ref = fields.text("ref", most=LONGEST_REF)
    fields.yes_or_no("disableCdn")  # pictures are always copied to the operator's own disk; there is no CDN to skip
    return Common(ref or None, fields.hook("webhookOverride"), fields.whole("timeout", *TIMEOUT))


# --- the same for the OpenAPI document -------------------------------------------------------------------------------

_COMMON_PROPERTIES: dict[str, Any] = {
    "ref": {"type": ["string", "null"], "maxLength": LONGEST_REF, "description": "Echoed in the status object."},
    "webhookOverride": {
        "type": ["string", "null"],
        "description": "An http(s) address for this job's webhooks; `none` switches them off.",
        "examples": ["https://example.com/hook"],
    },
    "timeout": {"type": ["integer", "null"], "minimum": TIMEOUT[0], "maximum": TIMEOUT[1], "description": "Seconds."},
}


def body_of(properties: dict[str, Any], required: list[str], example: dict[str, Any]) -> dict[str, Any]:
    """How the document describes the body of such a call."""
    schema = {"type": "object", "properties": {**properties, **_COMMON_PROPERTIES}, "required": required}
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    return {"requestBody": {"required": True, "content": {k: {"schema": schema, "example": example} for k in kinds}}}


IMAGINE_BODY = body_of({"prompt": {"type": "string"}}, ["prompt"], {"prompt": "a red fox --ar 16:9", "ref": "order 7"})
PRESS_BODY = body_of(
    {
        "messageId": {"type": "string", "format": "uuid"},
        "button": {"type": "string"},
        "prompt": {"type": ["string", "null"], "description": "The new words, where the button opens a form."},
        "mask": {
            "type": ["string", "null"],
            "contentEncoding": "base64",
            "description": "Vary (Region): PNG or WebP of the picture's size; white is redrawn.",
        },
    },
    ["messageId", "button"],
    {"messageId": "d15c1541-229a-442b-9873-d3494dede12a", "button": "U2"},
)

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"message": {"type": "string"}, "error": {"type": "string"}, "statusCode": {"type": "integer"}},
    "required": ["message", "error", "statusCode"],
}
ACCEPTED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "success": {"type": "boolean"},
        "messageId": {"type": "string", "format": "uuid"},
        "createdAt": {"type": "string", "format": "date-time"},
    },
    "required": ["success", "createdAt"],
}
STATUS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "messageId": {"type": "string", "format": "uuid"},
        "prompt": {"type": "string"},
        "status": {"type": "string", "enum": ["QUEUED", "PROCESSING", "DONE", "FAIL"]},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "createdAt": {"type": "string", "format": "date-time"},
        "updatedAt": {"type": "string", "format": "date-time"},
        "ref": {"type": "string"},
        "originatingMessageId": {"type": "string", "description": "Results of buttons only."},
        "error": {"type": "string", "description": "With FAIL."},
        "uri": {"type": "string", "format": "uri", "description": "With DONE: our address."},
        "originalUrl": {"type": "string", "format": "uri", "description": "With DONE: Discord's address; it expires."},
        "images": {"type": "array", "items": {"type": "string", "format": "uri"}, "description": "With DONE."},
        "buttons": {"type": "array", "items": {"type": "string"}, "description": "With DONE."},
        "jobs": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Of a request of several jobs (permutations, --repeat): each one's status object.",
        },
    },
    "required": ["messageId", "prompt", "status", "progress", "createdAt", "updatedAt", "ref"],
}


def answers(schema: dict[str, Any], *others: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """The documented answers of a call: 200 with that schema, and these errors in the common shape."""
    rows: dict[int | str, dict[str, Any]] = {
        200: {"description": "Accepted or found.", "content": {"application/json": {"schema": schema}}}
    }
    for status, words in ((401, "The key is missing or wrong."), *others, (503, "Not now: after Retry-After.")):
        rows[status] = {"description": words, "content": {"application/json": {"schema": ERROR_SCHEMA}}}
    return rows
