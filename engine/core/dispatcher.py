"""Which queued job is sent next: boosts in turn, then oldest first, to an account that can take it now.

A look costs what changed since the last one, however many accounts and queued jobs there are: an account is asked how
it stands when it says that this changed, when its pause is over, and before it is given a job; a line of jobs that
found no account is left alone until one that it may use stands otherwise. Once a second everything is looked at anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from heapq import heapify, heappop, heappush

from engine.core.awaiting import Awaiting
from engine.core.elsewhere import Elsewhere
from engine.core.gathering import Gathering
from engine.core.keeper import Keeper
from engine.core.leaving import Leaving
from engine.core.lines import Kind, Lines, kind_of, stored_place
from engine.core.patience import Alarm
from engine.model.actions import Click
from engine.model.choosing import Assignment, Standings, Waiting, candidates, choose, slots_wanted
from engine.model.errors import Unavailable
from engine.model.events import DeadlinePassed, Unsendable
from engine.model.jobs import Failure, Job, JobState, JobUpdate
from engine.model.limits import Limits
from engine.model.reasons import NEVER_SENT, TIME_OVER
from engine.model.transitions import advance, update_of
from engine.ports import Clock, JobChange, Outcome, Store

_LOG = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""Notifications are hints; the store is the truth, read this often."""
BATCH = 1000
NEXT_PAGE_SECONDS = 0.05


class Dispatcher:
    """The queue of this process, and its way to the keepers."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        limits: Limits,
        ended: Callable[[Job, JobUpdate], None],
        keepers: Mapping[int, Keeper],
        elsewhere: Elsewhere,
        gathering: Gathering,
        awaiting: Awaiting,
    ) -> None:
        """`ended` hears of each job that this ended unsent, once that is stored."""
        self.fits: Callable[[Job], bool] = lambda _: True
        """Says of a job that others stored whether the rules in force let it be sent; set later."""
        self._store = store
        self._clock = clock
        self._limits = limits
        self._ended = ended
        self._keepers = keepers
        self._elsewhere = elsewhere
        self._gathering = gathering
        self._awaiting = awaiting
        self._jobs: dict[str, Job] = {}
        self._waiting = Lines()
        self._standings = Standings()
        self._changed: set[int] = set()
        """Accounts that may stand otherwise than `_standings` says."""
        self._stirred: set[Kind] = set()
        """Lines for which something changed since they were looked at."""
        self._pauses: list[tuple[float, int]] = []
        """A heap: when which account's pause is over."""
        self._pausing: set[int] = set()
        self._paused: frozenset[str] = frozenset()
        """Workspaces whose queue the operator paused."""
        self._awake = asyncio.Event()
        self._alarm = Alarm(self._awake, clock)
        self._taking = True
        self._page_after: Job | None = None
        self._began_at = clock.now()

    def account_changed(self, account_id: int) -> None:
        """Look at an account again soon: a place there may be free."""
        self._changed.add(account_id)
        if self._waiting:
            self._awake.set()

    def pause(self, workspace_ids: frozenset[str]) -> None:
        """Send nothing more of these workspaces, and of no others."""
        if workspace_ids != self._paused:
            self._paused = workspace_ids
            self._stirred.update(self._waiting.kinds)
            self._awake.set()

    def add(self, job: Job) -> None:
        """A stored job that is QUEUED; it waits in line once its parent is done and its pictures are here."""
        self._jobs[job.id] = job
        if job.id in self._waiting or not (self._awaiting.begin(job, self) or self._gathering.begin(job, self)):
            self._wait(job)

    def has_button(self, job_id: str, click: Click) -> None:
        """The parent that a job waited for is done."""
        job = self._jobs.get(job_id)
        if job is not None:
            self.add(job.but(click=click))  # stored with the intent to press it

    def gathered(self, job_id: str) -> None:
        """The pictures that a job needs are here."""
        job = self._jobs.get(job_id)
        if job is not None:
            self._wait(job)

    async def unsendable(self, job_id: str, failure: Failure) -> None:
        """A job can never be sent. Raises Unavailable."""
        job = self._jobs.get(job_id)
        if job is not None:
            await self._end(job, Unsendable(at=self._clock.now(), failure=failure))

    def _wait(self, job: Job) -> None:
        self._waiting.add(job)
        self._stirred.add(kind_of(job))
        self._awake.set()

    def remove(self, job_id: str) -> None:
        """The job is not queued any more."""
        if self._jobs.pop(job_id, None) is not None:
            self._gathering.drop(job_id)
            self._awaiting.drop(job_id)
            self._waiting.remove(job_id)

    def stop_taking(self) -> None:
        """Send nothing more; what is queued stays queued."""
        self._taking = False

    async def run(self) -> None:
        """Dispatch for ever."""
        polled_at = looked_at = -POLL_SECONDS
        try:
            while True:
                if self._page_after is not None or self._clock.ticks() - polled_at >= POLL_SECONDS:
                    try:
                        await self._poll()
                    except Unavailable as error:
                        _LOG.warning("the queue could not be read: %s", error)
                    polled_at = self._clock.ticks()
                pause = POLL_SECONDS
                if self._taking and self._waiting:
                    at_everything = self._clock.ticks() - looked_at >= POLL_SECONDS
                    pause = self._dispatch(at_everything=at_everything)
                    if at_everything:
                        looked_at = self._clock.ticks()
                        self._want_slots()
                if self._page_after is not None:
                    pause = NEXT_PAGE_SECONDS
                await self._alarm.wait(min(POLL_SECONDS, max(pause, 0.001)))
        finally:
            self._alarm.cancel()
            self._gathering.stop()
            self._awaiting.stop()

    async def _poll(self) -> None:
        """Compare a page of the queue with what is known; the next page is looked at the next time, and so on."""
        known = {job.id: stored_place(job) for job in self._jobs.values()}
        after = self._page_after
        page = await self._store.queued(BATCH, after)
        stored = {job.id: job for job in page}
        first = stored_place(after) if after is not None else None
        last = stored_place(page[-1]) if len(page) == BATCH else None
        self._page_after = page[-1] if len(page) == BATCH else None
        for job_id, place in known.items():
            in_page = (first is None or place > first) and (last is None or place <= last)
            if in_page and job_id not in stored:
                self.remove(job_id)  # somebody else took or cancelled it
        for job in stored.values():
            here = self._jobs.get(job.id)
            if (here is None or (job.id in self._waiting and here.version < job.version)) and self.fits(job):
                self.add(job)
        await self._drop_overdue()

    async def _drop_overdue(self) -> None:
        now = self._clock.now()
        for job in list(self._jobs.values()):
            deadline = job.deadline_at or job.created_at + timedelta(seconds=self._limits.queued)
            if now < deadline or not any(job.id in each for each in (self._waiting, self._gathering, self._awaiting)):
                continue
            known = self.waits_because(job) if deadline >= self._began_at else None  # what was before, nobody here saw
            reason = known or TIME_OVER
            await self._end(job, DeadlinePassed(at=now, detail=NEVER_SENT + reason))

    async def _end(self, job: Job, event: DeadlinePassed | Unsendable) -> None:
        after = advance(job, event)
        update = update_of(after, event)
        (outcome,) = await self._store.apply([JobChange(job, after, update)])
        self.remove(job.id)
        if outcome is Outcome.APPLIED:
            self._ended(after, update)

    def _want_slots(self) -> None:
        """Tell the accounts that would run what waits, had they a slot."""
        wanted: set[int] = set()
        for kind in self._waiting.kinds:
            job = self._first(kind)
            if job is not None and choose(job, self._standings) in (Waiting.NO_SLOT, Waiting.QUEUE_FULL):
                wanted.update(slots_wanted(job, self._standings))
        for account_id in wanted:
            keeper = self._keepers.get(account_id)
            if keeper is not None:
                keeper.slot_wanted()

    def _dispatch(self, *, at_everything: bool) -> float:
        """Assign what can be assigned; returns the seconds until the next pause of an account ends.

        `at_everything`: look at all accounts and lines; of what changes by time alone nobody tells.
        """
        self._end_pauses()
        if at_everything:
            self._changed.update(self._keepers)
            self._stirred.update(self._waiting.kinds)
        self._catch_up(self._changed)
        self._changed.clear()
        firsts = [(self._waiting.place(job), job) for kind in self._stirred if (job := self._first(kind))]
        self._stirred.clear()
        heapify(firsts)
        while firsts:
            _, job = heappop(firsts)
            chosen = self._chosen(job)
            if isinstance(chosen, Assignment):
                self._send(job, chosen.account_id)
                following = self._first(kind_of(job))
                if following is not None:
                    heappush(firsts, (self._waiting.place(following), following))
        return self._pauses[0][0] - self._clock.ticks() if self._pauses else POLL_SECONDS

    def _end_pauses(self) -> None:
        """Note the accounts whose pause is over."""
        now = self._clock.ticks()
        while self._pauses and self._pauses[0][0] <= now:
            _, account_id = heappop(self._pauses)
            self._pausing.discard(account_id)
            self._changed.add(account_id)

    def _first(self, kind: Kind) -> Job | None:
        """The next job of a line, unless the line is paused."""
        return None if kind[0] in self._paused else self._waiting.first(kind)

    def _chosen(self, job: Job) -> Assignment | Waiting:
        """As `choose`; whom it chooses stands so at this moment."""
        while True:
            chosen = choose(job, self._standings)
            if isinstance(chosen, Waiting) or not self._look_at(chosen.account_id):
                return chosen

    def _catch_up(self, account_ids: Iterable[int]) -> None:
        """Look at accounts, and note which lines have to be looked at for that."""
        for account_id in account_ids:
            if self._look_at(account_id) and (standing := self._standings.get(account_id)) is not None:
                self._stirred.update(self._waiting.kinds_for(standing.account.workspace_id, account_id))

    def _look_at(self, account_id: int) -> bool:
        """Ask an account how it stands; whether that is news."""
        keeper = self._keepers.get(account_id)
        if keeper is None:
            self._standings.drop(account_id)
            return True
        standing = keeper.standing()
        if not standing.lane_free and account_id not in self._pausing and (pause := keeper.free_in):
            self._pausing.add(account_id)
            heappush(self._pauses, (self._clock.ticks() + pause, account_id))
        return self._standings.put(standing)

    def _send(self, job: Job, account_id: int) -> None:
        self._waiting.leave(job.id)
        keeper = self._keepers[account_id]
        keeper.take(job, self._returned)
        self._look_at(account_id)

    def depart(self, leaving: Leaving) -> bool:
        """Let a job leave with its request, where it would be sent at once; False: it is to be stored and added."""
        job = leaving.job
        if not self._taking or job.workspace_id in self._paused:
            return False
        self._end_pauses()
        self._catch_up(self._changed)
        self._changed.clear()
        chosen = self._chosen(job)
        if not isinstance(chosen, Assignment):
            return False
        if any(map(self._waiting.first, self._waiting.kinds_for(job.workspace_id, chosen.account_id))):
            return False  # somebody was there before
        leaves = self._keepers[chosen.account_id].depart(leaving)
        self._look_at(chosen.account_id)
        return leaves

    def _returned(self, job: Job, still_queued: bool) -> None:  # noqa: FBT001 - a callback's only word
        """A keeper is through with it: it was sent, or is still queued as it was, or somebody else moved it on."""
        known = self._jobs.get(job.id)
        if still_queued:
            if known is not None:
                self._wait(known)
        elif known is job:
            self.remove(job.id)

    def moved(self, job: Job) -> None:
        """A keeper stored a change of a job."""
        self._awaiting.moved(job)
        if job.state is JobState.QUEUED:
            self.remove(job.id)
            self.add(job)
        elif job.id in self._jobs:
            self.remove(job.id)

    def waits_because(self, job: Job) -> Waiting | None:
        """Why a queued job is not sent yet, as the accounts stand now; None: it is being sent, or it is its turn."""
        if job.state is JobState.QUEUED and job.id in self._awaiting:
            return Waiting.PARENT
        if job.state is JobState.QUEUED and job.id in self._gathering:
            return Waiting.PICTURE
        if job.state is not JobState.QUEUED or job.id not in self._waiting:
            return None
        if job.workspace_id in self._paused:
            return Waiting.PAUSED
        there = {each for each, keeper in self._keepers.items() if keeper.account.workspace_id == job.workspace_id}
        self._catch_up(there | self._changed)
        if self._stirred:
            self._awake.set()
        chosen = choose(job, self._standings)
        if chosen is Waiting.NOT_LIVE and any(map(self._elsewhere.live, candidates(job, self._standings))):
            return None  # why it waits there is not known here
        return chosen if isinstance(chosen, Waiting) else None

    def ahead_of(self, job: Job) -> int | None:
        """How many jobs of the workspace are sent before one that waits; None: it does not wait here."""
        return self._waiting.ahead(job) if job.id in self._waiting else None

    @property
    def queued(self) -> list[Job]:
        """What is queued here, as the store orders it."""
        return sorted(self._jobs.values(), key=stored_place)
