"""Small real pictures for tests."""

from __future__ import annotations

import base64
import io

from PIL import Image

QUARTER_COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))
"""Of a drawn grid, row by row."""


def drawn(kind: str = "PNG", size: tuple[int, int] = (8, 6), colour: tuple[int, ...] = (200, 40, 10), **how) -> bytes:
    """One colour."""
    return encoded(Image.new("RGB", size, colour), kind, **how)


def drawn_grid(kind: str = "PNG", size: tuple[int, int] = (64, 64), **how) -> bytes:
    """Four colours, row by row; the middle line of an odd size is black."""
    width, height = size[0] // 2, size[1] // 2
    image = Image.new("RGB", size)
    for number, colour in enumerate(QUARTER_COLOURS):
        left, top = (size[0] - width) * (number % 2), (size[1] - height) * (number // 2)
        image.paste(colour, (left, top, left + width, top + height))
    return encoded(image, kind, **how)


def moving(kind: str = "GIF", size: tuple[int, int] = (8, 8)) -> bytes:
    """Two frames."""
    return encoded(Image.new("RGB", size), kind, save_all=True, append_images=[Image.new("RGB", size, (9, 99, 200))])


def encoded(image: Image.Image, kind: str, **how) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **how)
    return made.getvalue()


def as_address(content: bytes) -> str:
    """A PNG as a `data:` address."""
    return "data:image/png;base64," + base64.b64encode(content).decode()
