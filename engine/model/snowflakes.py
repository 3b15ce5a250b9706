"""How Discord's ids carry time, and how our nonces rise.

Discord: id = (milliseconds since 2015-01-01 UTC) << 22 | 22 low bits (midjourney-protocol §0.1).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DISCORD_EPOCH_MS = 1_420_070_400_000
_LONGEST = 20
"""Digits of 2**64."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def is_snowflake(said: str) -> bool:
    """Whether this is an id of Discord's: 64 bits in decimal digits."""
    return len(said) <= _LONGEST and said.isascii() and said.isdecimal()


def time_of(snowflake: str) -> datetime:
    """When Discord made this id (aware UTC, millisecond steps)."""
    return _EPOCH + timedelta(milliseconds=(int(snowflake) >> 22) + DISCORD_EPOCH_MS)


def snowflake_at(at: datetime) -> str:
    """The smallest id that Discord could make at this moment."""
    return str(max(0, _milliseconds(at) - DISCORD_EPOCH_MS) << 22)


def next_nonce(now: datetime, highest: int) -> int:
    """A nonce from the clock that is above every earlier one of the account (§1.2).

    Two made in one millisecond, or after the clock was set back, differ in the low bits: Discord may treat a repeated
    nonce as the same request and would swallow the second job silently.
    """
    return max(int(snowflake_at(now)), highest + 1)


class Nonces:
    """The nonces of one process: rising, and no two alike, whichever account they are for."""

    def __init__(self) -> None:
        self._highest = 0

    def above(self, highest: int) -> None:
        """Never go below what an account used before."""
        self._highest = max(self._highest, highest)

    def next(self, now: datetime) -> str:
        """A fresh one."""
        self._highest = next_nonce(now, self._highest)
        return str(self._highest)
