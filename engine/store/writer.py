"""When writes happen: one thread, and everything that waits while it is busy shares the next transaction."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Engine

from engine.model import errors
from engine.store import commits, dialects
from engine.store.threads import Outbox, Outboxes, Raised, Waiting

log = logging.getLogger(__name__)

T = TypeVar("T")

Work = Callable[[Connection, bool], T]
"""What one caller wants written. True: statement by statement, because somebody's change in this batch fails."""

MOST_AT_ONCE = 500
"""Calls in one transaction, so that none waits for an endless one."""
PATIENCE = 0.1
"""Seconds for which a write that can wait looks for a transaction that is made anyway."""
ASK_AGAIN_SECONDS = 0.25
"""How often it is tried to learn what became of a COMMIT that had no answer."""


@dataclass(slots=True)
class _Call:
    work: Work[Any]
    waiting: Waiting


class _Reminder:
    """Stands among the calls: those that are patient have waited long enough."""


class _NoAnswer(Exception):
    """The connection was lost during COMMIT."""

    def __init__(self, number: str, answers: list[Any]) -> None:
        super().__init__(number)
        self.number = number
        self.answers = answers


@dataclass(slots=True)
class _Doubt:
    """A transaction that may have been committed: who waits for it, and what they are told if it was."""

    batch: Sequence[_Call]
    answers: list[Any]
    number: str


class Writer:
    """The one connection of this process that writes.

    `commits` counts transactions that were written. When the connection is lost during COMMIT (PostgreSQL), the callers
    wait until the server can be asked what became of it: "not written" must be true when it is said.
    """

    def __init__(self, engine: Engine) -> None:
        self.commits = 0
        self._engine = engine
        self._connection: Connection | None = None
        self._calls: SimpleQueue[_Call | _Reminder | None] = SimpleQueue()
        self._patient: deque[_Call] = deque()
        self._outboxes = Outboxes()
        self._door = threading.Lock()
        self._closed = False
        self._in_trouble = False
        self._doubt: _Doubt | None = None
        self._thread = threading.Thread(target=self._run, name="store writer", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T], *, patient: bool = False) -> T:
        """Do the work in the next transaction; returns after COMMIT. A caller that is cancelled does not stop it.

        `patient`: it makes no transaction of its own, unless none comes by within `PATIENCE`.

        Raises:
            Unavailable: nothing of it was written.
        """
        call = _Call(work, self._outboxes.waiting())
        with self._door:
            if self._closed:
                raise errors.Unavailable("the store is closed")
            if patient:
                self._patient.append(call)
                asyncio.get_running_loop().call_later(PATIENCE, self._remind)
            else:
                self._calls.put(call)
        answer: T = await call.waiting.future
        return answer

    def _remind(self) -> None:
        if self._patient:
            self._calls.put(_Reminder())

    async def close(self) -> None:
        """Write what waits, then let the thread end."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._calls.put(None)
        await asyncio.to_thread(self._thread.join)

    # --- in the thread

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._next_batch()
            if self._doubt is not None:
                batch = self._resolve(self._doubt, batch)
            if batch:
                self._write(batch)
        if self._doubt is not None:
            self._tell_all(self._doubt.batch, errors.Unavailable("closed before the database said what was written"))
        self._drop_connection()

    def _next_batch(self) -> tuple[list[_Call], bool]:
        """What waits now (perhaps nothing, after a reminder or while in doubt), and whether nothing comes after it."""
        batch: list[_Call] = []
        last = False
        try:
            call = self._calls.get(timeout=ASK_AGAIN_SECONDS if self._doubt is not None else None)
        except Empty:
            return batch, last
        with suppress(Empty):
            while call is not None:
                if isinstance(call, _Call):
                    batch.append(call)
                    if len(batch) == MOST_AT_ONCE:
                        self._remind()  # a reminder may have been among them
                        return batch, last
                call = self._calls.get_nowait()
            last = True
        with suppress(IndexError):
            while last or len(batch) < MOST_AT_ONCE:
                batch.append(self._patient.popleft())
        return batch, last

    def _write(self, batch: Sequence[_Call]) -> None:
        try:
            try:
                answers = self._transaction(batch, self._together)
            except Exception as error:
                if isinstance(error, _NoAnswer) or dialects.is_trouble(error):
                    raise
                # one of them cannot be written; alone only that one fails
                answers = self._transaction(batch, self._one_by_one)
        except _NoAnswer as error:
            log.warning("the connection to the database was lost during COMMIT; asking what became of it")
            self._doubt = _Doubt(batch, error.answers, error.number)
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait are told, and the thread goes on
            self._refuse(batch, error)
        else:
            self._works_again()
            _tell(batch, answers)

    def _works_again(self) -> None:
        if self._in_trouble:
            self._in_trouble = False
            log.warning("the database can be written again")

    def _resolve(self, doubt: _Doubt, batch: list[_Call]) -> list[_Call]:
        """Learn what became of it; returns what may be written now: nothing, as long as that is unknown."""
        try:
            committed = commits.was_committed(self._connected(), doubt.number)
        except Exception as error:  # noqa: BLE001 - asked again soon
            self._drop_connection()
            if batch:
                self._refuse(batch, error)
            return []
        if committed is None:
            self._tell_all(batch, errors.Unavailable("the database has not ended the last transaction"))
            return []
        self._doubt = None
        if committed:
            self.commits += 1
            _tell(doubt.batch, doubt.answers)
        else:
            self._tell_all(doubt.batch, errors.Unavailable("the connection to the database was lost"))
        return batch

    def _transaction(
        self, batch: Sequence[_Call], write: Callable[[Connection, Sequence[_Call]], list[Any]]
    ) -> list[Any]:
        connection = self._connected()
        try:
            connection.begin()
            answers = write(connection, batch)
            number = commits.number_of(connection)
        except BaseException as error:
            self._roll_back(connection, error)
            raise
        try:
            connection.commit()
        except BaseException as error:
            lost = dialects.is_connection_lost(error)
            self._roll_back(connection, error)
            if lost and number is not None:
                raise _NoAnswer(number, answers) from error
            raise
        self.commits += 1
        return answers

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    @staticmethod
    def _together(connection: Connection, batch: Sequence[_Call]) -> list[Any]:
        return [call.work(connection, False) for call in batch]

    @staticmethod
    def _one_by_one(connection: Connection, batch: Sequence[_Call]) -> list[Any]:
        answers: list[Any] = []
        for call in batch:
            try:
                with connection.begin_nested():
                    answers.append(call.work(connection, True))
            except Exception as error:
                if dialects.is_trouble(error):
                    raise
                answers.append(Raised(dialects.in_our_words(error)))
        return answers

    def _roll_back(self, connection: Connection, error: BaseException) -> None:
        try:
            connection.rollback()
        except Exception:
            if not dialects.is_trouble(error):
                log.exception("a failed transaction could not be rolled back")
            self._drop_connection()
        else:
            if dialects.is_trouble(error) and not dialects.may_keep(error):
                self._drop_connection()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()
            with suppress(Exception):
                connection.close()

    def _refuse(self, batch: Sequence[_Call], error: Exception) -> None:
        """Tell everybody who waits, also those who came meanwhile, that nothing was written."""
        if not dialects.is_trouble(error):
            log.error("a transaction failed", exc_info=error)
            _tell(batch, [Raised(error)] * len(batch))
            return
        if not self._in_trouble:
            self._in_trouble = True
            log.warning("%s", dialects.unavailable(error))
        waiting = list(batch)
        with suppress(Empty):
            while True:
                call = self._calls.get_nowait()
                if call is None:
                    self._calls.put(None)
                    break
                if isinstance(call, _Call):
                    waiting.append(call)
        with suppress(IndexError):
            while True:  # their reminders are gone too
                waiting.append(self._patient.popleft())
        self._tell_all(waiting, dialects.unavailable(error))

    @staticmethod
    def _tell_all(calls: Sequence[_Call], error: errors.Unavailable) -> None:
        _tell(calls, [Raised(errors.Unavailable(str(error), detail=error.detail)) for _ in calls])


def _tell(calls: Sequence[_Call], answers: Sequence[Any]) -> None:
    """Hand the answers over, with one wake-up for each event loop that waits."""
    by_loop: dict[Outbox, list[tuple[asyncio.Future[Any], Any]]] = {}
    for call, answer in zip(calls, answers, strict=True):
        by_loop.setdefault(call.waiting.outbox, []).append((call.waiting.future, answer))
    for outbox, pairs in by_loop.items():
        outbox.tell(pairs)
