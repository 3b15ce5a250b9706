"""How long a call waits for its task: until its end, for so many seconds, or until the server closes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from engine.api.options import Premises
from engine.api.states import Stage, stage_of
from engine.model.jobs import Job


class Patience:
    """One call's waiting, over all the tasks that it waits for; whoever leaves meanwhile cancels none of them."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._until = asyncio.get_running_loop().time() + premises.options.sync_wait_seconds

    async def ended(self, job: Job) -> Job | None:
        """The job when it is done or an error; None: not in time."""
        premises, loop = self._premises, asyncio.get_running_loop()
        if _is_over(job):
            return job
        news = premises.door.watch(job.workspace_id, job.id, job.version)
        limit = asyncio.timeout_at(self._until)

        def end() -> None:
            with contextlib.suppress(RuntimeError):  # it ended in this very moment
                limit.reschedule(loop.time())

        try:
            async with limit:
                premises.closing.call(end)
                while not premises.closing.is_set:
                    told = await news.batch()
                    now = await premises.door.job(job.workspace_id, job.id)
                    if _is_over(now) or not told:
                        return now
        except TimeoutError:
            return None
        finally:
            premises.closing.forget(end)
            await news.aclose()
        return None


def later(premises: Premises, work: Coroutine[Any, Any, None]) -> None:
    """Let something go on after its call was answered, until it ends or the server closes."""
    task = asyncio.create_task(work)

    def end() -> None:
        task.cancel()

    premises.closing.call(end)
    task.add_done_callback(lambda _: premises.closing.forget(end))


async def once(premises: Premises, job: Job, holds: Callable[[Job], bool]) -> Job:
    """The job as soon as it is so, or over, however long that takes."""
    news = premises.door.watch(job.workspace_id, job.id)
    try:
        while not (holds(job) or job.is_final):
            if not await news.batch():
                break
            job = await premises.door.job(job.workspace_id, job.id)
    finally:
        await news.aclose()
    return await premises.door.job(job.workspace_id, job.id)


def _is_over(job: Job) -> bool:
    return stage_of(job) in (Stage.DONE, Stage.FAILED)
