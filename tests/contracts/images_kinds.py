"""Which implementations stand for ports.Images, and how a test opens an empty one of each."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.outbound.images import HttpImages
from engine.ports import Images

IMAGES = ["http"]

_TLS = ssl.create_default_context()


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[Images]:
    assert kind == "http"
    images = HttpImages(folder, tls=_TLS)
    try:
        yield images
    finally:
        await images.close()
