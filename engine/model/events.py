"""What happens to a job, as facts in the past tense; `model.transitions` says what each does in each state.

`at` is when we learned it (aware UTC). `until` is the latest moment at which the job's next sign of life is due.
"""

from __future__ import annotations

from datetime import datetime

from engine.model.actions import Click
from engine.model.jobs import Failure, Links, Modal, Mode, Result
from engine.model.labels import Label
from engine.model.values import value


@value(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything that happens to a job."""

    at: datetime


@value(frozen=True, slots=True, kw_only=True)
class Assigned(Event):
    """An account was chosen; the submission with this nonce is about to be made."""

    account_id: int
    nonce: str
    until: datetime
    sent_prompt: str | None = None
    """The prompt as it leaves, where it is not the job's own."""


@value(frozen=True, slots=True, kw_only=True)
class ModalAnswered(Event):
    """The filled-in form with this nonce is about to be submitted."""

    nonce: str
    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class Unsendable(Event):
    """What the job needs cannot be brought to Midjourney: a picture is none, or Discord does not take it."""

    failure: Failure


@value(frozen=True, slots=True, kw_only=True)
class Prefiltered(Event):
    """The workspace's prefilter objected to its words before it was stored."""

    failure: Failure
    labels: tuple[Label, ...]


@value(frozen=True, slots=True, kw_only=True)
class Accepted(Event):
    """Discord answered 204 to the submission with this nonce."""

    nonce: str


@value(frozen=True, slots=True, kw_only=True)
class Rejected(Event):
    """Discord refused the submission: for good (`failure`), or so that it may be made anew (None)."""

    nonce: str
    failure: Failure | None
    detail: str


@value(frozen=True, slots=True, kw_only=True)
class NeverLeft(Event):
    """The submission did not reach Discord (§13.1)."""

    nonce: str
    detail: str


@value(frozen=True, slots=True, kw_only=True)
class OutcomeUnknown(Event):
    """The submission left, or may have, and no answer proves anything (§13.1)."""

    nonce: str
    detail: str


@value(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """Discord showed the interaction on the gateway."""

    account_id: int
    links: Links
    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class Seen(Event):
    """A message of the running job was seen: waiting to start, or a percentage."""

    account_id: int
    links: Links
    percent: int
    preview_url: str | None
    mode: Mode | None
    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class QueuedUpstream(Event):
    """Midjourney said "Job queued": it starts when another one ends."""

    account_id: int
    links: Links
    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class TurnedAway(Event):
    """Midjourney said "Queue full" to the submission with this nonce: it took nothing (§8.2)."""

    nonce: str
    failure: Failure
    """What the job fails with, should it be turned away too often."""


@value(frozen=True, slots=True, kw_only=True)
class ModalAsked(Event):
    """Midjourney answered the click with a form."""

    account_id: int
    modal: Modal


@value(frozen=True, slots=True, kw_only=True)
class Finished(Event):
    """The final message was seen."""

    account_id: int
    links: Links
    result: Result


@value(frozen=True, slots=True, kw_only=True)
class FailedUpstream(Event):
    """Midjourney said that the job failed."""

    failure: Failure
    appeal: Click | None = None
    """The button with which the account's owner may object, where Midjourney offers one."""


@value(frozen=True, slots=True, kw_only=True)
class StoppedUpstream(Event):
    """The job was cancelled at Midjourney."""


@value(frozen=True, slots=True, kw_only=True)
class AnsweredUnknown(Event):
    """Midjourney answered the job with something we do not know; `until` then something else of it must be seen."""

    detail: str
    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class AbsenceProven(Event):
    """The evidence of §13.1 shows that the submission was never taken."""

    nonce: str
    detail: str


@value(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(Event):
    """The job's deadline passed, and a last look found nothing."""

    detail: str


@value(frozen=True, slots=True, kw_only=True)
class GaveUp(Event):
    """The requester's own limit passed, or the deadline of a job of unknown outcome: nobody waits for it any more."""


@value(frozen=True, slots=True, kw_only=True)
class CancelAsked(Event):
    """The requester took the job back: at once where it was not sent, else Midjourney is asked to stop it."""

    by: str


@value(frozen=True, slots=True, kw_only=True)
class SettledFailed(Event):
    """The operator declared a job of unknown outcome failed."""

    by: str


@value(frozen=True, slots=True, kw_only=True)
class SettledDone(Event):
    """The operator named the message that carries the result of a job of unknown outcome."""

    by: str
    result: Result


@value(frozen=True, slots=True, kw_only=True)
class SentAgain(Event):
    """The operator, knowing that it may run and be billed twice, had a job of unknown outcome submitted anew."""

    by: str
    until: datetime
