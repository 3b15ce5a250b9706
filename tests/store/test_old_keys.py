"""Keys that were made before they had terms."""

from __future__ import annotations

from alembic import command

from engine.model.keys import ALL_SCOPES
from engine.store import dialects, keys, migration
from engine.store.migration import migrate


def test_a_key_from_before_there_were_scopes_keeps_every_right(tmp_path):
    url = f"sqlite:///{tmp_path / 'easel.db'}"
    dialects.make_file(dialects.database_url(url))
    engine = dialects.writing_engine(dialects.database_url(url), foreign_keys=False)
    with engine.begin() as connection:
        command.upgrade(migration._config(connection), "0003")
        connection.exec_driver_sql("INSERT INTO workspaces VALUES ('w', 'default', '2026-01-15T12:00:00.000000+00:00')")
        connection.exec_driver_sql(
            "INSERT INTO api_keys (workspace_id, name, prefix, digest, created_at)"
            " VALUES ('w', 'mine', 'easel_', 'd', '2026-01-15T12:00:00.000000+00:00')"
        )
    engine.dispose()
    migrate(url)
    engine = dialects.reading_engine(dialects.database_url(url))
    with engine.connect() as connection:
        key = keys.key_by_digest(connection, "d")
    engine.dispose()
    assert (key.scopes, key.account_ids, key.rates, key.quota) == (ALL_SCOPES, (), None, None)
