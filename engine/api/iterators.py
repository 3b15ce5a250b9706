"""How an asynchronous source that was not read to its end is let go: at once, not when it is collected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any


async def close(source: AsyncIterator[Any]) -> None:
    """Run what the source does at its end; one that has nothing to do is left alone."""
    aclose = getattr(source, "aclose", None)
    if aclose is not None:
        await aclose()
