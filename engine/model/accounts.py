"""What a linked account is, where its token may go, and how a lease on it holds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from engine.model.actions import Service
from engine.model.details import UNKNOWN_FACTS, AccountFacts
from engine.model.sightings import Trouble
from engine.model.values import value


class AccountState(StrEnum):
    """Whether an account takes jobs."""

    ACTIVE = "active"
    PAUSED = "paused"
    """The operator paused it (demo accounts: because a real one was linked)."""
    STOPPED = "stopped"
    """Discord or Midjourney said something that its owner must look at."""
    UNLINKED = "unlinked"
    """The token is erased; the row stays for the jobs it ran."""


CONNECTED = (AccountState.ACTIVE, AccountState.PAUSED)
"""States with a session: a paused account takes nothing new, but what runs is followed to its end."""
NO_SESSION = (Trouble.TOKEN, Trouble.GATEWAY, Trouble.VERIFICATION)
"""Troubles after which Discord would refuse a new session too."""


def wants_session(state: AccountState, *, runs: bool, barred: bool) -> bool:
    """Whether an account should be connected: a stopped one sends nothing, but what runs is followed to its end.

    Args:
        state: the account's.
        runs: whether something of ours may run there.
        barred: whether its session ended for good, until the owner has seen to it.
    """
    if state is AccountState.STOPPED:
        return runs and not barred
    return state in CONNECTED


@value(frozen=True, slots=True)
class Upstream:
    """The only place an account's token is ever sent to, fixed when it was linked."""

    api_url: str
    gateway_url: str | None = None
    """None: asked from the API."""
    activity_url: str | None = None
    """Where Midjourney's own pages inside Discord lie, `{application_id}` in it replaced; gets no token."""


@value(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's own linked Discord account, or (`service`) the operator's key for another service.

    Ids of Discord are text, and empty where there is no Discord.
    """

    id: int
    hash: str
    """A UUID for good: what UserAPI calls the account."""
    workspace_id: str
    name: str
    guild_id: str
    channel_id: str
    token_sealed: str
    token_mask: str
    upstream: Upstream
    service: Service = Service.MIDJOURNEY
    user_id: str | None = None
    """Learnt from the first live session."""
    demo: bool = False
    concurrency: int = 3
    state: AccountState = AccountState.ACTIVE
    trouble: Trouble | None = None
    reason: str | None = None
    facts: AccountFacts = UNKNOWN_FACTS
    linked_at: datetime
    restarted_at: datetime | None = None
    """When the operator last asked for a new session."""


@value(frozen=True, slots=True)
class Lease:
    """One owner's hold on an account until then (aware UTC); `epoch` rises each time it is taken."""

    account_id: int
    owner: str
    epoch: int
    until: datetime


@value(frozen=True, slots=True)
class Checkpoint:
    """Where a gateway session can be resumed; `seq` is the last frame whose effects are all stored."""

    account_id: int
    session_id: str
    resume_url: str
    seq: int
    user_id: str | None = None
    since: datetime | None = None
    """When this session began: unbroken from then on, it saw everything."""


def mask_email(address: str | None) -> str | None:
    """A mail address as people may see it: `n****@l****.ru`; None when it is none."""
    name, at, domain = (address or "").rpartition("@")
    host, dot, ending = domain.rpartition(".")
    if not (at and name and dot and host):
        return None
    return f"{name[0]}****@{host[0]}****.{ending}"


def mask(secret: str) -> str:
    """A secret as people may see it: `MTA...c312`."""
    if len(secret) < 16:  # noqa: PLR2004 - shorter ones would be half shown
        return "..."
    return f"{secret[:3]}...{secret[-4:]}"
