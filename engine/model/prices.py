"""What each action costs, in credits, as ImaginePro publishes it (2026); what it says nothing of is ours.

A job that ends FAILED or CANCELLED costs nothing; what asks no picture of Midjourney is free.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.actions import ActionKind
from engine.model.jobs import Job, Mode
from engine.model.limits import mode_asked

GENERATION, RELAXED, BUTTON, VIDEO = 10, 5, 5, 10

PRICES: dict[ActionKind, int] = {
    ActionKind.IMAGINE: GENERATION,
    ActionKind.BLEND: GENERATION,
    ActionKind.DESCRIBE: BUTTON,
    ActionKind.SHORTEN: BUTTON,
    ActionKind.SHOW: 0,
    ActionKind.UPSCALE: BUTTON,
    ActionKind.VARIATION: BUTTON,
    ActionKind.REROLL: BUTTON,
    ActionKind.VARY_SUBTLE: BUTTON,
    ActionKind.VARY_STRONG: BUTTON,
    ActionKind.VARY_REGION: BUTTON,
    ActionKind.ZOOM_OUT: BUTTON,
    ActionKind.CUSTOM_ZOOM: BUTTON,
    ActionKind.MAKE_SQUARE: BUTTON,
    ActionKind.PAN: BUTTON,
    ActionKind.UPSAMPLE: BUTTON,
    ActionKind.ANIMATE: VIDEO,
    ActionKind.EXTEND: VIDEO,
    ActionKind.VIDEO_UPSCALE: BUTTON,
    ActionKind.DESCRIBE_IMAGINE: BUTTON,
    ActionKind.DESCRIBE_AGAIN: BUTTON,
    ActionKind.SHORTEN_IMAGINE: BUTTON,
    ActionKind.FAVOURITE: 0,
    ActionKind.SEED: 0,
    ActionKind.PRESS: BUTTON,
    ActionKind.INFO: 0,
    ActionKind.SETTINGS: 0,
    ActionKind.REMIX: 0,
    ActionKind.SUFFIX: 0,
    ActionKind.SPEED: 0,
    ActionKind.VISIBILITY: 0,
    ActionKind.FLUX_IMAGINE: 6,  # for each picture
    ActionKind.FLUX_UPSCALE: 2,
    ActionKind.REMOVE_BACKGROUND: 5,
    ActionKind.FACE_SWAP: 0,
}
_HALVED = frozenset({ActionKind.IMAGINE, ActionKind.BLEND})
"""Half the price when the prompt asks for relax mode."""


def price_of(job: Job) -> int:
    """What a job costs; the speed that its prompt names counts, not the account's."""
    if job.action.kind in _HALVED and mode_asked(job.prompt) is Mode.RELAX:
        return RELAXED
    if job.action.kind is ActionKind.FLUX_IMAGINE:
        return PRICES[job.action.kind] * int(dict(job.given.options).get("n", "1"))
    return PRICES[job.action.kind]


def price_of_all(jobs: Sequence[Job]) -> int:
    """What the jobs cost that are still to be done."""
    return sum(price_of(job) for job in jobs if not job.is_final)
