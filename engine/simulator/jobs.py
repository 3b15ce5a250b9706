"""What a job of the Midjourney bot is made of, and what its picture is made from."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.simulator.ids import MIDJOURNEY
from engine.simulator.verbs import VERBS


class Recipe(msgspec.Struct, frozen=True):
    """Everything a picture depends on, so that U enlarges the chosen cell and V varies it.

    A cell's art is named by `motif` (the words), `palette` and `shapes`; a grid has four cells, a single one.
    """

    motif: str
    cells: tuple[tuple[str, str], ...]  # (palette seed, shape seed) of each cell
    ratio: tuple[int, int]
    caption: str
    over: Recipe | None = None  # the picture of which a region was repainted
    mask: str = ""  # that region, as region.packed made it


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
    verb: str = "imagine"
    model: str = "7"
    words: str = ""
    form: str | None = None  # the custom id of the form it was asked for with, if it is a reroll
    account: str = ""
    message: str | None = None  # the finished one
    seed: int = 0
    mode: str = "fast"


class Job(msgspec.Struct, kw_only=True):
    """One generation, from the accepted interaction to its last message."""

    uuid: str
    account: str
    channel_id: str
    verb: str  # a name of verbs.VERBS
    prompt: str  # as Midjourney repeats it
    words: str  # the same without parameters
    recipe: Recipe
    application: str = MIDJOURNEY
    seed: int = 0
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

    model: str = "7"  # a name of results.MODELS
    remix: str | None = None  # what was typed into the form
    form: str | None = None  # that form's custom id

    @property
    def takes_slot(self) -> bool:
        """U buttons do not count (protocol §10)."""
        return not VERBS[self.verb].quick

    def linked(self) -> dict[str, Any]:
        """The links that tests count by, for the ledger."""
        return {
            "account": self.account,
            "nonce": self.nonce,
            "job": self.uuid,
            "interaction": self.interaction_id,
            "verb": self.verb,
            "index": self.index,
            "prompt": self.prompt,
            "mode": self.mode,
            "remix": self.remix,
            "clicked": self.clicked,
            "custom_id": self.custom_id,
            "progress": self.progress_id,
            "message": self.final_id,
            "late": self.late,
        }
