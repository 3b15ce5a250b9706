"""Which addresses the native API has for webhooks: a workspace's default, its secret, its posts and their replay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import read_fields
from engine.api.ids import job_id_of
from engine.api.native.document import answers, array, moment, number, shape, text, words, yes_or_no
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.times import to_milliseconds
from engine.api.ways import NATIVE, Id, Way
from engine.core.webhooks import WebhookSetting
from engine.model.deliveries import Delivery, DeliveryKind, DeliveryState
from engine.model.errors import InvalidInput, NotFound
from engine.model.hooks import WorkspaceHook
from engine.model.keys import Scope

MOST = 200
USUAL = 50
_DIGITS = 18

_SHOWN = shape(url=text(null=True), dialect=text(null=True), progress=yes_or_no(), signed=yes_or_no())
_DELIVERY = shape(
    id=number(),
    webhook_id=text(),
    job_id=text(format="uuid"),
    request_id=text(format="uuid"),
    kind=words(DeliveryKind),
    state=words(DeliveryState),
    url=text(),
    dialect=text(),
    attempts=number(minimum=0),
    last_status=number(null=True),
    last_error=text(null=True),
    created_at=moment(),
    tried_at=moment(null=True),
    next_try_at=moment(null=True),
    settled_at=moment(null=True),
)
_PAGED = shape(deliveries=array(_DELIVERY), next_cursor=text(null=True))

_SETTING = {
    "type": "object",
    "properties": {
        "url": {"type": ["string", "null"], "description": "Null: only requests that name an address are posted."},
        "dialect": {"type": "string", "description": "In whose words the default speaks.", "default": "imaginepro"},
        "progress": {"type": "boolean", "description": "Whether progress is posted too.", "default": False},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _SETTING,
                "example": {"url": "https://example.com/hook", "dialect": "imaginepro", "progress": True},
            }
        },
    }
}


def _query(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": words}


_PAGE = {
    "parameters": [
        _query("job_id", {"type": "string", "format": "uuid"}, "Those of this job's request."),
        _query("state", {"type": "string", "enum": [state.value for state in DeliveryState]}, "Those in this state."),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "How many."),
        _query("cursor", {"type": "string"}, "`next_cursor` of the page before."),
    ]
}


def ways() -> Iterator[Way]:
    """The routes."""
    place = "/v1/webhook"
    yield Way(
        method="GET",
        path=place,
        endpoint=_setting,
        dialect=NATIVE,
        scope=Scope.READ,
        summary="The workspace's default webhook",
        described={"responses": answers(_SHOWN)},
    )
    yield Way(
        method="PUT",
        path=place,
        endpoint=_set,
        dialect=NATIVE,
        scope=Scope.MANAGE,
        summary="Set the workspace's default webhook",
        described={"responses": answers(_SHOWN, body=True), "openapi_extra": _BODY},
    )
    yield Way(
        method="DELETE",
        path=place,
        endpoint=_off,
        dialect=NATIVE,
        scope=Scope.MANAGE,
        summary="Have no default webhook",
        described={"responses": answers(_SHOWN)},
    )
    yield Way(
        method="POST",
        path=f"{place}/secret",
        endpoint=_secret,
        dialect=NATIVE,
        scope=Scope.MANAGE,
        summary="Make a new secret that signs webhooks; it is shown once",
        described={"responses": answers(shape(secret=text()), post=True)},
    )
    yield from _delivery_ways("/v1/deliveries")


def _delivery_ways(place: str) -> Iterator[Way]:
    named = {"delivery_id": Id.DELIVERY}
    yield Way(
        method="GET",
        path=place,
        endpoint=_list,
        dialect=NATIVE,
        scope=Scope.READ,
        ids={"job_id": Id.JOB},
        summary="Webhook posts, newest first",
        described={"responses": answers(_PAGED, 400, 404), "openapi_extra": _PAGE},
    )
    yield Way(
        method="POST",
        path=f"{place}/replay",
        endpoint=_replay_failed,
        dialect=NATIVE,
        scope=Scope.MANAGE,
        summary="Send every failed webhook again",
        described={"responses": answers(shape(replayed=number()), post=True)},
    )
    yield Way(
        method="GET",
        path=f"{place}/{{delivery_id}}",
        endpoint=_one,
        dialect=NATIVE,
        scope=Scope.READ,
        ids=named,
        summary="One webhook post",
        described={"responses": answers(_DELIVERY, 404)},
    )
    yield Way(
        method="POST",
        path=f"{place}/{{delivery_id}}/replay",
        endpoint=_replay,
        dialect=NATIVE,
        scope=Scope.MANAGE,
        ids=named,
        summary="Send a webhook again",
        described={"responses": answers(_DELIVERY, 404, post=True)},
    )


async def _setting(request: Request, caller: Caller) -> Response:
    return Json(setting_body(await premises_of(request).door.webhooks.setting(caller.workspace_id)))


async def _set(request: Request, caller: Caller) -> Response:
    fields = await read_fields(request)
    hook = WorkspaceHook(
        fields.address("url"), fields.text("dialect", most=40) or "imaginepro", fields.yes_or_no("progress") or False
    )
    return Json(
        setting_body(await premises_of(request).door.webhooks.set(caller.workspace_id, hook, requester(caller)))
    )


async def _off(request: Request, caller: Caller) -> Response:
    return Json(setting_body(await premises_of(request).door.webhooks.off(caller.workspace_id, requester(caller))))


async def _secret(request: Request, caller: Caller) -> Response:
    secret = await premises_of(request).door.webhooks.new_secret(caller.workspace_id, requester(caller))
    return Json({"secret": secret}, headers={"Cache-Control": "no-store"})


async def _list(request: Request, caller: Caller) -> Response:
    asked = request.query_params
    job_id, state = asked.get("job_id"), asked.get("state")
    limit = _number("limit", asked.get("limit"), MOST) or USUAL
    found = await premises_of(request).door.webhooks.deliveries(
        caller.workspace_id,
        job_id=None if job_id is None else job_id_of(job_id),
        state=None if state is None else _state(state),
        before=_number("cursor", asked.get("cursor"), 10**_DIGITS),
        limit=limit + 1,
    )
    page = found[:limit]
    more = len(found) > limit
    return Json(
        {"deliveries": [delivery_body(each) for each in page], "next_cursor": str(page[-1].id) if more else None}
    )


async def _one(delivery_id: str, request: Request, caller: Caller) -> Response:
    webhooks = premises_of(request).door.webhooks
    return Json(delivery_body(await webhooks.delivery(caller.workspace_id, _id(delivery_id))))


async def _replay(delivery_id: str, request: Request, caller: Caller) -> Response:
    webhooks = premises_of(request).door.webhooks
    return Json(delivery_body(await webhooks.replay(caller.workspace_id, _id(delivery_id))))


async def _replay_failed(request: Request, caller: Caller) -> Response:
    return Json({"replayed": await premises_of(request).door.webhooks.replay_failed(caller.workspace_id)})


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFound("no such delivery")
    return int(text)


def _state(text: str) -> DeliveryState:
    try:
        return DeliveryState(text)
    except ValueError:
        allowed = ", ".join(DeliveryState)
        raise InvalidInput("state", "is none", value=text, allowed=allowed) from None


def _number(name: str, text: str | None, most: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and 1 <= int(text) <= most):
        raise InvalidInput(name, "is no such number", value=text, allowed=f"1 to {most}")
    return int(text)


def setting_body(setting: WebhookSetting) -> dict[str, object]:
    """A workspace's default; `url` null when there is none."""
    hook = setting.hook
    return {
        "url": None if hook is None else hook.url,
        "dialect": None if hook is None else hook.dialect,
        "progress": hook is not None and hook.progress,
        "signed": setting.is_signed,
    }


def delivery_body(delivery: Delivery) -> dict[str, object]:
    """A post with what came of it."""
    return {
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "job_id": delivery.job_id,
        "request_id": delivery.request_id,
        "kind": delivery.kind.value,
        "state": delivery.state.value,
        "url": delivery.url,
        "dialect": delivery.dialect,
        "attempts": delivery.tries,
        "last_status": delivery.status,
        "last_error": delivery.error,
        "created_at": to_milliseconds(delivery.created_at),
        "tried_at": None if delivery.tried_at is None else to_milliseconds(delivery.tried_at),
        "next_try_at": to_milliseconds(delivery.due_at) if delivery.state is DeliveryState.DUE else None,
        "settled_at": None if delivery.settled_at is None else to_milliseconds(delivery.settled_at),
    }
