"""Which implementations stand for ports.Inputs, and how a test opens an empty one of each."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.outbound.inputs import FolderInputs
from engine.ports import Inputs
from tests.fakes.memory_inputs import MemoryInputs

INPUTS = ["folder", "memory"]

_TLS = ssl.create_default_context()


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[Inputs]:
    if kind == "memory":
        yield MemoryInputs()
        return
    inputs = FolderInputs(folder, tls=_TLS)
    try:
        yield inputs
    finally:
        await inputs.close()
