"""What happens to all jobs of a workspace, told in the order in which it was stored: one reading serves all readers.

A reader has each entry once and none is left out, whichever process stored it: entries come from the store, not from
whoever stored them. What a reader has missed since its last place is read for it alone; then it hears what all hear.
Percent is volatile: only a job's latest is told, between two readings, and only of jobs that run in this process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

from engine.core.recent import Recent
from engine.core.updates import MAILBOX, Mailbox, Updates
from engine.core.watching import REREAD_SECONDS
from engine.model.errors import Unavailable
from engine.model.jobs import FINAL_STATES, Job, JobState, JobUpdate, Progress
from engine.model.values import value
from engine.ports import Clock, JobsWanted, JournalEntry, Store

_LOG = logging.getLogger(__name__)

GATHER_SECONDS = 0.03
"""How long a reading waits for what is stored just behind it."""
PAGE = 500
SPAN = 5_000
"""So many places are looked at in one reading for a reader who comes back."""
HOLD_SECONDS = 4.0
"""How long what comes behind a gap waits for it: longer than a transaction of PostgreSQL may stand idle."""
YOUNG = timedelta(minutes=1)
"""A new reader is told what is stored behind a gap already, where it is not older."""
GAPS = 1000
"""So many gaps are remembered, of which most are never filled."""
LOOKED_BACK = 1_000
"""So many places before the end are looked at for gaps when the first reader comes."""
MOST_RUNNING = 200
"""Open jobs of an end user whose percent a new reader is told from the beginning."""

Told = JournalEntry | Progress


@value(frozen=True, slots=True, kw_only=True)
class JournalWanted:
    """Which entries a reader is told: those in one of these states (none: in any), of that end user, private ones."""

    states: Collection[JobState] = ()
    requester: str | None = None
    private: bool = False

    def concerns(self, entry: JournalEntry) -> bool:
        """Whether an entry is of a job whose entries are told."""
        return (self.private or not entry.private) and self.requester in (None, entry.requester)

    def tells(self, state: JobState) -> bool:
        """Whether this state is told."""
        return not self.states or state in self.states


class JournalReader:
    """One reader of one workspace. Whoever does not read on closes it."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        workspace_id: str,
        wanted: JournalWanted,
        *,
        place: int,
        running: Iterable[str],
    ) -> None:
        """`place`: of the last entry that the reader has; `running`: open jobs of the end user who is wanted."""
        self.workspace_id = workspace_id
        self.place = place
        self._reads_to = journal.place
        """Up to there the reader reads by itself; what comes behind it is put into the mailbox."""
        self._store = store
        self._journal = journal
        self._wanted = wanted
        self._mailbox: Mailbox[Told] = Mailbox()
        self._followed = set(running)
        """Jobs of the end user who is wanted, until they are over."""

    async def batch(self) -> Sequence[Told]:
        """All that is ready, at least one; waits as long as nothing happens.

        Raises:
            Unavailable: what was missed cannot be read now; nothing of it is lost, the next call reads it.
        """
        ready = await self.missed()
        while not ready:
            items = self._mailbox.take() or await self._mailbox.wait()
            if len(items) >= MAILBOX:  # some were dropped: all of it is read again
                self._reads_to = self._journal.place
                ready = await self.missed()
            else:
                ready = [item for item in items if self._takes(item)]
        return ready

    async def missed(self) -> list[Told]:
        """The next of what was stored before the reader came; nothing when all of it was told.

        Raises:
            Unavailable: as `batch`.
        """
        while self.place < self._reads_to:
            until = min(self._reads_to, self.place + SPAN)
            entries = await self._store.journal_of(
                self.workspace_id,
                self.place,
                PAGE,
                until=until,
                states=self._wanted.states,
                requester=self._wanted.requester,
            )
            ready: list[Told] = [entry for entry in entries if self._takes(entry)]
            self.place = max(self.place, entries[-1].place if len(entries) == PAGE else until)
            if ready:
                return ready
        return []

    def put(self, item: Told) -> None:
        """Something happened in the workspace."""
        self._mailbox.put(item)

    def follows(self, job: Job) -> bool:
        """Whether the percent of a job may be told."""
        return self._wanted.tells(JobState.RUNNING) and (self._wanted.private or not job.private)

    def close(self) -> None:
        """Take part no longer."""
        self._journal.left(self)

    def _takes(self, item: Told) -> bool:
        if isinstance(item, Progress):
            return self._wanted.requester is None or item.job_id in self._followed
        if item.place <= self.place:
            return False
        self.place = item.place
        if not self._wanted.concerns(item):
            return False
        if item.update.state in FINAL_STATES:
            self._followed.discard(item.update.job_id)
        elif self._wanted.requester is not None:
            self._followed.add(item.update.job_id)
        return self._wanted.tells(item.update.state)


class Journal:
    """The one who reads for all readers of this process, as long as there are any."""

    def __init__(
        self,
        store: Store,
        updates: Updates,
        clock: Clock,
        recent: Recent,
        open_jobs: Callable[[], Iterable[Job]],
    ) -> None:
        """`open_jobs` are those that this process runs."""
        self._store = store
        self._updates = updates
        self._clock = clock
        self._recent = recent
        self._open_jobs = open_jobs
        self.place = 0
        """Of the last entry that all readers were told."""
        self._readers: dict[str, set[JournalReader]] = {}
        """By workspace."""
        self._progress: dict[str, Progress] = {}
        self._gaps: dict[int, float] = {}
        """By the place before each: when it was noticed."""
        self._stirred = asyncio.Event()
        self._opening = asyncio.Lock()

    async def open(self, workspace_id: str, wanted: JournalWanted, after: int | None = None) -> JournalReader:
        """A reader of what is stored from now on or, with `after`, behind the place that it had.

        Raises:
            Unavailable: the store cannot be read now.
        """
        running = await self._running(workspace_id, wanted)
        async with self._opening:
            if self._readers:
                await self._read_on()
                begins = self.place
            else:
                self.place, begins = await self._ends()
                self._updates.follower = self._heard
            place = begins if after is None else min(after, self.place)
            reader = JournalReader(self._store, self, workspace_id, wanted, place=place, running=running)
            self._readers.setdefault(workspace_id, set()).add(reader)
        self._stirred.set()
        return reader

    async def _running(self, workspace_id: str, wanted: JournalWanted) -> Iterable[str]:
        if wanted.requester is None or not wanted.tells(JobState.RUNNING):
            return ()
        unended = tuple(state for state in JobState if state not in FINAL_STATES)
        theirs = JobsWanted(requester=wanted.requester, states=unended, private=wanted.private)
        page = await self._store.job_page(workspace_id, theirs, MOST_RUNNING)
        return [job.id for job in page.jobs]

    async def _ends(self) -> tuple[int, int]:
        """Up to where all is stored or never will be, and where a new reader begins: there, or behind older entries."""
        end = await self._store.journal_end()
        last = max(0, end - LOOKED_BACK)
        certain, begins = [], []
        for entry in await self._store.journal(last, LOOKED_BACK, until=end):
            if entry.place > last + 1 and self._may_be_filled(last):
                certain.append(last)
                if self._clock.now() - entry.update.at < YOUNG:
                    begins.append(last)
            last = entry.place
        return min([end, *certain]), min([end, *begins])

    def left(self, reader: JournalReader) -> None:
        """A reader is gone."""
        readers = self._readers.get(reader.workspace_id, set())
        readers.discard(reader)
        if not readers:
            self._readers.pop(reader.workspace_id, None)
        if not self._readers:
            self._updates.follower = None
            self._progress.clear()

    async def run(self) -> None:
        """Read for ever what is stored, soon after this process stored something, and now and then for the others."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REREAD_SECONDS if self._readers else None):
                    await self._stirred.wait()
            await self._clock.sleep(GATHER_SECONDS)
            self._stirred.clear()
            try:
                await self._read_on()
            except Unavailable as error:
                _LOG.warning("event streams wait for the store: %s", error)
                await self._clock.sleep(REREAD_SECONDS)

    def _heard(self, item: JobUpdate | Progress) -> None:
        if isinstance(item, Progress):
            self._progress[item.job_id] = item
        self._stirred.set()

    async def _read_on(self) -> None:
        while self._readers:
            entries = await self._store.journal(self.place, PAGE)
            told = self._in_order(entries)
            for entry in told:
                for reader in self._readers.get(entry.workspace_id, ()):
                    reader.put(entry)
            if len(entries) < PAGE or not told:
                break
        progress, self._progress = self._progress, {}
        for each in progress.values():
            job = self._job(each.job_id)
            if job is not None and not job.is_final:
                for reader in self._readers.get(job.workspace_id, ()):
                    if reader.follows(job):
                        reader.put(each)

    def _job(self, job_id: str) -> Job | None:
        job = self._recent.known(job_id)
        if job is None:  # from before this process began
            job = next((each for each in self._open_jobs() if each.id == job_id), None)
            if job is not None:
                self._recent.learn(job)
        return job

    def _in_order(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        """Those before the first gap: what is missing there may be about to be stored by another process."""
        ready = []
        for entry in entries:
            if entry.place <= self.place:
                continue
            if entry.place > self.place + 1 and self._may_be_filled(self.place):
                self._stirred.set()
                break
            self.place = entry.place
            ready.append(entry)
        return ready

    def _may_be_filled(self, place: int) -> bool:
        """Whether what is missing behind a place may still come: for some seconds after that was noticed."""
        now = self._clock.ticks()
        noticed = self._gaps.setdefault(place, now)
        while len(self._gaps) > GAPS:
            del self._gaps[min(self._gaps)]
        return now - noticed < HOLD_SECONDS
