"""Which addresses may be fetched."""

from __future__ import annotations

import pytest

from engine.model.errors import Refused
from engine.outbound.guard import DISCORD_HOSTS, check, place_of

HOSTS = DISCORD_HOSTS | {"127.0.0.1:8701", "Pictures.Example.com", "[::1]:9000", "broken:port", ""}


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.discordapp.com/attachments/1/2/a.webp?ex=1&is=2&hm=3",
        "https://CDN.discordapp.com/a",
        "https://cdn.discordapp.com:443/a",
        "https://cdn.discordapp.com./a",
        "http://media.discordapp.net/a",
        "http://127.0.0.1:8701/cdn/a.png",
        "https://127.0.0.1:8701/cdn/a.png",
        "https://pictures.example.com/a",
        "http://[::1]:9000/a",
    ],
)
def test_a_listed_place_is_fetched(url):
    assert check(url, HOSTS).host


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a",
        "https://discordapp.com/a",
        "https://cdn.discordapp.com.example.com/a",
        "https://evil-cdn.discordapp.com/a",
        "https://cdn.discordapp.com:8443/a",
        "https://cdn.discordapp.com@example.com/a",
        "https://user:password@cdn.discordapp.com/a",
        "https://example.com/#@cdn.discordapp.com",
        "https://example.com\\@cdn.discordapp.com/a",
        "http://127.0.0.1/a",
        "http://127.0.0.1:8702/a",
        "http://127.1:8701/a",
        "http://2130706433:8701/a",
        "http://localhost:8701/a",
        "http://[::1]/a",
        "http://[::ffff:127.0.0.1]:8701/a",
        "http://broken/a",
        "file:///etc/passwd",
        "ftp://cdn.discordapp.com/a",
        "data:image/png;base64,AAAA",
        "//cdn.discordapp.com/a",
        "cdn.discordapp.com/a",
        "https://",
        "",
        "https://cdn.discordapp.com/\x00",
        "https://cdn.discordapp.com\r\nHost: x/",
        "http://[::1",
        "http://cdn.discordapp.com:99999999/a",
    ],
)
def test_every_other_address_is_refused(url):
    with pytest.raises(Refused):
        check(url, HOSTS)


def test_an_empty_list_allows_nothing():
    with pytest.raises(Refused):
        check("https://cdn.discordapp.com/a", frozenset())


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://discord.com/api/v9", "discord.com"),
        ("https://discord.com:443/api/v9", "discord.com"),
        ("http://127.0.0.1:8701/api/v9", "127.0.0.1:8701"),
        ("http://[::1]:8701/api", "[::1]:8701"),
    ],
)
def test_an_upstreams_place_is_its_host_and_its_own_port(url, place):
    assert place_of(url) == place
    assert check(url, frozenset({place}))
