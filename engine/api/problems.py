"""What a caller reads when something is refused: each of the engine's errors as a status, a cause and one JSON shape.

The usual shape is ImaginePro's (`message`, `error`, `statusCode`); its official SDKs show their user only `error`, so
that repeats the cause. The other dialects have their own (`ways.Dialect.answer`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from engine.api.codes import Code, code_of, code_of_status
from engine.model.errors import (
    AccountStopped,
    Conflict,
    EaselError,
    Forbidden,
    InvalidInput,
    NotConfigured,
    NotFound,
    NotOffered,
    OtherBody,
    OverQuota,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)

SHOWN_CHARACTERS = 60
"""How much of a refused value is repeated to its sender."""
RECOGNISED = 100
"""How much of an unknown path is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no other answer."""

    status: int
    cause: str
    headers: Mapping[str, str] = field(default_factory=dict)
    code: Code | None = None
    """None: the one that its status tells."""
    about: str | None = None
    """The field that is missing or wrong."""
    allowed: str | None = None


class Json(Response):
    """A JSON answer that always can be written: a lone surrogate becomes a question mark instead of an error."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The bytes of the body."""
        return encoded(content)


def encoded(content: object) -> bytes:
    """JSON without white space, in UTF-8; what UTF-8 cannot hold becomes a question mark."""
    try:
        return msgspec.json.encode(content)
    except UnicodeEncodeError:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


_STATUSES: tuple[tuple[type[EaselError], int, str], ...] = (
    (Unauthenticated, 401, "unknown API key"),
    (Forbidden, 403, "the key may not do this"),
    (OverQuota, 429, "the quota is used up"),
    (TooMany, 429, "too many calls"),
    (OtherBody, 422, "the Idempotency-Key was used for another call"),
    (NotFound, 404, "not found"),
    (NotConfigured, 400, "it is not configured"),
    (NotOffered, 400, "the job does not carry that button"),
    (AccountStopped, 400, "the account takes no jobs now"),
    (Conflict, 409, "the job's state does not allow this now"),
    (Unavailable, 503, "not now"),
    (Refused, 400, "it was refused"),
)
"""The first row that fits, and what is said where the error has no words."""


def problem_of(error: EaselError) -> Problem | None:
    """What an error of the engine comes to over HTTP; None: it is our own fault."""
    if isinstance(error, InvalidInput):
        told = cause_of_input(error)
        return Problem(
            HTTPStatus.BAD_REQUEST, told, code=code_of(error), about=error.field, allowed=error.allowed or None
        )
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers = {"WWW-Authenticate": "Bearer"}
    if isinstance(error, (OverQuota, TooMany, Unavailable)):
        headers = {"Retry-After": str(max(1, error.retry_after))}
    for kind, status, otherwise in _STATUSES:
        if isinstance(error, kind):
            return Problem(status, str(error) or otherwise, headers, code_of(error))
    return None


def problem_of_http(error: HTTPException, method: str, path: str) -> Problem:
    """What the framework, or we in its words, refuse."""
    cause = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        cause = f"there is no route {method} {_clipped(path)}"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        cause = f"{method} is not allowed here"
    return Problem(error.status_code, cause, dict(error.headers or {}))


def shape(problem: Problem) -> dict[str, object]:
    """The JSON body."""
    phrase = HTTPStatus(problem.status).phrase
    return {"message": problem.cause, "error": f"{phrase}: {problem.cause}", "statusCode": int(problem.status)}


def answer(problem: Problem) -> Response:
    """The whole answer."""
    return Json(shape(problem), status_code=int(problem.status), headers=dict(problem.headers))


def coded_answer(problem: Problem) -> Response:
    """The whole answer in the native API's shape, with a word for programs that never changes."""
    body = {
        "code": (problem.code or code_of_status(int(problem.status))).value,
        "message": problem.cause,
        "field": problem.about,
        "allowed": problem.allowed,
    }
    return Json({"error": body}, status_code=int(problem.status), headers=dict(problem.headers))


def cause_of_input(error: InvalidInput) -> str:
    """What is wrong with a field, in words."""
    cause = f"{error.field} {error.problem}"
    if error.value is not None:
        cause += f"{', not' if error.problem.startswith('must') else ':'} {_shown(error.value)}"
    if error.allowed:
        cause += f" (allowed: {error.allowed})"
    return cause


def _clipped(path: str) -> str:
    return path if len(path) <= RECOGNISED else path[:RECOGNISED] + "..."


def _shown(value: object) -> str:
    """A value as its sender recognises it; ASCII, so that nothing broken is sent back."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        value = value[:SHOWN_CHARACTERS] + "..."
    shown = json.dumps(value, default=str)
    return shown if isinstance(value, str) or len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "..."
