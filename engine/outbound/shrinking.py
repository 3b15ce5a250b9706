"""How a picture is made small enough to be shown where the whole one is too large."""

from __future__ import annotations

import io

from PIL import Image

from engine.model.errors import Refused
from engine.outbound.pixels import unpacked

LONGEST_SIDE = 1600
"""Pixels; as a JPEG that is well below a megabyte."""
_QUALITY = 85


def shrunk(content: bytes) -> bytes:
    """The picture as a JPEG, its longer side at most `LONGEST_SIDE`; of several frames the first, on white.

    Raises:
        Refused: it is no still picture, or damaged.
    """
    with unpacked(content) as image:
        try:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            plain = image.convert("RGBA")
        except Exception as error:  # what a decoder raises at foreign bytes is anybody's guess
            raise Refused("is damaged") from error
        whole = Image.new("RGB", plain.size, "white")
        whole.paste(plain, mask=plain.getchannel("A"))
        made = io.BytesIO()
        whole.save(made, "JPEG", quality=_QUALITY)
        return made.getvalue()
