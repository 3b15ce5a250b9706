"""Which answer each command has, and the ledger's row of it with the account before and after."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from engine.simulator import standing
from engine.simulator.interaction import Interaction
from engine.simulator.shelf import File

if TYPE_CHECKING:
    from engine.simulator.interaction import Voice
    from engine.simulator.ledger import Ledger

Work = Callable[[Interaction, dict[str, Any]], Coroutine[Any, Any, None]]
_JOBS = {"imagine", "blend"}  # their row is written before they run: it says what was asked


class Commanding:
    """The table of commands; one that nobody serves ends in INTERACTION_FAILURE."""

    def __init__(self, *, voice: Voice, ledger: Ledger, tables: list[dict[str, Work]]) -> None:
        self._voice = voice
        self._ledger = ledger
        self._table = {name: work for table in tables for name, work in table.items()}

    async def answer(self, asked: Interaction, about: dict[str, Any]) -> None:
        """Serve a command, to its last event."""
        before = standing.state(asked.account)
        work = self._table.get(asked.name)
        if asked.name in _JOBS:
            self._note(asked, before)
        if work is None:
            await self._voice.failure(asked)
        else:
            await work(asked, about)
        if asked.name not in _JOBS:
            self._note(asked, before)

    def _note(self, asked: Interaction, before: dict[str, Any]) -> None:
        after = standing.state(asked.account)
        options = {name: value.filename if isinstance(value, File) else value for name, value in asked.options.items()}
        self._ledger.write(
            "command", account=asked.account.id, application=asked.application, name=asked.name, nonce=asked.nonce,
            interaction=asked.id, target=asked.message_id, options=options,
            attachments=[value.told() for value in asked.options.values() if isinstance(value, File)],
            before=before, after=after,
        )  # fmt: skip
