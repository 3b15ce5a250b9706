"""Which addresses speak ImaginePro: every route under /api/v1, each with and without a slash at its end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from engine.api.imaginepro import generating, knowing, linked, video, words
from engine.api.imaginepro.dialect import FAMILIES, IMAGINEPRO
from engine.api.ways import Way, with_slash

__all__ = ["IMAGINEPRO", "ways"]


def ways() -> Iterator[Way]:
    """All of them."""
    others = (knowing.ways(), linked.ways(), video.ways(), words.ways(IMAGINEPRO, FAMILIES))
    return with_slash(chain(generating.ways(), *others))
