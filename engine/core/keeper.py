"""The keeper of one account: takes its lease, holds its session, and lets its events happen in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from engine.core.attention import Attention
from engine.core.casebook import Casebook
from engine.core.errands import Errands
from engine.core.foreign import ForeignJobs
from engine.core.known import Known
from engine.core.lane import Lane
from engine.core.leaving import Leaving
from engine.core.parts import Parts
from engine.core.patience import until_first, wait_for
from engine.core.room import Room
from engine.core.rounds import Rounds
from engine.core.sender import Sender
from engine.core.strange import Strange
from engine.core.works import Desk, Works, assemble
from engine.model.accounts import CONNECTED, NO_SESSION, Account, AccountState, wants_session
from engine.model.catalogue import entry_of
from engine.model.choosing import Standing
from engine.model.details import AccountFacts
from engine.model.errors import Conflict, Hindrance, LeaseLost, Unavailable
from engine.model.jobs import UPSTREAM_STATES, Job, JobState
from engine.model.sightings import Trouble
from engine.ports import AccountChange, Ended, Live, Lost, Seen, Session

_LOG = logging.getLogger(__name__)

LOOKED_UP_FOR = timedelta(hours=24)
"""How long after its submission a job is looked up in the history when a session begins."""


class Keeper:
    """One linked account at work. `moved` is told of each stored change of a job, `wake` that it stands otherwise."""

    def __init__(self, account: Account, parts: Parts, moved: Callable[[Job], None], wake: Callable[[], None]) -> None:
        self._known = Known(account)
        self._parts = parts
        self._clock = parts.clock
        self._limits = parts.limits
        self._wake = wake
        self._moved_outside = moved
        self.durations = parts.durations[account.upstream]
        self._attention = Attention(parts.clock, parts.limits, self.durations)
        self._foreign = ForeignJobs(parts.clock, parts.limits)
        self.strange = Strange(parts.clock)
        self._room = Room(parts.clock, parts.limits.queue_full)
        self._casebook = Casebook(
            account.id,
            store=parts.store,
            leases=parts.leases,
            updates=parts.updates,
            clock=parts.clock,
            moved=self._moved,
        )
        self._lane = Lane(parts.clock, parts.pace_seconds, wake)
        self._sender: Sender | None = None
        self._session: Session | None = None
        self._stopping = asyncio.Event()
        self._again = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._errands: Errands | None = None
        self._rounds = Rounds(
            account.id,
            self._casebook,
            parts.clock,
            session=lambda: self._session,
            speaks=lambda: self.live and self._may_speak,
            stopped=lambda: self.account.state is AccountState.STOPPED,
            spawn=lambda work: self._spawn(self._guarded(work)),
        )
        self._anew = False  # whether the next session is a new one, though the old one could be resumed
        self._barred = account.trouble in NO_SESSION
        """Whether the session ended for good, until the owner has seen to it."""

    # --- what the dispatcher and the door see ---

    @property
    def account(self) -> Account:
        """The account as it is known now."""
        return self._known.account

    @property
    def learnt(self) -> int:
        """Counts what this keeper learnt of its account by itself; for `refreshed`."""
        return self._known.learnt

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
        return self._casebook.taken + self._foreign.running

    @property
    def open_jobs(self) -> list[Job]:
        """The account's open jobs as they are now."""
        return self._casebook.jobs

    def standing(self) -> Standing:
        """The account as `choose` needs it."""
        account, lane, room, taken = self.account, self._lane, self._room, self.taken
        slots = room.slots(account.concurrency, taken)
        full, swapping = room.full(taken), self._casebook.swapping
        return Standing(account, self.live, taken, lane.free, lane.idle_since, slots, full, swapping, lane.unreachable)

    @property
    def free_in(self) -> float:
        """Seconds until the pause between two submissions is over."""
        return self._lane.free_in

    def look_up_all(self) -> None:
        """Read the history for every open job, at the next occasion."""
        self._attention.look_up(job.id for job in self._casebook.jobs)

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
        self._spawn(self._guarded(sender.take(job, session, returned)))

    def depart(self, leaving: Leaving) -> bool:
        """Store a new job's request and submit the job, for which this account was chosen; False: it cannot now."""
        session, sender = self._session, self._sender
        if session is None or sender is None:
            return False
        self._lane.reserve()
        self._spawn(self._guarded(sender.depart(leaving, session)))
        return True

    # --- life ---

    async def run(self) -> None:
        """Keep the account until `stop`; a lost lease starts from the beginning."""
        while not self._stopping.is_set():
            try:
                if await self._parts.leases.take(self.account.id) is None:
                    await self._pause(1.0)
                    continue
                await self._keep()
            except (LeaseLost, Unavailable) as error:
                _LOG.warning("account %d (%s), starting over: %s", self.account.id, self.account.name, error)
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

    def refreshed(self, account: Account, learnt: int) -> None:
        """The stored account changed (paused, resumed, stopped, another concurrency), read when `learnt` stood so."""
        before = self.account
        if not self._known.read(account, learnt):
            return
        if before.restarted_at != account.restarted_at:
            self._barred, self._anew = False, True
            self._again.set()
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
        self._sender, self._errands = works.sender, works.errands
        ticking = asyncio.create_task(self._rounds.run(works))
        try:
            while not self._stopping.is_set() and self._parts.leases.lease(self.account.id) is not None:
                self._again.clear()
                if self._follows:
                    await self._hold_session(works, ticking)
                    if not self._again.is_set():
                        await self._pause(1.0)  # it ended by itself: not at once again
                else:
                    await until_first(self._again.wait(), ticking)
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
        desk = Desk(
            self.account.id,
            self._parts,
            self._casebook,
            self._lane,
            self._attention,
            self._foreign,
            self.strange,
            self.account,
            self._facts_changed,
        )
        return await assemble(
            desk,
            in_trouble=self._in_trouble,
            asked=self._answer_modal,
            spawn=lambda work: self._spawn(self._guarded(work)),
            slot_freed=self._wake,
            turned_away=lambda: self._room.turned_away(self._casebook.shown + self._foreign.running),
        )

    async def _hold_session(self, works: Works, ticking: asyncio.Task[None]) -> None:
        token = self._parts.secrets.unseal(self.account.token_sealed)
        place, self._anew = None if self._anew else works.bookmark.checkpoint, False
        session = self._parts.driver.open(self.account, token, place, lambda: self._parts.leases.holds(self.account.id))
        self._session = session
        reading = asyncio.create_task(self._read(session, works))
        try:
            await until_first(self._again.wait(), ticking, reading)
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self._parts.post_timeout)
            await session.close()
            try:
                await asyncio.wait_for(reading, timeout=self._parts.post_timeout)
            except TimeoutError:
                _LOG.warning("account %d: the last frames could not be stored in time", self.account.id)
            self._session = None

    async def _let_go(self, works: Works) -> None:
        lease = self._parts.leases.lease(self.account.id)
        self._sender = None
        if lease is None:
            return
        try:
            await works.saving.save(self._session)
            await self._parts.leases.give_back(self.account.id)
        except (Unavailable, LeaseLost) as error:
            _LOG.warning("account %d: could not be left in order: %s", self.account.id, error)

    async def _pause(self, seconds: float) -> None:
        await wait_for(self._stopping, self._clock, seconds)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
        await self._casebook.store(works.saving.place())
        works.bookmark.saved(works.bookmark.checkpoint)
        await works.facts.introduced(live)
        if not live.resumed:
            self._foreign.forget_all()
        recent = self._clock.now() - LOOKED_UP_FOR
        for job in self._casebook.jobs:
            # after a gap everything; after a resume what was given up: its answer may have come while nobody looked
            if (not live.resumed or job.state is JobState.NEEDS_ATTENTION) and (job.sent_at or recent) > recent:
                works.historian.want([job.id])
            if self._session is not None:
                self._session.recall(job)
        self._wake()

    def _answer_modal(self, job: Job) -> None:
        if self._session is not None and self._errands is not None and self._may_speak:
            self._errands.form(job, self._session)

    async def cancel(self, job: Job, by: str) -> Job | None:
        """Ask Midjourney to stop a job that was sent; returns it as it is then, None when it is not open here.

        Raises:
            Conflict: the account cannot speak to Midjourney now.
            LeaseLost: the account is not ours any more.
        """
        session, errands = self._session, self._errands
        if session is None or errands is None or not self.live:
            said = f"account {self.account.name} is not connected now: Midjourney cannot be asked to stop it"
            raise Conflict(said, Hindrance.NOT_CONNECTED)
        return await errands.take_back(job, by, session)

    async def heed(self, job_id: str, version: int) -> None:
        """The store has this version of an open job. Raises Unavailable."""
        await self._casebook.heed(job_id, version)

    async def read_remix(self) -> None:
        """Ask whether Remix is on, if that is not known and can be asked now. Raises LeaseLost, Unavailable."""
        if self.live and self._may_speak and self._sender is not None and self._session is not None:
            await self._sender.read_remix(self._session)

    @property
    def session(self) -> Session | None:
        """The session, for what belongs to no job: uploads, links."""
        return self._session if self.live else None

    @property
    def _may_speak(self) -> bool:
        return not self._stopping.is_set() and self.account.state is not AccountState.STOPPED

    def _facts_changed(self, facts: AccountFacts) -> None:
        self._known.told(facts)
        self._wake()

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
        self._known.stopped(trouble, detail)

        async def store() -> None:
            try:
                lease = self._casebook.lease()
                change = AccountChange(self.account.id, AccountState.STOPPED, trouble, detail, lease=lease)
                await self._casebook.store([change])
            finally:
                self._known.saved()
                if not self._follows:
                    self._again.set()
                self._wake()

        self._spawn(self._guarded(store()))

    def _moved(self, job: Job) -> None:
        self._rounds.stir()
        if job.state is JobState.DONE:
            self.durations.learn(job)
        if job.is_final or job.state is JobState.QUEUED:
            self._attention.forget(job.id)
            if self._errands is not None:
                self._errands.forget(job.id)
        if self.account.state is AccountState.STOPPED and not self._follows:
            self._again.set()  # the last one that ran there ended
        self._moved_outside(job)
        if job.state not in UPSTREAM_STATES:
            if job.state is not JobState.QUEUED and entry_of(job.action).takes_slot:
                self._room.ended()
            self._wake()  # a slot may be free
