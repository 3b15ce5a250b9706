"""Which jobs of a workspace are wanted, a page at a time."""

from __future__ import annotations

from datetime import datetime

from engine.model.actions import Action
from engine.model.jobs import Job, JobState
from engine.model.values import value


@value(frozen=True, slots=True)
class Place:
    """A job's place in the order of making: its moment, and its id among those of the same moment."""

    created_at: datetime
    job_id: str


@value(frozen=True, slots=True, kw_only=True)
class JobsWanted:
    """What the jobs have in common; None and empty: anything."""

    states: tuple[JobState, ...] = ()
    action: Action | None = None
    ref: str | None = None
    requester: str | None = None
    parent_id: str | None = None
    since: datetime | None = None
    """Made then or later."""
    until: datetime | None = None
    """Made before."""
    behind: Place | None = None
    """Older than that one."""
    private: bool = True
    """Private ones too."""


@value(frozen=True, slots=True)
class JobPage:
    """Jobs, newest first."""

    jobs: tuple[Job, ...]
    rest: Place | None
    """Behind which place to go on; None: there are no more. A page may be short and yet not the last one."""
