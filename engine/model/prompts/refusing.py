"""How a refusal of a prompt is worded: what is wrong as it was written, then what is allowed."""

from __future__ import annotations

from typing import NoReturn

from engine.model.errors import InvalidInput

_LONGEST = 60


def refuse(problem: str, allowed: str) -> NoReturn:
    """Refuse the prompt.

    Raises:
        InvalidInput: always.
    """
    raise InvalidInput("prompt", problem, allowed=allowed)


def shown(text: str) -> str:
    """A piece of a prompt as its writer recognises it, not all of it."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
