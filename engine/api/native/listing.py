"""Which of a workspace's jobs the native API lists: by ref, requester, parent, action, state and time, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.ids import job_id_of
from engine.api.native import job_shapes, translate
from engine.api.native.document import CURSOR, LIMIT, LONGEST_NAME, moment, query, text, words
from engine.api.native.reading import limit_of, named, sealed, states_of, unsealed
from engine.api.native.reading import moment as read_moment
from engine.api.native.rows import row
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.ways import Id, Way
from engine.model.actions import Action
from engine.model.catalogue import action_named
from engine.model.errors import InvalidInput
from engine.model.jobs import JobState
from engine.model.keys import Scope
from engine.ports import JobsWanted, Place

_LONGEST = 1_000
_PARAMETERS = [
    query("state", words(JobState), "Those in this state; may be given several times."),
    query("ref", text(maxLength=_LONGEST), "Those that were given this `ref`."),
    query(
        "requester",
        text(maxLength=LONGEST_NAME),
        "Those of this end user (Easel-Requester), or a key: `key:7`.",
    ),
    query("parent_id", text(format="uuid"), "Those made of this job."),
    query("action", words(job_shapes.NAMES), "Those of this action."),
    query("since", moment(), "Those made then or later."),
    query("until", moment(), "Those made before."),
    LIMIT,
    CURSOR,
]


def ways() -> Iterator[Way]:
    """The route."""
    yield row(
        "GET", "/v1/jobs", _list, Scope.READ, "Jobs, newest first", job_shapes.PAGE, 400, 404,
        extra={"parameters": _PARAMETERS}, ids={"parent_id": Id.JOB},
    )  # fmt: skip


async def _list(request: Request, caller: Caller) -> Response:
    premises, wanted, limit = premises_of(request), _wanted(request, caller), limit_of(request)
    desk = premises.door.desks.administration
    page = await desk.job_page(await desk.of(caller.workspace_id), wanted, limit)
    rest = None if page.rest is None else sealed(page.rest.created_at.isoformat(), page.rest.job_id)
    waits, public_url = premises.door.waits_because, premises.options.public_url
    return Json({"jobs": [translate.job_body(job, public_url, waits(job)) for job in page.jobs], "next_cursor": rest})


def _wanted(request: Request, caller: Caller) -> JobsWanted:
    said = request.query_params
    parent, cursor = said.get("parent_id"), said.get("cursor")
    return JobsWanted(
        states=states_of(request),
        action=_action(said.get("action")),
        ref=named("ref", said.get("ref"), _LONGEST),
        requester=named("requester", said.get("requester"), LONGEST_NAME),
        parent_id=job_id_of(parent) if parent else None,
        since=read_moment("since", said.get("since")),
        until=read_moment("until", said.get("until")),
        behind=unsealed(cursor, _place) if cursor else None,
        private=Scope.MANAGE in caller.scopes,
    )


def _place(parts: list[str]) -> Place:
    created_at = datetime.fromisoformat(parts[0])
    if created_at.tzinfo is None:
        raise ValueError(parts[0])
    return Place(created_at, parts[1])


def _action(given: str | None) -> Action | None:
    if not given:
        return None
    try:
        return action_named(given)
    except KeyError:
        raise InvalidInput("action", "is not known", value=given, allowed="a name of docs/actions.md") from None
