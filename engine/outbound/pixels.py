"""What counts as a picture, judged by its bytes: kind and size by its header, nothing decoded.

A picture's size is known and limited before a decoder may reserve memory for it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

from engine.model.errors import Refused

MOST_PIXELS = 64_000_000
"""64 megapixels: decoded, 256 MB. Midjourney's largest pictures have 17."""
FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "gif": "GIF"}
"""Pillow's name of each kind of still picture; no other decoder is ever asked."""


def kind_of(head: bytes) -> str | None:
    """The extension that a picture's first 12 bytes stand for; None when it is no picture that we keep."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return "mp4"
    return None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the header says."""

    kind: str
    width: int
    height: int


def measured(content: bytes) -> Measured:
    """Kind and size of a PNG, JPEG, WebP or GIF.

    Raises:
        Refused: it is none of these, damaged in its header, or has too many pixels.
    """
    with unpacked(content) as image:
        return Measured(str(kind_of(content)), *image.size)


@contextmanager
def unpacked(content: bytes) -> Iterator[Image.Image]:
    """The picture, opened and not yet decoded.

    Raises:
        Refused: as `measured`.
    """
    kind = kind_of(content[:12])
    if kind not in FORMATS:
        raise Refused("is no PNG, JPEG, WebP or GIF")
    if kind == "webp":
        check_size(*_webp_canvas(content))  # its decoder reserves the canvas when it is opened
    try:
        image = Image.open(io.BytesIO(content), formats=[FORMATS[kind]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(f"has more than {MOST_PIXELS // 1_000_000} megapixels") from error
    except Exception as error:  # what a decoder raises at foreign bytes is anybody's guess
        raise Refused(f"is damaged: its {FORMATS[kind]} header cannot be read") from error
    with image:
        check_size(*image.size)
        yield image


def check_size(width: int, height: int) -> None:
    """Refuse more pixels than are ever decoded.

    Raises:
        Refused: there are too many, or none.
    """
    if width < 1 or height < 1:
        raise Refused("is damaged: it has no size")
    if width * height > MOST_PIXELS:
        raise Refused(f"has {width}x{height} pixels, more than {MOST_PIXELS // 1_000_000} megapixels")


def _webp_canvas(content: bytes) -> tuple[int, int]:
    """Width and height as the first chunk says (RFC 9649, sections 2.5 to 2.7)."""
    chunk, body = content[12:16], content[20:30]
    if len(body) == 10:  # noqa: PLR2004 - the shortest head of the three
        if chunk == b"VP8X":
            return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
        if chunk == b"VP8L" and body[0] == 0x2F:  # noqa: PLR2004 - its signature
            bits = int.from_bytes(body[1:5], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
            return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise Refused("is damaged: its WEBP header cannot be read")
