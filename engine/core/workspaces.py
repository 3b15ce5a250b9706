"""What each workspace has decided, from memory: looked at every second, so that no job costs a read."""

from __future__ import annotations

import logging

from engine.model.errors import Unavailable
from engine.model.hooks import WorkspaceHook
from engine.ports import Clock, Secrets, Store, Workspace

_LOG = logging.getLogger(__name__)

POLL_SECONDS = 1.0


class Workspaces:
    """The workspaces as they were a moment ago, by id."""

    def __init__(self, store: Store, secrets: Secrets, clock: Clock) -> None:
        self._store = store
        self._secrets = secrets
        self._clock = clock
        self._known: dict[str, Workspace] = {}

    async def run(self) -> None:
        """Follow the store for ever."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except Unavailable as error:
                _LOG.warning("the workspaces could not be read: %s", error)

    async def refresh(self) -> None:
        """Look now.

        Raises:
            Unavailable: the store cannot be read.
        """
        self._known = {each.id: each for each in await self._store.workspaces()}

    def webhook(self, workspace_id: str) -> WorkspaceHook | None:
        """Its default for webhooks."""
        known = self._known.get(workspace_id)
        return None if known is None else known.webhook

    def signing_secret(self, workspace_id: str) -> str | None:
        """What signs its webhooks, if it has one.

        Raises:
            BadSetting: it was sealed with another key.
        """
        known = self._known.get(workspace_id)
        if known is None or known.signing_sealed is None:
            return None
        return self._secrets.unseal(known.signing_sealed)
