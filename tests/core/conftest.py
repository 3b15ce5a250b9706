"""The workshop as a fixture."""

import pytest

from tests.core.workshop import open_workshop


@pytest.fixture
async def workshop():
    return await open_workshop()


@pytest.fixture
async def house():
    from tests.core.house import House

    opened = House()
    yield opened
    await opened.stop()
