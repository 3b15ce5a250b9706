"""How moments, growing numbers and words lie in columns, so that every database sorts them alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC in and out, to the microsecond; a naive time is refused.

    PostgreSQL: timestamptz. SQLite: text of one width, `2026-06-01T12:00:00.000000+00:00`, whose order is that of time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Text where the database has no type for an aware moment."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())  # type: ignore[arg-type]
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as the database keeps it.

        Raises:
            ValueError: it is naive, so nobody knows which moment is meant.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return value.isoformat(timespec="microseconds")  # type: ignore[return-value]
        return value

    def process_result_value(self, value: datetime | str | None, _: Dialect) -> datetime | None:
        """The moment as the engine speaks of it."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


GrowingId = BigInteger().with_variant(Integer, "sqlite")
"""Ids that the database counts up; SQLite counts only a column that is exactly INTEGER."""


def partial(name: str, *columns: str, where: Any, unique: bool = False) -> Index:
    """An index of the rows for which `where` holds."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def growing_id(**options: Any) -> Any:
    """A primary key that the database counts up."""
    return Field(default=None, sa_column=Column(GrowingId, primary_key=True, autoincrement=True, **options))


def words(*, key: bool = False, unique: bool = False, to: str | None = None, null: bool = False) -> Any:
    """Text; `to` names the column that it refers to."""
    link = [ForeignKey(to)] if to else []
    return Field(sa_column=Column(Text, *link, primary_key=key, unique=unique, nullable=null))


def account(*, null: bool = False) -> Any:
    """The id of a linked account."""
    return Field(sa_column=Column(GrowingId, ForeignKey("accounts.id"), nullable=null))


def moment(*, null: bool = False) -> Any:
    """An aware moment."""
    return Field(sa_column=Column(UtcTime, nullable=null))
