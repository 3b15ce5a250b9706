"""Which jobs of an account run, which wait for a slot, and how one is cancelled (protocol §10)."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.simulator import embeds

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.jobs import Job
    from engine.simulator.ledger import Ledger
    from engine.simulator.letters import Letters
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account
    from engine.simulator.script import Script
    from engine.simulator.tasks import Tasks
    from engine.simulator.world import World


@dataclass(slots=True)
class _Desk:
    """An account's running jobs and those that wait for a slot."""

    running: set[str] = field(default_factory=set)
    waiting: deque[Job] = field(default_factory=deque)


class Desks:
    """All accounts' slots and queues."""

    def __init__(
        self,
        *,
        options: SimulatorOptions,
        world: World,
        ledger: Ledger,
        rng: Random,
        voice: Voice,
        script: Script,
        tasks: Tasks,
        letters: Letters,
    ) -> None:
        self._options = options
        self._world = world
        self._ledger = ledger
        self._rng = rng
        self._voice = voice
        self._script = script
        self._tasks = tasks
        self._letters = letters
        self._desks: dict[str, _Desk] = {}
        self._plays: dict[str, asyncio.Task[None]] = {}  # by job uuid
        self._closing = False

    async def admit(self, job: Job, asked: Interaction, *, announced: bool = True) -> None:
        """Give the job a slot, a place in the queue, or a refusal. Not `announced`: its start carries no nonce."""
        desk = self._desk(job.account)
        if not job.takes_slot or len(desk.running) < asked.account.concurrency:
            await self._run(job, asked if announced else None)
            return
        if len(desk.waiting) >= asked.account.queue:
            self._ledger.write("job", state="refused", decision="Queue full", **job.linked())
            await self._voice.refuse(asked, embeds.embed(*embeds.QUEUE_FULL, asked.prompt), job.about)
            return
        job.late = True
        job.anonymous = self._rng.random() < self._options.anonymous_late_start
        desk.waiting.append(job)
        self._world.open_job(job)
        self._ledger.write("job", state="queued", **job.linked())
        await self._voice.refuse(asked, embeds.embed(*embeds.JOB_QUEUED, asked.prompt), job.about)
        self._next(desk, asked.account)

    async def _run(self, job: Job, asked: Interaction | None) -> None:
        """Play a job and give its slot to the next; `asked` is None for a late start and after a restart."""
        desk = self._desk(job.account)
        if job.takes_slot:
            desk.running.add(job.uuid)
        self._world.open_job(job)
        play = asyncio.get_running_loop().create_task(self._script.play(job, asked, self._release))
        self._plays[job.uuid] = play
        await asyncio.wait({play})
        self._plays.pop(job.uuid, None)
        if self._closing:
            return
        if play.cancelled():
            self._script.stopped(job)
        self._release(job)
        if not play.cancelled():
            play.result()
            await self._letters.of_itself(job)

    def _release(self, job: Job) -> None:
        """The job is over: the next one may start."""
        self._world.close_job(job)
        desk = self._desk(job.account)
        desk.running.discard(job.uuid)
        self._next(desk, self._world.accounts[job.account])

    def _desk(self, account: str) -> _Desk:
        return self._desks.setdefault(account, _Desk())

    def _next(self, desk: _Desk, account: Account) -> None:
        while desk.waiting and len(desk.running) < account.concurrency:
            job = desk.waiting.popleft()
            desk.running.add(job.uuid)
            self._tasks.spawn(self._run(job, None))

    def go_on(self) -> None:
        """After a restart: take up the jobs that were running, and queue those that waited."""
        for job in sorted(
            self._world.unfinished.values(), key=lambda j: (j.progress_id is None, int(j.interaction_id))
        ):
            desk = self._desk(job.account)
            if job.takes_slot:
                desk.waiting.append(job)
            else:
                self._tasks.spawn(self._run(job, None))
        for account, desk in self._desks.items():
            self._next(desk, self._world.accounts[account])

    def of(self, progress_id: str | None) -> str | None:
        """The job that this progress message shows."""
        found = (job.uuid for job in self._world.unfinished.values() if progress_id and job.progress_id == progress_id)
        return next(found, None)

    def cancel(self, uuid: str | None, account: Account) -> bool:
        """End one of the account's jobs, unless its final is out already. True if it was ended."""
        job = self._world.unfinished.get(uuid or "")
        if job is None or job.account != account.id:
            return False
        desk = self._desk(job.account)
        if job in desk.waiting:
            desk.waiting.remove(job)
            self._world.close_job(job)
            self._ledger.write("job", state="cancelled", **job.linked())
            return True
        if job.uuid in self._plays and job.final_id is None:
            self._plays[job.uuid].cancel()
            return True
        return False

    def of_account(self, account: Account) -> tuple[list[Job], list[Job]]:
        """The account's running jobs and those that wait, each in the order in which they came."""
        desk = self._desk(account.id)
        return [job for job in self._world.unfinished.values() if job.uuid in desk.running], [*desk.waiting]

    def counts(self, account: Account) -> dict[str, Any]:
        """How many jobs of the account run and wait."""
        desk = self._desk(account.id)
        return {"running": len(desk.running), "waiting": len(desk.waiting)}

    async def close(self) -> None:
        """Stop playing; what is unfinished goes on at the next start."""
        self._closing = True
        plays = [*self._plays.values()]
        for play in plays:
            play.cancel()
        await asyncio.gather(*plays, return_exceptions=True)
