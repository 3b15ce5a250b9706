"""What the native API lets people decide of a job: take it back, say what became of it, appeal against a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import read_fields
from engine.api.ids import job_id_of
from engine.api.native import job_shapes
from engine.api.native.document import asked, fields, text, words
from engine.api.native.reading import word
from engine.api.native.rows import row
from engine.api.native.status import status_of
from engine.api.options import premises_of
from engine.api.origins import origin_of
from engine.api.problems import Json
from engine.api.ways import NATIVE, Id, Way
from engine.core.confirming import AGAIN, APPEAL, confirmed
from engine.model.errors import InvalidInput
from engine.model.keys import Scope

_LONGEST = 100
_JOB = {"job_id": Id.JOB}


class Became(StrEnum):
    """What became of a job whose outcome is unknown."""

    FAILED = "failed"
    DONE_AS = "done_as"
    """The message `message_id` of the account's channel is its result."""
    SEND_AGAIN = "send_again"
    """Nobody knows; it is submitted anew, and may be billed twice."""


_SETTLE = fields(
    ["outcome"],
    outcome=words(Became),
    message_id=text(null=True, description="With done_as: Discord's id of the message with the result."),
    confirm=text(null=True, description=f"With send_again: {AGAIN!r}."),
)
_APPEAL = fields(["confirm"], confirm=text(description=f"{APPEAL!r}: it is done in the name of the account's owner."))


def ways() -> Iterator[Way]:
    """The routes."""
    place = "/v1/jobs/{job_id}"
    yield row(
        "POST", f"{place}/cancel", _cancel, Scope.GENERATE, "Take a job back", job_shapes.JOB, 404, ids=_JOB
    )  # fmt: skip
    yield row(
        "POST", f"{place}/settle", _settle, Scope.MANAGE, "Say what became of a job in NEEDS_ATTENTION",
        job_shapes.JOB, 404, extra=asked(_SETTLE, {"outcome": "failed"}), ids={**_JOB, "message_id": Id.NUMBER},
    )  # fmt: skip
    yield row(
        "POST", f"{place}/appeal", _appeal, Scope.MANAGE, "Press the Appeal button under a refusal: a job of its own",
        job_shapes.JOB, 404, extra=asked(_APPEAL, {"confirm": APPEAL}), ids=_JOB,
    )  # fmt: skip


async def _cancel(job_id: str, request: Request, caller: Caller) -> Response:
    door = premises_of(request).door
    job = await door.cancel(origin_of(request, caller, NATIVE), job_id_of(job_id))
    return await _told(request, caller, job.id)


async def _settle(job_id: str, request: Request, caller: Caller) -> Response:
    said, desk = await read_fields(request), premises_of(request).door.desks.settling
    outcome = word("outcome", said.required("outcome", most=_LONGEST), Became)
    message_id, confirm = said.text("message_id", most=_LONGEST), said.text("confirm", most=_LONGEST)
    wanted, who = job_id_of(job_id), requester(caller)
    if outcome is Became.FAILED:
        moved = await desk.failed(caller.workspace_id, wanted, who)
    elif outcome is Became.DONE_AS:
        if not message_id:
            raise InvalidInput("message_id", "is required", allowed="the id of a message in the account's channel")
        moved = await desk.done_as(caller.workspace_id, wanted, message_id, who)
    else:
        await premises_of(request).door.job(caller.workspace_id, wanted)
        confirmed(confirm, AGAIN)
        moved = await desk.sent_again(caller.workspace_id, wanted, who)
    premises_of(request).door.learn(moved)
    return await _told(request, caller, wanted)


async def _appeal(job_id: str, request: Request, caller: Caller) -> Response:
    said, desk = await read_fields(request), premises_of(request).door.desks.appealing
    confirm, wanted = said.text("confirm", most=_LONGEST), job_id_of(job_id)
    await desk.offered(caller.workspace_id, wanted)
    confirmed(confirm, APPEAL)
    job = await desk.press(caller.workspace_id, wanted, requester(caller))
    return await _told(request, caller, job.id)


async def _told(request: Request, caller: Caller, job_id: str) -> Response:
    """The job as it is now."""
    premises = premises_of(request)
    return Json(await status_of(premises.door, caller.workspace_id, job_id, premises.options.public_url))
