"""A language model that makes a short prompt longer, as the core needs it."""

from __future__ import annotations

from typing import Protocol


class Extender(Protocol):
    """One model at one address."""

    async def extend(self, prompt: str) -> str:
        """A longer prompt with the same meaning.

        Raises:
            Refused: the service does not take it; the message says why.
            Unavailable: it does not answer now.
        """
        ...
