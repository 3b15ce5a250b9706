"""Which implementations stand for ports.Store, and how a test opens an empty one of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from engine.ports import Store
from engine.store.migration import migrate
from engine.store.sql_store import open_store
from tests.contracts.store_examples import after
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.postgres import PostgresServer

DATABASES = ["sqlite", "postgresql"]
STORES = ["memory", *DATABASES]


@contextmanager
def database(kind: str, folder: Path, server: Callable[[], PostgresServer]) -> Iterator[str]:
    """The address of a database of that kind with its tables; `server` is asked only when it is PostgreSQL."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'easel.db'}"
        migrate(url)
        yield url
    else:
        with server().database() as url:
            yield url


@asynccontextmanager
async def opened(kind: str, folder: Path, server: Callable[[], PostgresServer]) -> AsyncIterator[Store]:
    if kind == "memory":
        yield MemoryStore()
        return
    with database(kind, folder, server) as url:
        store = open_store(url, clock=ManualClock(after(0)))
        try:
            yield store
        finally:
            await store.close()
