"""What a job of the Midjourney bot is made of, and what its picture is made from."""

from __future__ import annotations

from typing import Any

import msgspec


class Recipe(msgspec.Struct, frozen=True):
    """Everything a picture depends on, so that U enlarges the chosen cell and V varies it.

    A cell's art is named by `motif` (the words), `palette` and `shapes`; a grid has four cells, a single one.
    """

    motif: str
    cells: tuple[tuple[str, str], ...]  # (palette seed, shape seed) of each cell
    ratio: tuple[int, int]
    caption: str


class Picture(msgspec.Struct, frozen=True):
    """A finished file: `base` names the bytes on disk, `mark` is stamped into them to make them this job's own."""

    base: str
    mark: str
    content_type: str
    width: int
    height: int
    size: int
    sha256: str


class Origin(msgspec.Struct, frozen=True):
    """What later buttons need of a finished job."""

    prompt: str
    recipe: Recipe


class Job(msgspec.Struct, kw_only=True):
    """One generation, from the accepted interaction to its last message."""

    uuid: str
    account: str
    channel_id: str
    verb: str  # a name of grammar.VERBS
    prompt: str  # as Midjourney repeats it
    words: str  # the same without parameters
    recipe: Recipe
    mode: str = "fast"
    index: int = 0
    nonce: str | None = None
    interaction_id: str
    about: dict[str, Any] = {}  # the interaction_metadata of its messages
    first_prompt: str = ""  # as the first message shows it, long links included
    clicked: str | None = None  # the message whose button was pressed
    custom_id: str | None = None  # that button's
    progress_id: str | None = None
    final_id: str | None = None
    late: bool = False  # was "Job queued": starts with a new message without nonce
    anonymous: bool = False  # that message carries no interaction id either
    faults: dict[str, dict[str, Any]] = {}  # what was ordered for it, with the orders' params

    @property
    def takes_slot(self) -> bool:
        """U buttons do not count (protocol §10)."""
        return self.verb != "upscale"

    @property
    def is_single(self) -> bool:
        """A single picture instead of a grid."""
        return self.verb == "upscale"
