"""What the native API does with members of Discord: restraints, strikes, reports, removed pictures, styles."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller, requester
from engine.api.bodies import read_fields
from engine.api.ids import job_id_of
from engine.api.native import job_shapes
from engine.api.native.document import CURSOR, LIMIT, array, asked, fields, number, query, shape, text, words, yes_or_no
from engine.api.native.guild_shapes import (
    MEMBER,
    REPORT,
    STRIKE,
    STYLE,
    member_body,
    report_body,
    strike_body,
    style_body,
)
from engine.api.native.reading import (
    flag,
    limit_of,
    number_in,
    number_of,
    sealed,
    snowflake_in,
    snowflake_of,
    unsealed,
    word,
)
from engine.api.native.rows import row
from engine.api.native.status import status_of
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.ways import Id, Way
from engine.core.community.members import LONGEST_TIMEOUT
from engine.model.community.people import Restraint
from engine.model.community.reports import LONGEST_REASON, Settled
from engine.model.community.styles import LONGEST_NAME, LONGEST_WORDS
from engine.model.keys import Scope

_LONGEST_TIMEOUT = int(LONGEST_TIMEOUT.total_seconds())
_REASON = text(null=True, maxLength=LONGEST_REASON)
_RESTRAIN = fields(
    ["kind"],
    kind=words(Restraint),
    reason=_REASON,
    seconds=number(null=True, minimum=1, maximum=_LONGEST_TIMEOUT, description="For a time-out, and for that alone."),
)
_STRIKE = fields(["reason"], reason=text(maxLength=LONGEST_REASON), job_id=text(null=True, format="uuid"))
_SETTLE = fields(
    ["settled"], settled=words(Settled), strike=text(null=True, description="With removed: mark its requester.")
)
_REMOVE = fields(reason=_REASON, strike=text(null=True, description="Mark its requester, for this reason."))
_STYLE = fields(
    ["name", "words"],
    name=text(maxLength=LONGEST_NAME),
    words=text(maxLength=LONGEST_WORDS, description="Words and parameters."),
    shared={"type": ["boolean", "null"]},
)
_EXAMPLE_ID = "11111111-2222-3333-4444-555555555555"


def ways() -> Iterator[Way]:
    """The routes."""
    yield from _people()
    place = "/v1/reports"
    unsettled = query("unsettled", yes_or_no(), "Only those that wait for a decision.")
    page = shape(reports=array(REPORT), next_cursor=text(null=True))
    yield row(
        "GET", place, _reports, Scope.MANAGE, "What members reported", page, 400,
        extra={"parameters": [unsettled, LIMIT, CURSOR]},
    )  # fmt: skip
    yield row(
        "POST", f"{place}/{{report_id}}/settle", _settle, Scope.MANAGE, "Decide about a report", REPORT, 404,
        extra=asked(_SETTLE, {"settled": "kept"}), ids={"report_id": Id.REPORT},
    )  # fmt: skip
    yield row(
        "POST", "/v1/jobs/{job_id}/remove", _remove, Scope.MANAGE, "Remove a finished job's pictures for good",
        job_shapes.JOB, 404, extra=asked(_REMOVE, {"reason": "gore"}, required=False), ids={"job_id": Id.JOB},
    )  # fmt: skip
    place = "/v1/styles"
    yield row("GET", place, _styles, Scope.READ, "Saved styles", shape(styles=array(STYLE)))
    yield row(
        "POST", place, _save, Scope.MANAGE, "Save a style, in the place of the key's own of that name", STYLE,
        extra=asked(_STYLE, {"name": "noir", "words": "film noir --s 50", "shared": True}),
    )  # fmt: skip
    yield row(
        "DELETE", f"{place}/{{style_id}}", _drop, Scope.MANAGE, "Delete a style", STYLE, 404,
        ids={"style_id": Id.STYLE},
    )  # fmt: skip


def _people() -> Iterator[Way]:
    place, one = "/v1/members", {"member_id": Id.MEMBER}
    page = shape(members=array(MEMBER), next_cursor=text(null=True))
    strikes = shape(strikes=array(STRIKE))
    yield row(
        "GET", place, _list, Scope.MANAGE, "The members that were seen", page, 400,
        extra={"parameters": [LIMIT, CURSOR]},
    )  # fmt: skip
    place = f"{place}/{{member_id}}"
    yield row("GET", place, _one, Scope.MANAGE, "A member", MEMBER, 404, ids=one)
    yield row(
        "POST", f"{place}/restraint", _restrain, Scope.MANAGE, "Pause, time out or ban a member", MEMBER, 404,
        extra=asked(_RESTRAIN, {"kind": "timed_out", "seconds": 3600, "reason": "spam"}), ids=one,
    )  # fmt: skip
    yield row(
        "DELETE", f"{place}/restraint", _free, Scope.MANAGE, "Lift what holds a member back", MEMBER, 404, ids=one
    )
    yield row("GET", f"{place}/strikes", _strikes, Scope.MANAGE, "A member's strikes", strikes, 404, ids=one)
    yield row(
        "POST", f"{place}/strikes", _strike, Scope.MANAGE, "Give a member a strike", STRIKE, 404,
        extra=asked(_STRIKE, {"reason": "gore", "job_id": _EXAMPLE_ID}), ids={**one, "job_id": Id.JOB},
    )  # fmt: skip
    yield row(
        "DELETE", f"{place}/strikes/{{strike_id}}", _lift, Scope.MANAGE, "Lift a strike", STRIKE, 404,
        ids={**one, "strike_id": Id.STRIKE},
    )  # fmt: skip


# --- members


async def _list(request: Request, caller: Caller) -> Response:
    limit, cursor = limit_of(request), request.query_params.get("cursor")
    after = unsealed(cursor, snowflake_of) if cursor else None
    desk = premises_of(request).door.community.members
    found = await desk.members(caller.workspace_id, limit=limit, after=after)
    rest = sealed(found[-1].user_id) if len(found) == limit else None
    return Json({"members": [member_body(each) for each in found], "next_cursor": rest})


async def _one(member_id: str, request: Request, caller: Caller) -> Response:
    desk = premises_of(request).door.community.members
    return Json(member_body(await desk.member(caller.workspace_id, snowflake_in("member", member_id))))


async def _restrain(member_id: str, request: Request, caller: Caller) -> Response:
    said, desk = await read_fields(request), premises_of(request).door.community.members
    kind = word("kind", said.required("kind"), Restraint)
    assert kind is not None
    reason = said.text("reason", most=LONGEST_REASON) or ""
    seconds = said.whole("seconds", 1, _LONGEST_TIMEOUT)
    await desk.member(caller.workspace_id, snowflake_in("member", member_id))
    await desk.restrain(caller.workspace_id, member_id, kind, requester(caller), reason, seconds)
    return await _one(member_id, request, caller)


async def _free(member_id: str, request: Request, caller: Caller) -> Response:
    desk = premises_of(request).door.community.members
    return Json(member_body(await desk.free(caller.workspace_id, snowflake_in("member", member_id), requester(caller))))


async def _strikes(member_id: str, request: Request, caller: Caller) -> Response:
    desk = premises_of(request).door.community.members
    await desk.member(caller.workspace_id, snowflake_in("member", member_id))
    found = await desk.strikes(caller.workspace_id, member_id)
    return Json({"strikes": [strike_body(each) for each in found]})


async def _strike(member_id: str, request: Request, caller: Caller) -> Response:
    said, door = await read_fields(request), premises_of(request).door
    reason, job = said.required("reason", most=LONGEST_REASON), said.text("job_id")
    await door.community.members.member(caller.workspace_id, snowflake_in("member", member_id))
    job_id = None if job is None else (await door.job(caller.workspace_id, job_id_of(job))).id
    given = await door.community.members.strike(caller.workspace_id, member_id, reason, requester(caller), job_id)
    return Json(strike_body(given))


async def _lift(member_id: str, strike_id: str, request: Request, caller: Caller) -> Response:
    desk, wanted = premises_of(request).door.community.members, number_in("strike", strike_id)
    user_id = snowflake_in("member", member_id)
    return Json(strike_body(await desk.lift(caller.workspace_id, user_id, wanted, requester(caller))))


# --- reports, removals, styles


async def _reports(request: Request, caller: Caller) -> Response:
    limit, cursor = limit_of(request), request.query_params.get("cursor")
    before = unsealed(cursor, number_of) if cursor else None
    only = flag("unsettled", request.query_params.get("unsettled"), usual=False)
    desk = premises_of(request).door.community.reports
    found = await desk.listed(caller.workspace_id, unsettled=only, limit=limit, before=before)
    rest = sealed(str(found[-1].id)) if len(found) == limit else None
    return Json({"reports": [report_body(each) for each in found], "next_cursor": rest})


async def _settle(report_id: str, request: Request, caller: Caller) -> Response:
    said, desk = await read_fields(request), premises_of(request).door.community.reports
    settled = word("settled", said.required("settled"), Settled)
    assert settled is not None
    strike, wanted = said.text("strike", most=LONGEST_REASON), number_in("report", report_id)
    done = await desk.settle(caller.workspace_id, wanted, settled, requester(caller), strike=strike)
    return Json(report_body(done))


async def _remove(job_id: str, request: Request, caller: Caller) -> Response:
    said, premises = await read_fields(request), premises_of(request)
    reason, strike = said.text("reason", most=LONGEST_REASON) or "", said.text("strike", most=LONGEST_REASON)
    desk, who = premises.door.community.reports, requester(caller)
    job = await desk.remove(caller.workspace_id, job_id_of(job_id), who, reason, strike=strike)
    return Json(await status_of(premises.door, caller.workspace_id, job.id, premises.options.public_url))


async def _styles(request: Request, caller: Caller) -> Response:
    found = await premises_of(request).door.community.styles.of(caller.workspace_id)
    return Json({"styles": [style_body(each) for each in found]})


async def _save(request: Request, caller: Caller) -> Response:
    said, desk = await read_fields(request), premises_of(request).door.community.styles
    name, spoken = said.required("name", most=LONGEST_NAME), said.required("words", most=LONGEST_WORDS)
    shared = bool(said.yes_or_no("shared"))
    return Json(style_body(await desk.save(caller.workspace_id, requester(caller), name, spoken, shared=shared)))


async def _drop(style_id: str, request: Request, caller: Caller) -> Response:
    desk = premises_of(request).door.community.styles
    return Json(style_body(await desk.delete(caller.workspace_id, number_in("style", style_id), None)))
