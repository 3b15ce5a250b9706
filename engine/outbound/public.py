"""Which addresses that users name may be called: places on the public internet, and the very place that was looked at.

A name is resolved once, all its addresses are judged, and the call goes to one of those; a name that answers otherwise
a moment later changes nothing. Places that the operator listed are called as they are (`guard.check`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial

import httpx

from engine.model.addresses import CALLED_PORTS, Network, is_allowed, is_called, is_public, port_of
from engine.model.errors import Refused, Unavailable
from engine.outbound.guard import check, parse

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The numeric addresses of a host name. Raises Refused (there is none), Unavailable."""

MOST_TRIES = 3
"""How many of a name's addresses are tried in turn."""
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


@dataclass(frozen=True, slots=True)
class Way:
    """How to call an address: where to, and what to say about whom is meant."""

    url: httpx.URL
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)


def resolved_in(threads: Executor | None) -> Resolve:
    """What asks the system's resolver, in these threads (None: the loop's own)."""

    async def resolve(host: str, port: int) -> list[str]:
        return await _resolved(threads, host, port)

    return resolve


async def resolved(host: str, port: int) -> list[str]:
    """What the system's resolver says, in its order."""
    return await _resolved(None, host, port)


async def _resolved(threads: Executor | None, host: str, port: int) -> list[str]:
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    try:
        found = await asyncio.get_running_loop().run_in_executor(threads, ask)
    except (socket.gaierror, UnicodeError) as error:
        if isinstance(error, UnicodeError) or error.errno in _NO_SUCH_NAME:
            raise Refused(f"there is no host {host}") from error
        raise Unavailable(f"the host {host} cannot be looked up now") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def ways_to(
    address: str, hosts: frozenset[str], resolve: Resolve = resolved, networks: tuple[Network, ...] = ()
) -> list[Way]:
    """The ways to a user's address, to be tried in turn.

    Args:
        address: an http(s) address.
        hosts: places that are called wherever they lie.
        resolve: what finds the numbers of a name.
        networks: what may be called although it is not public (`EASEL_ALLOW_NETWORKS`).

    Raises:
        Refused: it may not be called.
        Unavailable: its name cannot be resolved now.
    """
    url = parse(address)
    if url.userinfo:
        raise Refused("an address with a user name is not fetched")
    try:
        return [Way(check(address, hosts))]
    except Refused:
        pass  # not listed, so it has to be public
    port = port_of(url.scheme, url.port)
    if not is_called(port):
        raise Refused(f"port {port} is not called (allowed: {CALLED_PORTS})")
    host = url.raw_host.decode("ascii")
    numbers = await resolve(host, port)
    if not numbers or not all(is_allowed(ipaddress.ip_address(number), networks) for number in numbers):
        raise Refused(
            f"{url.host} is not on the public internet"
            " (allowed: public hosts, EASEL_UPSTREAM_HOSTS, EASEL_ALLOW_NETWORKS)"
        )
    return [_way(url, host, number) for number in numbers[:MOST_TRIES]]


async def leads_inside(address: str, resolve: Resolve, networks: tuple[Network, ...]) -> bool:
    """Whether a name stands for a number that is called only because its network is listed.

    Raises:
        Unavailable: it cannot be resolved now.
    """
    try:
        url = parse(address)
        numbers = await resolve(url.raw_host.decode("ascii"), port_of(url.scheme, url.port))
    except Refused:
        return False
    found = [ipaddress.ip_address(number) for number in numbers]
    return any(not is_public(number) and is_allowed(number, networks) for number in found)


def _way(url: httpx.URL, host: str, number: str) -> Way:
    extensions = {} if number == host else {"sni_hostname": host}
    return Way(url.copy_with(host=number), {"Host": url.netloc.decode("ascii")}, extensions)
