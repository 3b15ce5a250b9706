"""Which web addresses that users name may be called, or passed on for Midjourney to call: the rule, without any I/O.

A number is judged by an explicit list of ranges (IANA's special-purpose registries), because `ipaddress.is_global`
calls multicast, 6to4 and numbers that hold an IPv4 number in an IPv6 one global. A name is judged where it is looked
up (`outbound.public`); only `localhost` needs no looking up (RFC 6761).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import unquote, urlsplit

from engine.model.errors import InvalidInput, Refused
from engine.model.values import value

Number = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = {"http": 80, "https": 443}
CALLED_PORTS = "80, 443, and from 1024 on"
_OWN_PORTS = 1024
"""From here on anybody may serve the web; the ports below belong to other services."""
ALLOWED = "public addresses, and what EASEL_PUBLIC_URL, EASEL_UPSTREAM_HOSTS and EASEL_ALLOW_NETWORKS name"
_LONGEST = 120

_V4_NOT_PUBLIC = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # behind a carrier's NAT
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, metadata of clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # measurements
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
_V6_PUBLIC = ipaddress.IPv6Network("2000::/3")
"""All that is handed out as unicast; loopback, mapped IPv4, NAT64, unique and link-local lie outside."""
_V6_NOT_PUBLIC = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo, measurements, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)
_LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
"""What programs take for a dot in a host (IDNA)."""
_A_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_A_HOST = re.compile(r"[^\x00-\x20\x7f#/:<>?@\[\\\]^|%]+")


def is_public(number: Number) -> bool:
    """Whether a number lies on the public internet."""
    if isinstance(number, ipaddress.IPv4Address):
        return not any(number in network for network in _V4_NOT_PUBLIC)
    return number in _V6_PUBLIC and not any(number in network for network in _V6_NOT_PUBLIC)


def is_allowed(number: Number, networks: tuple[Network, ...]) -> bool:
    """Whether a number may be called: a public one, or one of the operator's `networks`."""
    return is_public(number) or any(number in network for network in networks)


def number_of(host: str) -> Number | None:
    """The number that a host is, however it is spelled; None: a name, which has to be looked up.

    Raises:
        ValueError: a program may take it for a number, and which one is not plain (`127.1`, `0x7f000001`, `010.0.0.1`),
            or it is no host at all.
    """
    plain = unquote(host)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", "".join(char for char in plain if unicodedata.category(char) != "Cf"))
    plain = plain.translate(_DOTS).lower().rstrip(".")
    if ":" in plain:
        return ipaddress.IPv6Address(plain)
    if not _A_HOST.fullmatch(plain):
        raise ValueError(host)
    last = plain.rpartition(".")[2]
    if _A_NUMBER.fullmatch(last):
        return ipaddress.IPv4Address(plain)
    return _LOOPBACK if last == "localhost" else None


def port_of(scheme: str, port: int | None) -> int:
    """The port of an http(s) address: its own, else the scheme's."""
    return PORTS[scheme] if port is None else port


def is_called(port: int) -> bool:
    """Whether Easel calls a place that a user names at this port."""
    return port in PORTS.values() or port >= _OWN_PORTS


def is_listed(host: str, port: int, scheme: str, places: frozenset[str]) -> bool:
    """Whether a place is in a list of `host` and `host:port`; one without a port means the scheme's own."""
    wanted = (host.lower().rstrip("."), port)
    return any(wanted == _place(entry, scheme) for entry in places)


def is_at(address: str, places: frozenset[str]) -> bool:
    """Whether an http(s) address leads to a listed place, however its host and port are spelled."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in PORTS or not host:
        return False
    return is_listed(host, port_of(parts.scheme, port), parts.scheme, places)


def is_inner(address: str) -> bool:
    """Whether an http(s) address names, by a number or as `localhost`, a place that is not on the public internet.

    One whose number is not plain counts as such.
    """
    try:
        number = number_of(urlsplit(address).hostname or "")
    except ValueError:
        return True
    return number is not None and not is_public(number)


def _place(entry: str, scheme: str) -> tuple[str, int] | None:
    """A malformed entry allows nothing."""
    try:
        parts = urlsplit("//" + entry.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (host.rstrip("."), port_of(scheme, port)) if host else None


@value(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which addresses of users are taken besides public ones."""

    networks: tuple[Network, ...] = ()
    """The operator's own (`EASEL_ALLOW_NETWORKS`)."""
    places: frozenset[str] = frozenset()
    """`host` or `host:port`: our public address, whose pictures are uploaded, and the upstreams."""

    def check(self, address: str, field: str) -> None:
        """Take an http(s) address, as far as can be told without looking up its name.

        Raises:
            InvalidInput: it carries a user name, is none, or its host is a number that is not on the public internet;
                names `field`, the address (never the user name or password) and what is allowed.
        """
        try:
            self._check(address)
        except Refused as refusal:
            raise InvalidInput(field, f"holds the address {_shown(address)}, {refusal}", allowed=ALLOWED) from refusal

    def check_called(self, address: str, field: str) -> None:
        """As `check`, of an address that Easel itself is to call.

        Raises:
            InvalidInput: as `check`, or its port is one that is not called.
        """
        self.check(address, field)
        parts = urlsplit(address)
        port = port_of(parts.scheme, parts.port)
        if not is_called(port):
            problem = f"holds the address {_shown(address)}, whose port {port} is not called"
            raise InvalidInput(field, problem, allowed=f"the ports {CALLED_PORTS}")

    def _check(self, address: str) -> None:
        try:
            parts = urlsplit(address)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise Refused("which is none") from error
        if parts.scheme not in PORTS or not host:
            raise Refused("which is no http or https address with a host")
        if "@" in parts.netloc:
            raise Refused("which carries a user name")
        if is_at(address, self.places):
            return
        try:
            number = number_of(host)
        except ValueError as error:
            raise Refused("whose host is neither a name nor a number as it is usually written") from error
        if number is not None and not is_allowed(number, self.networks):
            raise Refused("which is not on the public internet")


ANYWHERE_PUBLIC = Reach()


def _shown(address: str) -> str:
    """An address as its writer recognises it, not all of it, and without a password."""
    scheme, _, rest = address.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    named = authority.rpartition("@")[2]
    plain = address if named == authority else f"{scheme}://…@{named}{rest[len(authority) :]}"
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"
