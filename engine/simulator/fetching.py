"""Which picture addresses Midjourney could read (protocol §8.2 Invalid link, §12)."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from engine.simulator.cdn import Cdn
    from engine.simulator.ledger import Ledger

INVALID_LINK = ("Invalid link", "Could not validate this link. Please try again later.")
_URL = re.compile(r"<?(https?://[^\s<>]+)>?")
_SHORT = "https://s.mj.run/"


class Fetching:
    """Nothing leaves this machine: what the simulated CDN holds is known, of all else the address alone decides."""

    def __init__(self, cdn: Cdn, ledger: Ledger, unfetchable: tuple[str, ...]) -> None:
        self._cdn = cdn
        self._ledger = ledger
        self._unfetchable = unfetchable

    def complaint(self, prompt: str) -> tuple[str, str] | None:
        """Title and description of the embed that refuses a prompt with an address that cannot be read."""
        unread = [url for url in _URL.findall(prompt) if not self.reads(url)]
        return INVALID_LINK if unread else None

    def reads(self, url: str) -> bool:
        """Whether the address leads to a picture; written down without its signature."""
        known = self._known(url)
        self._ledger.write("fetch", url=url.partition("?")[0], decision="200" if known else "failed")
        return known

    def _known(self, url: str) -> bool:
        if url.startswith(_SHORT):
            return True
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        if url.startswith(f"{self._cdn.url}/"):
            return self._cdn.holds(url) and not parts.path.endswith(".null")
        if url.startswith(self._unfetchable) or parts.path.endswith(".null"):
            return False
        return "." in host and not _inside(host)


def _inside(host: str) -> bool:
    """An address that no server outside can reach."""
    if host.endswith((".local", ".internal", ".localhost")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_link_local
