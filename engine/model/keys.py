"""What a key may do: the three scopes, and which of them a new key has."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a key may do."""

    READ = "read"
    """See jobs, accounts and figures."""
    GENERATE = "generate"
    """Ask for jobs, press buttons, take jobs back."""
    MANAGE = "manage"
    """Change accounts, keys, rules and the queue."""


ALL_SCOPES = frozenset(Scope)
USUAL_SCOPES = frozenset({Scope.READ, Scope.GENERATE})
"""What a new key may do, unless it is said otherwise."""
