"""Answers to what Easel sends by itself, beside jobs: bound by nonce, then by interaction and message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.core.patience import wait_for
from engine.model.details import Details
from engine.model.sightings import Sighting, Stage
from engine.ports import Clock


@dataclass(eq=False)
class Reply:
    """One answer that is waited for."""

    nonce: str
    ids: set[str] = field(default_factory=set)
    """Interaction and message ids that the answer was seen under."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    details: Details | None = None


class Replies:
    """The answers that one account waits for; there are seldom any."""

    def __init__(self) -> None:
        self._waiting: list[Reply] = []

    @contextmanager
    def awaiting(self, nonce: str) -> Iterator[Reply]:
        """Wait for the answer to what is sent with this nonce."""
        reply = Reply(nonce)
        self._waiting.append(reply)
        try:
            yield reply
        finally:
            self._waiting.remove(reply)

    async def arrives(self, reply: Reply, clock: Clock, seconds: float) -> Details | None:
        """What was answered; None when nothing was in that time, or nothing that is understood."""
        await wait_for(reply.arrived, clock, seconds)
        return reply.details

    def takes(self, sighting: Sighting) -> bool:
        """Whether a sighting belongs to an awaited answer; then it is no job's and nobody else's."""
        if not self._waiting:
            return False
        for reply in self._waiting:
            ids = {each for each in (sighting.interaction_id, sighting.message_id) if each is not None}
            if sighting.nonce == reply.nonce or ids & reply.ids:
                reply.ids |= ids
                if sighting.stage in (Stage.FINAL, Stage.FAILED, Stage.UNKNOWN) and not reply.arrived.is_set():
                    reply.details = sighting.details
                    reply.arrived.set()
                return True
        return False
