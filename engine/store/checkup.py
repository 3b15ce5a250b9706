"""How a database is found without changing it: whether it answers, whose version it is, whether it can be written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exc, text
from sqlalchemy.engine import Engine

from engine.store import dialects
from engine.store.migration import is_known, newest, revision_of

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found. `trouble`: why it cannot be read, `unwritable`: why it cannot be written, in its own words."""

    where: str
    """Its address, without a password."""
    exists: bool = True
    trouble: str | None = None
    revision: str | None = None
    newest: str = ""
    is_known: bool = True
    """False: a newer Easel has migrated it."""
    unwritable: str | None = None
    damage: tuple[str, ...] = ()
    """What SQLite's quick check complains about."""

    @property
    def is_current(self) -> bool:
        """Whether its tables are of this version."""
        return self.exists and self.trouble is None and self.revision == self.newest


def look_at(url: str) -> Checkup:
    """Look at a database; nothing is made and nothing stays written.

    Raises:
        BadSetting: the address names no database that we know.
    """
    parsed = dialects.database_url(url)
    file = dialects.sqlite_file(parsed)
    where = str(file) if file is not None else parsed.render_as_string(hide_password=True)
    head = newest()
    if file is not None and not file.exists():
        return Checkup(where, exists=False, newest=head)
    reading, writing = dialects.reading_engine(parsed), dialects.writing_engine(parsed)
    try:
        revision, damage = _read(reading)
        known = is_known(revision)
        unwritable = _written(writing) if revision is not None else None
    except exc.DBAPIError as error:
        return Checkup(where, trouble=_words(error), newest=head)
    finally:
        reading.dispose()
        writing.dispose()
    return Checkup(where, revision=revision, newest=head, is_known=known, unwritable=unwritable, damage=damage)


def _read(engine: Engine) -> tuple[str | None, tuple[str, ...]]:
    with engine.connect() as connection:
        revision = revision_of(connection)
        if engine.dialect.name != "sqlite":
            return revision, ()
        said = [str(row[0]) for row in connection.execute(text(f"PRAGMA quick_check({_SHOWN})"))]
        return revision, tuple(line for line in said if line != "ok")


def _written(engine: Engine) -> str | None:
    """Write what stands there already, and take it back."""
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            transaction.rollback()
    except exc.DBAPIError as error:
        return _words(error)
    return None


def _words(error: exc.DBAPIError) -> str:
    return " ".join(str(error.orig).split())
