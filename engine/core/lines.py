"""In which order queued jobs wait: one line for each set of jobs that the same accounts could take, oldest first."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from datetime import datetime

from engine.model.catalogue import entry_of
from engine.model.jobs import Job

Kind = tuple[str, bool, int | None]
"""Workspace, whether a slot is taken, the account that alone may run it: jobs alike in this wait for the same."""
_Place = tuple[datetime, str]


def kind_of(job: Job) -> Kind:
    """The line in which a job waits."""
    return job.workspace_id, entry_of(job.action).takes_slot, job.bound_account_id


def kinds_for(workspace_id: str, account_id: int) -> Iterator[Kind]:
    """The lines that an account serves."""
    for takes_slot in (True, False):
        yield workspace_id, takes_slot, None
        yield workspace_id, takes_slot, account_id


class Lines:
    """Queued jobs that wait to be sent."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lines: dict[Kind, list[_Place]] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._jobs

    @property
    def kinds(self) -> Collection[Kind]:
        """The lines in which somebody waits."""
        return self._lines.keys()

    def add(self, job: Job) -> None:
        """Let a job wait at its place; one that waits already is replaced by its newer value."""
        if job.id not in self._jobs:
            insort(self._lines.setdefault(kind_of(job), []), (job.created_at, job.id))
        self._jobs[job.id] = job

    def remove(self, job_id: str) -> None:
        """The job waits no longer, if it did."""
        job = self._jobs.pop(job_id, None)
        if job is None:
            return
        kind = kind_of(job)
        line = self._lines[kind]
        del line[bisect_left(line, (job.created_at, job_id))]
        if not line:
            del self._lines[kind]

    def first(self, kind: Kind) -> Job | None:
        """The oldest job of a line."""
        line = self._lines.get(kind)
        return self._jobs[line[0][1]] if line else None
