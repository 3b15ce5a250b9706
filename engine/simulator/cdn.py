"""Which picture addresses are valid: signed with ex, is and hm, and for how long (protocol §12)."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.simulator.clock import Clock
    from engine.simulator.ledger import Ledger
    from engine.simulator.options import Timing
    from engine.simulator.pictures import Pictures
    from engine.simulator.shelf import Shelf
    from engine.simulator.world import World

GONE = "This content is no longer available."
PREFIXES = ("attachments", "ephemeral-attachments")


class Cdn:
    """Signs attachment paths and serves what they point at."""

    def __init__(
        self, world: World, pictures: Pictures, clock: Clock, *, timing: Timing, ledger: Ledger, shelf: Shelf
    ) -> None:
        self.url = ""
        self._world = world
        self._pictures = pictures
        self._clock = clock
        self._timing = timing
        self._ledger = ledger
        self._shelf = shelf

    def sign(self, path: str) -> str:
        """The query of a path, `ex=…&is=…&hm=…&` with its last ampersand as Discord writes it."""
        seconds = self._clock.unix_ms() // 1000
        issued, expires = f"{seconds:x}", f"{seconds + round(self._timing.cdn_ms / 1000):x}"
        return f"ex={expires}&is={issued}&hm={self._mark(path, expires, issued)}&"

    def links(self, path: str) -> dict[str, str]:
        """`url` and `proxy_url` of an attachment path that begins with one of PREFIXES."""
        query = self.sign(path)
        return {"url": f"{self.url}/{path}?{query}", "proxy_url": f"{self.url}/media/{path}?{query}"}

    def renew(self, body: dict[str, Any]) -> dict[str, Any]:
        """Sign a message's attachments anew, as every fetch does."""
        for attachment in body.get("attachments", ()):
            attachment.update(self.links(path_of(attachment["url"])))
        return body

    def valid(self, path: str, query: Mapping[str, str]) -> bool:
        """Whether these parameters open this path now."""
        expires, issued, mark = query.get("ex", ""), query.get("is", ""), query.get("hm", "")
        try:
            fresh = (
                int(issued, 16) <= self._clock.unix_ms() // 1000 + 5 and int(expires, 16) * 1000 > self._clock.unix_ms()
            )
        except ValueError:
            return False
        return fresh and hmac.compare_digest(mark, self._mark(path, expires, issued))

    def _mark(self, path: str, expires: str, issued: str) -> str:
        text = f"{path}|{expires}|{issued}".encode()
        return hmac.digest(self._world.secret.encode(), text, hashlib.sha256).hex()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET of an attachment or its media proxy twin; the proxy's format options change nothing."""
        return await self.answer(request.path.lstrip("/"), request.query)

    async def answer(self, path: str, query: Mapping[str, str]) -> web.StreamResponse:
        """What a path without its leading slash opens, with the signature in the query."""
        parts = path.removeprefix("media/").split("/")
        found = len(parts) == 4 and parts[0] in PREFIXES
        data, kind = await self._content(parts[2], "/".join(parts), query) if found else (None, "")
        status = 404 if data is None else 200
        self._ledger.write("request", method="GET", path=f"/{path}", decision=str(status))
        if data is None:
            return web.Response(status=404, text=GONE)
        return web.Response(body=data, content_type=kind)

    async def _content(self, attachment: str, path: str, query: Mapping[str, str]) -> tuple[bytes | None, str]:
        if not self.valid(path, query):
            return None, ""
        file, picture = self._shelf.hung(attachment), self._world.pictures.get(attachment)
        if file is not None:
            return self._shelf.read(file.sha256), file.content_type
        if picture is None:
            return None, ""
        try:
            return await self._pictures.read(picture), picture.content_type
        except FileNotFoundError:
            return None, ""

    def holds(self, url: str) -> bool:
        """Whether this is an address of ours that opens something now."""
        path, query = path_of(url), {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        parts = path.split("/")
        if len(parts) != 4 or parts[0] not in PREFIXES or not self.valid(path, query):
            return False
        return self._shelf.hung(parts[2]) is not None or parts[2] in self._world.pictures


def path_of(url: str) -> str:
    """The signed part of an attachment URL: its path without the leading slash."""
    return urlsplit(url).path.lstrip("/").removeprefix("media/")


def refreshed(cdn: Cdn, url: str) -> str | None:
    """The same URL with a fresh signature; None if it is no attachment of ours."""
    path = path_of(url)
    if path.split("/")[0] not in PREFIXES:
        return None
    keep = {k: v for k, v in parse_qs(urlsplit(url).query).items() if k not in ("ex", "is", "hm")}
    extra = "&".join(f"{k}={v[0]}" for k, v in keep.items())
    return f"{cdn.url}/{path}?{cdn.sign(path)}{extra}"
