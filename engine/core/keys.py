"""Which API keys are in force: asked of the store about once a second, not at every call."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from engine.core.keyring import digest_of
from engine.model.errors import Unavailable, UnknownKey
from engine.ports import ApiKey, Clock, Store

_LOG = logging.getLogger(__name__)

REMEMBERED = 0.75
"""Seconds for which a key counts as valid without asking the store."""


class Keys:
    """The keys that were shown lately."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[ApiKey, float]] = {}
        self._asking: dict[str, asyncio.Task[ApiKey]] = {}
        """By digest, while the store is asked: those who come meanwhile wait for the same answer."""
        self._notings: set[asyncio.Task[None]] = set()

    async def authenticate(self, key: str) -> ApiKey:
        """The stored key.

        Raises:
            Unauthenticated: unknown or revoked.
            Unavailable: the store cannot be read.
        """
        digest = digest_of(key)
        remembered = self._known.get(digest)
        ticks = self._clock.ticks()
        if remembered is not None and ticks - remembered[1] < REMEMBERED:
            return remembered[0]
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.create_task(self._looked_up(digest, ticks))
            asking.add_done_callback(lambda told: self._answered(digest, told))
        return await asyncio.shield(asking)  # who leaves takes the answer from nobody else

    def _answered(self, digest: str, told: asyncio.Task[ApiKey]) -> None:
        self._asking.pop(digest, None)
        if not told.cancelled():
            told.exception()  # there may be nobody left who hears it

    async def _looked_up(self, digest: str, ticks: float) -> ApiKey:
        found = await self._store.key_by_digest(digest)
        if found is None or found.revoked_at is not None:
            self._known.pop(digest, None)
            raise UnknownKey("the API key is unknown or revoked")
        self._known[digest] = (found, ticks)
        now = self._clock.now()
        if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=1):
            noting = asyncio.create_task(self._note_use(found, now))  # whoever only reads need not wait for a write
            self._notings.add(noting)
            noting.add_done_callback(self._notings.discard)
        return found

    async def _note_use(self, key: ApiKey, now: datetime) -> None:
        try:
            await self._store.touch_key(key.id, now)
        except Unavailable as error:
            _LOG.debug("the last use of key %d was not noted: %s", key.id, error)
