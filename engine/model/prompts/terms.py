"""Under which terms a prompt is checked: what it is for, whose plan pays, and what the account does by default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.addresses import ANYWHERE_PUBLIC, Reach
from engine.model.jobs import Mode
from engine.model.prompts.models import Model

MOST_PIECES = 40
"""Jobs of one request, whatever the plan (midjourney-parameters, `--repeat` and permutations)."""


class Purpose(StrEnum):
    """Where the prompt is going; it decides which parameters belong there."""

    IMAGINE = "imagine"
    """/imagine; also a video prompt, when it carries `--video`."""
    REMIX = "remix"
    """The form of a variation, reroll, pan or region, of a description or a shortened prompt."""
    CUSTOM_ZOOM = "custom zoom"
    """The form of Custom Zoom; `--zoom` must be there."""
    ANIMATE = "animate"
    """The form of animate or extend; the picture is there already, so words may be missing."""


class Plan(StrEnum):
    """The account's subscription, as far as it decides what a prompt may ask for."""

    BASIC = "Basic"
    STANDARD = "Standard"
    PRO = "Pro"
    MEGA = "Mega"

    @property
    def most_pieces(self) -> int:
        """Jobs that one prompt may become."""
        return {Plan.BASIC: 4, Plan.STANDARD: 10}.get(self, MOST_PIECES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is known besides the prompt; None is "not known", and then only what no account could do is refused."""

    purpose: Purpose = Purpose.IMAGINE
    plan: Plan | None = None
    mode: Mode | None = None
    """The account's speed; the prompt's own flag goes before it."""
    model: Model | None = None
    """The account's default; the prompt's own `--v` or `--niji` goes before it."""
    most: int = MOST_PIECES
    reach: Reach = ANYWHERE_PUBLIC
    """Which links may stand in it."""

    @property
    def most_pieces(self) -> int:
        """Jobs that one prompt may become: the cap, and the plan's when that is known."""
        return min(self.most, self.plan.most_pieces) if self.plan else self.most
