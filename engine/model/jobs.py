"""What a job is and what each of its states promises.

A request is what somebody asked for; it has one job for each submission to Midjourney. All values are frozen; only
`model.transitions.advance` makes a job's next value.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.model.actions import Action, Click
from engine.model.catalogue import entry_of
from engine.model.details import Details
from engine.model.hooks import Hook
from engine.model.inputs import NOTHING, Given
from engine.model.labels import Label
from engine.model.quotas import Budget, Charge
from engine.model.values import value


class JobState(StrEnum):
    """The states as promises: what is true, who moves it on, what a crash does."""

    QUEUED = "QUEUED"
    """Stored, nothing sent. The dispatcher moves it on. After a crash it is simply queued again."""

    SENT = "SENT"
    """The intent, with its nonce, is stored; the call may have left. Answers and sightings move it on; after a crash
    the resumed session or the history says what became of it. No timer sends it again."""

    RUNNING = "RUNNING"
    """Seen at Midjourney. Sightings move it on. A crash loses nothing: the final message is public."""

    WAITING_MODAL = "WAITING_MODAL"
    """Midjourney asked back with a form. The keeper answers it, after a crash from the stored form."""

    DONE = "DONE"
    """The result is stored. Nothing moves it on."""

    FAILED = "FAILED"
    """Discord or Midjourney said so, or it was never sent. Nothing moves it on."""

    CANCELLED = "CANCELLED"
    """Taken back: here before it was sent, or stopped at Midjourney. Nothing moves it on."""

    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    """The outcome is unknown. Shown to the operator, never sent again blindly; late evidence or the operator moves it
    on."""


FINAL_STATES = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
UPSTREAM_STATES = frozenset({JobState.SENT, JobState.RUNNING, JobState.WAITING_MODAL})
OPEN_STATES = UPSTREAM_STATES | {JobState.NEEDS_ATTENTION}


class FailureReason(StrEnum):
    """Why a job failed, as a class that a program can act on."""

    PROMPT = "prompt"
    """Midjourney does not accept the words or a parameter."""
    CONTENT = "content"
    """Midjourney's moderation refused words or pictures."""
    MODE = "mode"
    """The account's plan or speed does not allow it; another account or speed may."""
    TRANSIENT = "transient"
    """It may work when asked again."""
    ACCOUNT = "account"
    """The linked account cannot run jobs now."""
    REFUSED = "refused"
    """Discord refused the call for good."""
    GONE = "gone"
    """The message with the button is no longer there."""
    NOT_SENT = "not_sent"
    """Its deadline passed while it was still queued, or what it needs did not come."""
    SETTLED = "settled"
    """The operator declared it failed."""
    PREFILTERED = "prefiltered"
    """The workspace's prefilter objected to the words; nothing was queued or sent."""
    BANNED = "banned"
    """A rule that came while it waited refuses its words, or a server's setting its place; it was never sent."""


class Mode(StrEnum):
    """Midjourney's speeds; `relaxed` on the wire is RELAX."""

    FAST = "fast"
    RELAX = "relax"
    TURBO = "turbo"


@value(frozen=True, slots=True)
class Failure:
    """Why a job failed: the class and the words for a person."""

    reason: FailureReason
    detail: str


KEPT = "kept:"
"""Begins the address of a file that lies in our own picture folder and nowhere else."""


@value(frozen=True, slots=True)
class Attachment:
    """A file of a Discord message, or one that only we have. Width, height in pixels, size in bytes."""

    id: str
    filename: str
    url: str
    proxy_url: str | None = None
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    size: int | None = None

    @property
    def kept_as(self) -> str | None:
        """Its name in our picture folder, when it has no other source."""
        return self.url.removeprefix(KEPT) if self.url.startswith(KEPT) else None


@value(frozen=True, slots=True)
class Component:
    """A button or select of a message, with its place (row and column from 0)."""

    type: int
    custom_id: str | None
    label: str | None
    emoji: str | None
    style: int | None
    url: str | None
    row: int
    column: int
    disabled: bool = False

    @property
    def name(self) -> str | None:
        """What the services call the button: its label, else its emoji; None for a link."""
        if self.custom_id is None:
            return None
        label = (self.label or "").strip("\u200b\u200c\u200d\u2060\ufeff ")
        return label or self.emoji


@value(frozen=True, slots=True)
class Picture:
    """One picture of a result and the unguessable key (128 random bits, hex) under which we serve it."""

    key: str
    attachment: Attachment


@value(frozen=True, slots=True)
class Result:
    """The message that carried the outcome: every attachment, every component."""

    message_id: str
    channel_id: str
    flags: int
    content: str
    pictures: tuple[Picture, ...]
    components: tuple[Component, ...]
    uuid: str | None = None
    details: Details | None = None
    """What was answered in words: texts, a seed, the account's figures, its settings."""

    def button(self, label: str) -> Component | None:
        """The pressable component with that label (U+FE0F does not count), if the message carries it."""
        from engine.model.catalogue import same_label  # noqa: PLC0415 - the catalogue's rule for labels

        for component in self.components:
            if component.name is not None and same_label(component.name, label):
                return component
        return None


@value(frozen=True, slots=True)
class Modal:
    """The form Midjourney asked back with; `fields` are (custom id, prefilled value)."""

    interaction_id: str
    custom_id: str
    title: str
    fields: tuple[tuple[str, str], ...]
    frame_path: str | None = None
    """Where the editor of Vary (Region) lies on Midjourney's site; None for a form of Discord's."""


@value(frozen=True, slots=True)
class Links:
    """What ties messages of the wire to this job; each is empty until it was seen."""

    interaction_id: str | None = None
    progress_message_id: str | None = None
    uuid: str | None = None
    cancel_custom_id: str | None = None
    """Of the Cancel Job button that its progress message carries."""


@value(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, through which dialect, and what is echoed to them."""

    workspace_id: str
    requester: str
    """Who asked: `key:7` for an API key."""
    dialect: str
    ref: str | None = None
    callback: Hook | None = None
    """As it was given; None: none was, and the workspace's counts."""
    callback_id: str | None = None
    """The caller's own name of it, for UserAPI's answers and webhooks."""
    echo: str | None = None
    """What else the dialect's answers repeat, in the dialect's own JSON; nothing else reads it."""
    boost: bool = False
    """Ahead of ordinary jobs, and in turn with the boosts of other requesters."""
    only_accounts: tuple[int, ...] = ()
    """The accounts that may run it; empty: all of the workspace."""
    source_links: bool = False
    """Whether Discord's own links are wanted in the place of ours."""
    prefilter: bool = False
    """Whether its words are held against the prefilter too."""
    key_id: int | None = None
    """The API key that it came with."""
    private: bool = False
    """Seen by its requester and moderators only; what is made of it is private too."""
    token: str | None = None
    """Its Idempotency-Key: one request for each of a key's."""
    again: bool = False
    """An earlier call with that token ended with its process, and may have stored its job; not kept."""
    budget: Budget | None = None
    """Whose quota it counts against; not kept, a job keeps its charge."""


@value(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, as it was given. A request shares its UUID v4 with its only, or its first, job."""

    id: str
    origin: Origin
    action: Action
    prompt: str
    created_at: datetime


@value(frozen=True, kw_only=True)
class Job:
    """One submission to Midjourney. Times are aware UTC; `version` counts the stored updates."""

    id: str
    request_id: str
    workspace_id: str
    application_id: str
    action: Action
    prompt: str
    """The job's own words: what was asked, one piece of its permutations, its parent's for a button."""
    given: Given = NOTHING
    ref: str | None = None
    parent_id: str | None = None
    root_id: str | None = None
    click: Click | None = None
    """For an action by button: what to press."""
    hook: Hook | None = None
    """Where its changes are posted, the workspace's default included; None: nowhere."""
    bound_account_id: int | None = None
    """Buttons run only on the account that made their parent."""
    only_accounts: tuple[int, ...] = ()
    """The accounts that may run it; empty: all of the workspace."""
    source_links: bool = False
    """Whether its requester wants Discord's own links in the place of ours."""
    private: bool = False
    """Seen by its requester and moderators only, in nobody else's gallery."""
    boosted_by: str | None = None
    """Who asked for it to be ahead of ordinary jobs; boosts of several requesters take turns."""

    state: JobState = JobState.QUEUED
    version: int = 1
    created_at: datetime
    updated_at: datetime
    timeout_seconds: float | None = None
    """The caller's own limit, from acceptance; None leaves it to the settings."""
    deadline_at: datetime | None = None
    """While QUEUED: when it is withdrawn. Afterwards: when its next sign of life, or its end, is due at the latest."""
    gives_up_at: datetime | None = None
    """When its requester no longer waits, though it goes on; None: never, or that is over."""
    given_up: bool = False
    """Its requester was told that it failed; evidence may still make it DONE."""

    account_id: int | None = None
    nonces: tuple[str, ...] = ()
    """The nonces of submissions that may have had an effect; the last one counts, an earlier one is still evidence."""
    sent_at: datetime | None = None
    """When it was last submitted; a job that was put back keeps it."""
    accepted: bool = False
    """Discord answered 204, or showed the interaction: never sent again."""
    absence_used: bool = False
    """It was once proven absent and put back; that is allowed once."""
    turned_away: int = 0
    """How often Midjourney said "Queue full"; those submissions took no effect, and their nonces are forgotten."""
    upstream_queued: bool = False
    """Midjourney said "Job queued"."""
    sent_prompt: str | None = None
    """What was really sent, when addresses of uploads took the place of pictures; None: the prompt as it is."""
    form_answered: bool = False
    """Midjourney asked back with a form, and it was submitted."""
    prompt_ignored: bool = False
    """Words were given, and Midjourney made a result without asking for them."""
    cancel_asked: bool = False
    """The requester took it back after it was sent; it ends as Midjourney says."""
    answered_unknown: bool = False
    """Midjourney answered with something that is not known; `note` quotes it."""
    mode: Mode | None = None
    """The speed Midjourney shows for it; until then the one its prompt asks for."""
    links: Links = field(default_factory=Links)
    modal: Modal | None = None
    note: str | None = None
    """What is known about an unknown outcome, in words."""
    may_run: bool = False
    """NEEDS_ATTENTION only: it may still run upstream, so it keeps its slot until the deadline."""

    percent: int = 0
    preview_url: str | None = None
    failure: Failure | None = None
    labels: tuple[Label, ...] = ()
    """FAILED only: what the prefilter objected to; it was never queued or sent."""
    charge: Charge | None = None
    """What it costs whom, where its key has a quota."""
    appeal: Click | None = None
    """FAILED only: what the operator may press to object to Midjourney's refusal; never pressed by itself."""
    result: Result | None = None
    finished_at: datetime | None = None

    @property
    def boost(self) -> bool:
        """Whether it is ahead of ordinary jobs."""
        return self.boosted_by is not None

    @property
    def nonce(self) -> str | None:
        """The nonce of the latest submission."""
        return self.nonces[-1] if self.nonces else None

    def but(self, **changes: Any) -> Job:
        """The same job with other values in these fields: `dataclasses.replace` at a tenth of its cost.

        A progress frame changes a job some fifteen times in its life, and replace looks every field up by name.
        """
        unknown = changes.keys() - self.__dict__.keys()
        if unknown:
            raise TypeError(f"a job has no {', '.join(sorted(unknown))}")
        made = object.__new__(Job)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made

    @property
    def is_final(self) -> bool:
        """Whether nothing moves it on any more."""
        return self.state in FINAL_STATES

    def holds_slot(self, now: datetime) -> bool:
        """Whether it counts against the account's concurrency."""
        if not entry_of(self.action).takes_slot:
            return False
        if self.state in UPSTREAM_STATES:
            return True
        late = self.deadline_at is None or now < self.deadline_at
        return self.state is JobState.NEEDS_ATTENTION and self.may_run and late


@value(frozen=True, slots=True)
class JobUpdate:
    """What watchers are told of one stored change; `version` is the SSE event id."""

    job_id: str
    version: int
    state: JobState
    event: str
    """The name of the event that caused it."""
    at: datetime
    percent: int
    failure: Failure | None = None
    note: str | None = None


@value(frozen=True, slots=True)
class Progress:
    """A volatile update: percent (0-100) and preview, told but not stored at once."""

    job_id: str
    percent: int
    preview_url: str | None
