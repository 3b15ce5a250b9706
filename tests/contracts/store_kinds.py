"""Which implementations stand for ports.Store, and how a test opens an empty one of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.ports import Store
from tests.fakes.memory_store import MemoryStore

STORES = ["memory"]


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[Store]:
    assert kind == "memory"
    store = MemoryStore()
    try:
        yield store
    finally:
        await store.close()
