"""Where SQLite and PostgreSQL differ: how each is opened, how a statement is stopped, what each error means."""

from __future__ import annotations

import logging
import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, exc
from sqlalchemy.engine import URL, Connection, Engine, make_url

from engine.model import errors

_LOG = logging.getLogger(__name__)

LOCK_SECONDS = 2.0
"""How long a write waits for another process (the commands) before it is given up."""
READ_SECONDS = 5.0
"""How long one read may take."""
READERS = 4
IDLE_SECONDS = 3.0
"""How long PostgreSQL lets a stopped process keep an open transaction and the row locks in it."""

# FULL: what was committed survives a power cut; the write-ahead log shrinks again after a long read let it grow
_ALWAYS = {
    "synchronous": "FULL",
    "journal_size_limit": str(64 * 1024 * 1024),
    "wal_autocheckpoint": "4000",  # pages; a busy page is then copied back once for many of its writes
}
_VM_STEPS = 20_000  # SQLite looks at the clock after so many: some 5 ms of work


def database_url(text: str) -> URL:
    """The database a setting names.

    Raises:
        BadSetting: it is neither a SQLite file nor PostgreSQL.
    """
    allowed = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise errors.BadSetting("EASEL_DATABASE_URL", "(not an address)", allowed) from None
    kind = url.get_backend_name()
    in_memory = kind == "sqlite" and url.database in (None, "", ":memory:")
    if kind not in ("sqlite", "postgresql", "postgres") or in_memory:
        raise errors.BadSetting("EASEL_DATABASE_URL", url.render_as_string(hide_password=True), allowed)
    return url.set(drivername="sqlite+pysqlite" if kind == "sqlite" else "postgresql+psycopg")


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database that has one under its plain name."""
    if url.get_backend_name() != "sqlite" or "uri" in url.query:
        return None
    return Path(str(url.database))


def make_file(url: URL) -> None:
    """Make folder and file of a SQLite database that is not there yet; only the owner may read it."""
    file = sqlite_file(url)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise errors.Unavailable(f"the database cannot be opened: {error}") from error


def writing_engine(
    url: URL,
    *,
    lock_seconds: float = LOCK_SECONDS,
    idle_seconds: float | None = None,
    foreign_keys: bool = True,
) -> Engine:
    """One connection whose transactions hold the write lock from their first statement on.

    `idle_seconds`: after which PostgreSQL ends a transaction that says nothing; `IDLE_SECONDS` when None.
    """
    if url.get_backend_name() == "sqlite":
        pragmas = {"foreign_keys": "ON" if foreign_keys else "OFF"}
        engine = _sqlite(url, pragmas, lock_seconds, pool_size=1, max_overflow=0)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    # a stopped process must not keep its row locks; a lock is waited for as long as on SQLite
    idle = int((IDLE_SECONDS if idle_seconds is None else idle_seconds) * 1000)
    limits = f"-c lock_timeout={int(lock_seconds * 1000)} -c idle_in_transaction_session_timeout={idle}"
    return _postgresql(url, limits, pool_size=1, max_overflow=0)


def reading_engine(url: URL) -> Engine:
    """Connections that cannot write, each statement a transaction of its own."""
    if url.get_backend_name() == "sqlite":
        pragmas = {"query_only": "ON"}
        return _sqlite(url, pragmas, pool_size=READERS, max_overflow=0, isolation_level="AUTOCOMMIT")
    limits = f"-c statement_timeout={int(READ_SECONDS * 1000)} -c default_transaction_read_only=on"
    return _postgresql(url, limits, pool_size=READERS, max_overflow=0, isolation_level="AUTOCOMMIT")


def _sqlite(url: URL, pragmas: dict[str, str], lock_seconds: float = LOCK_SECONDS, **options: Any) -> Engine:
    # the driver's own transactions are off: BEGIN IMMEDIATE is ours to say
    arguments = {"timeout": lock_seconds, "check_same_thread": False, "isolation_level": None}
    engine = create_engine(url, connect_args=arguments, hide_parameters=True, **options)

    def prepare(connection: Any, _: Any) -> None:
        with closing(connection.cursor()) as cursor:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                _switch_to_wal(cursor)
            for name, value in (_ALWAYS | pragmas).items():
                cursor.execute(f"PRAGMA {name}={value}")

    event.listen(engine, "connect", prepare)
    return engine


def _switch_to_wal(cursor: Any) -> None:
    """Two processes that switch a new file at once see `locked` without SQLite's own wait: try again for a while."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


# a server that went without a word is noticed in some 20 s, not in the hours of the system's default
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}


def _postgresql(url: URL, limits: str, **options: Any) -> Engine:
    arguments = {"options": limits, "connect_timeout": 5, "application_name": "easel", **_KEEPALIVE}
    engine = create_engine(url, connect_args=arguments, hide_parameters=True, **options)
    event.listen(engine, "before_cursor_execute", _clean, retval=True)
    return engine


def _clean(*said: Any) -> tuple[str, Any]:
    _, _, statement, parameters, *_ = said
    return statement, without_nul(parameters) if isinstance(parameters, dict) else parameters


def without_nul(values: dict[str, Any]) -> dict[str, Any]:
    """The values with U+FFFD for each NUL, which PostgreSQL's text cannot hold; the same ones when there is none."""
    if not any(isinstance(value, str) and "\0" in value for value in values.values()):
        return values
    return {n: value.replace("\0", "\ufffd") if isinstance(value, str) else value for n, value in values.items()}


def limit_read(connection: Connection) -> None:
    """Stop what this connection reads next once its time is over (PostgreSQL does so by itself)."""
    if connection.dialect.name != "sqlite":
        return
    until = time.monotonic() + READ_SECONDS
    driver: Any = connection.connection.dbapi_connection
    driver.set_progress_handler(lambda: time.monotonic() > until, _VM_STEPS)


# --- errors

LOG_AGAIN_SECONDS = 10.0
"""The same trouble is met by every call meanwhile."""
_LOGGED: dict[str, float] = {}
_LOGGED_KINDS = 32


def is_trouble(error: BaseException) -> bool:
    """Whether the database cannot work now (locked, full, read-only, gone), which may pass by itself."""
    if isinstance(error, (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)):
        return True
    # the tables are not there yet, or this user may not use them
    if getattr(getattr(error, "orig", None), "sqlstate", None) in ("42P01", "42501"):
        return True
    # sqlite3 says plain DatabaseError of a damaged file
    return type(error) is exc.DatabaseError or (isinstance(error, exc.DBAPIError) and error.connection_invalidated)


def unavailable(error: BaseException) -> errors.Unavailable:
    """The same trouble in our words; never the statement and its values. The driver's own are logged, not told."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    lines = str(cause).strip().splitlines()
    words = lines[0] if lines else type(cause).__name__
    now = time.monotonic()
    if now - _LOGGED.get(words, -LOG_AGAIN_SECONDS) >= LOG_AGAIN_SECONDS:
        _LOGGED[words] = now
        while len(_LOGGED) > _LOGGED_KINDS:
            _LOGGED.pop(next(iter(_LOGGED)), None)
        _LOG.warning("the database cannot be used: %s", words)
    return errors.Unavailable("the database cannot be used now", detail=words)


def is_connection_lost(error: BaseException) -> bool:
    """Whether nobody knows what the server did with the statement that failed."""
    return isinstance(error, exc.DBAPIError) and error.connection_invalidated


def may_keep(error: BaseException) -> bool:
    """Whether the connection is still good after this trouble (SQLite: somebody else's lock, a full disk)."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    return code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL"))


def is_duplicate(error: exc.IntegrityError) -> bool:
    """Whether a row with that key exists already."""
    name = getattr(error.orig, "sqlite_errorname", "")
    unique = name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
    return unique or getattr(error.orig, "sqlstate", None) == "23505"


def in_our_words(error: Exception) -> Exception:
    """What a caller is told of an error that is not the database's: a duplicate, a reference to nothing, a bug."""
    if isinstance(error, exc.StatementError) and not isinstance(error, exc.DBAPIError) and error.orig is not None:
        return error.orig if isinstance(error.orig, Exception) else error
    if not isinstance(error, exc.IntegrityError):
        return error
    if is_duplicate(error):
        return errors.Conflict("it exists already")
    name = getattr(error.orig, "sqlite_errorname", "")
    if name == "SQLITE_CONSTRAINT_FOREIGNKEY" or getattr(error.orig, "sqlstate", None) == "23503":
        return errors.NotFound("a change names something that is not there")
    return error
