"""Which implementations stand for ports.Store, and how a test opens an empty one of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.ports import Store
from engine.store.sql_store import open_store
from tests.contracts.store_examples import after
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore

STORES = ["memory", "sqlite"]


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[Store]:
    store: Store
    if kind == "memory":
        store = MemoryStore()
    else:
        store = open_store(f"sqlite:///{folder / 'easel.db'}", clock=ManualClock(after(0)), migrate=True)
    try:
        yield store
    finally:
        await store.close()
