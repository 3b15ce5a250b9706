"""What the status page may say: the figures of one look at the store and the sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.core.insisting import Breakdown
from engine.model.accounts import AccountState
from engine.model.community.reports import BotState
from engine.model.sightings import Trouble


class Health(StrEnum):
    """How the engine is, in one word."""

    OK = "ok"
    DEGRADED = "degraded"
    """It runs, but something needs a person: the store cannot be written, an account stopped, or a part broke down."""
    STOPPING = "stopping"
    """It takes nothing new and leaves its sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """One linked account now. No token, no address."""

    id: int
    name: str
    state: AccountState
    live: bool
    """Its session is ready."""
    trouble: Trouble | None
    reason: str | None
    running: int
    """Slots in use."""
    concurrency: int
    queued: int
    """Queued jobs that only this account may run."""
    demo: bool
    remix: bool | None
    """Whether Remix is on at Midjourney; None: not known."""
    warnings: tuple[str, ...]
    """What its owner or the operator should look at, though nothing stopped."""


@dataclass(frozen=True, slots=True)
class UnknownWire:
    """A kind of frame that the decoder does not know, how often it was seen and when last."""

    kind: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceStatus:
    """A workspace's accounts and figures. "Today" began at midnight UTC."""

    accounts: tuple[AccountStatus, ...]
    queued: int
    running: int
    """SENT, RUNNING and WAITING_MODAL."""
    needs_attention: int
    done_today: int
    failed_today: int
    oldest_wait_seconds: float | None
    """How long the oldest queued job waits; None when none does."""
    unknown_wire: tuple[UnknownWire, ...]
    webhooks_due: int
    """Posts that did not arrive yet and are still tried."""
    webhooks_failed: int
    """Posts that were given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The answer of `Door.status`; `workspace` only for a caller who belongs to one."""

    state: Health
    version: str
    uptime_seconds: float
    store_writable: bool
    bot: BotState = BotState.OFF
    """The Discord bot's."""
    breakdowns: tuple[Breakdown, ...] = ()
    """Parts of the engine that broke down lately, or stand still."""
    workspace: WorkspaceStatus | None = None
