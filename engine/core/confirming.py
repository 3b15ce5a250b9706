"""Which words must be typed before something that may cost money or cannot be taken back."""

from __future__ import annotations

from engine.model.errors import InvalidInput

AGAIN = "send it again"
APPEAL = "appeal this refusal"


def confirmed(said: str | None, words: str) -> None:
    """See that exactly these words were typed; case and outer white space do not count.

    Raises:
        InvalidInput: something else was.
    """
    if said is None or said.strip().casefold() != words:
        raise InvalidInput("confirmation", "is missing or says something else", value=said, allowed=words)
