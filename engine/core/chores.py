"""Tasks that make queued jobs ready, one for each, until it is done or its job is queued no longer."""

from __future__ import annotations

import asyncio


class Chores:
    """Who does such tasks inherits how they are dropped; each takes itself out of `_tasks` when it is done."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """By job."""

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._tasks

    def drop(self, job_id: str) -> None:
        """The job is not queued any more."""
        task = self._tasks.pop(job_id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def stop(self) -> None:
        """Do nothing more; what is queued stays queued."""
        for job_id in list(self._tasks):
            self.drop(job_id)
