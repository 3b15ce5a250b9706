"""What a keeper knows of its account: what the store said last, and what was learnt here since."""

from __future__ import annotations

from dataclasses import replace

from engine.model.accounts import Account, AccountState
from engine.model.details import AccountFacts
from engine.model.sightings import Trouble


class Known:
    """One account as it is now. A reading of the store that began before something was learnt here says nothing new."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.learnt = 0
        """Counts what was learnt here; a reading is of the count at which it began."""
        self._unsaved = False

    def read(self, account: Account, learnt: int) -> bool:
        """Take over what the store says, read when `learnt` stood so; False: it may be older than what is known."""
        if self._unsaved or learnt != self.learnt:
            return False
        self.account = account
        return True

    def told(self, facts: AccountFacts) -> None:
        """Facts that are stored already."""
        self.account = replace(self.account, facts=facts)
        self.learnt += 1

    def stopped(self, trouble: Trouble, reason: str) -> None:
        """The account stopped; it is to be stored, and then `saved`."""
        self.account = replace(self.account, state=AccountState.STOPPED, trouble=trouble, reason=reason)
        self._unsaved = True

    def saved(self) -> None:
        """The stop is stored, or cannot be: from now on the store is believed again."""
        self._unsaved = False
        self.learnt += 1
