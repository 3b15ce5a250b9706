"""What was turned while everything runs, in this process or another: queues paused and rebooted, accounts.

An operator turns them; whether an account is live, its holder notes.
"""

from __future__ import annotations

import logging
from datetime import datetime

from engine.core.dispatcher import Dispatcher
from engine.core.elsewhere import Elsewhere
from engine.core.keepers import Keepers
from engine.model.errors import Unavailable
from engine.ports import Clock, Store

_LOG = logging.getLogger(__name__)

LOOK_SECONDS = 0.4
"""So that every process knows of a switch within a second."""


class Switches:
    """Follows the store's switches, and tells the dispatcher and the keepers."""

    def __init__(
        self, store: Store, clock: Clock, dispatcher: Dispatcher, keepers: Keepers, elsewhere: Elsewhere
    ) -> None:
        self._store = store
        self._clock = clock
        self._dispatcher = dispatcher
        self._keepers = keepers
        self._elsewhere = elsewhere
        self._rebooted: dict[str, datetime | None] = {}

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Unavailable as error:
                _LOG.warning("the switches could not be read: %s", error)

    async def look(self) -> None:
        """Heed what is stored now.

        Raises:
            Unavailable: the store cannot be read.
        """
        now = await self._store.switches()
        self._elsewhere.read(now.live_until)
        self._dispatcher.pause(frozenset(each.id for each in now.workspaces if each.paused_at is not None))
        known = {account_id: keeper.account.state for account_id, keeper in self._keepers.items()}
        if known != now.accounts:
            await self._keepers.refresh()
        for each in now.workspaces:
            if self._rebooted.setdefault(each.id, each.rebooted_at) != each.rebooted_at:
                self._rebooted[each.id] = each.rebooted_at
                _LOG.info("workspace %s: all its open jobs are looked up", each.name)
                for keeper in self._keepers.values():
                    if keeper.account.workspace_id == each.id:
                        keeper.look_up_all()
