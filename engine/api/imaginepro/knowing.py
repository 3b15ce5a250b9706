"""ImaginePro's calls that tell something: progress, history, trace, account info, and what is not to be had here."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import Fields
from engine.api.ids import job_id_of
from engine.api.imaginepro import document, schemas, tokens, translate
from engine.api.imaginepro.dialect import FAMILIES, way
from engine.api.imaginepro.status import status_of
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.ways import Id, Way
from engine.model.errors import InvalidInput
from engine.model.keys import Scope
from engine.model.rates import Rate

PROGRESS = ("/midjourney/message/{message_id}", "/nova/message/{message_id}", "/message/fetch/{message_id}")
NOT_HERE = ("/universal/imagine", "/universal/zimage", "/gemini/imagine")
"""Routes of models that Easel has no back end for."""


_ACCOUNT = {"described": {"responses": document.answers(document.ACCOUNT)}}


def ways() -> Iterator[Way]:
    """Progress in its forms, history in both families, trace, account info; the rest answers what is missing."""
    told = {"ids": {"message_id": Id.JOB}}
    status = {"rate": Rate.PROGRESS, "described": {"responses": document.answers(document.STATUS, document.UNKNOWN)}}
    for path in PROGRESS:
        yield way("GET", path, progress, Scope.READ, "Get progress", **told, **status)
    trace = {"described": {"responses": document.answers(document.TRACE, document.UNKNOWN)}}
    yield way("GET", "/message/trace/{message_id}", _trace, Scope.READ, "Get message trace", **told, **trace)
    history = {
        "described": {
            "openapi_extra": document.PAGES,
            "responses": document.answers(document.HISTORY, document.WRONG),
        }
    }
    for family in FAMILIES:
        yield way("GET", f"/{family}/images", _history, Scope.READ, "The last 24 hours' pictures", **history)
    yield way("GET", "/subscription/account-info", _account, Scope.READ, "Account info", **_ACCOUNT)
    missing = {
        "described": {
            "status_code": 400,
            "openapi_extra": document.NOT_CONFIGURED,
            "responses": document.errors((400, "Not configured."), (401, "The key is missing or wrong.")),
        }
    }
    for path in NOT_HERE:
        yield way("POST", path, _not_here, Scope.GENERATE, "Not configured: always 400", **missing)


async def progress(message_id: str, request: Request, caller: Caller) -> Response:
    """The status object of a job, or of a request of several."""
    premises = premises_of(request)
    public_url = premises.options.public_url
    return Json(await status_of(premises.door, caller.workspace_id, job_id_of(message_id), public_url))


async def _trace(message_id: str, request: Request, caller: Caller) -> Response:
    door = premises_of(request).door
    job = await door.job(caller.workspace_id, job_id_of(message_id))
    trace = await door.queues.traced(job)
    live = trace.account is not None and door.linked.is_live(trace.account.id)
    return Json(tokens.trace_body(trace, live=live))


async def _history(request: Request, caller: Caller) -> Response:
    page, size = schemas.read_page(Fields(request.query_params, spelled=True))
    premises = premises_of(request)
    jobs = await premises.door.queues.history(caller.workspace_id, page=page, size=size)
    return Json({"images": [translate.made_body(job, premises.options.public_url) for job in jobs]})


async def _account(request: Request, caller: Caller) -> Response:
    return Json(translate.account_body(await premises_of(request).door.credits(caller)))


async def _not_here(request: Request, caller: Caller) -> Response:  # noqa: ARG001 - whoever asks
    name = request.url.path.strip("/").removeprefix("api/v1/")
    raise InvalidInput(name, "is not configured: Easel has no back end for its models, and no setting that names one")
