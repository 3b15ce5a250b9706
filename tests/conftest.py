"""What tests of several folders share."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.postgres import PostgresServer
from tests.journeys import warm

settings.register_profile(
    "easel",
    max_examples=int(os.environ.get("EASEL_EXAMPLES", "1000")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("easel")
"""The same examples in every run; `EASEL_EXAMPLES` asks for more of them."""


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: journeys wait most of their time."""
    return (os.cpu_count() or 1) + 2


_SLOW = {"journeys", "openapi", "cli"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no worker is left alone with it at the end; else the order is random."""
    items.sort(key=lambda item: _SLOW.isdisjoint(item.path.parts))


def pytest_collection_finish() -> None:
    """Spare the garbage collector the thousands of tests: it would go over them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres():
    """One PostgreSQL for all tests of a worker, each with a database of its own; started when first asked for."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(scope="session", autouse=True)
def warm_starter():
    """Processes of the journeys start without importing everything anew."""
    with warm.starter():
        yield
