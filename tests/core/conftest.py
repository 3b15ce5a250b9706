"""The workshop as a fixture."""

import pytest

from tests.core.workshop import open_workshop


@pytest.fixture
async def workshop():
    return await open_workshop()
