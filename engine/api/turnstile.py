"""How often a key may call, and an address come with a wrong key: counted in memory, each process for itself."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from engine.model.errors import TooMany
from engine.model.rates import Pace, Rate, Rates


class Turnstile:
    """Counts calls of one application. In any window of a pace's length no more calls pass than it allows."""

    def __init__(self, rates: Rates, wrong_keys: int) -> None:
        """`rates` of keys without their own; `wrong_keys` an address may show in a minute, 0: as many as it likes."""
        self._rates = rates
        self._wrong = RateLimitItemPerMinute(wrong_keys) if wrong_keys else None
        self._items: dict[Pace, RateLimitItemPerSecond] = {}
        self._limiter: MovingWindowRateLimiter | None = None

    async def passed(self, key_id: int, rates: Rates | None, rate: Rate) -> None:
        """Let a key's call pass.

        Raises:
            TooMany: it comes too often.
        """
        counted, pace = (rates or self._rates).of(rate)
        if pace is None:
            return
        item = self._items.get(pace)
        if item is None:
            item = self._items[pace] = RateLimitItemPerSecond(pace.calls, pace.seconds)
        limiter = self._opened()
        if not await limiter.hit(item, counted, str(key_id)):
            again = (await limiter.get_window_stats(item, counted, str(key_id))).reset_time
            raise TooMany(
                f"this key may call {pace.calls} times in {pace.seconds} s here ({counted} calls)",
                retry_after=_seconds_until(again),
            )

    async def wrong_key(self, address: str) -> None:
        """Note that an address showed a wrong key.

        Raises:
            TooMany: it has shown too many.
        """
        if self._wrong is None:
            return
        limiter = self._opened()
        if not await limiter.hit(self._wrong, "wrong key", address):
            again = (await limiter.get_window_stats(self._wrong, "wrong key", address)).reset_time
            raise TooMany("too many wrong API keys from this address", retry_after=_seconds_until(again))

    def _opened(self) -> MovingWindowRateLimiter:
        if self._limiter is None:
            self._limiter = MovingWindowRateLimiter(MemoryStorage())
        return self._limiter


def _seconds_until(moment: float) -> int:
    return max(1, math.ceil(moment - time.time()))
