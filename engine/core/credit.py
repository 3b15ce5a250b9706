"""What is left of a key's quota, or of its workspace's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.quotas import UNLIMITED, Budget
from engine.ports import ApiKey, Clock, Store


@dataclass(frozen=True, slots=True)
class Credits:
    """Without a quota, both figures are 999999 and there is no end."""

    quota: int
    left: int
    ends_at: datetime | None
    contact: str


def budget_of(key: ApiKey) -> Budget | None:
    """Whose quota a key's requests count against: its own, else its workspace's."""
    if key.quota is not None:
        return Budget(f"key:{key.id}", key.quota)
    if key.workspace_quota is not None:
        return Budget(f"workspace:{key.workspace_id}", key.workspace_quota)
    return None


class Credit:
    """The accounts of what was spent."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, key: ApiKey) -> Credits:
        """How a key stands now."""
        workspace = await self._store.workspace(key.workspace_id)
        contact = workspace.contact if workspace is not None else ""
        budget = budget_of(key)
        if budget is None:
            return Credits(UNLIMITED, UNLIMITED, None, contact)
        now, quota = self._clock.now(), budget.quota
        spent = await self._store.spent(budget.payer, quota.began(now))
        return Credits(quota.credits, max(0, quota.credits - spent), quota.ends(now), contact)
