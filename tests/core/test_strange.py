"""Answers that nobody knows are counted by kind: what differs from one to the next is no kind of its own."""

from __future__ import annotations

import pytest

from engine.core.strange import KINDS, WINDOW, Strange, kind_of
from tests.fakes.manual_clock import ManualClock


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Could not show 01234567-89ab-4def-8123-456789ABCDEF", "Could not show <uuid>"),
        (
            "<@123456789012345678>, look at https://discord.com/x?y=1 in 12 hours",
            "<person>, look at <link> in <n> hours",
        ),
        ("Tides are turning", "Tides are turning"),
        ("", ""),
    ],
)
def test_ids_people_links_and_numbers_make_no_kind_of_their_own(words, kind):
    assert kind_of(words) == kind


def test_a_kind_is_short_however_long_the_words_are():
    assert kind_of("x" * 5000) == "x" * 80
    assert len(kind_of("1 " * 5000)) == 80


async def test_three_kinds_within_ten_minutes_are_told_and_later_forgotten():
    clock = ManualClock()
    strange = Strange(clock)
    for words in ("one", "two", "two", "three")[: KINDS + 1]:
        assert strange.kinds == ()
        strange.seen(1, words)
    assert strange.kinds == ("one", "three", "two")
    await clock.advance(WINDOW)
    assert strange.kinds == ()
