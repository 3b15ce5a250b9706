"""When Midjourney says several things in a row that nobody knows: its words have changed, and the operator is told."""

from __future__ import annotations

import logging
import re

from engine.ports import Clock

_LOG = logging.getLogger(__name__)

WINDOW = 600.0
"""Seconds within which they count as one change."""
KINDS = 3
_LONGEST = 80
_OF_ONE_MESSAGE = re.compile(
    r"(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?P<person><@!?\d{1,20}>)|(?P<link>https?://[^\s<>]+)|(?P<n>\d+)",
    re.IGNORECASE,
)


def kind_of(words: str) -> str:
    """What is counted as one: the words without the ids, people, links and numbers that differ each time."""
    return _OF_ONE_MESSAGE.sub(lambda found: f"<{found.lastgroup}>", words[: 4 * _LONGEST])[:_LONGEST]


class Strange:
    """What one account saw that belongs to no job and is not known; nothing is stopped by it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._told_at: float | None = None

    def seen(self, account_id: int, kind: str) -> None:
        """One more; the third kind within ten minutes is told."""
        now = self._clock.ticks()
        self._seen[kind] = now
        kinds = self.kinds
        silent = self._told_at is not None and now - self._told_at < WINDOW
        if kinds and not silent:
            self._told_at = now
            _LOG.warning(
                "account %d: Midjourney said %d things in ten minutes that are not known: %s",
                account_id,
                len(kinds),
                "; ".join(kinds),
            )

    @property
    def kinds(self) -> tuple[str, ...]:
        """What was said in the last ten minutes, when it is enough to tell the operator; else nothing."""
        now = self._clock.ticks()
        self._seen = {each: at for each, at in self._seen.items() if now - at < WINDOW}
        return tuple(sorted(self._seen)) if len(self._seen) >= KINDS else ()
