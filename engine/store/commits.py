"""What became of a transaction whose COMMIT had no answer: PostgreSQL is asked by its number, SQLite need not be."""

from __future__ import annotations

from sqlalchemy import exc, text
from sqlalchemy.engine import Connection

from engine.store.prepared import Prepared

_NUMBER = Prepared(text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)"))
_STATUS = Prepared(text("SELECT pg_xact_status(CAST(:number AS xid8))"))


def number_of(connection: Connection) -> str | None:
    """The number of the transaction that is open; None: it wrote nothing, or it is SQLite's.

    SQLite's COMMIT happens in this process: after an error of it nothing was committed.
    """
    if connection.dialect.name == "sqlite":
        return None
    number: str | None = _NUMBER.run(connection, {}).fetchone()[0]
    return number


def was_committed(connection: Connection, number: str) -> bool | None:
    """Whether it was, asked on a new connection; None: it has not ended yet."""
    try:
        with connection.begin():
            status: str | None = _STATUS.run(connection, {"number": number}).fetchone()[0]
    except exc.DataError:
        return False  # a number from the future: a standby took over that has never heard of it
    return None if status == "in progress" else status == "committed"
