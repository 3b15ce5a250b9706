"""Which troubles operators are told of: found by looking, one value for each condition, told once until it changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from engine.model.accounts import Account, AccountState
from engine.model.community.reports import Alert, AlertKind
from engine.model.errors import Unavailable
from engine.ports import Clock, Store

_LOG = logging.getLogger(__name__)

LOOK_SECONDS = 4.0
"""So that each is told within ten."""
FEW_HOURS = ((0.0, "no fast hours are left"), (900.0, "less than 15 minutes"), (3600.0, "less than an hour"))
"""Seconds of fast time left, from which on it is said so."""
LITTLE_ROOM = 1 << 30
"""Bytes. Fewer that are free are told, unless the settings say otherwise."""
FACTS_AGE = timedelta(days=2)
"""Figures of /info that are older say nothing."""

Room = Callable[[], int | None]
"""Free bytes where pictures are kept; None: not known."""


class Alerts:
    """The conditions of all workspaces. Nobody looks but who watches."""

    def __init__(self, store: Store, clock: Clock, room: Room, little_room: int = LITTLE_ROOM) -> None:
        self._store = store
        self._clock = clock
        self._room = room
        self._little_room = little_room

    async def watch(self) -> AsyncIterator[Alert]:
        """Each condition that was not told yet as it is, for ever; say `told` once it is, or it comes again."""
        while True:
            try:
                for alert in await self.look():
                    yield alert
            except Unavailable as error:
                _LOG.warning("it could not be looked for what operators are told: %s", error)
            await self._clock.sleep(LOOK_SECONDS)

    async def told(self, alert: Alert) -> None:
        """It was told, and is not again until it says something else or begins anew."""
        await self._store.told_alert(alert)

    async def look(self) -> list[Alert]:
        """Look now; returns what was not told yet."""
        room = await asyncio.to_thread(self._room)
        for workspace in await self._store.workspaces():
            found = [*await self._accounts(workspace.id), *await self._others(workspace.id)]
            if room is not None and room < self._little_room:
                said = f"less than {self._little_room >> 30} GiB is free on the disk"
                found.append(self._alert(workspace.id, AlertKind.DISK, "", said))
            known = {(alert.kind, alert.subject, alert.said) for alert in await self.holding(workspace.id)}
            if known != {(alert.kind, alert.subject, alert.said) for alert in found}:
                await self._store.put_alerts(workspace.id, found)
        return [alert for alert, told in await self._store.alerts() if not told]

    async def holding(self, workspace_id: str) -> list[Alert]:
        """What holds now, told or not, as it was last looked at."""
        return [alert for alert, _ in await self._store.alerts(workspace_id)]

    async def _accounts(self, workspace_id: str) -> list[Alert]:
        found = []
        for account in await self._store.accounts(workspace_id, services=True):
            if account.state is AccountState.STOPPED:
                why = account.reason or (account.trouble.value if account.trouble else "it stopped")
                found.append(self._alert(workspace_id, AlertKind.ACCOUNT, str(account.id), f"{account.name}: {why}"))
            elif (said := self._fast_hours(account)) is not None:
                found.append(
                    self._alert(workspace_id, AlertKind.FAST_HOURS, str(account.id), f"{account.name}: {said}")
                )
        return found

    def _fast_hours(self, account: Account) -> str | None:
        info, at = account.facts.info, account.facts.info_at
        if info is None or info.fast_seconds_left is None or at is None or at < self._clock.now() - FACTS_AGE:
            return None
        return next((said for limit, said in FEW_HOURS if info.fast_seconds_left <= limit), None)

    async def _others(self, workspace_id: str) -> list[Alert]:
        found = []
        posts = await self._store.delivery_counts(workspace_id)
        if posts.failed:
            found.append(self._alert(workspace_id, AlertKind.DELIVERIES, "", _given_up(posts.failed)))
        kinds = [counted.kind for counted in await self._store.evidence_counts(workspace_id)]
        return found + [self._alert(workspace_id, AlertKind.UNKNOWN_WIRE, kind, kind) for kind in kinds]

    def _alert(self, workspace_id: str, kind: AlertKind, subject: str, said: str) -> Alert:
        return Alert(workspace_id=workspace_id, kind=kind, subject=subject, said=said, at=self._clock.now())


def _given_up(number: int) -> str:
    """A count in words that change with its size, not with each one."""
    least = 10 ** (len(str(number)) - 1)
    if number == 1:
        return "1 webhook was given up"
    return "some webhooks were given up" if least == 1 else f"{least} webhooks or more were given up"
