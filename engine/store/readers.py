"""How reads run: in a few threads with connections of their own, each with a time limit, never behind the writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.engine import Connection, Engine

from engine.model import errors
from engine.store import dialects

T = TypeVar("T")


class Readers:
    """A small pool of threads, one connection each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(dialects.READERS, thread_name_prefix="store reader")
        self._closed = False

    async def read(self, question: Callable[[Connection], T]) -> T:
        """The answer to a question.

        Raises:
            Unavailable: the database cannot be read now, or it took too long.
        """
        if self._closed:
            raise errors.Unavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, question)

    async def close(self) -> None:
        """Let what is being read end."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)

    def _ask(self, question: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection:
                dialects.limit_read(connection)
                try:
                    return question(connection)
                except Exception as error:
                    if dialects.is_trouble(error) and not dialects.may_keep(error):
                        with suppress(Exception):
                            connection.invalidate()
                    raise
        except Exception as error:
            if dialects.is_trouble(error):
                raise dialects.unavailable(error) from error
            raise
