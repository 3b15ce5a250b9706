"""How the Discord bot is, as it says itself through the door: in this process, or in another on the same database."""

from __future__ import annotations

from datetime import timedelta

from engine.model.community.reports import BotState
from engine.ports import Clock, Store

HEARD_FOR = timedelta(seconds=45)
"""A bot of another process that was not heard of for so long is off."""
SAY_SECONDS = 15.0


class BotDesk:
    """The bot's state. `alone`: no other process works on this store, so it is not written there."""

    def __init__(self, store: Store, clock: Clock, *, alone: bool) -> None:
        self._store = store
        self._clock = clock
        self._alone = alone
        self._state = BotState.OFF

    async def tell(self, state: BotState) -> None:
        """The bot of this process is so now."""
        self._state = state
        if not self._alone:
            await self._store.note_bot(state, self._clock.now())

    async def keep_telling(self) -> None:
        """Say again for ever how the bot of this process is, so that other processes know that it lives."""
        while True:
            await self._clock.sleep(SAY_SECONDS)
            if self._state is not BotState.OFF and not self._alone:
                await self._store.note_bot(self._state, self._clock.now())

    async def state(self) -> BotState:
        """How the bot is, whichever process it runs in."""
        if self._alone or self._state is not BotState.OFF:
            return self._state
        noted = await self._store.noted_bot()
        if noted is None or noted[1] < self._clock.now() - HEARD_FOR:
            return BotState.OFF
        return noted[0]
