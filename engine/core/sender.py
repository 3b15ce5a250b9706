"""How a job leaves: the intent is stored, one POST is made, its answer becomes an event."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from engine.core.casebook import Casebook
from engine.core.lane import Lane
from engine.model import events as ev
from engine.model.actions import ModalAnswer, Slash, Submission
from engine.model.errors import LeaseLost, Unavailable
from engine.model.jobs import Failure, FailureReason, Job, JobState
from engine.model.limits import Limits
from engine.model.sightings import Trouble
from engine.model.snowflakes import Nonces
from engine.ports import Answer, AnswerKind, Clock, Refusal, Session

_LOG = logging.getLogger(__name__)

TRIES_OF_AN_OUTDATED_COMMAND = 3
PAUSE_AFTER_NEVER_LEFT = 1.0
A_MOMENT = 0.05
"""Seconds that a 204 waits for the frame that says the same and more; then one change is stored instead of two."""
PAUSE_WITHOUT_A_WORD = 5.0
"""Seconds to wait after a 429 that does not say how long."""


def submission_of(job: Job) -> Submission:
    """What is to be posted for a job that was just assigned, or whose form is to be answered."""
    if job.modal is not None:
        return ModalAnswer(job.application_id, job.modal.interaction_id, job.modal.custom_id, job.modal.fields)
    return job.click or Slash(job.application_id, "imagine", (("prompt", job.prompt),))


def new_key() -> str:
    """128 random bits, hex."""
    return secrets.token_hex(16)


class Sender:
    """The one who posts for an account, through its lane."""

    def __init__(
        self,
        account_id: int,
        *,
        casebook: Casebook,
        lane: Lane,
        clock: Clock,
        limits: Limits,
        nonces: Nonces,
        stop_account: Callable[[Trouble, str], None],
    ) -> None:
        self._account_id = account_id
        self._casebook = casebook
        self._lane = lane
        self._clock = clock
        self._limits = limits
        self._nonces = nonces
        self._stop_account = stop_account
        self._outdated: dict[str, int] = {}

    async def send(self, job: Job, session: Session, left: Callable[[], None]) -> bool:
        """Submit a queued job for which the lane was reserved; True when it is still queued as it was.

        `left` is told when the lane is free for the next one.
        """
        try:
            async with self._lane.enter():
                if not session.live:
                    return True
                nonce = self._nonces.next(self._clock.now())
                try:
                    sent = await self._assigned(job, nonce)
                except Unavailable as error:
                    _LOG.warning("job %s stays queued, the intent could not be stored: %s", job.id, error)
                    self._lane.pause(PAUSE_AFTER_NEVER_LEFT)
                    return True
                if sent is None:
                    return False
                answer = await session.submit(submission_of(sent), nonce)
        finally:
            left()
        await self._answered(sent, nonce, answer)
        return False

    async def _assigned(self, job: Job, nonce: str) -> Job | None:
        now = self._clock.now()
        until = self._limits.until_started(job.prompt, now)
        event = ev.Assigned(at=now, account_id=self._account_id, nonce=nonce, until=until)
        return await self._casebook.assign(job, event)

    async def answer_modal(self, job: Job, session: Session) -> None:
        """Submit the form that Midjourney asked back with, with the values it carries."""
        async with self._lane.enter():
            current = self._casebook.job(job.id)
            if current is None or current.state is not JobState.WAITING_MODAL or not session.live:
                return
            now = self._clock.now()
            nonce = self._nonces.next(now)
            until = self._limits.until_started(job.prompt, now)
            answered = await self._casebook.happened(job.id, ev.ModalAnswered(at=now, nonce=nonce, until=until))
            if answered is None or answered.nonce != nonce:
                return
            answer = await session.submit(submission_of(answered), nonce)
        await self._answered(answered, nonce, answer)

    async def _answered(self, job: Job, nonce: str, answer: Answer) -> None:
        event = self._event_of(job, nonce, answer)
        if isinstance(event, ev.Accepted):
            await self._clock.sleep(A_MOMENT)
        try:
            await self._casebook.happened(job.id, event)
        except LeaseLost:
            _LOG.warning("job %s: the lease was lost before its answer could be stored", job.id)

    def _event_of(self, job: Job, nonce: str, answer: Answer) -> ev.Event:
        now = self._clock.now()
        match answer.kind:
            case AnswerKind.ACCEPTED:
                self._outdated.pop(job.id, None)
                return ev.Accepted(at=now, nonce=nonce)
            case AnswerKind.NEVER_LEFT:
                self._lane.pause(PAUSE_AFTER_NEVER_LEFT)
                return ev.NeverLeft(at=now, nonce=nonce, detail=answer.detail)
            case AnswerKind.UNKNOWN:
                return ev.OutcomeUnknown(at=now, nonce=nonce, detail=answer.detail)
            case AnswerKind.REFUSED:
                failure = self._refused(job, answer)
                return ev.Rejected(at=now, nonce=nonce, failure=failure, detail=answer.detail)

    def _refused(self, job: Job, answer: Answer) -> Failure | None:
        """The failure that a refusal means for the job; None puts it back to the queue."""
        match answer.refusal:
            case Refusal.WAIT:
                self._lane.pause(answer.retry_after or PAUSE_WITHOUT_A_WORD)
                return None
            case Refusal.AGAIN:
                tries = self._outdated[job.id] = self._outdated.get(job.id, 0) + 1
                if tries < TRIES_OF_AN_OUTDATED_COMMAND:
                    return None
                del self._outdated[job.id]
                return Failure(FailureReason.REFUSED, answer.detail)
            case Refusal.ACCOUNT:
                self._stop_account(answer.trouble or Trouble.WIRE, answer.detail)
                return None
            case Refusal.GONE:
                return Failure(FailureReason.GONE, answer.detail)
            case _:
                return Failure(FailureReason.REFUSED, answer.detail)
