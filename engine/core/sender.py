"""How a job leaves: the intent is stored, one POST is made, its answer becomes an event."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.core.casebook import Casebook
from engine.core.composing import Composed, Composer
from engine.core.lane import Lane
from engine.core.leaving import Leaving
from engine.core.remix import RemixSwitch
from engine.model import events as ev
from engine.model.actions import ActionKind, Submission
from engine.model.errors import LeaseLost, Refused, Unavailable
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
TRIES_OF_COMPOSING = 5
TRIES_OF_REMIX = 3
PAUSE_WITHOUT_REMIX = 20.0
"""Seconds until Remix is tried again."""
FORM_SECONDS = 20.0
"""How long a press with Remix turned on waits for its form, and for other presses before it."""
_PENDING = (JobState.SENT, JobState.WAITING_MODAL)
PAUSE_WITHOUT_A_WORD = 5.0
"""Seconds to wait after a 429 that does not say how long."""


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
        composer: Composer,
        remix: RemixSwitch,
        stop_account: Callable[[Trouble, str], None],
    ) -> None:
        self._account_id = account_id
        self._casebook = casebook
        self._lane = lane
        self._clock = clock
        self._limits = limits
        self._nonces = nonces
        self._composer = composer
        self._remix = remix
        self._stop_account = stop_account
        self._tries: dict[str, int] = {}
        """How often each job was tried in vain for a reason that may pass."""
        self._uploads: dict[str, int] = {}
        """How often the pictures of each were."""

    async def take(self, job: Job, session: Session, returned: Callable[[Job, bool], None]) -> None:
        """As `send`; `returned` is told at the end whether the job is still queued."""
        still_queued = True
        try:
            still_queued = await self.send(job, session)
        except LeaseLost as error:
            _LOG.warning("job %s stays queued: %s", job.id, error)
        finally:
            returned(job, still_queued)

    async def send(self, job: Job, session: Session) -> bool:
        """Submit a queued job for which the lane was reserved; True when it is still queued as it was."""
        async with self._lane.enter():
            if not session.live:
                return True
            try:
                ready = await self._ready(job, session)
            except Refused as wrong:
                return await self._unsendable(job, wrong)
            except Unavailable as error:
                _LOG.warning("job %s stays queued: %s", job.id, error)
                self._lane.pause(PAUSE_AFTER_NEVER_LEFT)
                return True
            except LeaseLost:
                raise
            except Exception:  # noqa: BLE001 - a fault of ours: this job ends with it, and stands in nobody's way
                _LOG.exception("job %s could not be prepared", job.id)
                fault = RuntimeError("it could not be prepared for Midjourney; the log of this moment says why")
                return await self._unsendable(job, fault, FailureReason.NOT_SENT)
            if isinstance(ready, bool):
                return ready
            sent, nonce, submission = ready
            answer = await self._submit(sent, submission, session)
        await self._answered(sent, nonce, answer)
        return False

    async def depart(self, leaving: Leaving, session: Session) -> None:
        """Store a new job's request, the intent with it, and submit the job; the lane was reserved.

        Raises:
            LeaseLost: the account is not ours any more; the job is stored, and still queued.
        """
        try:
            await self._depart(leaving, session)
        finally:
            leaving.end()

    async def _depart(self, leaving: Leaving, session: Session) -> None:
        async with self._lane.enter():
            try:
                composed = await self._composer.compose(leaving.job, session)
            except Exception as error:  # noqa: BLE001 - whoever sends it from the queue says what is wrong
                _LOG.warning("job %s waits in line: %r", leaving.job.id, error)
                await self._casebook.file(leaving, None)
                return
            sent = await self._casebook.file(leaving, self._assigned(leaving.job, composed))
            if sent is None or sent.nonce is None:
                return
            answer = await self._submit(sent, composed.submission, session)
        await self._answered(sent, sent.nonce, answer)

    async def _ready(self, job: Job, session: Session) -> tuple[Job, str, Submission] | bool:
        """The job with its stored intent, its nonce and what leaves; else, as `send`: whether it is still queued."""
        composed = await self._composed(job, session)
        if isinstance(composed, bool):
            return composed
        if self._remix.is_needed(job):
            if self._remix.allowed:
                return await self._send_with_remix(job, composed, session)
            if not await self._may_press(session):
                return True
        sent = await self._assign(job, composed)
        return False if sent is None or sent.nonce is None else (sent, sent.nonce, composed.submission)

    async def _may_press(self, session: Session) -> bool:
        """Whether a press with words may leave: yes with Remix on, or while `/settings` does not answer.

        Raises:
            Refused: Remix is off.
        """
        if await self._remix.read(session) is False:
            raise self._remix.refuse()
        if self._remix.never_left:
            self._lane.pause(PAUSE_AFTER_NEVER_LEFT)
            return False
        if self._heed() or not session.live:
            return False
        await self._lane.breathe()
        return True

    async def _send_with_remix(self, job: Job, composed: Composed, session: Session) -> bool:
        """Turn Remix on, press, fill in the form, turn it back, while nothing else leaves; as `send`."""
        if not await self._quiet(session):
            return True
        if not await self._remix.turn_on(session):
            return await self._without_remix(job)
        try:
            sent = await self._assign(job, composed)
            if sent is None or sent.nonce is None:
                return False
            await self._lane.breathe()
            await self._answered(sent, sent.nonce, await self._submit(sent, composed.submission, session))
            ends = self._clock.ticks() + FORM_SECONDS
            while (now := self._casebook.job(job.id)) is not None and self._clock.ticks() < ends:
                if now.state is JobState.WAITING_MODAL:
                    await self._lane.breathe()
                    await self._fill_in(now, session)
                elif now.state is not JobState.SENT or now.form_answered:
                    break
                await self._clock.sleep(0.1)
        finally:
            await self._remix.put_back(session)
            self._heed()
        return False

    async def _without_remix(self, job: Job) -> bool:
        """Remix could not be turned on: try again a few times, unless Discord said that the account is in trouble."""
        self._heed()
        tries = self._tries[job.id] = self._tries.get(job.id, 0) + 1
        if tries >= TRIES_OF_REMIX:
            del self._tries[job.id]
            wrong = "Remix could not be turned on for the new prompt: /prefer remix was not answered"
            return await self._unsendable(job, Refused(wrong), FailureReason.TRANSIENT)
        self._lane.pause(PAUSE_WITHOUT_REMIX)
        return True

    async def _composed(self, job: Job, session: Session) -> Composed | bool:
        """What leaves for a job; else, as `send`: its pictures could not be uploaded, and after some tries it ends.

        Raises:
            Refused: it can never be sent.
        """
        try:
            composed = await self._composer.compose(job, session)
        except Unavailable as error:
            tries = self._uploads[job.id] = self._uploads.get(job.id, 0) + 1
            _LOG.warning("job %s stays queued: %s", job.id, error)
            self._lane.pause(PAUSE_AFTER_NEVER_LEFT)
            if tries < TRIES_OF_COMPOSING:
                return True
            wrong = Unavailable(f"it was never sent: {error} (tried {tries} times)")
            del self._uploads[job.id]
            return await self._unsendable(job, wrong, FailureReason.NOT_SENT)
        self._uploads.pop(job.id, None)
        return composed

    def _heed(self) -> bool:
        """Act, once, upon what Discord answered instead of taking a command of the switch; whether it had to."""
        answer, self._remix.refusal = self._remix.refusal, None
        return answer is not None and self._concerns_the_account(answer)

    def _concerns_the_account(self, answer: Answer) -> bool:
        """Whether a refusal is about the account or its pace, and not about what was sent; then it is acted upon."""
        match answer.refusal:
            case Refusal.WAIT:
                self._lane.pause(answer.retry_after or PAUSE_WITHOUT_A_WORD)
                return True
            case Refusal.ACCOUNT:
                self._stop_account(answer.trouble or Trouble.WIRE, answer.detail)
                return True
            case _:
                return False

    async def _quiet(self, session: Session) -> bool:
        """Wait until no press of the account is pending; whether it came to that.

        Forms that open meanwhile are filled in here: who else would do it waits for the lane. A press of which nothing
        was heard so long has had its answer, though we missed it.
        """
        ends = self._clock.ticks() + FORM_SECONDS
        while pending := [job for job in self._casebook.jobs if self._is_pending(job)]:
            if self._clock.ticks() >= ends:
                return False
            for job in pending:
                if job.state is JobState.WAITING_MODAL and session.live:
                    await self._fill_in(job, session)
            await self._clock.sleep(0.1)
        return True

    def _is_pending(self, job: Job) -> bool:
        if job.click is None or job.state not in _PENDING or job.sent_at is None:
            return False
        return job.state is JobState.WAITING_MODAL or self._clock.now() - job.sent_at < timedelta(seconds=FORM_SECONDS)

    async def _assign(self, job: Job, composed: Composed) -> Job | None:
        return await self._casebook.assign(job, self._assigned(job, composed))

    def _assigned(self, job: Job, composed: Composed) -> ev.Assigned:
        now = self._clock.now()
        return ev.Assigned(
            at=now,
            account_id=self._account_id,
            nonce=self._nonces.next(now),
            until=self._until_answered(job, now),
            sent_prompt=composed.sent_prompt,
        )

    def _until_answered(self, job: Job, now: datetime) -> datetime:
        match job.action.kind:
            case ActionKind.SEED:
                return self._limits.until_letter(now)
            case ActionKind.FACE_SWAP:
                return self._limits.until_swapped(now)
            case _:
                return self._limits.until_started(job.prompt, now)

    async def answer_modal(self, job: Job, session: Session) -> None:
        """Submit the form that Midjourney asked back with: the job's own words, or the values it carries."""
        async with self._lane.enter():
            current = self._casebook.job(job.id)
            if current is not None and current.state is JobState.WAITING_MODAL and session.live:
                await self._fill_in(current, session)

    async def _fill_in(self, job: Job, session: Session) -> None:
        try:
            submission = await self._composer.answer(job, session)
        except Refused as wrong:
            now, failure = self._clock.now(), Failure(FailureReason.PROMPT, str(wrong))
            swaps = job.action.kind is ActionKind.FACE_SWAP  # of which nothing runs between its two commands
            unknown = ev.AnsweredUnknown(at=now, detail=str(wrong), until=now)
            await self._casebook.happened(job.id, ev.FailedUpstream(at=now, failure=failure) if swaps else unknown)
            return
        except Unavailable as error:
            _LOG.warning("job %s: its form waits: %s", job.id, error)
            return
        current = self._casebook.job(job.id)
        if current is None or current.state is not JobState.WAITING_MODAL:
            return
        now = self._clock.now()
        nonce = self._nonces.next(now)
        until = self._until_answered(job, now)
        answered = await self._casebook.happened(job.id, ev.ModalAnswered(at=now, nonce=nonce, until=until))
        if answered is not None and answered.nonce == nonce:
            await self._answered(answered, nonce, await self._submit(answered, submission, session))

    async def control(self, submission: Submission, session: Session) -> Answer:
        """A call for a job that is under way (to cancel it, for one): it makes none of its own."""
        async with self._lane.enter():
            answer = await session.submit(submission, self._nonces.next(self._clock.now()))
        self._concerns_the_account(answer)
        return answer

    async def read_remix(self, session: Session) -> None:
        """Ask whether Remix is on, if that is not known."""
        async with self._lane.enter():
            if session.live:
                await self._remix.read(session)
                self._heed()

    async def put_remix_back(self, session: Session) -> None:
        """Put back what an earlier process turned over."""
        async with self._lane.enter():
            if session.live and await self._quiet(session):
                await self._remix.put_back(session)
                self._heed()

    async def _unsendable(self, job: Job, wrong: Exception, reason: FailureReason = FailureReason.PROMPT) -> bool:
        """Fail a queued job that can never be sent; True when it is still queued because that could not be stored."""
        event = ev.Unsendable(at=self._clock.now(), failure=Failure(reason, str(wrong)))
        try:
            await self._casebook.fail_unsent(job, event)
        except Unavailable as error:
            _LOG.warning("job %s stays queued: %s", job.id, error)
            return True
        return False

    async def _submit(self, job: Job, submission: Submission, session: Session) -> Answer:
        assert job.nonce is not None
        self._casebook.acknowledgments.await_answer(job.id)
        try:
            return await session.submit(submission, job.nonce)
        except BaseException:
            self._casebook.acknowledgments.answered(job.id)
            raise

    async def _answered(self, job: Job, nonce: str, answer: Answer) -> None:
        event = self._event_of(job, nonce, answer)
        if isinstance(event, ev.Accepted):
            await self._clock.sleep(A_MOMENT)
        self._casebook.acknowledgments.answered(job.id)
        try:
            await self._casebook.happened(job.id, event)
        except LeaseLost:
            _LOG.warning("job %s: the lease was lost before its answer could be stored", job.id)

    def _event_of(self, job: Job, nonce: str, answer: Answer) -> ev.Event:
        now = self._clock.now()
        self._lane.unreachable = answer.kind is AnswerKind.NEVER_LEFT
        match answer.kind:
            case AnswerKind.ACCEPTED:
                self._tries.pop(job.id, None)
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
        if self._concerns_the_account(answer):
            return None
        match answer.refusal:
            case Refusal.AGAIN:
                tries = self._tries[job.id] = self._tries.get(job.id, 0) + 1
                if tries < TRIES_OF_AN_OUTDATED_COMMAND:
                    return None
                del self._tries[job.id]
                return Failure(FailureReason.REFUSED, answer.detail)
            case Refusal.GONE:
                return Failure(FailureReason.GONE, answer.detail)
            case _:
                return Failure(FailureReason.REFUSED, answer.detail)
