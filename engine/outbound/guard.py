"""Which addresses pictures are copied from: http(s) at a host that is listed, and nothing else.

The addresses come from frames of the wire; a list keeps a forged frame from making us read the operator's own network.
"""

from __future__ import annotations

import httpx

from engine.model.addresses import PORTS, is_listed, port_of
from engine.model.errors import Refused

DISCORD_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps attachments and their previews."""


def place_of(url: str) -> str:
    """The `host` or, when it names a port of its own, `host:port` of an address, as it stands in the list.

    Raises:
        Refused: it is no http(s) address.
    """
    parsed = parse(url)
    return _host(parsed) if parsed.port is None else f"{_host(parsed)}:{parsed.port}"


def check(url: str, hosts: frozenset[str]) -> httpx.URL:
    """The address, parsed by the same code that will call it, when it may be fetched.

    An entry without a port allows the scheme's own port only.

    Raises:
        Refused: it may not.
    """
    parsed = parse(url)
    if parsed.userinfo:
        raise Refused("an address with a user name is not fetched")
    port = port_of(parsed.scheme, parsed.port)
    if is_listed(parsed.host, port, parsed.scheme, hosts):
        return parsed
    raise Refused(f"pictures are not fetched from {_host(parsed)}:{port} (allowed: EASEL_UPSTREAM_HOSTS)")


def parse(url: str) -> httpx.URL:
    """An http(s) address with a host.

    Raises:
        Refused: it is none.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Refused("the picture's address is no address") from error
    if parsed.scheme not in PORTS or not parsed.host:
        raise Refused("only http and https addresses are fetched")
    return parsed


def _host(url: httpx.URL) -> str:
    return f"[{url.host}]" if ":" in url.host else url.host
