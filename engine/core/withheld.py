"""Acknowledgments that are only in memory, for the moment in which Midjourney's first message may follow.

Discord shows an interaction and answers its POST at about the same time, and the message that says more comes soon. So
what was shown while the answer is awaited is stored together with that, or a moment after the answer. Until then the
place in the wire stays before it: whoever comes after a crash is shown it again.
"""

from __future__ import annotations

from engine.model.events import Acknowledged, Event
from engine.model.jobs import Job, JobState
from engine.model.transitions import advance
from engine.model.values import value


@value(frozen=True, slots=True)
class Withheld:
    """A job as the store has it, and what it does not know of it."""

    stored: Job
    event: Acknowledged
    seq: int | None


class Acknowledgments:
    """Those of one account."""

    def __init__(self) -> None:
        self._answering: set[str] = set()
        self._withheld: dict[str, Withheld] = {}

    def await_answer(self, job_id: str) -> None:
        """Its POST is being made: its answer will be heard of, and what is withheld is stored then."""
        self._answering.add(job_id)

    def answered(self, job_id: str) -> None:
        """Nothing of it is withheld any more."""
        self._answering.discard(job_id)

    def withholds(self, job: Job, after: Job, event: Event, seq: int | None) -> bool:
        """Whether an event need not be stored yet; what it changes is remembered then."""
        if not isinstance(event, Acknowledged) or job.id not in self._answering or job.state is not JobState.SENT:
            return False
        if after is not job and job.id not in self._withheld:
            self._withheld[job.id] = Withheld(job, event, seq)
        return True

    def told(self, job: Job, after: Job, event: Event) -> tuple[Job, Job, Event]:
        """The step that the store is told of: with what is withheld of the job, or that alone."""
        withheld = self._withheld.get(job.id)
        if withheld is None:
            return job, after, event
        if after.version != job.version:
            return withheld.stored, after, event
        alone = job.but(version=job.version + 1, updated_at=withheld.event.at)
        return withheld.stored, alone, withheld.event

    def beside(self, current: Job) -> Job:
        """The job as the store has it now, moved on by somebody else, with what is withheld of it."""
        withheld = self._withheld.get(current.id)
        if withheld is None:
            return current
        if current.is_final or current.nonces != withheld.stored.nonces:
            self.known(current.id)
            return current
        self._withheld[current.id] = Withheld(current, withheld.event, withheld.seq)
        return advance(current, withheld.event).but(version=current.version, updated_at=current.updated_at)

    def __contains__(self, job_id: str) -> bool:
        """Whether something is withheld of a job."""
        return job_id in self._withheld

    def known(self, job_id: str) -> None:
        """The store knows all of a job, or nobody asks any more."""
        self._withheld.pop(job_id, None)

    def forget_all(self) -> None:
        """What was known is read anew."""
        self._withheld.clear()

    def before(self, seq: int, besides: str | None = None) -> int:
        """This place or, where something behind an earlier one is withheld, that one; a job's own does not count."""
        if not self._withheld:
            return seq
        places = [each.seq for job_id, each in self._withheld.items() if each.seq is not None and job_id != besides]
        return min([seq, *(place - 1 for place in places)])
