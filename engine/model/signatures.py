"""Until when an address of Discord's opens, and how another one's signature is put on it (midjourney-protocol §12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit, urlunsplit

FRESH_FOR = timedelta(minutes=5)
"""How long an address has to open yet to be given away."""


def opens_until(address: str) -> datetime | None:
    """When its signature ends (`ex`, hexadecimal Unix seconds); None: it carries none."""
    ends = parse_qs(urlsplit(address).query).get("ex", [""])[0]
    try:
        return datetime.fromtimestamp(int(ends, 16), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def is_fresh(address: str, now: datetime) -> bool:
    """Whether it will open for a while; an address without a signature does not expire."""
    until = opens_until(address)
    return until is None or now + FRESH_FOR <= until


def signed_as(address: str, fresh: str) -> str:
    """The address with the other one's signature: a file's own address and its proxy's carry the same."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlsplit(fresh).query, ""))
