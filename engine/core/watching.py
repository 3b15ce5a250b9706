"""What a watcher of one job is told: the stored updates it missed, then the live ones, each once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from engine.core.updates import Updates
from engine.model.errors import Unavailable
from engine.model.jobs import FINAL_STATES, JobUpdate, Progress
from engine.ports import Store

REREAD_SECONDS = 1.5
"""How often the store is asked for what another process stored (the operator's command line)."""


async def watch(  # noqa: C901 - one loop, told in order
    store: Store,
    updates: Updates,
    job_id: str,
    after_version: int,
    newest: Callable[[], int | None] = lambda: None,
) -> AsyncGenerator[JobUpdate | Progress]:
    """Updates above that version and progress, until a final state was told.

    `newest` gives the stored version where it is known without asking; then nothing that was not missed is read.
    """
    version = after_version
    async with updates.mailbox(job_id) as mailbox:
        missing = [] if newest() == version else await store.updates(job_id, version)
        for update in missing:
            version = update.version
            yield update
            if update.state in FINAL_STATES:
                return
        latest = updates.latest(job_id)
        if latest is not None:
            yield latest
        while True:
            missed: list[JobUpdate | Progress] = []
            try:
                async with asyncio.timeout(REREAD_SECONDS):
                    missed = [await mailbox.get()]
            except TimeoutError:
                missed = await _stored(store, job_id, version)
            first = missed[0] if missed else None
            if isinstance(first, JobUpdate) and first.version > version + 1:
                missed = await _stored(store, job_id, version)
            for item in missed:
                if isinstance(item, JobUpdate):
                    if item.version <= version:
                        continue
                    version = item.version
                yield item
                if isinstance(item, JobUpdate) and item.state in FINAL_STATES:
                    return


async def _stored(store: Store, job_id: str, version: int) -> list[JobUpdate | Progress]:
    try:
        return list(await store.updates(job_id, version))
    except Unavailable:
        return []
