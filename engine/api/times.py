"""How times are written: UTC with an explicit offset that `datetime.fromisoformat` reads."""

from __future__ import annotations

from datetime import UTC, datetime


def to_seconds(at: datetime) -> str:
    """`2026-01-15T12:00:00+00:00`, as the services' recorded answers have it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def to_milliseconds(at: datetime) -> str:
    """`2026-01-15T12:00:00.250+00:00`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
