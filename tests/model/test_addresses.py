"""Which web addresses of users are taken, as far as that can be told without looking up a name."""

from __future__ import annotations

import ipaddress

import pytest

from engine.model.addresses import ALLOWED, Reach, is_allowed, is_at, is_inner, is_public, number_of
from engine.model.errors import InvalidInput

HOME = (ipaddress.ip_network("192.168.7.0/24"), ipaddress.ip_network("fd00:7::/64"))


@pytest.mark.parametrize(
    "number", ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946", "2001:4860:4860::8888"]
)
def test_the_public_internet_is_public(number):
    assert is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize(
    "number",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_everything_else_is_not(number):
    assert not is_public(ipaddress.ip_address(number))


def test_what_the_operator_lists_is_allowed_and_nothing_beside_it():
    for number in ("192.168.7.9", "fd00:7::9", "8.8.8.8"):
        assert is_allowed(_number(number), HOME)
    for number in ("192.168.8.9", "fd00:8::9", "::ffff:192.168.7.9"):
        assert not is_allowed(_number(number), HOME)


def _number(text):
    return ipaddress.ip_address(text)


@pytest.mark.parametrize(
    ("host", "number"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("%31%32%37.0.0.1", "127.0.0.1"),
        ("127。0。0。1", "127.0.0.1"),
        ("①②⑦.0.0.1", "127.0.0.1"),
        ("127.0.0.\u00ad1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("Pictures.LocalHost.", "127.0.0.1"),
        ("::1", "::1"),
    ],
)
def test_a_number_is_read_however_it_is_spelled(host, number):
    assert number_of(host) == _number(number)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "a.1", "a b", "a\\b", "", "..."]
)
def test_what_may_or_may_not_be_a_number_is_neither(host):
    with pytest.raises(ValueError, match=r".*"):
        number_of(host)


@pytest.mark.parametrize("host", ["example.org", "localhost.example.org", "1.example.org", "bücher.example", "a-b"])
def test_a_name_is_looked_up_by_who_calls_it(host):
    assert number_of(host) is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1/x.png", "holds the address http://127.0.0.1/x.png, which is not on the public internet"),
        ("http://[::1]:8080/x.png", "not on the public internet"),
        ("http://169.254.169.254/latest/x.png", "not on the public internet"),
        ("http://localhost:8000/x.png", "not on the public internet"),
        ("http://127.1/x.png", "neither a name nor a number as it is usually written"),
        ("https://127.0.0.1\\.example.org/x.png", "neither a name nor a number"),
        ("http://user@example.org/x.png", "carries a user name"),
        ("http://@example.org/x.png", "carries a user name"),
        ("http://example.org:99999/x.png", "which is none"),
        ("http://[::1/x.png", "which is none"),
        ("ftp://example.org/x.png", "no http or https address"),
        ("http:///x.png", "no http or https address"),
    ],
)
def test_an_address_that_is_not_taken_is_named_with_the_field_and_what_is_allowed(address, why):
    with pytest.raises(InvalidInput) as caught:
        Reach().check(address, "image")
    assert (caught.value.field, caught.value.allowed) == ("image", ALLOWED)
    assert why in str(caught.value)


def test_a_password_is_never_repeated():
    with pytest.raises(InvalidInput) as caught:
        Reach().check("https://me:sesame@example.org/a@b.png", "prompt")
    assert "sesame" not in str(caught.value)
    assert "https://…@example.org/a@b.png" in str(caught.value)


@pytest.mark.parametrize("address", ["http://example.org", "https://example.org/", "http://example.org:8080/hook"])
def test_an_address_that_easel_is_to_call_has_a_port_of_the_web_or_one_that_anybody_may_serve(address):
    Reach().check_called(address, "hook")


@pytest.mark.parametrize("port", [0, 1, 25, 79, 1023])
def test_other_ports_are_not_called(port):
    address = f"http://example.org:{port}/hook"
    Reach().check(address, "image")
    with pytest.raises(InvalidInput) as caught:
        Reach(networks=HOME).check_called(address, "hook")
    assert (caught.value.field, caught.value.allowed) == ("hook", "the ports 80, 443, and from 1024 on")
    assert caught.value.problem == f"holds the address {address}, whose port {port} is not called"


def test_an_address_that_is_not_taken_is_not_called_either():
    with pytest.raises(InvalidInput, match="not on the public internet"):
        Reach().check_called("http://127.0.0.1:8080/", "hook")


def test_listed_places_and_networks_are_taken_wherever_they_lie():
    reach = Reach(networks=HOME, places=frozenset({"127.0.0.1:8000", "pictures.internal"}))
    for address in (
        "http://127.0.0.1:8000/pictures/a.webp",
        "https://pictures.internal/a.png",
        "http://192.168.7.9/a.png",
        "https://[fd00:7::9]/a.png",
        "https://example.org/a@b.png?c=d",
    ):
        reach.check(address, "prompt")
    for address in ("http://127.0.0.1:8001/a.png", "http://127.0.0.1/a.png", "http://192.168.8.9/a.png"):
        with pytest.raises(InvalidInput):
            reach.check(address, "prompt")


@pytest.mark.parametrize(
    "address",
    [
        "https://easel.example.com/pictures/a.png",
        "https://easel.example.com:443/pictures/a.png",
        "https://easel.example.com./pictures/a.png",
        "https://EASEL.Example.com.:443/pictures/a.png",
        "http://easel.example.com/pictures/a.png",
    ],
)
@pytest.mark.parametrize("place", ["easel.example.com", "Easel.Example.com."])
def test_a_place_is_known_however_its_host_and_port_are_spelled(address, place):
    assert is_at(address, frozenset({place}))


@pytest.mark.parametrize(
    "address",
    [
        "https://easel.example.com:8443/a.png",
        "https://easel.example.com.evil.example/a.png",
        "https://www.easel.example.com/a.png",
        "https://easel.example.com:x/a.png",
        "https://easel.example.com:0/a.png",
        "ftp://easel.example.com/a.png",
        "https:///a.png",
    ],
)
def test_another_host_port_or_scheme_is_another_place(address):
    assert not is_at(address, frozenset({"easel.example.com"}))
    assert not is_at(address, frozenset())


@pytest.mark.parametrize(
    ("address", "inner"),
    [
        ("http://10.0.0.1/a.png", True),
        ("http://[fd00::1]:8080/a.png", True),
        ("http://localhost/a.png", True),
        ("http://127.1/a.png", True),
        ("http://8.8.8.8/a.png", False),
        ("https://example.org/a.png", False),
    ],
)
def test_an_inner_address_is_one_whose_number_is_not_public(address, inner):
    assert is_inner(address) is inner
