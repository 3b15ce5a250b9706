"""Which rules are in force: compiled, in memory, and never older than a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from engine.model.errors import Unavailable
from engine.model.moderation import RuleBook, RuleSet, compiled
from engine.ports import Clock, Store

_LOG = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""With the reading and the compiling, a change of another process counts here within a second."""
LARGE = 200
"""Rules that are not compiled in the event loop's time."""


class Rulebook:
    """The rules of every workspace; one without rules costs a look into a dictionary.

    `begin` is told of workspaces that never had any; `changed` (set later) of those whose rules are other ones now.
    """

    def __init__(self, store: Store, clock: Clock, begin: Callable[[str], Awaitable[None]] | None = None) -> None:
        self._store = store
        self._clock = clock
        self._begin = begin
        self._sets: dict[str, RuleSet] = {}
        self._versions: dict[str, int] = {}
        self.changed: Callable[[str], Awaitable[None]] | None = None

    def of(self, workspace_id: str) -> RuleSet | None:
        """The workspace's rules; None: it has none."""
        return self._sets.get(workspace_id)

    async def run(self) -> None:
        """Follow the store for ever."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except Unavailable as error:
                _LOG.warning("the rules of words could not be read, the known ones count: %s", error)

    async def refresh(self) -> None:
        """Read the rules that were changed.

        Raises:
            Unavailable: the store cannot be read.
        """
        for workspace_id, version in (await self._store.rule_versions()).items():
            if not version and self._begin is not None:
                await self._begin(workspace_id)
            elif version > self._versions.get(workspace_id, 0):
                await self.learn(workspace_id, await self._store.rule_book(workspace_id))

    async def learn(self, workspace_id: str, book: RuleBook) -> None:
        """These are the rules from now on, unless newer ones are known."""
        made = compiled(book) if len(book.rules) <= LARGE else await asyncio.to_thread(compiled, book)
        if book.version <= self._versions.get(workspace_id, 0):
            return
        self._versions[workspace_id] = book.version
        if book.rules:
            self._sets[workspace_id] = made
        else:
            self._sets.pop(workspace_id, None)
        if self.changed is not None:
            await self.changed(workspace_id)
