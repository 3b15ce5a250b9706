"""When the tables are brought up to date: on request, under a lock, all steps in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.engine import URL, Connection

from engine.model.errors import BadSetting
from engine.store import dialects

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
WAIT_SECONDS = 60.0
"""How long a start waits for another one that is migrating."""

_ADVISORY_LOCK = 0x_EA5E_1001  # any number that nobody else locks


def migrate(url: str) -> None:
    """Make the database, where it is a file, and bring its tables to the newest version; twice is once.

    Two starts at the same time wait for each other. A step that fails leaves everything as it was.

    Raises:
        BadSetting: the address names no database that we know, or one that a newer Easel has migrated.
        Unavailable: it cannot be written now.
    """
    parsed = dialects.database_url(url)
    dialects.make_file(parsed)
    # foreign keys are checked at the end: SQLite can change some columns only by making the table anew
    # and on a busy machine there are seconds of our own work between two statements
    engine = dialects.writing_engine(parsed, lock_seconds=WAIT_SECONDS, idle_seconds=WAIT_SECONDS, foreign_keys=False)
    try:
        with engine.begin() as connection:
            _lock(connection)
            found = revision_of(connection)
            if found == newest():
                return  # going through every reference takes minutes with a million jobs
            _check_known(found, parsed)
            _upgrade(connection)
            _check_references(connection)
    except Exception as error:
        if dialects.is_trouble(error):
            raise dialects.unavailable(error) from error
        raise
    finally:
        engine.dispose()


def newest() -> str:
    """The newest version of the tables, by the names of the steps."""
    return _versions()[-1]


def is_known(revision: str | None) -> bool:
    """Whether this Easel knows such tables; None: there are none yet."""
    return revision is None or revision in _versions()


def revision_of(connection: Connection) -> str | None:
    """The version of a database's tables; None: it has none.

    Alembic is loaded only by a start that has steps to go: it would stay in memory.
    """
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _versions() -> list[str]:
    return sorted(each.name[1:5] for each in (SCRIPTS / "versions").glob("v[0-9]*.py"))


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see `revision_of`

    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - likewise

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _check_known(found: str | None, url: URL) -> None:
    if not is_known(found):
        shown = url.render_as_string(hide_password=True)
        raise BadSetting("EASEL_DATABASE_URL", shown, f"its tables are of a newer Easel ({found}); run that one")


def _lock(connection: Connection) -> None:
    # SQLite: the transaction began with the write lock
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        assert not broken, f"a migration left references to nothing: {broken[:3]}"
