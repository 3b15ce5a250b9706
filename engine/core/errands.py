"""What an account owes to its jobs beside sending them: forms to fill in, cancels to carry out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from engine.core.casebook import Casebook
from engine.core.remix import RemixSwitch
from engine.core.sender import Sender
from engine.model.actions import CANCEL_JOB, CROSS, ActionKind, Click, MessageCommand, Reaction, Submission
from engine.model.events import CancelAsked
from engine.model.jobs import UPSTREAM_STATES, Job, JobState
from engine.model.limits import Limits
from engine.model.sightings import Trouble
from engine.ports import AnswerKind, Clock, Session

_LOG = logging.getLogger(__name__)

FORM_AGAIN = timedelta(seconds=5)
CANCEL_AGAIN = timedelta(seconds=15)
"""From one way of cancelling to the next, while Midjourney does not say that the job stopped."""
REMIX_AGAIN = timedelta(seconds=60)
"""Between two tries to put Remix back."""
_EPHEMERAL = 64
SILENT_JOBS = 2
"""Jobs in a row that were accepted and of which nothing was seen: a silent block (§0)."""

Work = Coroutine[Any, Any, None]


class Errands:
    """One account's errands while a lease lasts; `spawn` runs one beside the others."""

    def __init__(
        self,
        channel_id: str,
        *,
        casebook: Casebook,
        sender: Sender,
        remix: RemixSwitch,
        clock: Clock,
        limits: Limits,
        spawn: Callable[[Work], None],
        in_trouble: Callable[[Trouble, str], None],
    ) -> None:
        self._channel_id = channel_id
        self._casebook = casebook
        self._sender = sender
        self._clock = clock
        self._limits = limits
        self._spawn = spawn
        self._in_trouble = in_trouble
        self._remix = remix
        self._remix_not_before = clock.now()
        self._forms: dict[str, datetime] = {}
        self._cancels: dict[str, tuple[datetime, int]] = {}
        self._silent = 0
        """Silent jobs in a row."""
        self._counted: set[str] = set()

    def forget(self, job_id: str) -> None:
        """The job is not open any more."""
        self._forms.pop(job_id, None)
        self._cancels.pop(job_id, None)
        self._counted.discard(job_id)

    def heard(self, job: Job) -> None:
        """Something of a job was seen: Midjourney is not silent."""
        if job.links.progress_message_id is not None or job.result is not None:
            self._silent = 0

    def forgive(self) -> None:
        """The account is stopped: whoever resumes it has seen to it, and silence until then says nothing more."""
        self._silent = 0
        self._counted.update(job.id for job in self._casebook.jobs if job.state is JobState.SENT)

    def form(self, job: Job, session: Session) -> None:
        """Fill in the form that Midjourney asked back with."""
        self._forms[job.id] = self._clock.now()
        self._spawn(self._sender.answer_modal(job, session))

    async def take_back(self, job: Job, by: str, session: Session) -> Job | None:
        """Store that a job is taken back, and ask Midjourney to stop it; returns it as it is then, None: it is over.

        Raises:
            LeaseLost: the account is not ours any more.
        """
        after = await self._casebook.happened(job.id, CancelAsked(at=self._clock.now(), by=by))
        if after is not None and after.cancel_asked:
            self.cancel(after, session)
        return after

    def cancel(self, job: Job, session: Session) -> None:
        """Ask Midjourney to stop a job, by the next way that is left."""
        ways = ways_to_cancel(job, self._channel_id)
        _, tried = self._cancels.get(job.id, (None, 0))
        if tried < len(ways):
            self._cancels[job.id] = (self._clock.now(), tried + 1)
            self._spawn(self._carry_out(job, ways[tried], session))

    def run(self, session: Session) -> None:
        """Everything that is due now."""
        now = self._clock.now()
        if self._remix.owed is not None and now >= self._remix_not_before:
            self._remix_not_before = now + REMIX_AGAIN
            self._spawn(self._sender.put_remix_back(session))
        for job in self._casebook.jobs:
            filled = self._forms.get(job.id)
            if job.state is JobState.WAITING_MODAL and (filled is None or now - filled >= FORM_AGAIN):
                self.form(job, session)
            if job.cancel_asked and job.state in UPSTREAM_STATES:
                asked = self._cancels.get(job.id)
                if asked is None or now - asked[0] >= CANCEL_AGAIN:
                    self.cancel(job, session)
            if job.state is JobState.SENT and self._is_silent(job, session, now):
                self._silence(job)

    async def _carry_out(self, job: Job, way: Submission, session: Session) -> None:
        answer = await self._sender.control(way, session)
        if answer.kind is not AnswerKind.ACCEPTED:
            _LOG.warning("job %s could not be cancelled by %s: %s", job.id, type(way).__name__, answer.detail)
            if job.id in self._cancels:  # the next way need not wait for an answer to this one
                _, tried = self._cancels[job.id]
                self._cancels[job.id] = (self._clock.now() - CANCEL_AGAIN, tried)

    def _is_silent(self, job: Job, session: Session, now: datetime) -> bool:
        """Whether Discord showed the interaction, and Midjourney nothing, though we listened all the time."""
        if job.action.kind is ActionKind.FACE_SWAP:
            return False  # another bot's silence
        since, sent = session.unbroken_since, job.sent_at
        if job.links.interaction_id is None or job.links.progress_message_id is not None or job.upstream_queued:
            return False
        if sent is None or since is None or since > sent or job.note is not None:
            return False
        # from the last thing that was heard of it: events that come late are no silence
        return now - max(sent, job.updated_at) >= timedelta(seconds=self._limits.first_message)

    def _silence(self, job: Job) -> None:
        if job.id in self._counted:
            return
        self._counted.add(job.id)
        self._silent += 1
        _LOG.warning("job %s was accepted %.0f s ago, and nothing of it was seen", job.id, self._limits.first_message)
        if self._silent >= SILENT_JOBS:
            self._in_trouble(
                Trouble.BLOCKED,
                f"Discord accepted {SILENT_JOBS} jobs in a row, and Midjourney showed nothing of either: this is how a "
                "silent block looks",
            )


def ways_to_cancel(job: Job, channel_id: str) -> list[Submission]:
    """How a job can be stopped at Midjourney, the surest first (midjourney-protocol §5.4).

    Its own button, the message command, the reaction; a message that only the session sees takes the button alone.
    """
    links, message_id = job.links, job.links.progress_message_id
    if message_id is None:
        return []
    by_button = job.click is not None
    ways: list[Submission] = []
    if links.cancel_custom_id is not None:
        flags = _EPHEMERAL if by_button else 0
        ways.append(Click(job.application_id, channel_id, message_id, flags, links.cancel_custom_id))
    if not by_button:
        ways.append(MessageCommand(job.application_id, CANCEL_JOB, channel_id, message_id))
        ways.append(Reaction(channel_id, message_id, CROSS))
    return ways
