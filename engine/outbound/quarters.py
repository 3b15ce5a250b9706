"""How a single image is cut out of a grid of four: its own pixels, nothing scaled, nothing lost in encoding."""

from __future__ import annotations

import io

from PIL import Image

from engine.model.errors import Refused
from engine.outbound.pixels import kind_of, unpacked

NUMBERS = range(1, 5)
"""Row by row."""
_PLAIN = frozenset({"RGB", "RGBA"})
_LEAST_SIDE = 2


def cut(content: bytes, number: int) -> tuple[str, bytes]:
    """A quarter as (extension, bytes): WebP of a WebP, else PNG. All have one size; an odd middle line is left out.

    Raises:
        Refused: it is no still picture that can be halved both ways, or it is damaged.
    """
    kind = "webp" if kind_of(content[:12]) == "webp" else "png"
    with unpacked(content) as image:
        if getattr(image, "is_animated", False):
            raise Refused("is animated")
        if min(image.size) < _LEAST_SIDE:
            raise Refused(f"has only {image.width}x{image.height} pixels")
        try:
            return kind, _encoded(_plain(image.crop(_box(*image.size, number))), kind)
        except Exception as error:  # what a decoder raises at foreign bytes is anybody's guess
            raise Refused("is damaged") from error


def _box(width: int, height: int, number: int) -> tuple[int, int, int, int]:
    row, column = divmod(number - 1, 2)
    half_width, half_height = width // 2, height // 2
    left, top = column * (width - half_width), row * (height - half_height)
    return left, top, left + half_width, top + half_height


def _plain(image: Image.Image) -> Image.Image:
    """In colours that both formats hold as they are."""
    if image.mode in _PLAIN:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _encoded(image: Image.Image, kind: str) -> bytes:
    made = io.BytesIO()
    if kind == "webp":
        image.save(made, "WEBP", lossless=True, quality=20, method=0)  # a quarter larger than at best, in an 8th of it
    else:
        image.save(made, "PNG", compress_level=3)
    return made.getvalue()
