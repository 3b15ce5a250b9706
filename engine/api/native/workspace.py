"""What the native API does with the workspace itself: its settings, its credits, and its queue."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import read_fields
from engine.api.native.document import array, asked, fields, moment, nullable, number, shape, text, yes_or_no
from engine.api.native.reading import may_see
from engine.api.native.rows import row
from engine.api.native.webhooks import setting_body
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.times import to_milliseconds
from engine.api.ways import Endpoint, Way
from engine.core.queues import AccountQueue
from engine.model.keys import Scope
from engine.model.quotas import read_quota

_LONGEST = 260
_WEBHOOK = shape(url=text(null=True), dialect=text(null=True), progress=yes_or_no(), signed=yes_or_no())
_WORKSPACE = shape(
    id=text(),
    name=text(),
    contact=text(),
    quota=text(null=True),
    paused_at=moment(null=True),
    rebooted_at=moment(null=True),
    webhook=_WEBHOOK,
    created_at=moment(),
)
_QUEUE = shape(
    count=number(minimum=0),
    paused_at=moment(null=True),
    accounts=array(shape(id=number(), queued=number(), running=number(), concurrency=number(), paused=yes_or_no())),
)
_CREDITS = shape(quota=nullable(number()), left=nullable(number()), ends_at=moment(null=True))
_CHANGE = fields(
    contact=text(null=True, description="Whom to ask about it: an e-mail address, or nothing."),
    quota=text(null=True, description="For all keys without their own: `500/month`; `none`."),
)


def ways() -> Iterator[Way]:
    """The routes."""
    place = "/v1/workspace"
    yield row("GET", place, _shown, Scope.READ, "The workspace's settings", _WORKSPACE)
    yield row(
        "PATCH", place, _change, Scope.MANAGE, "Change the workspace's contact or quota", _WORKSPACE,
        extra=asked(_CHANGE, {"contact": "owner@example.com", "quota": "500/month"}),
    )  # fmt: skip
    yield row("GET", "/v1/credits", _credits, Scope.READ, "What is left of the key's quota", _CREDITS)
    yield row("GET", "/v1/queue", _queue, Scope.READ, "The queue", _QUEUE)
    deeds = {
        "pause": "Send nothing new; what runs finishes",
        "resume": "Let the queue go on",
        "reboot": "Look up every open job by evidence; none is dropped",
    }
    for deed, summary in deeds.items():
        yield row("POST", f"/v1/queue/{deed}", _doing(deed), Scope.MANAGE, summary, _QUEUE)


async def _shown(request: Request, caller: Caller) -> Response:
    door = premises_of(request).door
    workspace = await door.desks.administration.of(caller.workspace_id)
    paused, rebooted = workspace.paused_at, workspace.rebooted_at
    return Json(
        {
            "id": workspace.id,
            "name": workspace.name,
            "contact": workspace.contact,
            "quota": None if workspace.quota is None else str(workspace.quota),
            "paused_at": None if paused is None else to_milliseconds(paused),
            "rebooted_at": None if rebooted is None else to_milliseconds(rebooted),
            "webhook": setting_body(await door.webhooks.setting(caller.workspace_id)),
            "created_at": to_milliseconds(workspace.created_at),
        }
    )


async def _change(request: Request, caller: Caller) -> Response:
    said, desk = await read_fields(request), premises_of(request).door.desks.administration
    contact, quota = said.text("contact", most=_LONGEST), said.text("quota", most=_LONGEST)
    asked_quota = None if quota is None else read_quota(quota)
    place = await desk.of(caller.workspace_id)
    if contact is not None:
        await desk.set_contact(place, contact)
    if quota is not None:
        await desk.set_quota(place, asked_quota)
    return await _shown(request, caller)


async def _credits(request: Request, caller: Caller) -> Response:
    found = await premises_of(request).door.credits(caller)
    if found.ends_at is None:
        return Json({"quota": None, "left": None, "ends_at": None})
    return Json({"quota": found.quota, "left": found.left, "ends_at": to_milliseconds(found.ends_at)})


async def _queue(request: Request, caller: Caller) -> Response:
    door = premises_of(request).door
    workspace = await door.desks.administration.of(caller.workspace_id)
    paused = workspace.paused_at
    queues = await door.queues.of_accounts(caller.workspace_id)
    return Json(
        {
            "count": await door.queues.count(caller.workspace_id),
            "paused_at": None if paused is None else to_milliseconds(paused),
            "accounts": [_row(each) for each in queues if may_see(caller, each.account.id)],
        }
    )


def _row(queue: AccountQueue) -> dict[str, object]:
    return {
        "id": queue.account.id,
        "queued": queue.queued,
        "running": queue.running,
        "concurrency": queue.account.concurrency,
        "paused": queue.paused,
    }


def _doing(deed: str) -> Endpoint:
    async def endpoint(request: Request, caller: Caller) -> Response:
        queues = premises_of(request).door.queues
        deeds = {"pause": queues.pause, "resume": queues.resume, "reboot": queues.reboot}
        await deeds[deed](caller.workspace_id, requester(caller))
        return await _queue(request, caller)

    endpoint.__name__ = f"{deed}_queue"
    return endpoint
