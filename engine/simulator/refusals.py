"""The words in which Discord refuses a request (protocol §1.6, wire/capture-rest-errors.json)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status with Discord's body; `decision` is the ledger's short word for it."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def decision(self) -> str:
        """`refused 400/10003` or, without a code, `refused 400`."""
        code = self.body.get("code")
        return f"refused {self.status}" + (f"/{code}" if code is not None else "")


class Refused(Exception):
    """The request was not accepted."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.decision)
        self.refusal = refusal


def _plain(status: int, code: int, message: str) -> Refusal:
    return Refusal(status, {"message": message, "code": code})


UNAUTHORIZED = _plain(401, 0, "401: Unauthorized")
NOT_FOUND = _plain(404, 0, "404: Not Found")
BLOCKED = _plain(403, 10008, "Unknown Message")  # anti-abuse, despite the text
MISSING_ACCESS = _plain(403, 50001, "Missing Access")
UNKNOWN_MESSAGE = _plain(404, 10008, "Unknown Message")
UNKNOWN_CHANNEL = _plain(400, 10003, "Unknown Channel")  # 400 on /interactions
NO_SUCH_CHANNEL = _plain(404, 10003, "Unknown Channel")
NO_SUCH_GUILD = _plain(404, 10004, "Unknown Guild")
UNKNOWN_APPLICATION = _plain(400, 10002, "Unknown Application")
UNKNOWN_INTEGRATION = _plain(400, 10005, "Unknown Integration")
UNKNOWN_INTERACTION = _plain(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = _plain(404, 10063, "Unknown application command")
TOO_LARGE = _plain(413, 40005, "Request entity too large")
EMPTY_MESSAGE = _plain(400, 50006, "Cannot send an empty message")
MISSING_PERMISSIONS = _plain(403, 50013, "Missing Permissions")
UNKNOWN_EMOJI = _plain(400, 10014, "Unknown Emoji")
BAD_JSON = _plain(400, 50109, "The request body contains invalid JSON.")


def form(path: str, code: str, message: str) -> Refusal:
    """Invalid Form Body: `path` is the dotted place of the fault, empty for the whole body."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(path.split(".") if path else []):
        errors = {part: errors}
    return Refusal(400, {"code": 50035, "errors": errors, "message": "Invalid Form Body"})


def required(path: str) -> Refusal:
    """A field that must be there is not."""
    return form(path, "BASE_TYPE_REQUIRED", "This field is required")


OUTDATED = form(
    "data",
    "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION",
    "This command is outdated, please try again in a few minutes",
)
NO_SUCH_COMPONENT = form("data", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
UNKNOWN_SESSION = form("session_id", "INVALID_SESSION_ID", "Session ID is invalid")

CAPTCHA = Refusal(
    400,
    {
        "captcha_key": ["captcha-required"],
        "captcha_sitekey": "00000000-0000-0000-0000-000000000000",
        "captcha_service": "hcaptcha",
        "captcha_session_id": "00000000-0000-0000-0000-000000000001",
        "captcha_rqdata": "opaque",
        "captcha_rqtoken": "opaque",
    },
)


def too_many(retry_after: float, scope: str = "user") -> Refusal:
    """429 with the wait in seconds; `scope` is user, global or shared."""
    words = "The resource is being rate limited." if scope == "shared" else "You are being rate limited."
    headers = {"Retry-After": str(max(1, round(retry_after))), "X-RateLimit-Scope": scope}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    return Refusal(429, {"message": words, "retry_after": retry_after, "global": scope == "global"}, headers)
