"""What the core needs to post webhooks: words for a body, somebody who carries it, records of what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.model.deliveries import DeliveryState
from engine.model.values import value


@value(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one try came to: the delivery's next state, and with DUE when the next try is."""

    delivery_id: int
    owner: str
    at: datetime
    state: DeliveryState
    due_at: datetime | None = None
    counts: bool = True
    """Whether something was sent."""
    status: int | None = None
    error: str | None = None


@value(frozen=True, slots=True)
class DeliveryCounts:
    """A workspace's posts that did not arrive: those still tried, and those given up."""

    due: int
    failed: int


@value(frozen=True, slots=True)
class Said:
    """What a dialect says of a request: the body as its status answer has it, and the two words that may change."""

    status: str
    progress: int
    body: bytes


class Bodies(Protocol):
    """The dialects' words."""

    @property
    def dialects(self) -> frozenset[str]:
        """Those that can say something."""
        ...

    async def said(self, dialect: str, workspace_id: str, request_id: str) -> Said:
        """What the dialect's status answer for the request is now.

        Raises:
            NotFound: no such request in the workspace.
            Unavailable: it cannot be read now.
        """
        ...


@value(frozen=True, slots=True, kw_only=True)
class Letter:
    """One post. `secret` signs it (Standard Webhooks: `whsec_` and base64); None: it goes without a signature."""

    webhook_id: str
    url: str
    body: bytes
    at: datetime
    secret: str | None = None


class Fate(StrEnum):
    """What became of a letter."""

    TAKEN = "taken"
    """2xx."""
    NOT_NOW = "not now"
    """Another try may do better."""
    UNWANTED = "unwanted"
    """410: never again."""


@value(frozen=True, slots=True)
class Receipt:
    """How a letter fared. `status` is HTTP's, if there was an answer; `retry_after` seconds, if the receiver asks."""

    fate: Fate
    status: int | None = None
    error: str | None = None
    retry_after: float = 0.0


class Courier(Protocol):
    """Who carries webhook posts."""

    async def post(self, letter: Letter) -> Receipt:
        """Post it once, within 15 seconds; raises nothing. A caller that is cancelled breaks the call off."""
        ...
