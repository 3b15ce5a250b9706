"""What the core needs from the outside, as protocols; `drivers`, `store` and `outbound` fulfil them.

Each port has one conformance suite in tests/contracts; a new implementation joins it before it gets tests of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from engine.model.accounts import Account, AccountState, Checkpoint, Lease, Upstream
from engine.model.actions import MIDJOURNEY_APPLICATION, Action, Submission, Uploaded
from engine.model.details import AccountFacts
from engine.model.jobs import Attachment, Job, JobState, JobUpdate, Picture, Request
from engine.model.sightings import Sighting, Trouble, Unrecognised
from engine.model.values import value

# --- time ------------------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Time as the core sees it."""

    def now(self) -> datetime:
        """Wall clock, aware UTC."""
        ...

    def ticks(self) -> float:
        """Seconds that never go back and count suspended time (CLOCK_BOOTTIME where there is one)."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


# --- secrets ---------------------------------------------------------------------------------------------------------


class Secrets(Protocol):
    """Encryption of tokens at rest."""

    def seal(self, plain: str) -> str:
        """Encrypt; the result is text and differs at each call."""
        ...

    def unseal(self, sealed: str) -> str:
        """Decrypt what `seal` made.

        Raises:
            BadSetting: the key is not the one it was sealed with.
        """
        ...


# --- store -----------------------------------------------------------------------------------------------------------


@value(frozen=True, slots=True)
class Evidence:
    """Something from the wire that we keep: stripped of secrets, at most 16 kB."""

    account_id: int
    kind: str
    at: datetime
    body: str
    job_id: str | None = None


@value(frozen=True, slots=True)
class NewRequest:
    """Change: a request with its jobs and their first updates."""

    request: Request
    jobs: tuple[Job, ...]
    updates: tuple[JobUpdate, ...]


@value(frozen=True, slots=True)
class JobChange:
    """Change: one stored step of a job.

    Applies only while the stored row has `before`'s version and state and, with a lease, the account has its epoch and
    owner.
    """

    before: Job
    after: Job
    update: JobUpdate
    lease: Lease | None = None
    evidence: tuple[Evidence, ...] = ()
    checkpoint: Checkpoint | None = None
    """Saved with the change, and only with it; needs the lease."""


@value(frozen=True, slots=True)
class ProgressNote:
    """Change: what is new of a running job without a new version; lost silently when the job moved on."""

    job_id: str
    version: int
    percent: int
    preview_url: str | None
    lease: Lease | None = None
    uuid: str | None = None
    """None: as it is stored."""


@value(frozen=True, slots=True)
class SaveCheckpoint:
    """Change: everything up to `checkpoint.seq` is stored."""

    checkpoint: Checkpoint
    lease: Lease


@value(frozen=True, slots=True)
class KeepEvidence:
    """Change: a frame worth keeping that belongs to no job (or to several)."""

    evidence: Evidence
    lease: Lease | None = None


@value(frozen=True, slots=True)
class AccountChange:
    """Change: the account takes another state; `user_id` is filled once it is known."""

    account_id: int
    state: AccountState
    trouble: Trouble | None = None
    reason: str | None = None
    user_id: str | None = None
    lease: Lease | None = None


@value(frozen=True, slots=True)
class FactsLearned:
    """Change: what is now known of an account's switches at Midjourney, in place of what was."""

    account_id: int
    facts: AccountFacts
    lease: Lease | None = None


@value(frozen=True, slots=True)
class PictureCopied:
    """Change: the copy of a picture lies under this name in our folder, or (None) could not be made."""

    key: str
    filename: str | None
    at: datetime


Change = (
    NewRequest | JobChange | ProgressNote | SaveCheckpoint | KeepEvidence | AccountChange | FactsLearned | PictureCopied
)


class Outcome(StrEnum):
    """What became of one change."""

    APPLIED = "applied"
    STALE_VERSION = "stale version"
    """The job has moved on meanwhile (or does not exist); nothing of this change was written."""
    STALE_LEASE = "stale lease"
    """Another owner or epoch holds the account; nothing of this change was written."""
    DUPLICATE = "duplicate"
    """The id, nonce or update exists already; nothing of this change was written."""


@value(frozen=True, slots=True)
class Workspace:
    """Everything belongs to one of these."""

    id: str
    name: str
    created_at: datetime


@value(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored: SHA-256 of the whole, the first characters to recognise it by."""

    id: int
    workspace_id: str
    name: str
    prefix: str
    digest: str
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


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


class Store(Protocol):
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
    async def accounts(self, workspace_id: str | None = None) -> list[Account]:
        """Linked accounts (not the unlinked), by id."""
        ...

    async def account(self, account_id: int) -> Account | None:
        """One account, unlinked ones too."""
        ...

    async def checkpoint(self, account_id: int) -> Checkpoint | None:
        """Where the account's session can be resumed."""
        ...

    async def queued(self, limit: int, after: Job | None = None) -> list[Job]:
        """QUEUED jobs of all workspaces, oldest first (by creation, then id), those behind `after`."""
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

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        """The jobs of a request of that workspace, in the order in which they were made."""
        ...

    async def children(self, workspace_id: str, parent_id: str, action: Action) -> list[Job]:
        """What was made of a job by this action, oldest first, with results."""
        ...

    async def updates(self, job_id: str, after_version: int = 0) -> list[JobUpdate]:
        """Stored updates of a job above that version, in order."""
        ...

    async def tally(self, workspace_id: str, since: datetime) -> Tally:
        """Counts for the status page."""
        ...

    async def evidence_counts(self, workspace_id: str) -> list[EvidenceCount]:
        """Unrecognised frames by kind."""
        ...

    # administration
    async def ensure_workspace(self, name: str, now: datetime) -> Workspace:
        """The workspace of that name, made if there is none."""
        ...

    async def workspaces(self) -> list[Workspace]:
        """All workspaces, oldest first."""
        ...

    async def add_account(self, new: NewAccount) -> Account:
        """Link an account; a first real one pauses the workspace's demo accounts in the same transaction."""
        ...

    async def unlink_account(self, account_id: int) -> bool:
        """Erase the token; False when there is no such linked account."""
        ...

    async def add_key(self, workspace_id: str, name: str, prefix: str, digest: str, now: datetime) -> ApiKey:
        """Store a new API key's digest."""
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


# --- driver ----------------------------------------------------------------------------------------------------------


class AnswerKind(StrEnum):
    """What a POST proved (midjourney-protocol §13.1)."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NEVER_LEFT = "never left"
    UNKNOWN = "unknown"


class Refusal(StrEnum):
    """What to do after Discord refused a POST."""

    WAIT = "wait"
    """Rate limited: again after `retry_after` seconds."""
    AGAIN = "again"
    """The command was outdated and has been rediscovered: again, with a new nonce."""
    FAIL = "fail"
    """This job cannot be sent: permanent."""
    GONE = "gone"
    """The message with the button is no longer there."""
    ACCOUNT = "account"
    """The account is in trouble: it stops, the job may go elsewhere."""


@value(frozen=True, slots=True)
class Answer:
    """What a POST came to. `detail` is for people: status, code and Discord's message, never a token."""

    kind: AnswerKind
    detail: str = ""
    refusal: Refusal | None = None
    trouble: Trouble | None = None
    retry_after: float | None = None


@value(frozen=True, slots=True)
class Live:
    """The session is ready: READY (a new session) or RESUMED (everything missed came before this)."""

    session_id: str
    resume_url: str
    user_id: str
    resumed: bool
    at: datetime


@value(frozen=True, slots=True)
class Seen:
    """A frame that may matter, in order. `seq` is Discord's `s`."""

    seq: int
    what: Sighting | Unrecognised


@value(frozen=True, slots=True)
class Lost:
    """The connection is gone; the driver reconnects by itself."""

    detail: str


@value(frozen=True, slots=True)
class Ended:
    """The session ended for good: the account is in trouble. Last item of a session."""

    trouble: Trouble
    detail: str


SessionNews = Live | Seen | Lost | Ended


class Session(Protocol):
    """One account's live connection to Discord: gateway in, one REST lane out."""

    def news(self) -> AsyncIterator[SessionNews]:
        """What happens, in order; connects, resumes and reconnects by itself; ends after `Ended` or `close`.

        A consumer that does not come back for the next item (the store cannot write) loses nothing: up to 10,000 items
        or 64 MB of frames are held, then the connection is left so that it can be resumed, and when half of that is
        consumed the session resumes after the last item held.
        """
        ...

    @property
    def live(self) -> bool:
        """READY or RESUMED, and the last heartbeat was acknowledged."""
        ...

    @property
    def passed_seq(self) -> int | None:
        """The highest `s` received, when nothing taken from the wire waits in `news`; else None."""
        ...

    @property
    def acknowledged_at(self) -> datetime | None:
        """When the last heartbeat ACK arrived on the present connection."""
        ...

    @property
    def unbroken_since(self) -> datetime | None:
        """Since when this gateway session saw everything (RESUMED with replay does not break it); None while away."""
        ...

    async def submit(self, submission: Submission, nonce: str) -> Answer:
        """One call, never repeated. While the session is not live or the lease is over it answers NEVER_LEFT.

        A region goes to Midjourney's own site without the account's token, everything else to Discord.
        """
        ...

    async def upload(self, filename: str, content: bytes, content_type: str) -> Uploaded:
        """Put a file into Discord's upload store; unused ones vanish by themselves.

        Raises:
            Refused: Discord does not take it: too big, for one.
            Unavailable: it could not be done now; may be tried again.
        """
        ...

    async def post(self, files: Sequence[Uploaded], nonce: str) -> tuple[Attachment, ...]:
        """Post uploaded files as one message in the account's channel; returns them with signed addresses.

        Raises:
            Refused: Discord does not take them.
            Unavailable: also when the outcome is unknown; a second message does no harm.
        """
        ...

    async def refresh(self, urls: Sequence[str]) -> dict[str, str]:
        """New signed addresses for attachments, by their old ones; one that Discord does not know is left out.

        Raises:
            Unavailable: that could not be asked now.
        """
        ...

    async def dm_channel(self, application_id: str = MIDJOURNEY_APPLICATION) -> str:
        """The direct messages with Midjourney or Niji, opened when there are none yet.

        Raises:
            Unavailable: it is not known and could not be opened now.
        """
        ...

    async def history(self, after: datetime, *, letters: bool = False) -> list[Sighting | Unrecognised]:
        """Everything in the channel since then, oldest first, through the same decoder.

        With `letters` those with seeds too, which the bots have sent into the account's direct messages.

        Raises:
            Unavailable: it could not be read completely.
        """
        ...

    async def close(self) -> None:
        """Leave so that the session can be resumed (§2.3)."""
        ...


class Driver(Protocol):
    """Opens sessions to one kind of image service."""

    def open(self, account: Account, token: str, checkpoint: Checkpoint | None, holds: Callable[[], bool]) -> Session:
        """A session for the account; `holds` is asked in the function that writes to a socket."""
        ...

    async def message(self, account: Account, token: str, message_id: str) -> Sighting | Unrecognised | None:
        """One message of the account's channel as its history shows it; None: there is no such message.

        Raises:
            Unavailable: it could not be read.
        """
        ...


# --- pictures --------------------------------------------------------------------------------------------------------


class Images(Protocol):
    """Copies of pictures, on our own disk."""

    async def copy(self, copy: PictureCopy, hosts: frozenset[str]) -> str:
        """Fetch and keep the picture; returns its file name in the folder.

        Raises:
            Unavailable: it may work later.
            Refused: the address may not be fetched, or it is gone.
        """
        ...

    def open(self, copy: PictureCopy, hosts: frozenset[str]) -> AsyncIterator[bytes]:
        """The source's bytes, while there is no copy yet."""
        ...

    def path(self, filename: str) -> Path | None:
        """Where a copy lies, if it is there."""
        ...

    async def quarter(self, copy: PictureCopy, number: int, hosts: frozenset[str]) -> Path:
        """One of the four single images (1-4, row by row) of a grid, cut from it once and kept.

        Raises:
            NotFound: the picture is a video, too small or damaged, or it is gone; or there is no such number.
            Unavailable: it may work later.
        """
        ...


class Inputs(Protocol):
    """Pictures and masks that users hand in, kept until their jobs have ended."""

    async def keep(self, content: bytes, *, field: str = "image") -> str:
        """Store a picture by its content; the same bytes give the same name, which ends in the kind's own suffix.

        Raises:
            InvalidInput: it is no PNG, JPEG, WebP or GIF, or too large; the error calls it `field`.
            Unavailable: it cannot be written now.
        """
        ...

    async def read(self, name: str) -> bytes:
        """The content.

        Raises:
            NotFound: there is none of that name.
            Unavailable: it cannot be read now.
        """
        ...

    async def size(self, name: str) -> tuple[int, int]:
        """Width and height in pixels, from the header.

        Raises:
            NotFound: there is none of that name.
            Unavailable: it cannot be read now.
        """
        ...

    async def fetch(self, address: str, hosts: frozenset[str] = frozenset(), *, field: str = "image") -> bytes:
        """Download a picture that a user named, from the public internet or one of `hosts`; decode a `data:` address.

        Raises:
            InvalidInput: the address may not be called, or what lies there is no picture; the error calls it `field`.
            Unavailable: it could not be fetched now.
        """
        ...

    async def sweep(self, keep: Collection[str], older_than: datetime) -> int:
        """Remove the pictures not in `keep` that were last handed in before that moment; returns how many.

        Raises:
            Unavailable: it could not be done now.
        """
        ...
