"""A stage for each test."""

from __future__ import annotations

import pytest

from engine.core.services import ServicePlace
from engine.model.actions import Service
from tests.bot.stage import Stage
from tests.core.house import House

EVERYTHING = {"face_swap": True, "services": {Service.FLUX: ServicePlace("https://flux.test", "k")}}


@pytest.fixture
def offered():
    """What the settings switch on."""
    return EVERYTHING


@pytest.fixture
async def stage(monkeypatch, tmp_path, offered):
    house = House(**offered)
    opened = await Stage(house).open(monkeypatch, tmp_path)
    yield opened
    await opened.close()
    await house.stop()
