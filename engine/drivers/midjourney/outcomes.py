"""What a POST to /interactions proved: one pure function of what came back (midjourney-protocol §13.1, §1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from engine.model.sightings import Trouble
from engine.ports import Answer, AnswerKind, Refusal

_ACCEPTED, _UNAUTHORIZED, _FORBIDDEN, _RATE_LIMITED = 204, 401, 403, 429
_REFUSING = frozenset({400, 401, 403, 404, 429})
OUTDATED = frozenset({"INTERACTION_APPLICATION_COMMAND_INVALID_VERSION"})
_NOT_ON_THE_MESSAGE = "COMPONENT_VALIDATION_FAILED"

_NEVER_LEFT = (
    httpx.ConnectError,  # DNS, refused, TLS
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # a proxy refused to connect: Discord got nothing
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)

_OF_THE_ACCOUNT: dict[int, tuple[Trouble, str]] = {
    10003: (Trouble.ACCESS, "the channel does not exist for this account, or belongs to another server"),
    10004: (Trouble.ACCESS, "the server does not exist for this account"),
    10005: (Trouble.ACCESS, "the Midjourney bot is not in that server"),
    40002: (Trouble.VERIFICATION, "Discord wants the account verified by phone or email"),
    40007: (Trouble.ACCESS, "the account is banned from that server"),
    40333: (Trouble.WIRE, "Cloudflare dislikes the request"),
    50001: (Trouble.ACCESS, "the account has no access to the channel"),
    50009: (Trouble.ACCESS, "the server's verification level is above the account"),
    50013: (Trouble.ACCESS, "the account lacks a permission in the channel"),
}
"""Codes after which nothing can be sent until the owner has changed something."""
_OF_THE_CALL = frozenset({90001})
"""Reaction blocked: a 403 that says nothing about the account."""
_UNKNOWN_MESSAGE, _UNKNOWN_COMMAND, _SLOW_MODE, _LIMITED = 10008, 10063, 20016, 40062
_SESSION = "session_id"
_NEW_SESSION_WAIT = 1.0
_SHORT_WAIT = 5.0
"""Seconds, where Discord says "later" and not when."""


@dataclass(frozen=True, slots=True)
class Body:
    """Discord's error body."""

    code: int | None
    message: str
    captcha: bool = False
    retry_after: float | None = None
    inner: frozenset[str] = frozenset()
    """Codes inside `errors`."""
    fields: frozenset[str] = frozenset()
    """The fields of the request that `errors` names."""


def classify(outcome: httpx.Response | Exception, *, written: bool = True) -> Answer:
    """What is known after one POST.

    Args:
        outcome: the answer, or what was raised instead of one.
        written: False when it is certain that not one byte of the request was written.
    """
    if isinstance(outcome, Exception):
        detail = type(outcome).__name__  # its words may quote a header, and one of those is the token
        if not written or never_reached(outcome):
            return Answer(AnswerKind.NEVER_LEFT, f"the call did not reach Discord ({detail})")
        return Answer(AnswerKind.UNKNOWN, f"the call left, and no answer came ({detail})")
    status = outcome.status_code
    if status == _ACCEPTED:
        return Answer(AnswerKind.ACCEPTED)
    body = read_body(outcome)
    if status not in _REFUSING or (body is None and not _from_cloudflare(outcome)):
        return Answer(AnswerKind.UNKNOWN, f"Discord answered {status}, which proves nothing{quoted(body)}")
    detail = f"Discord answered {status}{quoted(body)}"
    if status == _RATE_LIMITED:
        return _limited(outcome, body, detail)
    assert body is not None
    return _refused(status, body, detail)


def never_reached(wrong: Exception) -> bool:
    """Whether an exception proves that nothing was written."""
    return isinstance(wrong, _NEVER_LEFT)


def read_body(response: httpx.Response) -> Body | None:
    """Discord's error body, or None when it is nothing of the kind."""
    try:
        said = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return None
    if not isinstance(said, dict):
        return None
    captcha = "captcha_key" in said
    code, message, wait = said.get("code"), said.get("message"), said.get("retry_after")
    if not captcha and not isinstance(message, str):
        return None
    if not captcha and not isinstance(code, int) and not isinstance(wait, int | float):
        return None
    return Body(
        code=code if isinstance(code, int) else None,
        message=message if isinstance(message, str) else "",
        captcha=captcha,
        retry_after=float(wait) if isinstance(wait, int | float) else None,
        inner=frozenset(_inner_codes(said.get("errors"))),
        fields=frozenset(said["errors"]) if isinstance(said.get("errors"), dict) else frozenset(),
    )


def wait_of(response: httpx.Response, body: Body | None) -> float | None:
    """Seconds that a 429 asks for: the body's, unless the header shows that those are milliseconds (DPS)."""
    header = response.headers.get("Retry-After", "")
    try:
        asked = float(header)
    except ValueError:
        asked = None
    said = body.retry_after if body else None
    if said is None or said < 0:
        return asked
    milliseconds = asked is not None and said > 100 * max(asked, 1)
    return said / 1000 if milliseconds else said


def _limited(response: httpx.Response, body: Body | None, detail: str) -> Answer:
    wait = wait_of(response, body)
    if wait is not None:
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=wait)
    if body is not None:
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=_SHORT_WAIT)
    detail = f"{detail}: Cloudflare refuses this address and does not say for how long"
    return Answer(AnswerKind.REFUSED, detail, Refusal.ACCOUNT, Trouble.BLOCKED)


def _refused(status: int, body: Body, detail: str) -> Answer:
    trouble = _trouble(status, body)
    if trouble is not None:
        return Answer(AnswerKind.REFUSED, f"{detail}: {trouble[1]}", Refusal.ACCOUNT, trouble[0])
    if body.inner & OUTDATED or body.code == _UNKNOWN_COMMAND:
        return Answer(AnswerKind.REFUSED, detail, Refusal.AGAIN)
    if _SESSION in body.fields:
        # the gateway session went away under the call: the next one names a new one
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=_NEW_SESSION_WAIT)
    if body.code in (_SLOW_MODE, _LIMITED):
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=body.retry_after or _SHORT_WAIT)
    if body.code == _UNKNOWN_MESSAGE or _NOT_ON_THE_MESSAGE in body.inner:
        return Answer(AnswerKind.REFUSED, detail, Refusal.GONE)
    return Answer(AnswerKind.REFUSED, detail, Refusal.FAIL)


def _trouble(status: int, body: Body) -> tuple[Trouble, str] | None:
    """What the refusal says about the whole account, if anything."""
    if body.captcha:
        return Trouble.CAPTCHA, "a person must complete a check in Discord"
    if status == _UNAUTHORIZED:
        return Trouble.TOKEN, "the token is invalid or was revoked"
    if body.code in _OF_THE_ACCOUNT:
        return _OF_THE_ACCOUNT[body.code]
    if body.code in _OF_THE_CALL:
        return None
    if status == _FORBIDDEN and body.code == _UNKNOWN_MESSAGE:
        return Trouble.BLOCKED, "despite its words this is Discord's anti-abuse block"
    if status == _FORBIDDEN:
        return Trouble.WIRE, "refused in a way that is not known"
    return None


def _from_cloudflare(response: httpx.Response) -> bool:
    """429 in HTML without `Via`: it never came to Discord (§1.6)."""
    return response.status_code == _RATE_LIMITED and "via" not in response.headers


def quoted(body: Body | None) -> str:
    """Discord's own words and codes, for the end of a sentence."""
    if body is None:
        return ""
    code = f" ({body.code})" if body.code is not None else ""
    inner = f" [{', '.join(sorted(body.inner))}]" if body.inner else ""
    said = body.message or ("captcha" if body.captcha else "")
    return f" “{said}”{code}{inner}"


def _inner_codes(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        own = [str(one["code"]) for one in errors.get("_errors", []) if isinstance(one, dict) and "code" in one]
        return own + [code for key, inner in errors.items() if key != "_errors" for code in _inner_codes(inner)]
    if isinstance(errors, list):
        return [code for inner in errors for code in _inner_codes(inner)]
    return []
