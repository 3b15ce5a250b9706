"""When what is only in memory reaches the disk: percentages, and how far the wire was read."""

from __future__ import annotations

from engine.core.bookmark import Bookmark
from engine.core.casebook import Casebook
from engine.ports import Change, Clock, SaveCheckpoint, Session, Store

PERIOD = 2.0
"""Seconds at most between a percentage or a `seq` and its place on disk."""


class Saving:
    """For one account while a lease lasts."""

    def __init__(self, store: Store, clock: Clock, casebook: Casebook, bookmark: Bookmark) -> None:
        self._store = store
        self._clock = clock
        self._casebook = casebook
        self._bookmark = bookmark
        self._saved_at = clock.ticks()

    @property
    def due(self) -> bool:
        """Whether the last time is long enough ago."""
        return self._clock.ticks() - self._saved_at >= PERIOD

    def place(self) -> list[Change]:
        """How far the wire was read, if that is not on disk yet."""
        place = self._bookmark.unsaved
        return [] if place is None else [SaveCheckpoint(place, self._casebook.lease())]

    async def save(self, session: Session | None) -> None:
        """Write it all.

        Raises:
            Unavailable: the store cannot be written now.
            LeaseLost: the account is not ours any more.
        """
        self._saved_at = self._clock.ticks()
        passed = session.passed_seq if session is not None else None
        if passed is not None:
            self._bookmark.processed(passed)
        place = self._bookmark.unsaved
        notes = self._casebook.unsaved_progress()
        changes = [*notes, *self.place()]
        if changes:
            await self._store.apply(changes)
            self._casebook.progress_saved(notes)
            self._bookmark.saved(place)
