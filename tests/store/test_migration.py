"""The tables: migrated from nothing, once, also by two starts at the same time, and equal to what the code expects."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from setuptools import find_packages

from engine.model import errors
from engine.store import dialects, migration, moderation_tables  # noqa: F401 - its tables belong to the metadata
from engine.store.community import tables as community_tables  # noqa: F401 - likewise
from engine.store.migration import migrate
from engine.store.tables import METADATA

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "deep" / "data" / "easel.db"


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


def tables(file) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_empty_database_gets_all_tables(url, file):
    migrate(url)
    assert tables(file) - {"alembic_version", "sqlite_sequence"} == set(METADATA.tables)


def test_migrating_twice_is_migrating_once(url, file):
    migrate(url)
    before = file.read_bytes()
    migrate(url)
    assert file.read_bytes() == before


def test_the_migrated_tables_are_those_that_the_code_expects(url):
    migrate(url)
    engine = dialects.writing_engine(dialects.database_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_a_job_of_the_first_version_was_never_turned_away(url):
    dialects.make_file(dialects.database_url(url))
    engine = dialects.writing_engine(dialects.database_url(url), foreign_keys=False)
    with engine.begin() as connection:
        command.upgrade(migration._config(connection), "0001")
        columns = "id, request_id, workspace_id, application_id, action, prompt, created_at, state, version, updated_at"
        columns += ", nonces, accepted, absence_used, upstream_queued, may_run, percent"
        connection.exec_driver_sql("INSERT INTO workspaces VALUES ('w', 'default', '')")
        connection.exec_driver_sql(
            "INSERT INTO requests (id, workspace_id, requester, dialect, action, prompt, created_at)"
            " VALUES ('r', 'w', 'key:1', 'test', 'imagine', 'fox', '')"
        )
        connection.exec_driver_sql(
            f"INSERT INTO jobs ({columns}) VALUES"
            " ('j', 'r', 'w', '1', 'imagine', 'fox', '', 'QUEUED', 1, '', '[]', 0, 0, 0, 0, 0)"
        )
    engine.dispose()
    migrate(url)
    engine = dialects.reading_engine(dialects.database_url(url))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id, turned_away FROM jobs").fetchall() == [("j", 0)]
    engine.dispose()


def test_accounts_that_were_linked_before_get_a_uuid_of_their_own(url):
    dialects.make_file(dialects.database_url(url))
    engine = dialects.writing_engine(dialects.database_url(url), foreign_keys=False)
    with engine.begin() as connection:
        command.upgrade(migration._config(connection), "0003")
        connection.exec_driver_sql("INSERT INTO workspaces VALUES ('w', 'default', '')")
        for name in ("first", "second"):
            connection.exec_driver_sql(
                "INSERT INTO accounts (workspace_id, name, guild_id, channel_id, token_sealed, token_mask, api_url,"
                " demo, concurrency, state, linked_at, epoch)"
                f" VALUES ('w', '{name}', '1', '2', '', '', '', 0, 3, 'active', '', 0)"
            )
    engine.dispose()
    migrate(url)
    engine = dialects.reading_engine(dialects.database_url(url))
    with engine.connect() as connection:
        given = [uuid.UUID(row[0]) for row in connection.exec_driver_sql("SELECT hash FROM accounts")]
    engine.dispose()
    assert [each.version for each in given] == [4, 4]
    assert len(set(given)) == 2


def test_the_comparison_would_notice_a_forgotten_column(url):
    migrate(url)
    engine = dialects.writing_engine(dialects.database_url(url))
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE jobs DROP COLUMN note")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [difference[0] for difference in compare_metadata(context, METADATA)] == ["add_column"]
    engine.dispose()


def test_starts_at_the_same_time_do_not_collide(url, file):
    code = "import sys; from engine.store.migration import migrate; migrate(sys.argv[1])"
    starts = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [start.communicate(timeout=60)[1] for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, said
    assert set(METADATA.tables) <= tables(file)


def test_a_step_that_fails_leaves_everything_as_it_was(url, file, monkeypatch):
    def broken(_):
        raise RuntimeError("the step failed")

    monkeypatch.setattr(migration, "_check_references", broken)
    with pytest.raises(RuntimeError):
        migrate(url)
    assert tables(file) == set()


def test_tables_of_a_newer_version_stop_the_start_and_stay(url, file):
    migrate(url)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(errors.BadSetting, match="newer"):
        migrate(url)


def test_a_place_where_no_file_can_be_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(errors.Unavailable):
        migrate(f"sqlite:///{tmp_path / 'file' / 'easel.db'}")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:geheim@h/d", "postgres ql://u:geheim@h"]
)
def test_an_address_of_no_known_database_is_named_without_its_password(url):
    with pytest.raises(errors.BadSetting, match="EASEL_DATABASE_URL") as caught:
        migrate(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_known_by_each_of_its_names(scheme):
    url = dialects.database_url(f"{scheme}://u:p%40@host:5432/easel")
    assert (url.drivername, url.password) == ("postgresql+psycopg", "p@")


def test_the_migrations_are_part_of_the_installed_package():
    assert {"engine.store.migrations", "engine.store.migrations.versions"} <= set(
        find_packages(str(ROOT), include=["engine*"])
    )
    config = Config()
    config.set_main_option("script_location", str(migration.SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [migration.newest()]
    assert all(migration.is_known(each.revision) for each in scripts.walk_revisions())
    assert not migration.is_known("9999")


def test_an_engine_that_starts_with_the_newest_tables_loads_nothing_that_only_migrates_or_draws(url):
    migrate(url)
    code = (
        "import sys; from engine.cli import app; from engine.store.migration import migrate; migrate(sys.argv[1]); "
        "print(*(name for name in ('alembic', 'mako', 'rich', 'pygments') if name in sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.split() == []


def test_a_start_with_the_newest_tables_does_not_go_through_every_reference(url, monkeypatch):
    migrate(url)
    gone_through = []
    monkeypatch.setattr(migration, "_check_references", gone_through.append)
    migrate(url)
    assert gone_through == []
