"""How long a job may stay without a sign of life before it is called unknown (midjourney-protocol §13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.jobs import Mode

_FLAG = re.compile(r"(?:^|\s)--(fast|relax|turbo)(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits in seconds; every one is a setting."""

    queued: float = 86400.0
    """In our own queue, when the caller set no limit."""
    first_event: float = 15.0
    """From the 204 to the first event: then the job is looked up, never sent again."""
    first_message: float = 60.0
    """From the acknowledgement to a message of the job."""
    upstream_queue: float = 1800.0
    """As "Job queued" at Midjourney."""
    queue_full: float = 30.0
    """From "Queue full" to another try, when nothing of the account runs that could end."""
    turbo: float = 300.0
    fast: float = 600.0
    relax: float = 3600.0
    final_after_delete: float = 5.0
    """From the deletion of the progress message to the final."""
    unknown_answer: float = 60.0
    """From an answer that is not known to the next sign of the job; then a person must look."""
    face_swap: float = 120.0
    """Each of the two commands of a face swap (3 to 10 s as a rule)."""
    quiet: float = 30.0
    """The least silence of a running job after which its history is read."""

    def running(self, mode: Mode | None) -> float:
        """Seconds that a job of this speed may run; unknown speed counts as relax."""
        if mode is Mode.TURBO:
            return self.turbo
        return self.fast if mode is Mode.FAST else self.relax

    def until_started(self, prompt: str, now: datetime) -> datetime:
        """When a job that is submitted now must have ended, if Midjourney starts it at once."""
        mode = mode_asked(prompt) or Mode.FAST
        return now + timedelta(seconds=self.first_message + self.running(mode))

    def until_letter(self, now: datetime) -> datetime:
        """When a seed that is asked for now must have come: nothing is drawn for it."""
        return now + timedelta(seconds=self.first_message)

    def until_swapped(self, now: datetime) -> datetime:
        """When a command of a face swap that leaves now must have been answered."""
        return now + timedelta(seconds=self.face_swap)

    def until_done(self, mode: Mode | None, now: datetime) -> datetime:
        """When a job that runs now must have ended."""
        return now + timedelta(seconds=self.running(mode))

    def until_unqueued(self, prompt: str, now: datetime) -> datetime:
        """When a job that Midjourney queued now must have ended."""
        mode = mode_asked(prompt) or Mode.FAST
        return now + timedelta(seconds=self.upstream_queue + self.running(mode))


def mode_asked(prompt: str) -> Mode | None:
    """The speed that the prompt's own flag asks for; the last one counts."""
    flags = _FLAG.findall(prompt)
    return Mode(flags[-1].lower()) if flags else None
