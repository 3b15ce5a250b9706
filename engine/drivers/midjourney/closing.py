"""What the end of a gateway connection means: transient or fatal, resume or begin anew, as one pure function (§2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from websockets.exceptions import ConnectionClosed

from engine.drivers.midjourney.inflate import TooLarge
from engine.model.sightings import Trouble


class LeaseOver(Exception):
    """Nothing was written, because the local deadline of the lease has passed."""


class After(StrEnum):
    """What to do next."""

    RESUME = "resume"
    IDENTIFY = "identify"
    """The gateway session is gone: begin a new one."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an ended connection means."""

    after: After
    detail: str
    trouble: Trouble | None = None


RESUMABLE = 4000
"""The code that we leave with: 1000 and 1001 would end the session (§2.3)."""

_FATAL: dict[int, tuple[Trouble, str]] = {
    4004: (Trouble.TOKEN, "the token is invalid or was revoked"),
    4010: (Trouble.GATEWAY, "invalid shard"),
    4011: (Trouble.GATEWAY, "sharding required"),
    4012: (Trouble.GATEWAY, "the API version is no longer served"),
    4013: (Trouble.GATEWAY, "invalid intents"),
    4014: (Trouble.GATEWAY, "disallowed intents"),
}
_GONE = frozenset({1000, 1001, 4003, 4007, 4009})
"""1000, 1001: closed as if by us; 4003: it does not know us; 4007: bad seq; 4009: the session timed out."""
_TOO_BIG = 1009


def verdict(code: int | None, *, ours: bool = False) -> Verdict:
    """What to do after a connection ended.

    Args:
        code: the close code, None or 1006 when the connection was cut without one.
        ours: whether our side sent the code first.
    """
    if code is None or code == 1006:  # noqa: PLR2004 - RFC 6455 §7.1.5: no close frame
        return Verdict(After.RESUME, "the connection was cut")
    if code in _FATAL:
        trouble, why = _FATAL[code]
        return Verdict(After.END, f"Discord closed with {code}: {why}", trouble)
    if code == _TOO_BIG and ours:
        # the next READY would be as big: reconnecting would go on for ever
        return Verdict(After.END, "a frame is larger than we accept", Trouble.GATEWAY)
    if code in _GONE and not ours:
        return Verdict(After.IDENTIFY, f"Discord closed with {code}")
    return Verdict(After.RESUME, f"the connection ended with {code}")


def ended(closed: ConnectionClosed) -> Verdict:
    """By the code of whoever closed first."""
    if closed.sent is not None and not closed.rcvd_then_sent:
        return verdict(closed.sent.code, ours=True)
    return verdict(closed.rcvd.code if closed.rcvd else None)


def to_verify(action: str | None) -> Verdict | None:
    """The end of an account whose owner must act first; None: no action is wanted."""
    if not action:
        return None
    return Verdict(After.END, f"Discord wants the account's owner to act first: {action}", Trouble.VERIFICATION)


def broken(wrong: Exception) -> Verdict:
    """Why we end a connection that still stands."""
    if isinstance(wrong, TooLarge):
        return Verdict(After.END, str(wrong), Trouble.GATEWAY)
    if isinstance(wrong, LeaseOver):
        return Verdict(After.RESUME, "the lease is over")
    if isinstance(wrong, TimeoutError):
        return Verdict(After.RESUME, "the gateway did not answer in time")
    return Verdict(After.RESUME, f"a frame is broken ({type(wrong).__name__})")
