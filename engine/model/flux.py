"""Which Flux models there are, and what a request for pictures of theirs may say.

Source of names and sizes: docs.bfl.ai, November 2026; ImaginePro's names of them from its own pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd, sqrt

from engine.model.errors import InvalidInput

MOST_PICTURES = 4
DEFAULT_MODEL = "flux-1.1-pro"
FORMATS = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg"}
_SIDE = 1024
_RATIO = re.compile(r"([1-9][0-9]{0,2}):([1-9][0-9]{0,2})")
_WIDEST = 21 / 9


@dataclass(frozen=True, slots=True)
class Model:
    """One model: the last part of its address, and how it is told the size."""

    path: str
    in_pixels: bool = True
    least: int = 256
    most: int = 1440
    step: int = 32
    """Of a side, in pixels."""


MODELS: dict[str, Model] = {
    "flux-1.1-pro": Model("flux-pro-1.1"),
    "flux-1.1-pro-ultra": Model("flux-pro-1.1-ultra", in_pixels=False),
    "flux-pro": Model("flux-pro"),
    "flux-dev": Model("flux-dev"),
    "flux-kontext-pro": Model("flux-kontext-pro", in_pixels=False),
    "flux-kontext-max": Model("flux-kontext-max", in_pixels=False),
    "flux-2-pro": Model("flux-2-pro", least=64, most=2048, step=16),
    "flux-2-flex": Model("flux-2-flex", least=64, most=2048, step=16),
}
_ALSO = {model.path: name for name, model in MODELS.items()}
"""The makers' own names are understood too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FluxWishes:
    """What may be said beside the prompt; None: not said."""

    model: str | None = None
    number: int = 1
    width: int | None = None
    height: int | None = None
    aspect: str | None = None
    output: str | None = None


def options_of(wishes: FluxWishes) -> tuple[tuple[str, str], ...]:
    """The options of the job, by name: `model`, `n`, the size as the model wants it, `output_format`.

    A ratio wins over width and height unless both of them are given.

    Raises:
        InvalidInput: an unknown model, a size or format that it does not make.
    """
    name = wishes.model or DEFAULT_MODEL
    name = _ALSO.get(name, name)
    if name not in MODELS:
        raise InvalidInput("model", "is unknown", value=wishes.model, allowed=", ".join(MODELS))
    if not 1 <= wishes.number <= MOST_PICTURES:
        raise InvalidInput("n", "is out of range", value=wishes.number, allowed=f"1 to {MOST_PICTURES}")
    output = (wishes.output or "png").lower()
    if output not in FORMATS:
        raise InvalidInput("output_format", "is unknown", value=wishes.output, allowed=", ".join(FORMATS))
    found = {"model": name, "n": str(wishes.number), "output_format": FORMATS[output]} | _size(MODELS[name], wishes)
    return tuple(sorted(found.items()))


def _size(model: Model, wishes: FluxWishes) -> dict[str, str]:
    width, height = wishes.width, wishes.height
    if width is not None and height is not None:
        if model.in_pixels:
            return {"width": str(_side("width", width, model)), "height": str(_side("height", height, model))}
        return {"aspect_ratio": _ratio(f"{width // gcd(width, height)}:{height // gcd(width, height)}", "width")}
    if wishes.aspect is None and (width is not None or height is not None):
        return _size(model, FluxWishes(width=width or _SIDE, height=height or _SIDE))
    ratio = _ratio(wishes.aspect or "1:1", "aspect_ratio")
    if not model.in_pixels:
        return {"aspect_ratio": ratio}
    wide, high = (int(part) for part in ratio.split(":"))
    return {"width": str(_near(wide / high, model)), "height": str(_near(high / wide, model))}


def _near(ratio: float, model: Model) -> int:
    """The side nearest to a picture of about a megapixel with this ratio to its other side."""
    side = round(sqrt(ratio) * _SIDE / model.step) * model.step
    return min(model.most // model.step * model.step, max(model.least, side))


def _side(field: str, pixels: int, model: Model) -> int:
    if not model.least <= pixels <= model.most or pixels % model.step:
        allowed = f"{model.least} to {model.most} in steps of {model.step}"
        raise InvalidInput(field, "is not made by this model", value=pixels, allowed=allowed)
    return pixels


def _ratio(text: str, field: str) -> str:
    found = _RATIO.fullmatch(text.strip())
    ratio = int(found[1]) / int(found[2]) if found else 0.0
    if not 1 / _WIDEST - 1e-9 <= ratio <= _WIDEST + 1e-9:
        raise InvalidInput(field, "is no ratio that Flux makes", value=text, allowed="width:height, from 9:21 to 21:9")
    return text.strip()
