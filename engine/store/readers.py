"""How reads run: in a few threads with connections of their own, each with a time limit, never behind the writer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Engine

from engine.model import errors
from engine.store import dialects
from engine.store.threads import Outboxes, Raised, Waiting

T = TypeVar("T")


@dataclass(slots=True)
class _Question:
    ask: Callable[[Connection], Any]
    waiting: Waiting


class Readers:
    """A small pool of threads, one connection each. The first questions start one thread each.

    The threads are our own: an executor's future costs two wake-ups of the event loop's side and a lock for each read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._questions: SimpleQueue[_Question | None] = SimpleQueue()
        self._outboxes = Outboxes()
        self._threads: list[threading.Thread] = []
        self._closed = False

    async def read(self, question: Callable[[Connection], T]) -> T:
        """The answer to a question. A caller that is cancelled does not stop it.

        Raises:
            Unavailable: the database cannot be read now, or it took too long.
        """
        if self._closed:
            raise errors.Unavailable("the store is closed")
        waiting = self._outboxes.waiting()
        self._questions.put(_Question(question, waiting))
        if len(self._threads) < dialects.READERS:
            thread = threading.Thread(target=self._run, name=f"store reader {len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        answer: T = await waiting.future
        return answer

    async def close(self) -> None:
        """Let what is being read, or waits for it, end."""
        if not self._closed:
            self._closed = True
            for _ in self._threads:
                self._questions.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    # --- in the threads

    def _run(self) -> None:
        desk = _Desk(self._engine)
        try:
            while (question := self._questions.get()) is not None:
                if question.waiting.future.done():  # nobody waits any more
                    continue
                answer: Any
                try:
                    answer = desk.answer(question.ask)
                except Exception as error:  # noqa: BLE001 - it is raised where it was asked
                    answer = Raised(error)
                question.waiting.outbox.tell([(question.waiting.future, answer)])
        finally:
            desk.leave()


class _Desk:
    """One thread's connection, kept from question to question; after any trouble the next one is a new one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def answer(self, question: Callable[[Connection], T]) -> T:
        """Ask the database; a connection that was lost since the last question is replaced once.

        Raises:
            Unavailable: it cannot be read now, or it took too long.
        """
        is_used = self._connection is not None
        try:
            try:
                return self._asked(question)
            except Exception as error:
                if not (is_used and dialects.is_connection_lost(error)):
                    raise
            return self._asked(question)
        except Exception as error:
            if dialects.is_trouble(error):
                raise dialects.unavailable(error) from error
            raise

    def leave(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _asked(self, question: Callable[[Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._engine.connect()
        try:
            dialects.limit_read(connection)
            return question(connection)
        except Exception as error:
            if dialects.is_trouble(error) and not dialects.may_keep(error):
                with suppress(Exception):
                    connection.invalidate()
            self.leave()
            raise
