"""How the OpenAPI document describes ImaginePro's calls: bodies, answers, examples."""

from __future__ import annotations

from typing import Any

from engine.api.imaginepro.schemas import COMMANDS, LONGEST_REF, MOTIONS, PAGE_SIZES, PERMUTATIONS, TIMEOUT, VIDEOS

WRONG = (400, "A field is missing or wrong.")
UNKNOWN = (404, "No such job.")
NO_ACCOUNT = (404, "No such linked account.")
NOT_NOW = (409, "The job's or the account's state does not allow it now.")

JOB = "d15c1541-229a-442b-9873-d3494dede12a"
_PICTURE = "https://example.com/fox.png"
_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}

_COMMON: dict[str, Any] = {
    "ref": {"type": ["string", "null"], "maxLength": LONGEST_REF, "description": "Echoed in the status object."},
    "webhookOverride": {
        "type": ["string", "null"],
        "description": "An http(s) address for this job's webhooks; `none` switches them off.",
        "examples": ["https://example.com/hook"],
    },
    "timeout": {"type": ["integer", "null"], "minimum": TIMEOUT[0], "maximum": TIMEOUT[1], "description": "Seconds."},
    "disableCdn": {"type": ["boolean", "null"], "description": "`uri` is then Discord's own link."},
}
_PROMPT = {"prompt": {"type": "string"}}
_SEVERAL = {PERMUTATIONS: {"type": ["boolean", "null"], "description": "The prompt may make several jobs."}}
_MESSAGE = {"messageId": {"type": "string", "format": "uuid"}}
_KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


def body(properties: dict[str, Any], required: list[str], example: dict[str, Any], *, job: bool = True) -> Any:
    """A call's body; `job`: it starts one, and may carry the common fields."""
    schema = {"type": "object", "properties": {**properties, **(_COMMON if job else {})}, "required": required}
    return {"requestBody": {"required": True, "content": {k: {"schema": schema, "example": example} for k in _KINDS}}}


IMAGINE = body({**_PROMPT, **_SEVERAL}, ["prompt"], {"prompt": "a red fox --ar 16:9", "ref": "order 7"})
PRESS = body(
    {
        **_MESSAGE,
        "button": {"type": "string"},
        "prompt": {"type": ["string", "null"], "description": "The new words, where the button opens a form."},
        "mask": {
            "type": ["string", "null"],
            "contentEncoding": "base64",
            "description": "Vary (Region): PNG or WebP of the picture's size; white is redrawn.",
        },
    },
    ["messageId", "button"],
    {"messageId": JOB, "button": "U2"},
)
DESCRIBE = body({"url": _TEXT}, ["url"], {"url": _PICTURE})
BLEND = body(
    {"urls": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 5}},
    ["urls"],
    {"urls": [_PICTURE, "https://example.com/hen.png"]},
)
FACE_SWAP = body(
    {
        "source": {"type": "string", "description": "The face to take."},
        "target": {"type": "string", "description": "The picture to change."},
    },
    ["source", "target"],
    {"source": "https://example.com/me.png", "target": _PICTURE},
)
COMMAND = body(
    {"cmd": {"type": "string", "enum": list(COMMANDS)}, "tokenId": {"type": ["integer", "string", "null"]}},
    ["cmd"],
    {"cmd": "info", "tokenId": 1},
)
VIDEO = body(
    {"prompt": _MAYBE_TEXT, "startFrameUrl": _TEXT, "endFrameUrl": _MAYBE_TEXT},
    ["startFrameUrl"],
    {"prompt": "the fox runs away", "startFrameUrl": _PICTURE},
)
EXTENSION = body(
    {
        **_MESSAGE,
        "index": {"type": "integer", "minimum": VIDEOS[0], "maximum": VIDEOS[1]},
        "animateMode": {"type": ["string", "null"], "enum": [*MOTIONS, None]},
        "prompt": _MAYBE_TEXT,
    },
    ["messageId", "index"],
    {"messageId": JOB, "index": 0},
)
SWITCH = body({"isActive": {"type": ["boolean", "string"]}}, ["isActive"], {"isActive": False}, job=False)
NOT_CONFIGURED = body({}, [], {"prompt": "a red fox"})
PAGES = {
    "parameters": [
        {"name": "page", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1, "default": 1}},
        {
            "name": "size",
            "in": "query",
            "required": False,
            "schema": {"type": "integer", "minimum": PAGE_SIZES[0], "maximum": PAGE_SIZES[1], "default": 10},
        },
    ]
}

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"message": {"type": "string"}, "error": {"type": "string"}, "statusCode": {"type": "integer"}},
    "required": ["message", "error", "statusCode"],
}
_WHEN = {"type": "string", "format": "date-time"}
ACCEPTED = {
    "type": "object",
    "properties": {
        "success": {"type": "boolean"},
        "messageId": {"type": "string", "format": "uuid"},
        "createdAt": _WHEN,
    },
    "required": ["success", "createdAt"],
}
DEED = {
    "type": "object",
    "properties": {"success": {"type": "boolean"}, "createdAt": _WHEN},
    "required": ["success", "createdAt"],
}
_ADDRESS = {"type": "string", "format": "uri"}
STATUS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "messageId": {"type": "string", "format": "uuid"},
        "prompt": {"type": "string"},
        "status": {"type": "string", "enum": ["QUEUED", "PROCESSING", "DONE", "FAIL"]},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "createdAt": _WHEN,
        "updatedAt": _WHEN,
        "ref": {"type": "string"},
        "originatingMessageId": {"type": "string", "description": "Results of buttons only."},
        "error": {"type": "string", "description": "With FAIL."},
        "uri": {**_ADDRESS, "description": "With DONE: our address."},
        "originalUrl": {**_ADDRESS, "description": "With DONE: Discord's address, which opens now; it expires."},
        "images": {"type": "array", "items": _ADDRESS, "description": "With DONE: of a grid its four pictures."},
        "buttons": {"type": "array", "items": {"type": "string"}, "description": "With DONE."},
        "content": {"description": "With DONE: describe's four texts (a list), a command's reply (text)."},
        "info": {"type": "object", "description": "With DONE: what the command info said."},
        "videoUrl": {**_ADDRESS, "description": "With DONE: the first video."},
        "results": {"type": "array", "items": {"type": "object"}, "description": "With DONE: each video's url, index."},
        "jobs": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Of a request of several jobs (permutations, --repeat): each one's status object.",
        },
    },
    "required": ["messageId", "prompt", "status", "progress", "createdAt", "updatedAt", "ref"],
}
COUNT = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
_INFO_KEYS = (
    "jobMode", "runningJobs", "relaxedUsage", "relaxedUsuage", "subscription", "lifetimeUsage", "queuedJobsFast",
    "visibilityMode", "queuedJobsRelax", "fastTimeRemaining",
)  # fmt: skip
_INFO = {"type": "object", "properties": dict.fromkeys(_INFO_KEYS, _TEXT), "required": list(_INFO_KEYS)}
_TOKEN = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "token": {"type": "string", "description": "Masked."},
        "channelId": _TEXT,
        "serverId": _TEXT,
        "isActive": {"type": "boolean"},
        "status": {"type": "string", "enum": ["FAST", "RELAX", "VERIFYING", "BANNED"]},
        "info": _INFO,
        "concurrency": {"type": "integer"},
    },
    "required": ["id", "token", "channelId", "serverId", "isActive", "status", "info", "concurrency"],
}
TOKENS = {"type": "array", "items": _TOKEN}
_QUEUE = {
    "type": "object",
    "properties": {
        **{key: {"type": "integer"} for key in ("id", "queued", "running", "concurrency")},
        "paused": {"type": "boolean"},
    },
    "required": ["id", "queued", "running", "concurrency", "paused"],
}
QUEUES = {"type": "array", "items": _QUEUE}
TRACE = {
    "type": "object",
    "properties": {
        "messageId": _TEXT,
        "tokenId": {"type": ["integer", "null"]},
        "discordChannelId": _TEXT,
        "tokenStatus": _TEXT,
        "tokenInfo": {"type": "object"},
    },
    "required": ["messageId", "tokenId"],
}
ACCOUNT = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("type", "email", "expiredAt"), _TEXT),
        **{key: {"type": "integer"} for key in ("creditsQuota", "credits", "creditsExtra")},
    },
    "required": ["type", "creditsQuota", "credits", "creditsExtra", "expiredAt", "email"],
}
_MADE_KEYS = ("id", "type", "button", "prompt", "uri", "createdAt")
_MADE = {"type": "object", "properties": dict.fromkeys(_MADE_KEYS, _TEXT), "required": list(_MADE_KEYS)}
HISTORY = {"type": "object", "properties": {"images": {"type": "array", "items": _MADE}}, "required": ["images"]}


def answers(schema: dict[str, Any], *others: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """The documented answers of a call: 200 with that schema, and these errors in the common shape."""
    rows: dict[int | str, dict[str, Any]] = {
        200: {"description": "Accepted or found.", "content": {"application/json": {"schema": schema}}}
    }
    return rows | errors((401, "The key is missing or wrong."), *others, (503, "Not now: after Retry-After."))


def errors(*rows: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """Answers in the shape of errors."""
    content = {"application/json": {"schema": ERROR_SCHEMA}}
    return {status: {"description": words, "content": content} for status, words in rows}
