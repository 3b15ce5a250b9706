"""A stage for each test."""

from __future__ import annotations

import pytest

from tests.bot.stage import Stage
from tests.core.house import House


@pytest.fixture
async def stage(monkeypatch, tmp_path):
    house = House()
    opened = await Stage(house).open(monkeypatch, tmp_path)
    yield opened
    await opened.close()
    await house.stop()
