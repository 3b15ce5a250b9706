"""The keeper of one account: takes its lease, holds its session, and lets its events happen in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engine.core.attention import Attention
from engine.core.casebook import Casebook
from engine.core.foreign import ForeignJobs
from engine.core.lane import Lane
from engine.core.parts import Parts
from engine.core.patience import wait_for
from engine.core.room import Room
from engine.core.sender import Sender
from engine.core.works import Desk, Works, assemble
from engine.model.accounts import CONNECTED, NO_SESSION, Account, AccountState, wants_session
from engine.model.catalogue import entry_of
from engine.model.choosing import Standing
from engine.model.errors import LeaseLost, Unavailable
from engine.model.jobs import UPSTREAM_STATES, Job, JobState
from engine.model.sightings import Trouble
from engine.ports import AccountChange, Change, Ended, Live, Lost, SaveCheckpoint, Seen, Session

_LOG = logging.getLogger(__name__)

TICK = 0.25
SAVE_PERIOD = 2.0
"""Seconds at most between a percentage or a `seq` and its place on disk."""
MODAL_RETRY = timedelta(seconds=5)
LOOKED_UP_FOR = timedelta(hours=24)
"""How long after its submission a job is looked up in the history when a session begins."""


class Keeper:
    """One linked account at work. `moved` is told of each stored change of a job, `wake` that a place may be free."""

    def __init__(self, account: Account, parts: Parts, moved: Callable[[Job], None], wake: Callable[[], None]) -> None:
        self.account = account
        self._parts = parts
        self._clock = parts.clock
        self._limits = parts.limits
        self._wake = wake
        self._moved_outside = moved
        self.durations = parts.durations[account.upstream]
        self._attention = Attention(parts.clock, parts.limits, self.durations)
        self._foreign = ForeignJobs(parts.clock, parts.limits)
        self._room = Room(parts.clock, parts.limits.queue_full)
        self._casebook = Casebook(
            account.id,
            store=parts.store,
            leases=parts.leases,
            updates=parts.updates,
            clock=parts.clock,
            moved=self._moved,
        )
        self._lane = Lane(parts.clock, parts.pace_seconds)
        self._sender: Sender | None = None
        self._session: Session | None = None
        self._stopping = asyncio.Event()
        self._again = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._saved_at = 0.0
        self._modal_tried: dict[str, datetime] = {}
        self._trouble_unsaved = False
        self._barred = account.trouble in NO_SESSION
        """Whether the session ended for good, until the owner has seen to it."""

    # --- what the dispatcher and the door see ---

    @property
    def live(self) -> bool:
        """Whether submissions can leave now."""
        session = self._session
        return (
            self._sender is not None
            and session is not None
            and session.live
            and self._parts.leases.holds(self.account.id)
            and not self._stopping.is_set()
        )

    @property
    def taken(self) -> int:
        """Slots in use, foreign jobs included."""
        jobs = self._casebook.book.jobs
        if not jobs:
            return self._foreign.running
        now = self._clock.now()
        return sum(job.holds_slot(now) for job in jobs.values()) + self._foreign.running

    @property
    def open_jobs(self) -> list[Job]:
        """The account's open jobs as they are now."""
        return self._casebook.jobs

    def standing(self) -> Standing:
        """The account as `choose` needs it."""
        account, lane, room, taken = self.account, self._lane, self._room, self.taken
        slots = room.slots(account.concurrency)
        return Standing(account, self.live, taken, lane.free, lane.idle_since, slots, room.full(taken))

    @property
    def free_in(self) -> float:
        """Seconds until the pause between two submissions is over."""
        return self._lane.free_in

    def slot_wanted(self) -> None:
        """A job waits that could run here but for the slots."""
        self._attention.slot_wanted()

    def take(self, job: Job, returned: Callable[[Job, bool], None]) -> None:
        """Submit a job that was chosen for this account; `returned` is told at the end whether it is still queued."""
        session, sender = self._session, self._sender
        if session is None or sender is None:
            returned(job, True)
            return
        self._lane.reserve()

        async def send() -> None:
            still_queued = True
            try:
                still_queued = await sender.send(job, session, self._wake)
            except LeaseLost as error:
                _LOG.warning("job %s stays queued: %s", job.id, error)
            finally:
                returned(job, still_queued)

        self._spawn(self._guarded(send()))

    # --- life ---

    async def run(self) -> None:
        """Keep the account until `stop`; a lost lease starts from the beginning."""
        while not self._stopping.is_set():
            try:
                if await self._parts.leases.take(self.account.id) is None:
                    await self._pause(1.0)
                    continue
                await self._keep()
            except LeaseLost:
                _LOG.warning("account %d (%s): lease lost, starting over", self.account.id, self.account.name)
                await self._pause(1.0)
            except Unavailable as error:
                _LOG.warning("account %d (%s): %s", self.account.id, self.account.name, error)
                await self._pause(1.0)

    async def stop(self) -> None:
        """Take nothing more, let the open POST answer, save, leave the session resumable, give the lease back."""
        self._stopping.set()
        self._again.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2 * self._parts.post_timeout)

    def forget(self, job: Job) -> None:
        """A job that was put back here went elsewhere."""
        self._casebook.forget(job)

    def lease_lost(self) -> None:
        """Somebody else holds the account now: leave the session as it stands."""
        self._again.set()

    def refreshed(self, account: Account) -> None:
        """The stored account changed (paused, resumed, stopped, another concurrency)."""
        if self._trouble_unsaved:
            return  # the store does not know yet that the account stopped
        before, self.account = self.account, account
        if before.state is not account.state:
            _LOG.info("account %d (%s) is %s", account.id, account.name, account.state)
            if account.state is not AccountState.STOPPED:
                self._barred = False
            if before.state not in CONNECTED or account.state not in CONNECTED:
                self._again.set()
            self._wake()

    async def _keep(self) -> None:
        await self._casebook.load()
        for job in self._casebook.jobs:
            self._attention.heard(job.id)
        works = await self._assembled()
        self._sender = works.sender
        ticking = asyncio.create_task(self._tick(works))
        try:
            while not self._stopping.is_set() and self._parts.leases.lease(self.account.id) is not None:
                self._again.clear()
                if self._follows:
                    await self._hold_session(works, ticking)
                    if not self._again.is_set():
                        await self._pause(1.0)  # it ended by itself: not at once again
                else:
                    await self._wait_for(self._again.wait(), ticking)
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError, LeaseLost):
                await ticking
            await self._let_go(works)

    @property
    def _follows(self) -> bool:
        """Whether a session is wanted."""
        runs = any(job.state in UPSTREAM_STATES for job in self._casebook.jobs)
        return wants_session(self.account.state, runs=runs, barred=self._barred)

    async def _assembled(self) -> Works:
        desk = Desk(self.account.id, self._parts, self._casebook, self._lane, self._attention, self._foreign)
        return await assemble(
            desk,
            in_trouble=self._in_trouble,
            asked=self._answer_modal,
            slot_freed=self._wake,
            turned_away=lambda: self._room.turned_away(self.taken),
        )

    async def _hold_session(self, works: Works, ticking: asyncio.Task[None]) -> None:
        token = self._parts.secrets.unseal(self.account.token_sealed)
        session = self._parts.driver.open(
            self.account, token, works.bookmark.checkpoint, lambda: self._parts.leases.holds(self.account.id)
        )
        self._session = session
        reading = asyncio.create_task(self._read(session, works))
        try:
            await self._wait_for(self._again.wait(), ticking, reading)
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self._parts.post_timeout)
            await session.close()
            try:
                await asyncio.wait_for(reading, timeout=self._parts.post_timeout)
            except TimeoutError:
                _LOG.warning("account %d: the last frames could not be stored in time", self.account.id)
            self._session = None

    async def _wait_for(self, change: Coroutine[Any, Any, Any], *tasks: asyncio.Task[None]) -> None:
        """Until the change, or until one of the tasks ends; an error of a task is raised here."""
        changing = asyncio.ensure_future(change)
        try:
            await asyncio.wait({changing, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changing.cancel()
        for task in tasks:
            if task.done():
                task.result()

    async def _let_go(self, works: Works) -> None:
        lease = self._parts.leases.lease(self.account.id)
        self._sender = None
        if lease is None:
            return
        try:
            await self._save(works)
            await self._parts.leases.give_back(self.account.id)
        except (Unavailable, LeaseLost) as error:
            _LOG.warning("account %d: could not be left in order: %s", self.account.id, error)

    async def _pause(self, seconds: float) -> None:
        await wait_for(self._stopping, self._clock, seconds)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what the session says ---

    async def _read(self, session: Session, works: Works) -> None:
        async for news in session.news():
            match news:
                case Seen(seq, what):
                    await works.listener.saw(seq, what)
                case Live():
                    await self._came_live(news, works)
                case Lost(detail):
                    _LOG.warning("account %d (%s): connection lost: %s", self.account.id, self.account.name, detail)
                case Ended(trouble, detail):
                    self._barred = True
                    self._in_trouble(trouble, detail)

    async def _came_live(self, live: Live, works: Works) -> None:
        kind = "resumed" if live.resumed else "new"
        _LOG.info("account %d (%s) is live (%s session)", self.account.id, self.account.name, kind)
        self._casebook.book.user_id = live.user_id
        works.bookmark.live(live)
        await self._casebook.store(self._place(works))
        works.bookmark.saved(works.bookmark.checkpoint)
        if not live.resumed:
            self._foreign.forget_all()
        recent = self._clock.now() - LOOKED_UP_FOR
        for job in self._casebook.jobs:
            # after a gap everything; after a resume what was given up: its answer may have come while nobody looked
            if (not live.resumed or job.state is JobState.NEEDS_ATTENTION) and (job.sent_at or recent) > recent:
                works.historian.want([job.id])
        self._wake()

    def _answer_modal(self, job: Job) -> None:
        session, sender = self._session, self._sender
        stopped = self._stopping.is_set() or self.account.state is AccountState.STOPPED
        if session is not None and sender is not None and not stopped:
            self._modal_tried[job.id] = self._clock.now()
            self._spawn(self._guarded(sender.answer_modal(job, session)))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except LeaseLost:
            self._again.set()
        except Exception:  # noqa: BLE001 - told, not swallowed: the keeper goes on with its other work
            _LOG.exception("account %d: a part of its work broke down", self.account.id)

    def _in_trouble(self, trouble: Trouble, detail: str) -> None:
        """Stop the account and ask its owner; its unsent jobs may go to others."""
        if self.account.state is AccountState.STOPPED:
            return
        _LOG.error("account %d (%s) stops: %s: %s", self.account.id, self.account.name, trouble, detail)
        self.account = replace(self.account, state=AccountState.STOPPED, trouble=trouble, reason=detail)

        self._trouble_unsaved = True

        async def store() -> None:
            try:
                change = AccountChange(
                    self.account.id, AccountState.STOPPED, trouble, detail, lease=self._casebook.lease()
                )
                await self._casebook.store([change])
            finally:
                self._trouble_unsaved = False
                if not self._follows:
                    self._again.set()
                self._wake()

        self._spawn(self._guarded(store()))

    def _moved(self, job: Job) -> None:
        if job.state is JobState.DONE:
            self.durations.learn(job)
        if job.is_final or job.state is JobState.QUEUED:
            self._attention.forget(job.id)
            self._modal_tried.pop(job.id, None)
        if self.account.state is AccountState.STOPPED and not self._follows:
            self._again.set()  # the last one that ran there ended
        self._moved_outside(job)
        if job.state not in UPSTREAM_STATES:
            if job.state is not JobState.QUEUED and entry_of(job.action).takes_slot:
                self._room.ended()
            self._wake()  # a slot may be free

    # --- what time says ---

    async def _tick(self, works: Works) -> None:
        while True:
            await self._clock.sleep(TICK)
            if self._clock.ticks() - self._saved_at >= SAVE_PERIOD:
                try:
                    await self._save(works)
                except Unavailable as error:
                    _LOG.warning("account %d: progress is not saved: %s", self.account.id, error)
            if works.historian.due:
                self._spawn(self._guarded(works.historian.look(self._session)))
            if self.live:
                now = self._clock.now()
                for job in self._casebook.jobs:
                    tried = self._modal_tried.get(job.id)
                    if job.state is JobState.WAITING_MODAL and (tried is None or now - tried >= MODAL_RETRY):
                        self._answer_modal(job)

    def _place(self, works: Works) -> list[Change]:
        place = works.bookmark.unsaved
        return [] if place is None else [SaveCheckpoint(place, self._casebook.lease())]

    async def _save(self, works: Works) -> None:
        """Write percentages, and how far the wire was read."""
        self._saved_at = self._clock.ticks()
        passed = self._session.passed_seq if self._session is not None else None
        if passed is not None:
            works.bookmark.processed(passed)
        place = works.bookmark.unsaved
        changes = [*self._casebook.unsaved_progress(), *self._place(works)]
        if changes:
            await self._parts.store.apply(changes)
            works.bookmark.saved(place)
