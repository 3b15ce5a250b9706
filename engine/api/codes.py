"""The stable words by which programs tell one refusal of the native API from another."""

from __future__ import annotations

from enum import StrEnum

from engine.model import errors
from engine.model.errors import EaselError


class Code(StrEnum):
    """What went wrong; words are only ever added."""

    INVALID_INPUT = "invalid_input"
    """A field is missing or wrong; `field` names it, `allowed` says what it may be."""
    BANNED = "banned"
    """The workspace's rules refuse the words; the refusal is kept."""
    NOT_OFFERED = "not_offered"
    """The job does not carry that button."""
    NOT_CONFIGURED = "not_configured"
    """It needs a setting that the operator has not made."""
    ACCOUNT_STOPPED = "account_stopped"
    """The account that was named takes no jobs."""
    REFUSED = "refused"
    """It cannot be taken as it is."""
    UNAUTHENTICATED = "unauthenticated"
    """No key was sent, or a wrong or revoked one."""
    FORBIDDEN = "forbidden"
    """The key may not do this."""
    NOT_FOUND = "not_found"
    """There is no such thing in the workspace."""
    NO_ROUTE = "no_route"
    """There is no such path."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    """The path is there, the method is not."""
    CONFLICT = "conflict"
    """Right thing, wrong moment."""
    TOO_LARGE = "too_large"
    """The body is larger than the route takes."""
    TOO_SLOW = "too_slow"
    """The body did not arrive in time."""
    UNSUPPORTED_TYPE = "unsupported_type"
    """The body is neither JSON nor a form."""
    OTHER_BODY = "other_body"
    """The Idempotency-Key was used for another call."""
    OVER_QUOTA = "over_quota"
    """The credits of this period do not suffice; Retry-After says when they do again."""
    TOO_MANY = "too_many"
    """Called more often than the key may; again after Retry-After."""
    UNAVAILABLE = "unavailable"
    """Not now; again after Retry-After."""
    INTERNAL = "internal"
    """An error of Easel's own; the operator finds its number in the log."""


_OF_ERRORS: tuple[tuple[type[EaselError], Code], ...] = (
    (errors.Banned, Code.BANNED),
    (errors.InvalidInput, Code.INVALID_INPUT),
    (errors.Unauthenticated, Code.UNAUTHENTICATED),
    (errors.Forbidden, Code.FORBIDDEN),
    (errors.OverQuota, Code.OVER_QUOTA),
    (errors.TooMany, Code.TOO_MANY),
    (errors.NotFound, Code.NOT_FOUND),
    (errors.NotConfigured, Code.NOT_CONFIGURED),
    (errors.NotOffered, Code.NOT_OFFERED),
    (errors.AccountStopped, Code.ACCOUNT_STOPPED),
    (errors.Conflict, Code.CONFLICT),
    (errors.Unavailable, Code.UNAVAILABLE),
    (errors.Refused, Code.REFUSED),
)
"""The first row that fits."""
_OF_STATUSES = {
    400: Code.REFUSED,
    401: Code.UNAUTHENTICATED,
    403: Code.FORBIDDEN,
    404: Code.NO_ROUTE,
    405: Code.METHOD_NOT_ALLOWED,
    408: Code.TOO_SLOW,
    409: Code.CONFLICT,
    413: Code.TOO_LARGE,
    415: Code.UNSUPPORTED_TYPE,
    422: Code.OTHER_BODY,
    429: Code.TOO_MANY,
    503: Code.UNAVAILABLE,
}


def code_of(error: EaselError) -> Code:
    """What an error of the engine's is called."""
    return next((code for kind, code in _OF_ERRORS if isinstance(error, kind)), Code.INTERNAL)


def code_of_status(status: int) -> Code:
    """What a refusal is called that is told by its status alone."""
    return _OF_STATUSES.get(status, Code.REFUSED if status < 500 else Code.INTERNAL)  # noqa: PLR2004 - 5xx: our own
