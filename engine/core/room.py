"""How many jobs an account takes now: as many as its owner allows, fewer after Midjourney said "Queue full" (§8.2)."""

from __future__ import annotations

from engine.ports import Clock


class Room:
    """What Midjourney's refusals taught about an account. Forgotten with the process: it is taught again at once."""

    def __init__(self, clock: Clock, pause_seconds: float) -> None:
        self._clock = clock
        self._pause = pause_seconds
        self._limit: int | None = None
        self._ended = 0
        self._since = 0.0

    def turned_away(self, taken: int) -> None:
        """Midjourney took no further job beside so many that it is known to have."""
        self._limit, self._ended, self._since = taken, 0, self._clock.ticks()

    def ended(self) -> None:
        """A job of the account ended: its place is free again. Each later end tries one place more."""
        self._ended += 1

    def full(self, taken: int) -> bool:
        """Whether to send nothing until a job ends, or for a while when none of ours could end."""
        if self._limit is None or self._ended or taken < self._limit:
            return False
        return self._limit > 0 or self._clock.ticks() < self._since + self._pause

    def slots(self, concurrency: int, taken: int) -> int:
        """How many slots may be used, of those that the owner allows; one more where none of ours is known to run."""
        if self._limit is None:
            return concurrency
        learnt = taken + 1 if self._limit == 0 else self._limit
        return min(concurrency, learnt + max(0, self._ended - 1))
