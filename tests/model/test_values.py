"""Values stay what frozen dataclasses are to everybody who uses them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.jobs import Links
from engine.model.values import value

SEEN = Links("1", "2", "3")


def test_values_of_the_same_content_are_equal_and_one_key() -> None:
    assert Links("1", "2", "3") == SEEN
    assert {SEEN: "known"}[Links("1", "2", "3")] == "known"
    assert Links("1", "2", "4") != SEEN


def test_replace_makes_another_value_and_leaves_the_first() -> None:
    assert replace(SEEN, uuid="4") == Links("1", "2", "4")
    assert SEEN.uuid == "3"


def test_a_value_takes_no_field_that_it_does_not_have() -> None:
    with pytest.raises(AttributeError):
        SEEN.colour = "red"  # type: ignore[attr-defined]


def test_a_value_is_declared_frozen_for_the_type_checker() -> None:
    with pytest.raises(AssertionError):
        value(frozen=False)
