"""How a call with an Idempotency-Key is done once: the same call again gets the answer that was given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from engine.api.key_door import Repeating
from engine.api.problems import Problem
from engine.core.repeats import Taking
from engine.model.answers import KeptAnswer
from engine.model.errors import InvalidInput
from engine.ports import ApiKey

HEADER = b"idempotency-key"
TAKING = "easel.taking"
"""Where in an ASGI scope the turn of a call is remembered, for the origin of what it asks."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,255}")
_BOUNDARY = re.compile(rb'boundary="?([^";,\s]{1,100})')
_NOT_KEPT = frozenset({401, 403, 408, 409, 413, 429})
"""Answers that another moment, or another key, may change; and every 5xx."""

_SHOWN_ONCE = Problem(
    HTTPStatus.CONFLICT, "this call was carried out; its answer held a secret, which is shown once and not kept"
)


def token_of(scope: Scope) -> str | None:
    """The call's Idempotency-Key; None: it has none.

    Raises:
        InvalidInput: it is no key.
    """
    for name, value in scope["headers"]:
        if name == HEADER:
            token = value.decode("latin-1").strip()
            if not _TOKEN.fullmatch(token):
                raise InvalidInput("Idempotency-Key", "is no key", allowed="1 to 255 ASCII characters without spaces")
            return str(token)
    return None


async def once(
    repeats: Repeating,
    request: Request,
    caller: ApiKey,
    token: str,
    work: Callable[[], Awaitable[Response]],
    *,
    told: Callable[[Problem], Response],
) -> Response:
    """Do the work, or answer as it was answered before; `told` is how the dialect says a problem.

    Raises:
        Conflict, OtherBody, Unavailable: see `Repeats.begin`.
    """
    turn = await repeats.begin(caller.id, token, await _print(request))
    if isinstance(turn, KeptAnswer):
        headers = {"Idempotency-Replayed": "true", "Content-Type": turn.content_type}
        return Response(turn.body, status_code=turn.status, headers=headers)
    request.scope[TAKING] = turn
    try:
        response = await work()
    except BaseException:
        await repeats.drop(turn)
        raise
    if response.status_code >= 500 or response.status_code in _NOT_KEPT:  # noqa: PLR2004 - our own faults
        await repeats.drop(turn)
        return response
    # an answer that holds a secret is shown once
    kept = told(_SHOWN_ONCE) if response.headers.get("cache-control") == "no-store" else response
    content_type = kept.headers.get("content-type", "application/json")
    await repeats.keep(turn, KeptAnswer(kept.status_code, content_type, bytes(kept.body)))
    return response


def taking_of(request: Request) -> Taking | None:
    """The turn of a call that has one."""
    taking = request.scope.get(TAKING)
    return taking if isinstance(taking, Taking) else None


async def _print(request: Request) -> str:
    """What two calls must have in common to be the same; a form's boundary is made anew each time."""
    body = await request.body()
    boundary = _BOUNDARY.search(request.headers.get("content-type", "").encode("latin-1"))
    if boundary is not None:
        body = body.replace(boundary[1], b"")
    place = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(place + body).hexdigest()
