"""How the options of other services than Midjourney are read from a body, whatever the dialect."""

from __future__ import annotations

from engine.api.bodies import Fields
from engine.model.errors import InvalidInput
from engine.model.flux import MOST_PICTURES, FluxWishes, options_of

Options = tuple[tuple[str, str], ...]

SCALES = (2, 4)
"""How many times as large a picture may become."""
SIDES = (16, 4096)
"""Pixels; a model's own limits are narrower."""
_LONGEST_WORD = 60


def flux_options(fields: Fields) -> Options:
    """What Flux is told beside the prompt.

    Raises:
        InvalidInput: a field is wrong; names it.
    """
    return options_of(
        FluxWishes(
            model=fields.text("model", most=_LONGEST_WORD) or None,
            number=fields.whole("n", 1, MOST_PICTURES) or 1,
            width=fields.whole("width", *SIDES),
            height=fields.whole("height", *SIDES),
            aspect=fields.text("aspect_ratio", most=_LONGEST_WORD) or None,
            output=fields.text("output_format", most=_LONGEST_WORD) or None,
        )
    )


def scale_option(fields: Fields, named: str = "scale") -> Options:
    """How many times a picture is to be enlarged; `named` is what an error calls it.

    Raises:
        InvalidInput: it is missing or out of range.
    """
    scale = fields.whole("scale", *SCALES)
    if scale is None:
        raise InvalidInput(named, "is required", allowed=f"{SCALES[0]} to {SCALES[1]}")
    return (("scale", str(scale)),)
