"""What the HTTP side asks of the engine for the keys it is called with: turns of calls that come again, and credits."""

from __future__ import annotations

from typing import Protocol

from engine.core.credit import Credits
from engine.core.repeats import Taking
from engine.model.answers import KeptAnswer
from engine.ports import ApiKey


class Repeating(Protocol):
    """Which of several calls with one Idempotency-Key is done; see `engine.core.repeats`."""

    async def begin(self, key_id: int, token: str, body_print: str) -> Taking | KeptAnswer:
        """The turn, or the answer that was given. Raises Conflict (in flight), OtherBody."""
        ...

    async def keep(self, taking: Taking, answer: KeptAnswer) -> None:
        """End a turn with an answer for those that come again."""
        ...

    async def drop(self, taking: Taking) -> None:
        """End a turn with nothing."""
        ...


class KeyDoor(Protocol):
    """The part of the door for keys."""

    @property
    def repeats(self) -> Repeating:
        """The calls that carry an Idempotency-Key."""
        ...

    async def authenticate(self, key: str) -> ApiKey:
        """The key in force. Raises UnknownKey."""
        ...

    async def credits(self, key: ApiKey) -> Credits:
        """What is left of a key's quota, or of its workspace's."""
        ...
