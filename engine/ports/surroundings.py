"""Time and secrets as the core needs them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the core sees it."""

    def now(self) -> datetime:
        """Wall clock, aware UTC."""
        ...

    def ticks(self) -> float:
        """Seconds that never go back and count suspended time (CLOCK_BOOTTIME where there is one)."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class Secrets(Protocol):
    """Encryption of tokens at rest."""

    def seal(self, plain: str) -> str:
        """Encrypt; the result is text and differs at each call."""
        ...

    def unseal(self, sealed: str) -> str:
        """Decrypt what `seal` made.

        Raises:
            BadSetting: the key is not the one it was sealed with.
        """
        ...
