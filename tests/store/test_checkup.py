"""How a database is looked at, on SQLite and PostgreSQL, without changing it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from engine.store.checkup import look_at
from engine.store.migration import migrate


@pytest.fixture
def file(tmp_path):
    return tmp_path / "easel.db"


@pytest.fixture
def url(file):
    migrate(f"sqlite:///{file}")
    return f"sqlite:///{file}"


def test_a_migrated_file_is_of_this_version_and_writable(url, file):
    found = look_at(url)
    assert found.is_current
    assert (found.where, found.unwritable, found.damage) == (str(file), None, ())


def test_a_file_that_is_not_there_is_not_made(file):
    assert not look_at(f"sqlite:///{file}").exists
    assert not file.exists()


@pytest.mark.parametrize(("revision", "known"), [("0000", False), (None, True)])
def test_another_version_is_told(url, file, revision, known):
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("DELETE FROM alembic_version")
        if revision is not None:
            database.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    found = look_at(url)
    assert (found.revision, found.is_known, found.is_current) == (revision, known, False)


def test_damage_is_found(url, file):
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'jobs'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as raw:
        raw.seek((root - 1) * size)
        raw.write(b"\xff" * size)
    found = look_at(url)
    assert found.damage or found.trouble


def test_postgresql_is_looked_at_too(postgres):
    with postgres.database() as url:
        found = look_at(url)
    assert found.is_current
    assert found.unwritable is None
    with postgres.database(migrated=False) as url:
        assert look_at(url).revision is None


def test_a_postgresql_that_nobody_serves_is_told_without_its_password():
    found = look_at("postgresql://easel:secret-word@127.0.0.1:9/easel")
    assert found.trouble
    assert "secret-word" not in str(found)
