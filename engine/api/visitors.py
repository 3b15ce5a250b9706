"""Which number a request has in the log and in its answer, and from which address it comes."""

from __future__ import annotations

import ipaddress
import re

from starlette.types import Scope

from engine.log import REQUEST
from engine.model.addresses import Network
from engine.model.chance import new_key

REQUEST_ID = b"x-request-id"
NUMBER = "easel.request"
"""Where in an ASGI scope the number is."""
_DIGITS = 16
_GIVEN = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


def numbered(scope: Scope) -> bytes:
    """The request's number: the one it brings, when it is one, else a new one; the log's lines have it from now on."""
    number = b""
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _GIVEN.fullmatch(value):
            number = value
            break
    number = number or new_key()[:_DIGITS].encode()
    REQUEST.set(number.decode())
    return number


def address_of(scope: Scope, trusted: tuple[Network, ...]) -> str:
    """Where a request comes from: the last address on its way that is none of our proxies.

    X-Forwarded-For says anything; only what our own proxies added to it counts.
    """
    client = scope.get("client")
    if client is None:
        return ""
    address = str(client[0])
    if not trusted or not _is_in(address, trusted):
        return address
    passed = [
        hop.strip()
        for name, value in scope["headers"]
        if name == b"x-forwarded-for"
        for hop in value.decode("latin-1").split(",")
    ]
    for hop in reversed(passed):
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            return address
        if not _is_in(address, trusted):
            return address
    return address


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped is not None:
        number = number.ipv4_mapped
    return any(number in network for network in networks)
