"""What a failure's words say beside its reason: why the job had waited, or what others said of it."""

from __future__ import annotations

from engine.model.choosing import Waiting
from engine.model.jobs import Failure, FailureReason

NEVER_SENT = "it was never sent: "
TIME_OVER = "its time was over before it could be sent"
NEW_RULE = "a rule that is new refuses these words: "
_WAITING = {each.value: each for each in Waiting}


def why_of(failure: Failure) -> Waiting | str:
    """What is to be told beside the reason, which needs none of our words for it; empty: nothing."""
    match failure.reason:
        case FailureReason.NOT_SENT:
            said = failure.detail.removeprefix(NEVER_SENT)
            return _WAITING.get(said) or ("" if said == TIME_OVER else said)
        case FailureReason.BANNED:
            return failure.detail.removeprefix(NEW_RULE)
        case _:
            return failure.detail
