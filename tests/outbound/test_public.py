"""Which addresses of users are called, and by which way."""

from __future__ import annotations

import ipaddress

import pytest

from engine.model.errors import Refused
from engine.outbound.public import MOST_TRIES, leads_inside, resolved, ways_to

PUBLIC_4, PUBLIC_6 = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"


class Names:
    """A resolver that knows these names; `asked` holds what it was asked for."""

    def __init__(self, **known: list[str]) -> None:
        self.known = known
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.known[host.replace(".", "_").replace("-", "_")]


async def test_the_call_goes_to_the_number_that_was_looked_at_and_says_whom_it_means():
    names = Names(pictures_example=[PUBLIC_4, PUBLIC_6])
    first, second = await ways_to("https://pictures.example/a.png?b=c", frozenset(), names)
    assert str(first.url) == f"https://{PUBLIC_4}/a.png?b=c"
    assert str(second.url) == f"https://[{PUBLIC_6}]/a.png?b=c"
    assert first.headers == second.headers == {"Host": "pictures.example"}
    assert first.extensions == {"sni_hostname": "pictures.example"}
    assert names.asked == [("pictures.example", 443)]


async def test_a_port_of_its_own_is_said_too():
    (way,) = await ways_to("http://pictures.example:8080/a", frozenset(), Names(pictures_example=[PUBLIC_4]))
    assert (str(way.url), way.headers) == (f"http://{PUBLIC_4}:8080/a", {"Host": "pictures.example:8080"})


async def test_a_name_in_other_letters_is_asked_for_as_the_wire_spells_it():
    names = Names(xn__bcher_kva_example=[PUBLIC_4])
    (way,) = await ways_to("https://bücher.example/a", frozenset(), names)
    assert way.headers == {"Host": "xn--bcher-kva.example"}


async def test_one_private_number_among_public_ones_is_enough_to_refuse():
    with pytest.raises(Refused, match=r"pictures\.example is not on the public internet"):
        await ways_to("https://pictures.example/", frozenset(), Names(pictures_example=[PUBLIC_4, "10.0.0.1"]))


async def test_a_listed_place_is_called_as_it_is_and_not_looked_up():
    names = Names()
    (way,) = await ways_to("http://127.0.0.1:8701/a.png", frozenset({"127.0.0.1:8701"}), names)
    assert (str(way.url), way.headers, names.asked) == ("http://127.0.0.1:8701/a.png", {}, [])


async def test_a_name_may_lead_into_a_network_that_the_operator_lists():
    network, names = ipaddress.ip_network("10.0.0.0/24"), Names(pictures_internal=["10.0.0.7"], other=["10.0.1.7"])
    (way,) = await ways_to("http://pictures.internal/a", frozenset(), names, (network,))
    assert str(way.url) == "http://10.0.0.7/a"
    with pytest.raises(Refused, match="not on the public internet"):
        await ways_to("http://other/a", frozenset(), names, (network,))


async def test_only_some_numbers_of_many_are_tried():
    many = [f"93.184.216.{n}" for n in range(1, 30)]
    assert len(await ways_to("https://pictures.example/", frozenset(), Names(pictures_example=many))) == MOST_TRIES


@pytest.mark.parametrize(
    "address",
    [
        "https://user:password@pictures.example/a",
        "http://pictures.example:25/a",
        "http://pictures.example:22/",
        "http://pictures.example:0/",
        "ftp://pictures.example/a",
        "file:///etc/passwd",
        "//pictures.example/a",
        "https://",
        "",
    ],
)
async def test_what_is_no_plain_web_address_is_refused_before_it_is_looked_up(address):
    names = Names(pictures_example=[PUBLIC_4])
    with pytest.raises(Refused):
        await ways_to(address, frozenset(), names)
    assert names.asked == []


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_no_spelling_of_this_machine_is_called(host):
    with pytest.raises(Refused):
        await ways_to(f"http://{host}:8080/", frozenset())


async def test_the_systems_resolver_gives_numbers():
    assert "127.0.0.1" in await resolved("localhost", 80) or "::1" in await resolved("localhost", 80)


@pytest.mark.parametrize(
    ("numbers", "inside"),
    [([PUBLIC_4], False), (["192.168.7.9"], True), (["192.168.8.9"], False), ([PUBLIC_4, "192.168.7.9"], True)],
)
async def test_a_name_leads_inside_when_one_of_its_numbers_is_listed_and_not_public(numbers, inside):
    listed = (ipaddress.ip_network("192.168.7.0/24"), ipaddress.ip_network("93.184.0.0/16"))
    assert await leads_inside("http://nas.example/a.png", Names(nas_example=numbers), listed) is inside


async def test_a_name_that_there_is_not_leads_nowhere():
    async def nobody(host, port):
        raise Refused(f"there is no host {host}")

    assert await leads_inside("http://nas.example/a.png", nobody, (ipaddress.ip_network("10.0.0.0/8"),)) is False
