"""Addresses of Discord's: until when they open, and whose signature they carry."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.signatures import FRESH_FOR, is_fresh, opens_until, signed_as

END = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
FILE = "https://cdn.discordapp.com/attachments/1/2/a.png"
SIGNED = f"{FILE}?ex={int(END.timestamp()):x}&is=1&hm=2&"


@pytest.mark.parametrize("address", [FILE, f"{FILE}?ex=", f"{FILE}?ex=soon", f"{FILE}?ex={'f' * 40}", "", "nonsense"])
def test_what_carries_no_end_opens_for_ever(address):
    assert opens_until(address) is None
    assert is_fresh(address, END)


def test_an_address_is_fresh_while_it_opens_a_little_longer():
    assert opens_until(SIGNED) == END
    assert is_fresh(SIGNED, END - FRESH_FOR)
    assert not is_fresh(SIGNED, END - FRESH_FOR + timedelta(seconds=1))
    assert not is_fresh(SIGNED, END + timedelta(days=1))


def test_a_proxy_takes_over_the_signature_of_its_file():
    proxy = "https://media.discordapp.net/attachments/1/2/a.png?ex=0&is=0&hm=0&"
    assert signed_as(proxy, SIGNED) == "https://media.discordapp.net/attachments/1/2/a.png?" + SIGNED.partition("?")[2]
