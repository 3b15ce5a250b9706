"""How rates and quotas are read and written, and when a period begins and ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.errors import InvalidInput
from engine.model.quotas import Period, Quota, read_quota
from engine.model.rates import IMAGINEPRO, OFF, USUAL, Pace, Rate, Rates, read_rates


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("off", OFF),
        ("usual", USUAL),
        ("ImaginePro", IMAGINEPRO),
        ("generate=10/s read=100/s", USUAL),
        ("generate=1/3s, read=1/3s, progress=10/s", IMAGINEPRO),
        ("read=60/m", Rates(Pace(10, 1), Pace(60, 60))),
        ("generate=5/2h read=off", Rates(Pace(5, 7200), None)),
        ("generate=off read=off", OFF),
    ],
)
def test_rates_are_read_and_written_alike(text, rates):
    assert read_rates(text) == rates
    assert read_rates(str(rates)) == rates


@pytest.mark.parametrize(
    "text",
    ["", "fast", "generate", "generate=", "generate=10", "generate=0/s", "read=1/0s", "read=1/s read=2/s", "x=1/s"],
)
def test_rates_that_say_nothing_are_refused_with_what_is_allowed(text):
    with pytest.raises(InvalidInput, match="imaginepro"):
        read_rates(text)


def test_asking_for_progress_is_reading_unless_it_has_a_pace_of_its_own():
    assert USUAL.of(Rate.PROGRESS) == (Rate.READ, Pace(100, 1))
    assert IMAGINEPRO.of(Rate.PROGRESS) == (Rate.PROGRESS, Pace(10, 1))
    assert IMAGINEPRO.of(Rate.GENERATE) == (Rate.GENERATE, Pace(1, 3))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "now", "began", "ends"),
    [
        (Period.DAY, "2026-01-15T12:30", "2026-01-15", "2026-01-16"),
        (Period.DAY, "2026-01-15T00:00", "2026-01-15", "2026-01-16"),
        (Period.WEEK, "2026-01-15T12:30", "2026-01-12", "2026-01-19"),
        (Period.WEEK, "2026-01-12T00:00", "2026-01-12", "2026-01-19"),
        (Period.MONTH, "2026-01-31T23:59", "2026-01-01", "2026-02-01"),
        (Period.MONTH, "2026-12-01T00:00", "2026-12-01", "2027-01-01"),
    ],
)
def test_a_period_is_one_of_the_calendar(period, now, began, ends):
    quota = Quota(10, period)
    assert (quota.began(at(now)), quota.ends(at(now))) == (at(began), at(ends))
    assert quota.ends(at(now)) == quota.began(quota.ends(at(now)))
    assert quota.began(quota.ends(at(now)) - timedelta(microseconds=1)) == at(began)


@pytest.mark.parametrize(
    ("text", "quota"),
    [("500/month", Quota(500, Period.MONTH)), (" 0 / Day ", Quota(0, Period.DAY)), ("none", None)],
)
def test_a_quota_is_read(text, quota):
    assert read_quota(text) == quota
    assert quota is None or read_quota(str(quota)) == quota


@pytest.mark.parametrize("text", ["", "500", "500/year", "-1/day", "1.5/day", "99999999999/day"])
def test_a_quota_that_says_nothing_is_refused_with_what_is_allowed(text):
    with pytest.raises(InvalidInput, match="500/month"):
        read_quota(text)
