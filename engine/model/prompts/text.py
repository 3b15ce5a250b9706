"""Which text can be a prompt at all, before anything in it is read."""

from __future__ import annotations

import unicodedata

from engine.model.errors import InvalidInput

MAX_PROMPT = 6000
"""What Discord's option for a prompt holds (midjourney-parameters, general rules).

Discord counts code points, as `len` does: an emoji outside the first plane is one (discord-api-docs issue 1315).
"""

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Cs"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and symbols that show nothing: fillers, a joiner, the empty Braille cell."""


def is_visible(char: str) -> bool:
    """Whether a character shows anything."""
    if char in _BLANK or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return False  # the ranges are variation selectors
    return unicodedata.category(char) not in _INVISIBLE


def has_visible(text: str) -> bool:
    """Whether a text shows anything."""
    return any(map(is_visible, text))


def check_text(prompt: object) -> str:
    """The prompt, unchanged, when it is text that Discord can carry.

    Raises:
        InvalidInput: it is missing, no text, only invisible characters, longer than 6,000 characters, or not text
            all through (NUL, an unpaired surrogate).
    """
    if prompt is None:
        raise InvalidInput("prompt", "is required")
    if not isinstance(prompt, str):
        raise InvalidInput("prompt", "must be text", value=prompt)
    if not has_visible(prompt):
        raise InvalidInput("prompt", "is required: it holds no visible character", value=prompt)
    if len(prompt) > MAX_PROMPT:
        raise InvalidInput("prompt", f"is too long: {len(prompt)} characters", allowed=f"at most {MAX_PROMPT}")
    if "\0" in prompt:
        raise InvalidInput("prompt", "holds a NUL character, which no text can hold")
    if any(unicodedata.category(char) == "Cs" for char in prompt):
        raise InvalidInput("prompt", "holds a broken character (an unpaired surrogate)")
    return prompt
