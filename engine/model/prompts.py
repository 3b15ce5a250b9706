"""Which prompts can be sent at all; the words themselves are never changed."""

from __future__ import annotations

import unicodedata

from engine.model.errors import InvalidInput

MAX_PROMPT = 6000
"""What Discord's option for a prompt holds (midjourney-parameters, general rules)."""

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Cs"})


def check_prompt(prompt: object) -> str:
    """The prompt, unchanged, when it can be sent.

    Raises:
        InvalidInput: it is missing, no text, only invisible characters, longer than 6,000 characters, or not text
            all through (NUL, an unpaired surrogate).
    """
    if prompt is None:
        raise InvalidInput("prompt", "is required")
    if not isinstance(prompt, str):
        raise InvalidInput("prompt", "must be text", value=prompt)
    if all(unicodedata.category(char) in _INVISIBLE for char in prompt):
        raise InvalidInput("prompt", "is required: it holds no visible character", value=prompt)
    if len(prompt) > MAX_PROMPT:
        raise InvalidInput("prompt", f"is too long: {len(prompt)} characters", allowed=f"at most {MAX_PROMPT}")
    if "\0" in prompt:
        raise InvalidInput("prompt", "holds a NUL character, which no text can hold")
    if any(unicodedata.category(char) == "Cs" for char in prompt):
        raise InvalidInput("prompt", "holds a broken character (an unpaired surrogate)")
    return prompt
