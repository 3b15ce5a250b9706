"""The statements that a read consists of, and how each database would answer them."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import psycopg
from sqlalchemy import event

from engine.store.sql_store import SqlStore, open_store
from tests.contracts.store_examples import House, furnish

Read = Callable[[SqlStore, House], Awaitable[object]]


async def _asked_by(url: str, read: Read) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def listen(*said: Any) -> None:
        _, _, statement, parameters, *_ = said
        asked.append((statement, parameters))

    def connect(dialect: Any, _: object, arguments: Any, named: Any) -> Any:
        if dialect.name == "sqlite":
            return sqlite3.connect(*arguments, factory=_listening(sqlite3.Connection, asked), **named)
        return _listening(psycopg.Connection, asked).connect(*arguments, **named)

    store = open_store(url, migrate=True)
    event.listen(store._reading, "before_cursor_execute", listen)
    event.listen(store._reading, "do_connect", connect)
    house = await furnish(store)
    asked.clear()
    await read(store, house)
    await store.close()
    assert asked
    return asked


def _listening(driver: type, asked: list[tuple[str, Any]]) -> Any:
    """The driver's connection that also notes what passes SQLAlchemy by: statements that are prepared once for all."""

    class Listening(driver):
        def execute(self, statement: str, parameters: Any = (), **how: Any) -> Any:
            asked.append((statement, parameters))
            return super().execute(statement, parameters, **how)

    return Listening


async def way_of_sqlite(path, read: Read) -> list[str]:
    """The steps of a read in their order, in a new database at `path`."""
    asked = await _asked_by(f"sqlite:///{path}", read)
    with closing(sqlite3.connect(path)) as connection:
        return [
            row[3]
            for statement, values in asked
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        ]


async def scans_of_sqlite(path, read: Read, growing: tuple[str, ...]) -> list[str]:
    """The steps of a read that walk through a whole table among `growing`, in a new database at `path`."""
    steps = await way_of_sqlite(path, read)
    return [step for step in steps if any(step.startswith(f"SCAN {table}") for table in growing)]


async def scans_of_postgresql(url: str, read: Read, growing: tuple[str, ...]) -> list[str]:
    """The same on PostgreSQL."""
    asked = await _asked_by(url, read)
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SET enable_seqscan = off")  # of empty tables it is the cheapest way
        steps = [row[0] for statement, values in asked for row in connection.execute(f"EXPLAIN {statement}", values)]
    return [step for step in steps if any(f"Seq Scan on {table} " in step for table in growing)]
