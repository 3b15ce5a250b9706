"""A picture server and our copies in a fresh folder."""

from __future__ import annotations

import ssl

import pytest

from engine.outbound.images import HttpImages
from tests.outbound.picture_host import PictureHost

TLS = ssl.create_default_context()


@pytest.fixture
async def host():
    async with PictureHost().running() as running:
        yield running


@pytest.fixture
async def images(tmp_path):
    opened = HttpImages(tmp_path / "pictures", tls=TLS, most_bytes=1_000_000)
    yield opened
    await opened.close()
