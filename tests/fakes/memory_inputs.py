"""What users hand in, in memory (ports.Inputs); addresses answer what a test put there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from engine.model.errors import InvalidInput, NotFound, Refused, Unavailable
from engine.outbound.pixels import Measured, measured


class MemoryInputs:
    """`web` holds the bytes behind each address (an exception is raised); `fetched` the addresses asked for."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.kept: dict[str, tuple[bytes, datetime]] = {}
        self.web: dict[str, bytes | Exception] = {}
        self.fetched: list[str] = []
        self.inside: set[str] = set()
        """Addresses whose names lead into our own network."""

    async def keep(self, content: bytes, *, field: str = "image") -> str:
        name = f"{hashlib.sha256(content).hexdigest()}.{_judged(content, field).kind}"
        self.kept[name] = (content, self.now())
        return name

    async def read(self, name: str) -> bytes:
        if name not in self.kept:
            raise NotFound("the picture that was handed in is no longer kept")
        return self.kept[name][0]

    async def size(self, name: str) -> tuple[int, int]:
        found = measured(await self.read(name))
        return found.width, found.height

    async def fetch(self, address: str, hosts: frozenset[str] = frozenset(), *, field: str = "image") -> bytes:
        self.fetched.append(address)
        if address.startswith("data:"):
            content: bytes | Exception = base64.b64decode(address.partition(",")[2])
        elif address.startswith(("http://", "https://")):
            content = self.web.get(address, Unavailable(f"{field} cannot be fetched: nobody answers"))
        else:
            raise InvalidInput(field, "cannot be fetched: only http and https addresses are")
        if isinstance(content, Exception):
            raise content
        _judged(content, field)
        return content

    async def leads_inside(self, address: str) -> bool:
        return address in self.inside

    async def sweep(self, keep: Collection[str], older_than: datetime) -> int:
        gone = [name for name, (_, at) in self.kept.items() if at < older_than and name not in keep]
        for name in gone:
            del self.kept[name]
        return len(gone)


def _judged(content: bytes, field: str) -> Measured:
    try:
        return measured(content)
    except Refused as error:
        raise InvalidInput(field, str(error)) from error
