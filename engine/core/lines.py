"""In which order queued jobs wait: one line for each set of jobs that the same accounts could take.

Boosts stand ahead of all others. Among themselves they take turns by requester: nobody's second boost leaves before
everybody's first. The store keeps boosts ahead and by age; whose turn it is follows anew from who waits.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from datetime import datetime

from engine.model.catalogue import entry_of
from engine.model.jobs import Job

Kind = tuple[str, bool, int | None, tuple[int, ...], bool]
"""Workspace, whether a slot is taken, the account that alone may run it, those that may, whether an account does one at
a time: jobs alike in this wait for the same."""
Place = tuple[bool, int, datetime, str]
"""Boosts before others, a boost's turn, age, id."""


def kind_of(job: Job) -> Kind:
    """The line in which a job waits."""
    entry = entry_of(job.action)
    return job.workspace_id, entry.takes_slot, job.bound_account_id, job.only_accounts, entry.alone


def stored_place(job: Job) -> tuple[bool, datetime, str]:
    """A queued job's place in the order of `Store.queued`."""
    return not job.boost, job.created_at, job.id


class _Turns:
    """Which turn each boost of a workspace has."""

    def __init__(self) -> None:
        self._latest: dict[str, int] = {}
        """By requester: the turn of the last boost that waits, or waited."""
        self._now = 0

    def next(self, requester: str) -> int:
        turn = self._latest[requester] = max(self._now, self._latest.get(requester, -1) + 1)
        return turn

    def taken(self, turn: int) -> None:
        self._now = max(self._now, turn)


class Lines:
    """Queued jobs that wait to be sent."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._places: dict[str, Place] = {}
        """Also of boosts that are being sent: they come back to their turn."""
        self._lines: dict[Kind, list[Place]] = {}
        self._limited: set[Kind] = set()
        """Lines that only named accounts serve."""
        self._boosts: set[str] = set()
        self._turns: dict[str, _Turns] = {}
        """By workspace; forgotten when no boost waits anywhere."""

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._jobs

    @property
    def kinds(self) -> Collection[Kind]:
        """The lines in which somebody waits."""
        return self._lines.keys()

    def kinds_for(self, workspace_id: str, account_id: int) -> Iterator[Kind]:
        """The lines that an account serves."""
        for takes_slot, alone in ((True, False), (False, False), (False, True)):
            yield workspace_id, takes_slot, None, (), alone
            yield workspace_id, takes_slot, account_id, (), alone
        for kind in self._limited:
            if kind[0] == workspace_id and account_id in kind[3]:
                yield kind

    def add(self, job: Job) -> None:
        """Let a job wait at its place; one that waits already is replaced by its newer value."""
        if job.id not in self._jobs:
            kind = kind_of(job)
            insort(self._lines.setdefault(kind, []), self._place(job))
            if job.only_accounts:
                self._limited.add(kind)
        self._jobs[job.id] = job

    def _place(self, job: Job) -> Place:
        place = self._places.get(job.id)
        if place is None:
            turn = 0
            if job.boosted_by is not None:
                turn = self._turns.setdefault(job.workspace_id, _Turns()).next(job.boosted_by)
                self._boosts.add(job.id)
            place = self._places[job.id] = (not job.boost, turn, job.created_at, job.id)
        return place

    def place(self, job: Job) -> Place:
        """The place of a job that waits; the lower of two is served first, whichever lines they stand in."""
        return self._places[job.id]

    def ahead(self, job: Job) -> int:
        """How many jobs of the workspace that wait are served before one that waits."""
        place = self._places[job.id]
        return sum(bisect_left(line, place) for kind, line in self._lines.items() if kind[0] == job.workspace_id)

    def leave(self, job_id: str) -> None:
        """The job is being sent; it may come back to its place."""
        job = self._jobs.pop(job_id, None)
        if job is None:
            return
        kind, place = kind_of(job), self._places[job_id]
        if job.boost:
            self._turns[job.workspace_id].taken(place[1])
        line = self._lines[kind]
        del line[bisect_left(line, place)]
        if not line:
            del self._lines[kind]
            self._limited.discard(kind)

    def remove(self, job_id: str) -> None:
        """The job waits no longer, if it did, and does not come back."""
        self.leave(job_id)
        self._places.pop(job_id, None)
        if job_id in self._boosts:
            self._boosts.discard(job_id)
            if not self._boosts:
                self._turns.clear()

    def first(self, kind: Kind) -> Job | None:
        """The next job of a line."""
        line = self._lines.get(kind)
        return self._jobs[line[0][3]] if line else None
