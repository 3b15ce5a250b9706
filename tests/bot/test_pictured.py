"""The docs' pictures of cards are drawn from the cards as they are recorded now."""

from __future__ import annotations

import json

import pytest

from tests.bot.pictured import DIGESTS, DRAWN, MOST_BYTES, PICTURES, ROOT, digests

_AGAIN = "look at what changed, then `make pictures` and look at them too"


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_is_drawn_from_what_is_recorded(name):
    assert json.loads(DIGESTS.read_text())[name] == digests()[name], _AGAIN


def test_every_picture_is_small_and_shown_in_the_docs():
    pages = "".join(path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    assert {path.name for path in PICTURES.iterdir()} == {*(f"{name}.webp" for name in DRAWN), DIGESTS.name}
    for name in DRAWN:
        picture = PICTURES / f"{name}.webp"
        assert picture.read_bytes()[8:12] == b"WEBP"
        assert picture.stat().st_size <= MOST_BYTES
        assert f"pictures/{name}.webp)" in pages
