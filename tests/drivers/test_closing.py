"""Transient or fatal, by close code (midjourney-protocol §2.3)."""

from __future__ import annotations

import pytest

from engine.drivers.midjourney.closing import After, verdict
from engine.model.sightings import Trouble


@pytest.mark.parametrize("code", [None, 1006, 1011, 1012, 4000, 4001, 4002, 4005, 4008, 4015])
def test_ordinary_ends_are_resumed(code):
    assert verdict(code).after is After.RESUME


@pytest.mark.parametrize("code", [1000, 1001, 4003, 4007, 4009])
def test_a_session_that_is_gone_begins_anew(code):
    assert verdict(code).after is After.IDENTIFY


@pytest.mark.parametrize("code", [4010, 4011, 4012, 4013, 4014])
def test_what_reconnecting_cannot_mend_ends_the_session(code):
    found = verdict(code)
    assert (found.after, found.trouble) == (After.END, Trouble.GATEWAY)


def test_a_refused_token_is_the_owners_business():
    found = verdict(4004)
    assert (found.after, found.trouble) == (After.END, Trouble.TOKEN)


def test_codes_of_our_own_do_not_end_a_session():
    assert verdict(4000, ours=True).after is After.RESUME
    assert verdict(1000, ours=True).after is After.RESUME
    assert verdict(1009, ours=True).after is After.END
