"""Saved words and parameters that members put behind a prompt, and how the two are joined."""

from __future__ import annotations

from datetime import datetime

from engine.model.errors import InvalidInput
from engine.model.prompts import check_suffix, read_prompt
from engine.model.prompts.text import check_text
from engine.model.values import value

LONGEST_NAME = 32
LONGEST_WORDS = 1_000
MOST_STYLES = 100
"""Of one member in one workspace."""


@value(frozen=True, slots=True, kw_only=True)
class Style:
    """A preset. `id` is counted up by the store; 0: not stored yet."""

    id: int = 0
    workspace_id: str
    user_id: str
    """Who saved it."""
    name: str
    words: str
    shared: bool = False
    """Every member of the workspace may use it."""
    created_at: datetime
    updated_at: datetime


def sense_of(name: str) -> str:
    """What two names of styles have in common that are one name."""
    return " ".join(name.split()).casefold()


def checked_name(name: str) -> str:
    """A style's name, its gaps made single.

    Raises:
        InvalidInput: it is empty, too long, or holds what a name cannot hold.
    """
    said = " ".join(name.split())
    if not 0 < len(said) <= LONGEST_NAME or not said.isprintable():
        allowed = f"1 to {LONGEST_NAME} printable characters"
        raise InvalidInput("name", "cannot be a style's", value=name, allowed=allowed)
    return said


def checked_words(words: str) -> str:
    """A style's words, when they may stand behind any prompt.

    Raises:
        InvalidInput: they cannot.
    """
    said = words.strip()
    if not 0 < len(said) <= LONGEST_WORDS:
        raise InvalidInput("words", f"have {len(said)} characters", allowed=f"1 to {LONGEST_WORDS}")
    try:
        return check_suffix(said)
    except InvalidInput as refused:
        raise InvalidInput("words", refused.problem, allowed=refused.allowed) from refused


def styled(prompt: str, style: str) -> str:
    """The prompt with a style: the words of both, then the parameters; the prompt's own count where both have one."""
    read, added = read_prompt(check_text(prompt)), read_prompt(style)
    names = {given.name for given in read.given}
    cut = read.given[0].start if read.given else len(read.text)
    begins = added.given[0].start if added.given else len(added.text)
    front, behind = read.text[:cut].rstrip(), read.text[cut:].strip()
    words = added.text[:begins].strip(" ,")
    if words:
        front = f"{front}, {words}" if front else words
    rest = [added.text[given.start : given.end] for given in added.given if given.name not in names]
    return " ".join(part for part in (front, behind, *rest) if part)
