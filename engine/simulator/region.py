"""How a painted region is kept inside a picture's recipe: a coarse bitmap as text, white where it was repainted."""

from __future__ import annotations

import base64
import io

from PIL import Image, UnidentifiedImageError

_SIDE = 64
_HALF = 128


def opened(data: bytes) -> Image.Image:
    """The mask as a picture. Raises ValueError if it is neither PNG nor WebP."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "WEBP")) as picture:
            picture.load()
            return picture.copy()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("neither PNG nor WebP") from error


def packed(mask: Image.Image) -> str:
    """The coarse bitmap as text."""
    small = mask.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    return base64.b64encode(small.point(lambda light: 255 if light >= _HALF else 0).convert("1").tobytes()).decode()


def spread(text: str, size: tuple[int, int]) -> Image.Image:
    """The bitmap at a picture's size."""
    return Image.frombytes("1", (_SIDE, _SIDE), base64.b64decode(text)).convert("L").resize(size)
