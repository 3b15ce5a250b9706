"""What the bot says to Discord on the stage, and what Discord says no to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Call:
    """One call of the bot's."""

    method: str
    path: str
    body: Any
    files: tuple[str, ...] = ()

    @property
    def _said(self) -> dict[str, Any]:
        body = self.body if isinstance(self.body, dict) else {}
        return body.get("data") or body

    @property
    def embed(self) -> dict[str, Any]:
        return (self._said.get("embeds") or [{}])[0]

    @property
    def custom_ids(self) -> list[str]:
        return [each["custom_id"] for row in self._said.get("components") or () for each in row["components"]]


@dataclass
class Refusal:
    """What Discord refuses, as often as it says."""

    match: str
    error: Exception
    times: int
    with_files: bool = False


class Watched(Protocol):
    """The stage, on which something may still come."""

    async def until(self, holds: Callable[[], Any], what: Any = None) -> None: ...

    async def card(self, holds: Callable[[Call], bool]) -> Call: ...


@dataclass
class Answer:
    """What became of one interaction."""

    stage: Watched
    token: str
    calls: list[Call] = field(default_factory=list)

    @property
    def ack(self) -> int:
        return self.calls[0].body["type"]

    @property
    def is_private(self) -> bool:
        return bool(self.calls[0].body.get("data", {}).get("flags", 0) & 64)

    @property
    def modal(self) -> dict[str, Any]:
        assert self.ack == 9, self.calls
        return self.calls[0].body["data"]

    @property
    def choices(self) -> list[str]:
        assert self.ack == 8, self.calls
        return [each["value"] for each in self.calls[0].body["data"]["choices"]]

    @property
    def texts(self) -> list[str]:
        """Every plain text that it was answered with."""
        bodies = [call.body.get("data", call.body) for call in self.calls if isinstance(call.body, dict)]
        return [body["content"] for body in bodies if body.get("content")]

    async def says(self, part: str) -> str:
        """The text with that part, as soon as it is there."""
        await self.stage.until(lambda: any(part in text for text in self.texts), lambda: f"{part!r} in {self.texts}")
        return next(text for text in self.texts if part in text)

    async def shows(self, title: str) -> Call:
        """The newest card with that title that was shown in the interaction's own messages."""
        return await self.stage.card(lambda call: call.embed.get("title") == title and self.token in call.path)
