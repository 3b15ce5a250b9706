"""Durable state as the core needs it, spoken in uses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from engine.model.accounts import Account, AccountState, Checkpoint, Lease, Upstream
from engine.model.actions import Action, Service
from engine.model.deliveries import Delivery, DeliveryState
from engine.model.hooks import WorkspaceHook
from engine.model.jobs import Job, JobState, JobUpdate, Picture, Request
from engine.model.quotas import Quota
from engine.model.values import value
from engine.ports.answers import AnswerStore
from engine.ports.changes import Change, Outcome
from engine.ports.community import CommunityStore
from engine.ports.journal import JournalStore
from engine.ports.keys import ApiKey, NewKey
from engine.ports.listing import JobPage, JobsWanted
from engine.ports.moderation import ModerationStore
from engine.ports.webhooks import Attempt, DeliveryCounts


@value(frozen=True, slots=True)
class Workspace:
    """Everything belongs to one of these."""

    id: str
    name: str
    created_at: datetime
    webhook: WorkspaceHook | None = None
    signing_sealed: str | None = None
    """What signs its webhooks, encrypted; None: they go without a signature."""
    paused_at: datetime | None = None
    """Since then nothing new is sent; None: the queue goes on."""
    rebooted_at: datetime | None = None
    """When all its open jobs were last to be looked up."""
    contact: str = ""
    """Whom to ask about it, as an e-mail address."""
    quota: Quota | None = None
    """For all its keys together that have none of their own."""


@value(frozen=True, slots=True)
class PictureCopy:
    """A picture we serve: where it came from and, when copied, its file name in the picture folder."""

    picture: Picture
    job_id: str
    account_id: int
    filename: str | None
    failed: bool


@value(frozen=True, slots=True)
class EvidenceCount:
    """How often a kind of unrecognised frame was seen, and when last."""

    kind: str
    count: int
    last_at: datetime


@value(frozen=True, slots=True)
class Switches:
    """What an operator turns while everything runs: the workspaces' queues and the accounts."""

    workspaces: tuple[Workspace, ...]
    accounts: dict[int, AccountState]
    """The state of every linked account."""
    live_until: dict[int, datetime]
    """When the leases end of those whose holders noted that they are live."""


@value(frozen=True, slots=True)
class Load:
    """How many jobs of a workspace belong to one account (None: to whichever is free)."""

    account_id: int | None
    queued: int
    running: int
    """SENT, RUNNING and WAITING_MODAL."""


@value(frozen=True, slots=True)
class Tally:
    """A workspace's jobs now: how many in each open state, ended since `since`, and the oldest one that waits."""

    by_state: dict[JobState, int]
    done_since: int
    failed_since: int
    oldest_queued_at: datetime | None


@value(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What is stored when an account is linked."""

    workspace_id: str
    name: str
    guild_id: str
    channel_id: str
    token_sealed: str
    token_mask: str
    upstream: Upstream
    user_id: str | None
    demo: bool
    concurrency: int
    linked_at: datetime
    service: Service = Service.MIDJOURNEY


class Store(ModerationStore, AnswerStore, CommunityStore, JournalStore, Protocol):
    """Durable state, spoken in uses.

    Raises (every method): `errors.Unavailable` when the database cannot be read or written now.
    """

    # hot path
    async def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Write the changes in order, return after COMMIT; a change that fails its check fails alone.

        Concurrent calls share one transaction. Reads made after the return see the writes.
        """
        ...

    # leases
    async def take(self, account_id: int, owner: str, now: datetime, until: datetime) -> Lease | None:
        """Take an account whose lease is free, expired or ours; the epoch rises. None: somebody else holds it."""
        ...

    async def renew(self, leases: Sequence[Lease], until: datetime) -> list[Lease]:
        """Prolong; returns the leases that still hold, with the new time."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give an account back at once (nothing happens when the lease is stale)."""
        ...

    # reads of the core
    async def accounts(self, workspace_id: str | None = None, *, services: bool = False) -> list[Account]:
        """Linked Discord accounts (not the unlinked), by id; with `services` the keys for other services too."""
        ...

    async def account(self, account_id: int) -> Account | None:
        """One account, unlinked ones too."""
        ...

    async def checkpoint(self, account_id: int) -> Checkpoint | None:
        """Where the account's session can be resumed."""
        ...

    async def queued(self, limit: int, after: Job | None = None) -> list[Job]:
        """QUEUED jobs of all workspaces, boosts first, then by creation and id; those behind `after`."""
        ...

    async def switches(self) -> Switches:
        """How the switches of all workspaces and linked accounts stand."""
        ...

    async def awaited_until(self, now: datetime, limit: int) -> list[Job]:
        """Jobs that were sent, are not over, and whose requester waits no longer at that moment; longest ago first."""
        ...

    async def open_jobs(self, account_id: int) -> list[Job]:
        """SENT, RUNNING, WAITING_MODAL and NEEDS_ATTENTION jobs of an account, and QUEUED ones it submitted before."""
        ...

    async def finished_since(self, account_id: int, since: datetime) -> list[Job]:
        """Jobs of an account that ended since then, for their message ids."""
        ...

    async def highest_nonce(self, account_id: int) -> int:
        """The highest nonce ever stored for the account, 0 when none."""
        ...

    async def pictures_to_copy(self, limit: int) -> list[PictureCopy]:
        """Pictures of DONE jobs without a copy that has not failed for good."""
        ...

    async def picture(self, key: str) -> PictureCopy | None:
        """The picture under that key."""
        ...

    # reads of the door
    async def job(self, workspace_id: str, job_id: str) -> Job | None:
        """A job of that workspace, with its result."""
        ...

    async def request(self, workspace_id: str, request_id: str) -> Request | None:
        """A request of that workspace."""
        ...

    async def jobs(
        self, workspace_id: str, *, states: Sequence[JobState] = (), limit: int = 50, before: datetime | None = None
    ) -> list[Job]:
        """Jobs of a workspace, newest first."""
        ...

    async def job_page(self, workspace_id: str, wanted: JobsWanted, limit: int) -> JobPage:
        """Jobs of a workspace, newest first; however many others there are, it looks at some thousand at most."""
        ...

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        """The jobs of a request of that workspace, in the order in which they were made."""
        ...

    async def children(self, workspace_id: str, parent_id: str, action: Action) -> list[Job]:
        """What was made of a job by this action, oldest first, with results."""
        ...

    async def updates(self, job_id: str, after_version: int = 0) -> list[JobUpdate]:
        """Stored updates of a job above that version, in order."""
        ...

    async def loads(self, workspace_id: str) -> list[Load]:
        """The workspace's jobs by the account that alone may run them or runs them; none that would be all zero."""
        ...

    async def made(self, workspace_id: str, since: datetime, *, limit: int, offset: int = 0) -> list[Job]:
        """DONE jobs with pictures, none private, that ended since then, the latest first, after `offset` others."""
        ...

    async def open_of(self, workspace_id: str, key_id: int | None, account_id: int) -> list[Job]:
        """Jobs that came with a key, are not over, and are bound to that account or run there, oldest first."""
        ...

    async def tally(self, workspace_id: str, since: datetime) -> Tally:
        """Counts for the status page."""
        ...

    async def evidence_counts(self, workspace_id: str) -> list[EvidenceCount]:
        """Unrecognised frames by kind."""
        ...

    # webhooks
    async def due_deliveries(self, now: datetime, limit: int, besides: Collection[str] = ()) -> list[Delivery]:
        """Posts that are due and that nobody holds: ends first, then the oldest; none to the places `besides`."""
        ...

    async def claim_delivery(self, delivery_id: int, owner: str, now: datetime, until: datetime) -> bool:
        """Hold a due post until then; False: somebody else does, or an end of its request is under way, or it went."""
        ...

    async def settle_delivery(self, attempt: Attempt) -> bool:
        """Record a try and let the post go; False: the owner does not hold it, or a newer one took its place."""
        ...

    async def free_deliveries(self, owner: str | None, ids: Sequence[int] | None = None) -> None:
        """Let go what the owner (None: anybody) holds, all of it or these."""
        ...

    async def delivery(self, workspace_id: str, delivery_id: int) -> Delivery | None:
        """A post of that workspace."""
        ...

    async def deliveries(
        self,
        workspace_id: str,
        *,
        request_id: str | None = None,
        state: DeliveryState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """Posts of a workspace, newest first; `before`: older than that id."""
        ...

    async def replay_deliveries(self, workspace_id: str, delivery_id: int | None, now: datetime) -> int:
        """Make a post due again as if it were new (None: all that failed); returns how many."""
        ...

    async def delivery_counts(self, workspace_id: str) -> DeliveryCounts:
        """How many posts did not arrive."""
        ...

    async def sweep_deliveries(self, now: datetime) -> int:
        """Erase what is settled and old: progress after an hour, ends after 30 days, failed ends never."""
        ...

    async def set_webhook(self, workspace_id: str, hook: WorkspaceHook | None) -> None:
        """A workspace's default from now on."""
        ...

    async def set_signing_secret(self, workspace_id: str, sealed: str) -> None:
        """What signs a workspace's webhooks from now on."""
        ...

    # administration
    async def ensure_workspace(self, name: str, now: datetime) -> Workspace:
        """The workspace of that name, made if there is none."""
        ...

    async def workspaces(self) -> list[Workspace]:
        """All workspaces, oldest first."""
        ...

    async def workspace(self, workspace_id: str) -> Workspace | None:
        """One workspace."""
        ...

    async def pause_workspace(self, workspace_id: str, at: datetime | None) -> bool:
        """Pause its queue from then on (a paused one stays as it is), or (None) let it go on; False: there is none."""
        ...

    async def reboot_workspace(self, workspace_id: str, at: datetime) -> bool:
        """Have every process look its open jobs up; False when there is no such workspace."""
        ...

    async def add_account(self, new: NewAccount) -> Account:
        """Link an account, with a UUID of its own.

        A first real one pauses the workspace's demo accounts in the same transaction.
        """
        ...

    async def set_service(self, new: NewAccount) -> Account:
        """The workspace's one account for a service that is not behind Discord: made, or given the new key and place.

        A new key or place puts a stopped account back to work; the operator's pause stays.
        """
        ...

    async def change_account(self, account_id: int, name: str, concurrency: int) -> bool:
        """Give it this name and number of jobs at a time; False when there is no such linked account."""
        ...

    async def restart_account(self, account_id: int, at: datetime) -> bool:
        """Have whoever keeps it begin a new session; False when there is no such linked account."""
        ...

    async def unlink_account(self, account_id: int) -> bool:
        """Erase the token; False when there is no such linked account."""
        ...

    async def add_key(self, new: NewKey) -> ApiKey:
        """Store a new API key's digest and terms."""
        ...

    async def change_key(self, key: ApiKey) -> bool:
        """Give it the name, scopes, accounts, rates and quota of `key`; False when there is no such key in force."""
        ...

    async def set_contact(self, workspace_id: str, contact: str) -> bool:
        """Note whom to ask about a workspace; False when there is no such workspace."""
        ...

    async def set_quota(self, workspace_id: str, quota: Quota | None) -> bool:
        """Give a workspace a quota, or none; False when there is no such workspace."""
        ...

    async def keys(self, workspace_id: str) -> list[ApiKey]:
        """All keys of a workspace, revoked ones too."""
        ...

    async def key_by_digest(self, digest: str) -> ApiKey | None:
        """The key with that SHA-256, revoked or not."""
        ...

    async def revoke_key(self, workspace_id: str, key_id: int, now: datetime) -> bool:
        """Revoke; False when there is no such key in force."""
        ...

    async def touch_key(self, key_id: int, now: datetime) -> None:
        """Note the last use (at most once a minute is worth writing)."""
        ...

    async def probe(self) -> None:
        """Return when the store can write now; raises `errors.Unavailable` otherwise."""
        ...

    async def close(self) -> None:
        """Finish what waits and close."""
        ...
