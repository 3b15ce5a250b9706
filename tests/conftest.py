"""What tests of several folders share."""

from __future__ import annotations

import pytest

from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres():
    """One PostgreSQL for all tests of a worker, each with a database of its own; started when first asked for."""
    server = PostgresServer()
    yield server
    server.close()
