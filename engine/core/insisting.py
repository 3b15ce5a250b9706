"""What happens when a part of the engine breaks down: it is told, shown, and the part is started again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.ports import Clock

_LOG = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
SHOWN_FOR = timedelta(minutes=10)
"""How long a part that broke down and runs again is still shown."""

Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A part that broke down: its name, how often since the start, when last, and whether it stands still now."""

    part: str
    times: int
    last_at: datetime
    down: bool


class Insisting:
    """Keeps the parts of the engine running."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._broken: dict[str, Breakdown] = {}

    @property
    def breakdowns(self) -> tuple[Breakdown, ...]:
        """What stands still, and what broke down lately."""
        since = self._clock.now() - SHOWN_FOR
        return tuple(each for each in self._broken.values() if each.down or each.last_at >= since)

    async def keep(self, part: str, work: Work) -> None:
        """Run a part until it is cancelled; one that breaks down begins anew after a pause that grows."""
        pause = FIRST_PAUSE
        while True:
            began = self._clock.ticks()
            try:
                await work()
            except Exception:  # noqa: BLE001 - whatever it was, the others go on and this part begins anew
                _LOG.critical("a part of the engine broke down and begins anew: %s", part, exc_info=True)
            else:
                return
            lasted = self._clock.ticks() - began
            pause = FIRST_PAUSE if lasted > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            self._note(part, down=True)
            await self._clock.sleep(pause)
            self._note(part, down=False)

    def _note(self, part: str, *, down: bool) -> None:
        before = self._broken.get(part)
        times = before.times if before is not None else 0
        if down or before is None:
            self._broken[part] = Breakdown(part, times + 1, self._clock.now(), down=True)
        else:
            self._broken[part] = Breakdown(part, times, before.last_at, down=False)
