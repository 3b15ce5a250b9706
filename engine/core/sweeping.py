"""When pictures that users handed in are let go: a week after the last job that needed them could still be sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from engine.model.errors import Unavailable
from engine.model.jobs import Job
from engine.ports import Clock, Inputs

_LOG = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0
KEPT_FOR = timedelta(days=7)


async def sweep(inputs: Inputs, clock: Clock, jobs: Callable[[], Iterable[Job]]) -> None:
    """Do it for ever, each hour; `jobs` are those that have not ended."""
    while True:
        await clock.sleep(SWEEP_SECONDS)
        needed = {name for job in jobs() for name in job.given.kept}
        try:
            await inputs.sweep(needed, clock.now() - KEPT_FOR)
        except Unavailable as error:
            _LOG.warning("handed-in pictures could not be swept: %s", error)
