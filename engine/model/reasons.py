"""What a failure's words say beside its reason: why the job had waited, or what others said of it."""

from __future__ import annotations

from enum import StrEnum

from engine.model.choosing import Waiting
from engine.model.jobs import Failure, FailureReason

NEVER_SENT = "it was never sent: "
TIME_OVER = "its time was over before it could be sent"
NEW_RULE = "a rule that is new refuses these words: "


class Ruling(StrEnum):
    """What of a server's settings refuses a job that waited when they changed."""

    WRONG_CHANNEL = "pictures are not made in its channel any more"
    AGE_CHANNEL = "pictures are made in age-restricted channels only by now"
    NO_ROLE = "its requester's roles do not let them make pictures any more"
    SPEED = "its speed is not its requester's any more"
    NOT_CONNECTED = "its server is not connected any more"


_WAITING = {each.value: each for each in Waiting}
_RULINGS = {each.value: each for each in Ruling}


def why_of(failure: Failure) -> Waiting | Ruling | str:
    """What is to be told beside the reason, which needs none of our words for it; empty: nothing."""
    match failure.reason:
        case FailureReason.NOT_SENT:
            said = failure.detail.removeprefix(NEVER_SENT)
            return _WAITING.get(said) or ("" if said == TIME_OVER else said)
        case FailureReason.BANNED:
            return _RULINGS.get(failure.detail) or failure.detail.removeprefix(NEW_RULE)
        case _:
            return failure.detail
