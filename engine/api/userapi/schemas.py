"""Which fields UserAPI's calls have, which values they may take, and how the document describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.api.bodies import Fields, from_json, read_base64
from engine.api.ids import job_id_of
from engine.api.userapi.echo import Blended
from engine.api.userapi.translate import ending_of
from engine.model.errors import InvalidInput
from engine.model.hooks import Hook, HookKind

LONGEST_CALLBACK_ID = 72
LONGEST_HASH = 100
WEBHOOK_TYPES = {"progress": HookKind.PROGRESS, "result": HookKind.RESULT, None: HookKind.CHANGES}
PERMUTATIONS = "allowPermutations"
INSTANT_CHOICES = ("nothing", "random", "all", "1", "2", "3", "4")
ENDINGS = ("jpg", "png")
UPSAMPLES = (
    "v5_2x",
    "v5_4x",
    "v6_2x_subtle",
    "v6_2x_creative",
    "v6r1_2x_subtle",
    "v6r1_2x_creative",
    "v7_2x_subtle",
    "v7_2x_creative",
    "subtle",
    "creative",
)


@dataclass(frozen=True, slots=True)
class Common:
    """What every call that starts a task may carry."""

    webhook_url: str | None
    webhook_type: str | None
    hook: Hook | None
    callback_id: str | None


def read_common(fields: Fields, *, ends_alone: bool = False) -> Common:
    """Read what all calls share; `ends_alone`: of such a task nothing but its end is posted. Raises InvalidInput."""
    hook = fields.hook("webhook_url")
    kind = word_of(fields, "webhook_type", tuple(word for word in WEBHOOK_TYPES if word is not None))
    if hook is not None and hook.url:
        hook = Hook(hook.url, HookKind.RESULT if ends_alone else WEBHOOK_TYPES[kind])
    url = hook.url if hook is not None and hook.url else None
    return Common(url, kind, hook, fields.text("callback_id", most=LONGEST_CALLBACK_ID))


def word_of(fields: Fields, name: str, words: tuple[str, ...]) -> str | None:
    """One of these words; null, missing and empty are none. Raises InvalidInput."""
    value = fields.text(name)
    if value is None or not value:
        return None
    if value not in words:
        raise InvalidInput(name, "is not one of its values", value=value, allowed=", ".join(words))
    return value


def required_word(fields: Fields, name: str, words: tuple[str, ...]) -> str:
    """One of these words, which must be there. Raises InvalidInput."""
    value = word_of(fields, name, words)
    if value is None:
        raise InvalidInput(name, "is required", allowed=", ".join(words))
    return value


def account_hash_of(fields: Fields, *, required: bool = False) -> str | None:
    """The account's UUID as it is stored. Raises InvalidInput."""
    value = fields.required("account_hash", most=LONGEST_HASH) if required else fields.text("account_hash")
    return value.strip().lower() if value and value.strip() else None


def parent_of(fields: Fields) -> str:
    """The task that a follow-up is about. Raises InvalidInput, and NotFound for what cannot be an id."""
    return job_id_of(fields.required("hash", most=LONGEST_HASH))


def blended_of(fields: Fields) -> tuple[Blended, ...]:
    """The pictures of a blend, in a form as JSON; how many there may be is the engine's rule. Raises InvalidInput."""
    listed = fields.listed("urls")
    if fields.spelled and isinstance(listed, str):
        listed = from_json(listed) if listed.strip() else None
    if listed is None:
        raise InvalidInput("urls", "is required", allowed="2 to 5 of {url, ext}")
    if not isinstance(listed, list):
        raise InvalidInput("urls", "must be a list", value=listed, allowed="2 to 5 of {url, ext}")
    found = []
    for number, each in enumerate(listed):
        place = f"urls[{number}]"
        if not isinstance(each, dict):
            raise InvalidInput(place, "must be an object", value=each, allowed="{url, ext}")
        one = Fields({f"{place}.{name}": value for name, value in each.items()}, spelled=False)
        url = one.address(f"{place}.url")
        if url is None:
            raise InvalidInput(f"{place}.url", "is required")
        found.append(Blended(url, word_of(one, f"{place}.ext", ENDINGS) or ending_of(url)))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A call that goes on from a finished task: its route, its type, and what it takes beside the hash."""

    path: str
    type: str
    summary: str
    numbers: tuple[int, ...] = ()
    """What `choice` may be, where it is a number."""
    words: tuple[str, ...] = ()
    """Where it is a word."""
    choice_required: bool = True
    prompt: bool = False
    """Whether a prompt may be given: with Remix, or where Midjourney always asks for one."""
    mask: bool = False

    def choice(self, fields: Fields) -> int | str | None:
        """Which one is meant. Raises InvalidInput."""
        if self.words:
            return required_word(fields, "choice", self.words)
        if not self.numbers:
            return None
        allowed = ", ".join(str(number) for number in self.numbers)
        try:
            value = fields.whole("choice", min(self.numbers), max(self.numbers))
        except InvalidInput as error:
            raise InvalidInput("choice", error.problem, value=error.value, allowed=allowed) from error
        if value is not None and value not in self.numbers:
            raise InvalidInput("choice", "is not one of its values", value=value, allowed=allowed)
        if value is None and (self.choice_required or not self.words_of(fields)):
            other = "" if self.choice_required else ", or a prompt"
            raise InvalidInput("choice", "is required", allowed=allowed + other)
        return value

    def words_of(self, fields: Fields) -> str | None:
        """The prompt that was given with it. Raises InvalidInput."""
        return (fields.text("prompt") or None) if self.prompt else None

    def mask_of(self, fields: Fields) -> bytes | None:
        """The painted region. Raises InvalidInput."""
        if not self.mask:
            return None
        fields.required("prompt")
        return read_base64("mask", fields.required("mask"))


_FOUR = (1, 2, 3, 4)
FOLLOWS: tuple[Follow, ...] = (
    Follow(path="upscale", type="upscale", summary="Take one picture of a grid", numbers=_FOUR),
    Follow(path="upsample", type="upsample", summary="Enlarge a single picture", words=UPSAMPLES),
    Follow(path="variation", type="variation", summary="Vary a picture of a grid", numbers=_FOUR, prompt=True),
    Follow(path="vary-subtle", type="vary_subtle", summary="Vary a single picture a little", prompt=True),
    Follow(path="vary-strong", type="vary_strong", summary="Vary a single picture much", prompt=True),
    Follow(path="inpaint", type="inpaint", summary="Redraw a region of a single picture", prompt=True, mask=True),
    Follow(path="reroll", type="reroll", summary="Draw it again", prompt=True),
    Follow(
        path="zoom",
        type="zoom",
        summary="Zoom out of a single picture",
        numbers=(50, 75),
        choice_required=False,
        prompt=True,
    ),
    Follow(
        path="pan",
        type="pan",
        summary="Widen a single picture to one side",
        words=("left", "right", "up", "down"),
        prompt=True,
    ),
    Follow(path="animate", type="animate", summary="Make films of a single picture", words=("high", "low")),
)

# --- the same for the OpenAPI document -------------------------------------------------------------------------------

_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_HASH: dict[str, Any] = {"type": "string", "format": "uuid"}
_EXAMPLE_HASH = "6794f6ef-866a-4bc3-b0bc-7b28ec010d1b"
WEBHOOK: dict[str, Any] = {
    "webhook_url": {**_TEXT, "description": "An http(s) address that is posted the task object."},
    "webhook_type": {
        "type": ["string", "null"],
        "enum": ["progress", "result", None],
        "description": "What is posted: every change, the end alone; without it each change of status.",
    },
    "callback_id": {**_TEXT, "maxLength": LONGEST_CALLBACK_ID, "description": "Repeated in the task object."},
}
ACCOUNT: dict[str, Any] = {
    "account_hash": {"type": ["string", "null"], "description": "Only on this account; without it on any that can."}
}
NAMED_ACCOUNT: dict[str, Any] = {"account_hash": _HASH}
ASYNC: dict[str, Any] = {
    "is_async": {"type": ["boolean", "null"], "description": "Answer at once with the hash instead of waiting."}
}
SEVERAL: dict[str, Any] = {
    PERMUTATIONS: {"type": ["boolean", "null"], "description": "The prompt may make several jobs."}
}
PREFILTER: dict[str, Any] = {
    "is_disable_prefilter": {"type": ["boolean", "null"], "description": "Leave the prefilter out."}
}


def body_of(
    properties: Mapping[str, Any], required: list[str], example: dict[str, Any], *, files: bool = False
) -> dict[str, Any]:
    """A request body in the document."""
    schema = {"type": "object", "properties": dict(properties), "required": required}
    kinds = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
    content = {kind: {"schema": schema, "example": example} for kind in kinds}
    if files:
        image = {"image": {"type": "string", "format": "binary", "description": "PNG or JPEG, instead of url."}}
        either = {**properties, "url": _TEXT, **image}
        content["multipart/form-data"] = {"schema": {**schema, "properties": either}}
        del content["application/x-www-form-urlencoded"]
    return {"requestBody": {"required": True, "content": content}}


def follow_body(follow: Follow) -> dict[str, Any]:
    """The body of a follow-up."""
    properties: dict[str, Any] = {"hash": _HASH}
    example: dict[str, Any] = {"hash": _EXAMPLE_HASH}
    required = ["hash"]
    values = [*follow.numbers, *follow.words]
    if values:
        kind = "integer" if follow.numbers else "string"
        properties["choice"] = {"type": kind, "enum": values}
        example["choice"] = values[-1]
        required += ["choice"] if follow.choice_required else []
    if follow.prompt:
        properties["prompt"] = _TEXT
    if follow.mask:
        properties["mask"] = {"type": "string", "contentEncoding": "base64"}
        properties["prompt"] = {"type": "string"}
        example |= {"mask": "iVBORw0KGgo=", "prompt": "a red hat"}
        required += ["mask", "prompt"]
    return body_of({**properties, **WEBHOOK}, required, example)


def query(name: str) -> dict[str, Any]:
    """A query parameter that names something."""
    return {"parameters": [{"name": name, "in": "query", "required": True, "schema": {"type": "string"}}]}


ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"status": {"type": "boolean", "const": False}, "error": {"type": "string"}},
    "required": ["status", "error"],
}
HASH_SCHEMA: dict[str, Any] = {"type": "object", "properties": {"hash": _HASH}, "required": ["hash"]}
TASK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "account_hash": {"type": ["string", "null"], "description": "Null until an account was chosen."},
        "hash": _HASH,
        "parent_hash": _HASH,
        "webhook_url": _TEXT,
        "webhook_type": _TEXT,
        "callback_id": _TEXT,
        "type": {"type": "string"},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "status": {"type": "string", "enum": ["sent", "waiting", "progress", "done", "error"]},
        "result": {"type": ["object", "array", "string", "null"]},
        "next_actions": {"type": "array", "items": {"type": "object"}, "description": "With done."},
        "status_reason": _TEXT,
        "created_at": {"type": "string", "format": "date-time"},
    },
    "required": ["account_hash", "hash", "webhook_url", "webhook_type", "type", "status", "result", "created_at"],
}
SYNC_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"status": {"type": "boolean"}, "result": TASK_SCHEMA},
            "required": ["status", "result"],
        },
        HASH_SCHEMA,
    ]
}
OBJECT_SCHEMA: dict[str, Any] = {"type": "object"}

_ERRORS = {
    400: "A field is missing or wrong, or the named account takes no jobs.",
    401: "The key is missing or wrong.",
    404: "No such task or account.",
    409: "The task's state does not allow it now.",
    413: "The body is too large.",
    503: "Not now: after Retry-After.",
}


def answers(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The documented answers of a call."""
    rows: dict[int | str, dict[str, Any]] = {
        200: {"description": "Accepted or found.", "content": {"application/json": {"schema": schema}}}
    }
    for status, words in _ERRORS.items():
        rows[status] = {"description": words, "content": {"application/json": {"schema": ERROR_SCHEMA}}}
    return rows
