"""How long refused requests are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.store import dialects, moderation
from engine.store.moderation import REFUSAL_AGE
from tests.contracts.store_examples import T0
from tests.contracts.store_kinds import DATABASES, database
from tests.contracts.test_moderation_contract import refusal


@pytest.fixture(params=DATABASES)
def connection(request, tmp_path):
    with database(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as url:
        engine = dialects.writing_engine(dialects.database_url(url))
        with engine.begin() as opened:
            for name in ("ours", "theirs"):
                opened.execute(
                    text(f"INSERT INTO workspaces (id, name, created_at) VALUES ('{name}', '{name}', :at)"),
                    {"at": T0.isoformat()},
                )
            yield opened
        engine.dispose()


def keep(connection, count, at, workspace_id="ours", now=T0):
    for _ in range(count):
        moderation.write_refusal(connection, refusal(workspace_id, at=at), now)


def kept(connection, workspace_id="ours"):
    return len(moderation.listed_refusals(connection, workspace_id, 1_000, None))


def test_refusals_are_let_go_after_ninety_days(connection):
    keep(connection, 30, T0)
    keep(connection, 10, T0, "theirs")
    later = T0 + REFUSAL_AGE + timedelta(seconds=1)
    keep(connection, 59, later, now=later)
    assert kept(connection) == 89
    keep(connection, 1, later, now=later)
    assert (kept(connection), kept(connection, "theirs")) == (60, 10)


def test_the_newest_of_a_workspace_are_kept(connection):
    keep(connection, 10, T0, "theirs")
    for _ in range(90):
        moderation.write_refusal(connection, refusal("ours"), T0, most=20)
    assert (kept(connection), kept(connection, "theirs")) == (20, 10)
