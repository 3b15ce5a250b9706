"""How much work a key or a workspace may ask for: credits in a period of the calendar (UTC).

A quota counts from the moment it is set: what was asked for before was not written down against it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from engine.model.errors import InvalidInput
from engine.model.values import value

MOST_CREDITS = 10**9
UNLIMITED = 999_999
"""What the services' account pages show where there is no quota."""
ALLOWED = "as in 500/month: credits, and day, week or month; or none"

_QUOTA = re.compile(r"(\d{1,10})\s*/\s*(day|week|month)")


class Period(StrEnum):
    """A stretch of the calendar; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@value(frozen=True, slots=True)
class Quota:
    """So many credits in each period."""

    credits: int
    period: Period

    def __str__(self) -> str:
        """As it is read."""
        return f"{self.credits}/{self.period}"

    def began(self, now: datetime) -> datetime:
        """When the present period began."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.period is Period.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.period is Period.MONTH else day

    def ends(self, now: datetime) -> datetime:
        """When the next period begins."""
        began = self.began(now)
        if self.period is Period.MONTH:
            return (began + timedelta(days=32)).replace(day=1)
        return began + timedelta(days=7 if self.period is Period.WEEK else 1)


def read_quota(text: str) -> Quota | None:
    """The quota that a text says; `none`: no quota.

    Raises:
        InvalidInput: it says none.
    """
    said = text.strip().lower()
    if said == "none":
        return None
    found = _QUOTA.fullmatch(said)
    if found is None or int(found[1]) > MOST_CREDITS:
        raise InvalidInput("quota", "says nothing that is known", value=text, allowed=ALLOWED)
    return Quota(int(found[1]), Period(found[2]))


@value(frozen=True, slots=True)
class Budget:
    """Whose quota a request counts against: `key:7` or `workspace:<id>`."""

    payer: str
    quota: Quota


@value(frozen=True, slots=True)
class Charge:
    """What a job costs, whom, and in which period; given back when it ends FAILED or CANCELLED."""

    payer: str
    began: datetime
    credits: int


@value(frozen=True, slots=True)
class Spending:
    """What a request would spend of a period's credits, of which there are `limit`."""

    payer: str
    began: datetime
    credits: int
    limit: int
