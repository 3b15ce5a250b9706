"""What a keeper does again and again: saves its place in the wire, reads histories, does what it owes to its jobs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from engine.core.casebook import Casebook
from engine.core.patience import Alarm
from engine.core.saving import PERIOD
from engine.core.works import Works
from engine.model.errors import Unavailable
from engine.ports import Clock, Session

_LOG = logging.getLogger(__name__)

TICK = 0.25


class Rounds:
    """One account's rounds; `speaks`: Midjourney may be spoken to now, `stopped`: the account is."""

    def __init__(
        self,
        account_id: int,
        casebook: Casebook,
        clock: Clock,
        *,
        session: Callable[[], Session | None],
        speaks: Callable[[], bool],
        stopped: Callable[[], bool],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._account_id = account_id
        self._casebook = casebook
        self._clock = clock
        self._session = session
        self._speaks = speaks
        self._stopped = stopped
        self._spawn = spawn
        self._stirred = asyncio.Event()
        self._idle = False

    def stir(self) -> None:
        """A job moved: an account that had none, and was looked at rarely, may have one now."""
        if self._idle:
            self._stirred.set()

    async def run(self, works: Works) -> None:
        """For ever: without open jobs only its place in the wire may have to be saved, and that less often."""
        alarm = Alarm(self._stirred, self._clock)
        try:
            while True:
                self._idle = not self._casebook.book.jobs
                await alarm.wait(PERIOD if self._idle else TICK)
                await self._once(works)
        finally:
            alarm.cancel()

    async def _once(self, works: Works) -> None:
        session = self._session()
        if works.saving.due:
            try:
                await works.saving.save(session)
            except Unavailable as error:
                _LOG.warning("account %d: progress is not saved: %s", self._account_id, error)
        if works.historian.due:
            self._spawn(works.historian.look(session))
        if session is not None and self._speaks():
            works.errands.run(session)
        if self._stopped():
            works.errands.forgive()
