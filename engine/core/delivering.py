"""When webhooks are posted: once they are stored, a few at a time in all and to each place, ends before progress.

A stored post is held while it is sent and let go with what came of it, so that a crash repeats it and two processes do
not. What it says is written when it is sent: what the dialect's status answer is then. A percentage that is not stored
is told from memory, at most once a second for each request, and never again.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.core.patience import Alarm
from engine.core.workspaces import Workspaces
from engine.model.deliveries import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    all_over,
    is_over,
    next_try,
    place_of,
    webhook_id,
)
from engine.model.errors import NotFound, Unavailable
from engine.model.hooks import HookKind
from engine.model.jobs import Job
from engine.ports import Attempt, Bodies, Clock, Courier, Fate, Letter, Receipt, Said, Store

_LOG = logging.getLogger(__name__)

AT_ONCE = 64
AT_ONE_PLACE = 4
"""Calls to one receiver; to one that kept its last caller waiting, one."""
SLOW_SECONDS = 3.0
HELD = timedelta(seconds=25)
"""Longer than a call can take; who dies while posting holds the post no longer."""
POLL_SECONDS = 1.0
REMEMBERED = 10_000
SWEEP_SECONDS = 3600.0
STORE_RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Told:
    """What was posted of a request last, or is tried to be: once its end is, no percentage follows."""

    status: str
    progress: int
    is_end: bool


@dataclass(slots=True, eq=False)
class _Flight:
    """A post under way for one request. `stored` is None for a percentage from memory."""

    request_id: str
    place: str
    stored: Delivery | None
    task: asyncio.Task[None] | None = None

    @property
    def is_final(self) -> bool:
        return self.stored is not None and self.stored.kind is DeliveryKind.FINAL


class Delivering:
    """The posting of webhooks. `open_jobs` are those that this process follows; `learn` hears of what was read anew."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        courier: Courier,
        bodies: Bodies,
        workspaces: Workspaces,
        sole_owner: bool,
        open_jobs: Callable[[], Iterable[Job]],
        learn: Callable[[Job], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._courier = courier
        self._bodies = bodies
        self._workspaces = workspaces
        self._owner = str(uuid.uuid4())
        self._sole_owner = sole_owner
        self._open_jobs = open_jobs
        self._learn = learn
        self._wanted = asyncio.Event()
        self._flights: dict[str, _Flight] = {}
        self._told: OrderedDict[str, _Told] = OrderedDict()
        """By request."""
        self._looked_at: dict[str, int] = {}
        """By job, the percent that was looked at last."""
        self._slow: set[str] = set()
        """Places whose last call had no answer, or a late one."""
        self._aside: set[asyncio.Task[None]] = set()

    def moved(self, job: Job) -> None:
        """A step of a job with a webhook was stored."""
        if is_over(job):
            flight = self._flights.get(job.request_id)
            if flight is not None and not flight.is_final:
                self._give_up(flight)
        self._wanted.set()

    def wake(self) -> None:
        """Something may be due."""
        self._wanted.set()

    async def run(self) -> None:
        """Post for ever; what was under way when the process ended is posted again by the next."""
        if self._sole_owner:
            await self._quietly(self._store.free_deliveries(None))
        alarm = Alarm(self._wanted, self._clock)
        looked = swept = self._clock.ticks()
        try:
            while True:
                await self._start_due()
                now = self._clock.ticks()
                if now - looked >= POLL_SECONDS:
                    looked = now
                    self._tell_percentages()
                if now - swept >= SWEEP_SECONDS:
                    swept = now
                    await self._quietly(self._store.sweep_deliveries(self._clock.now()))
                await alarm.wait(POLL_SECONDS)
        finally:
            alarm.cancel()
            await self._land()

    # --- what is started

    async def _start_due(self) -> None:
        try:
            waiting = await self._store.due_deliveries(self._clock.now(), 2 * AT_ONCE, self._full_places())
        except Unavailable as error:
            _LOG.warning("the webhooks to post could not be read: %s", error)
            return
        for delivery in waiting:
            is_final = delivery.kind is DeliveryKind.FINAL
            flight = self._flights.get(delivery.request_id)
            if flight is not None:
                if is_final and not flight.is_final:
                    self._give_up(flight)
                continue
            place = place_of(delivery.url)
            if self._has_room(place):
                self._start(_Flight(delivery.request_id, place, delivery), self._deliver(delivery))
            elif is_final:
                self._make_room(place)

    def _full_places(self) -> set[str]:
        """Where nothing more goes now; a place whose calls are progress gives way to ends."""
        ends = Counter(flight.place for flight in self._flights.values() if flight.is_final)
        return {place for place, count in ends.items() if count >= self._most_at(place)}

    def _most_at(self, place: str) -> int:
        return 1 if place in self._slow else AT_ONE_PLACE

    def _has_room(self, place: str) -> bool:
        there = sum(flight.place == place for flight in self._flights.values())
        return len(self._flights) < AT_ONCE and there < self._most_at(place)

    def _make_room(self, place: str) -> None:
        """An end waits: one progress post in its way is given up."""
        progress = [flight for flight in self._flights.values() if not flight.is_final]
        in_the_way = [flight for flight in progress if flight.place == place]
        if len(self._flights) >= AT_ONCE:
            in_the_way = in_the_way or progress
        if in_the_way:
            self._give_up(in_the_way[0])

    def _start(self, flight: _Flight, work: Coroutine[Any, Any, None]) -> None:
        self._flights[flight.request_id] = flight
        flight.task = asyncio.create_task(self._fly(flight, work))

    async def _fly(self, flight: _Flight, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable as error:
            _LOG.warning("a webhook waits for the store: %s", error)
            await self._clock.sleep(STORE_RETRY_SECONDS)
        except Exception:  # noqa: BLE001 - one post's trouble must not end the others
            _LOG.exception("the posting of a webhook broke down")
        finally:
            if self._flights.get(flight.request_id) is flight:
                del self._flights[flight.request_id]
            self._wanted.set()

    def _give_up(self, flight: _Flight) -> None:
        """Break a post off; one that is stored can be taken up again at once."""
        assert flight.task is not None
        flight.task.cancel()
        self._flights.pop(flight.request_id, None)
        if flight.stored is not None:
            freeing = asyncio.create_task(
                self._quietly(self._store.free_deliveries(self._owner, [flight.stored.id])),
            )
            self._aside.add(freeing)
            freeing.add_done_callback(self._aside.discard)

    async def _land(self) -> None:
        """Break everything off and let it go."""
        tasks = [flight.task for flight in self._flights.values() if flight.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._aside, return_exceptions=True)
        await self._quietly(self._store.free_deliveries(self._owner))

    @staticmethod
    async def _quietly(work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except Unavailable as error:
            _LOG.warning("webhooks: %s", error)

    # --- a stored post

    async def _deliver(self, delivery: Delivery) -> None:
        now = self._clock.now()
        if not await self._store.claim_delivery(delivery.id, self._owner, now, now + HELD):
            await self._clock.sleep(POLL_SECONDS)  # another process sends it, or an end before it
            return
        try:
            letter = await self._letter(delivery)
        except NotFound:
            letter = None
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one post that cannot be written must not be tried for ever at once
            _LOG.exception("a webhook of request %s could not be written", delivery.request_id)
            unwritten = Receipt(Fate.NOT_NOW, error=f"it could not be written: {type(error).__name__}")
            await self._settle(self._attempt(delivery, unwritten))
            return
        if letter is None:
            nothing = Attempt(
                delivery_id=delivery.id,
                owner=self._owner,
                at=self._clock.now(),
                state=DeliveryState.REPLACED,
                counts=False,
            )
            await self._settle(nothing)
            return
        said, sent = letter
        is_end = delivery.kind is DeliveryKind.FINAL
        if is_end:
            self._remember(delivery.request_id, said, is_end=True)
        receipt = await self._post(sent)
        if receipt.fate is Fate.TAKEN and not is_end:
            self._remember(delivery.request_id, said, is_end=False)
        await self._settle(self._attempt(delivery, receipt))

    async def _letter(self, delivery: Delivery) -> tuple[Said, Letter] | None:
        """What is to be said now; None: nothing."""
        jobs = await self._store.jobs_of(delivery.workspace_id, delivery.request_id)
        for job in jobs:
            self._learn(job)
        is_final = delivery.kind is DeliveryKind.FINAL
        if not jobs or is_final is not all_over(jobs):
            return None
        if is_final and len(jobs) > 1 and await self._is_superseded(delivery):
            return None
        said = await self._bodies.said(delivery.dialect, delivery.workspace_id, delivery.request_id)
        if not is_final and not self._is_news(delivery.request_id, delivery.hook_kind, said):
            return None
        return said, self._letter_of(delivery.workspace_id, delivery.url, delivery.webhook_id, said)

    async def _is_superseded(self, delivery: Delivery) -> bool:
        """Whether another job of the request ended later and speaks for all of them."""
        ends = await self._store.deliveries(delivery.workspace_id, request_id=delivery.request_id)
        speaking = (DeliveryState.DUE, DeliveryState.DELIVERED)
        return any(
            each.id > delivery.id and each.kind is DeliveryKind.FINAL and each.state in speaking for each in ends
        )

    def _attempt(self, delivery: Delivery, receipt: Receipt) -> Attempt:
        now = self._clock.now()
        state, due_at = DeliveryState.DELIVERED, None
        if receipt.fate is not Fate.TAKEN:
            if receipt.fate is Fate.NOT_NOW:
                due_at = next_try(delivery.tries + 1, delivery.created_at, now, asked=receipt.retry_after)
            state = DeliveryState.FAILED if due_at is None else DeliveryState.DUE
            _LOG.info("a webhook of request %s was not taken: %s", delivery.request_id, receipt.error)
        return Attempt(
            delivery_id=delivery.id,
            owner=self._owner,
            at=now,
            state=state,
            due_at=due_at,
            status=receipt.status,
            error=receipt.error,
        )

    async def _settle(self, attempt: Attempt) -> None:
        """Record it, however long the store cannot be written: else the receiver would hear it again."""
        while True:
            try:
                await self._store.settle_delivery(attempt)
            except Unavailable:
                await self._clock.sleep(STORE_RETRY_SECONDS)
            else:
                return

    # --- a percentage

    def _tell_percentages(self) -> None:
        looked_at: dict[str, int] = {}
        for job in self._open_jobs():
            hook = job.hook
            if hook is None or hook.kind is HookKind.RESULT or is_over(job):
                continue
            told = self._told.get(job.request_id)
            if told is not None and told.is_end:
                continue
            looked_at[job.id] = job.percent
            place = place_of(hook.url)
            busy = job.request_id in self._flights or place in self._slow or not self._has_room(place)
            if busy or self._looked_at.get(job.id, 0) == job.percent:
                looked_at[job.id] = self._looked_at.get(job.id, 0)
            else:
                self._start(_Flight(job.request_id, place, None), self._tell(job))
        self._looked_at = looked_at

    async def _tell(self, job: Job) -> None:
        hook = job.hook
        assert hook is not None
        said = await self._bodies.said(hook.dialect, job.workspace_id, job.request_id)
        if not self._is_news(job.request_id, hook.kind, said):
            return
        name = f"{webhook_id(job.id, job.version)}_{job.percent}"
        receipt = await self._post(self._letter_of(job.workspace_id, hook.url, name, said))
        if receipt.fate is Fate.TAKEN:
            self._remember(job.request_id, said, is_end=False)

    # --- both

    def _letter_of(self, workspace_id: str, url: str, name: str, said: Said) -> Letter:
        secret = self._workspaces.signing_secret(workspace_id)
        return Letter(webhook_id=name, url=url, body=said.body, at=self._clock.now(), secret=secret)

    async def _post(self, letter: Letter) -> Receipt:
        began = self._clock.ticks()
        receipt = await self._courier.post(letter)
        place = place_of(letter.url)
        if receipt.status is None or self._clock.ticks() - began > SLOW_SECONDS:
            if len(self._slow) < REMEMBERED:
                self._slow.add(place)
        else:
            self._slow.discard(place)
        return receipt

    def _is_news(self, request_id: str, kind: HookKind, said: Said) -> bool:
        told = self._told.get(request_id)
        if told is None:
            return True
        return told.status != said.status or (kind is HookKind.PROGRESS and told.progress != said.progress)

    def _remember(self, request_id: str, said: Said, *, is_end: bool) -> None:
        self._told[request_id] = _Told(said.status, said.progress, is_end)
        self._told.move_to_end(request_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
