"""How a hot statement runs: written in Core, compiled once, then handed to the driver with nothing in between.

SQLAlchemy's way through `Connection.execute` takes about 45 µs of CPU a statement, ten times what SQLite itself needs;
a job has some fifteen of them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Delete, Insert, Select, TextClause, Update, exc
from sqlalchemy.engine import Connection, Dialect

from engine.store import dialects

Convert = Callable[[Any], Any]
Statement = Insert | Update | Delete | Select[Any] | TextClause


class Prepared:
    """One Core statement, always run with values for the same names."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: dict[str, Any]) -> Any:
        """The driver's cursor after the statement: `rowcount`, `fetchone()`.

        Args:
            connection: in a transaction that has begun.
            values: for every parameter without a value of its own.

        Raises:
            DBAPIError: as SQLAlchemy would; it shows no values.
        """
        compiled = self._for(connection.dialect, values)
        with _Translated(connection, compiled.sql):
            return _executed(connection, compiled, values)

    def rows(self, connection: Connection, values: dict[str, Any]) -> list[Any]:
        """What a SELECT finds, its columns by name, as SQLAlchemy would give them.

        Raises:
            DBAPIError: as SQLAlchemy would; it shows no values.
        """
        compiled = self._for(connection.dialect, values)
        with _Translated(connection, compiled.sql):
            return compiled.found(_executed(connection, compiled, values))

    def _for(self, dialect: Dialect, values: dict[str, Any]) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect, list(values))
        return compiled


def _executed(connection: Connection, compiled: _Compiled, values: dict[str, Any]) -> Any:
    driver: Any = connection.connection.dbapi_connection
    parameters = compiled.parameters(values)
    try:
        return driver.execute(compiled.sql, parameters)
    except connection.dialect.loaded_dbapi.DataError:
        clean = parameters if isinstance(parameters, list) else dialects.without_nul(parameters)
        if clean is parameters:
            raise
        return driver.execute(compiled.sql, clean)  # the first one never left


class _Translated:
    """The driver's errors in SQLAlchemy's names, with its word on whether the connection is lost."""

    __slots__ = ("_connection", "_sql")

    def __init__(self, connection: Connection, sql: str) -> None:
        self._connection = connection
        self._sql = sql

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            return
        dialect = self._connection.dialect
        kind: Any = dialect.loaded_dbapi.Error
        if isinstance(error, kind):
            driver: Any = self._connection.connection.dbapi_connection
            lost = dialect.is_disconnect(error, driver, None)
            raise exc.DBAPIError.instance(
                self._sql, None, error, kind, hide_parameters=True, dialect=dialect, connection_invalidated=lost
            ) from error


class _Compiled:
    """The statement in one database's words, and how a value of each parameter is passed."""

    def __init__(self, statement: Statement, dialect: Dialect, names: list[str]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=names)
        self.sql: str = compiled.string
        self._positional: bool = compiled.positional
        order: list[str] = compiled.positiontup if compiled.positional else list(compiled.params)
        converts: dict[str, Convert] = compiled._bind_processors  # noqa: SLF001 - what Connection.execute itself uses
        self._slots = [(name, converts.get(name)) for name in order]
        self._dialect = dialect
        self._columns: list[Any] = compiled._result_columns  # noqa: SLF001 - likewise
        self._row = _row_of([column.keyname for column in self._columns])
        self._reads: list[tuple[int, Convert]] | None = None
        given = set(names)
        self._constants = {name: value for name, value in compiled.params.items() if name not in given}

    def parameters(self, values: dict[str, Any]) -> Any:
        """The values as the driver takes them."""
        if self._constants:
            values = self._constants | values
        if self._positional:
            return [values[name] if convert is None else convert(values[name]) for name, convert in self._slots]
        return {name: values[name] if convert is None else convert(values[name]) for name, convert in self._slots}

    def found(self, cursor: Any) -> list[Any]:
        """All rows as SQLAlchemy would give them."""
        reads = self._reads
        if reads is None:
            reads = self._reads = self._reads_of(cursor.description)
        if not reads:
            return [self._row(each) for each in cursor.fetchall()]
        rows = []
        for each in map(list, cursor.fetchall()):
            for place, read in reads:
                each[place] = read(each[place])
            rows.append(self._row(each))
        return rows

    def _reads_of(self, described: Sequence[Any]) -> list[tuple[int, Convert]]:
        """How values of each column are read; the database says of what kind they are."""
        reads = []
        for place, (column, kind) in enumerate(zip(self._columns, described, strict=True)):
            read = column.type._cached_result_processor(self._dialect, kind[1])  # noqa: SLF001 - likewise
            if read is not None:
                reads.append((place, read))
        return reads


def _row_of(names: Any) -> Any:
    row: Any = namedtuple("Row", names)  # type: ignore[misc]  # noqa: PYI024 - its columns are known only here
    return row._make
