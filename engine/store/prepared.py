"""How a hot statement runs: written in Core, compiled once, then handed to the driver with nothing in between.

SQLAlchemy's way through `Connection.execute` takes about 45 µs of CPU a statement, ten times what SQLite itself needs;
a job has some fifteen of them.
"""

from __future__ import annotations

from collections.abc import Callable
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
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect, list(values))
        driver: Any = connection.connection.dbapi_connection
        parameters = compiled.parameters(values)
        try:
            try:
                return driver.execute(compiled.sql, parameters)
            except dialect.loaded_dbapi.DataError:
                clean = parameters if isinstance(parameters, list) else dialects.without_nul(parameters)
                if clean is parameters:
                    raise
                return driver.execute(compiled.sql, clean)  # the first one never left
        except dialect.loaded_dbapi.Error as error:
            kind: Any = dialect.loaded_dbapi.Error
            raise exc.DBAPIError.instance(
                compiled.sql, None, error, kind, hide_parameters=True, dialect=dialect
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
        given = set(names)
        self._constants = {name: value for name, value in compiled.params.items() if name not in given}

    def parameters(self, values: dict[str, Any]) -> Any:
        """The values as the driver takes them."""
        if self._constants:
            values = self._constants | values
        if self._positional:
            return [values[name] if convert is None else convert(values[name]) for name, convert in self._slots]
        return {name: values[name] if convert is None else convert(values[name]) for name, convert in self._slots}
