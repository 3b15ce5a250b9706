"""What was answered to a call that carried an Idempotency-Key, and what another call with the same key comes to."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from engine.model.values import value

KEPT_FOR = timedelta(hours=24)
CLAIMED_FOR = timedelta(seconds=150)
"""A call that takes longer has ended with its process (UserAPI's longest waits 110 s)."""


@value(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was sent."""

    status: int
    content_type: str
    body: bytes


@value(frozen=True, slots=True, kw_only=True)
class Claim:
    """A call that wants to be the one that is done for this token of this key; `print` is its body's."""

    key_id: int
    token: str
    print: str
    owner: str
    """The process."""
    now: datetime


class Turn(StrEnum):
    """What becomes of a call."""

    OURS = "ours"
    """It is the first."""
    AGAIN = "again"
    """An earlier one ended with its process: it may have stored its job."""
    IN_FLIGHT = "in flight"
    OTHER_BODY = "other body"
    ANSWERED = "answered"


@value(frozen=True, slots=True)
class Found:
    """What was found under a token; `answer` with ANSWERED."""

    turn: Turn
    answer: KeptAnswer | None = None
