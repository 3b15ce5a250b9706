"""What an account's condition is called in each dialect: the other half of the one table (docs/api/states.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.accounts import Account, AccountState
from engine.model.sightings import Trouble

_TO_ACKNOWLEDGE = frozenset({Trouble.TERMS, Trouble.MODERATION})


@dataclass(frozen=True, slots=True)
class AccountWords:
    """ImaginePro's word, UserAPI's word, why it takes no jobs (None: it does), and ImaginePro's `isActive`."""

    imaginepro: str
    userapi: str
    reason: str | None
    is_active: bool


def account_words(account: Account, *, live: bool) -> AccountWords:
    """The words for an account; `live`: its session is ready now."""
    if account.state is AccountState.ACTIVE:
        if not live and account.facts.username is None:
            return AccountWords("VERIFYING", "pending", None, True)
        return AccountWords("RELAX" if account.facts.speed == "relax" else "FAST", "active", None, True)
    reason = account.reason or (account.trouble.value if account.trouble is not None else account.state.value)
    if account.trouble is Trouble.BLOCKED:
        return AccountWords("BANNED", "banned", reason, False)
    if account.trouble in _TO_ACKNOWLEDGE:
        return AccountWords("VERIFYING", "tos", reason, False)
    return AccountWords("VERIFYING", "error", reason, False)
