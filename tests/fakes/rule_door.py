"""The door for words over a store in memory: the engine's own deeds, without an engine around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.core.judging import Judging
from engine.core.moderating import Moderating
from engine.core.rulebook import Rulebook
from engine.core.rulemaking import Rulemaking
from engine.model.prompts import Terms
from engine.ports import Workspace
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore


@dataclass
class AnyTerms:
    """Stands for the desk that knows the accounts: any account will do."""

    async def terms(self, workspace_id: str, account_id: int | None) -> Terms:
        return Terms()


class RulesInMemory(Moderating):
    """Rules, refusals and audit log of the workspaces `ws` and `other`."""

    def __init__(self, at: datetime) -> None:
        self.records = MemoryStore()
        for name in ("ws", "other"):
            self.records._workspaces[name] = Workspace(name, name, at)
        clock = ManualClock()
        rulebook = Rulebook(self.records, clock)
        self._rulemaking = Rulemaking(self.records, clock, (), rulebook.learn)
        self._judging = Judging(self.records, rulebook)
        self._asking = AnyTerms()
