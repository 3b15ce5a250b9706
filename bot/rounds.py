"""What the bot does again and again beside what people ask."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod


class Round(ABC):
    """One task, from the bot's start to its leaving."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; the next process goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @abstractmethod
    async def _run(self) -> None:
        """For ever; what goes wrong at one look is logged, and the next one is no worse for it."""
