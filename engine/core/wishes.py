"""What may be said beside a prompt, a command and a press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from engine.model.inputs import Given, ImageInput
from engine.model.jobs import Mode


class ImagineWishes(TypedDict, total=False):
    """What may be said beside a prompt."""

    images: Sequence[ImageInput]
    """In front of the prompt."""
    mode: Mode | None
    aspect: str | None
    """`w:h`; both are appended to the prompt's end."""
    account_id: int | None
    """Only there; without it wherever a slot is free."""
    application_id: str
    """Midjourney's bot or Niji's."""
    timeout: float | None
    """The job's own limit, in seconds."""
    alone_unless: str | None
    """Refuse a prompt that makes more than one job; the word with which it would be taken."""


class CommandWishes(TypedDict, total=False):
    """What may be said beside a command."""

    prompt: str
    given: Given
    account_id: int | None
    application_id: str
    timeout: float | None


class PressWishes(TypedDict, total=False):
    """What may be said beside a press."""

    words: str | None
    """For the form that the button opens."""
    mask: str | None
    """The name of a kept picture, for Vary (Region)."""
    timeout: float | None
    anew: bool
    """Where what is there already is the answer: as a job of its own, done at once, instead of the first one's."""
    early: bool
    """The job may be pressed before it is finished: what comes of it waits for that."""


class ServiceWishes(TypedDict, total=False):
    """What may be said to another service."""

    prompt: str
    image: ImageInput | None
    options: tuple[tuple[str, str], ...]
    timeout: float | None
