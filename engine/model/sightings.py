"""What the wire says, in our words: one sighting for each frame or history message that may concern a job.

Drivers make these; `model.correlation` says whose they are; the keeper turns them into events. Missing is not empty: an
edit may hold only the fields that changed (midjourney-protocol §2.4).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from engine.model.actions import Click
from engine.model.catalogue import CANCEL_PREFIX
from engine.model.details import Details
from engine.model.jobs import Attachment, Component, Failure, Modal, Mode
from engine.model.values import value

_APPEAL = "MJ::Prompts::Appeal::"
"""Beginning of the custom id, which ends in a token for one use (§5.4)."""


class Channel(StrEnum):
    """How we came to see it."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    INTERACTION = "interaction"
    """An INTERACTION_* event: no message yet."""
    HISTORY = "history"
    """Read back over REST; carries no nonce, nothing ephemeral, nothing deleted."""


class Stage(StrEnum):
    """What the sighting says about its job."""

    ACKNOWLEDGED = "acknowledged"
    WAITING = "waiting"
    """Waiting to start, or a deferred reply without content yet."""
    PROGRESS = "progress"
    QUEUED = "queued"
    """"Job queued": it starts when another job ends."""
    FULL = "full"
    """"Queue full": the submission was not taken; another may be when a job ends."""
    ASKED = "asked"
    """A modal form."""
    FINAL = "final"
    FAILED = "failed"
    STOPPED = "stopped"
    DELETED = "deleted"
    UNANSWERED = "unanswered"
    """INTERACTION_FAILURE: the bot did not answer in time; it proves nothing about the job."""
    UNKNOWN = "unknown"
    """Midjourney said something that we do not know; title and text are in `words`."""


class Trouble(StrEnum):
    """What a sighting or an answer says about the whole account; each stops it and asks its owner."""

    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    MODERATION = "moderation"
    TERMS = "terms"
    BILLING = "billing"
    CREDITS = "credits"
    TOKEN = "token"  # noqa: S105 - the word, not a secret
    VERIFICATION = "verification"
    ACCESS = "access"
    """Guild, channel or bot cannot be reached by this account."""
    GATEWAY = "gateway"
    """A fatal close code that is none of the above."""
    WIRE = "wire"
    """Discord keeps refusing what we send in a way we do not know."""


@value(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing that was seen. All ids are text; `at` is aware UTC from Discord's own ids and timestamps."""

    channel: Channel
    stage: Stage
    at: datetime
    application_id: str | None = None
    channel_id: str | None = None
    message_id: str | None = None
    nonce: str | None = None
    interaction_id: str | None = None
    user_id: str | None = None
    """Whose job it is: interaction_metadata.user.id, else the mention in the content."""
    reference_id: str | None = None
    """message_reference.message_id: an imagine's progress, or the clicked message."""
    clicked_id: str | None = None
    """interaction_metadata.interacted_message_id."""
    uuids: frozenset[str] = frozenset()
    """Job uuids in attachment names, links and custom ids."""

    verb: str | None = None
    """Midjourney's own word for what it does, as `Entry.verbs` spells it: `zoom out`, `pan left`, `image`; empty where
    a job's line has none, None where there is no such line."""
    index: int | None = None
    prompt: str | None = None
    """The echoed prompt, as Midjourney rewrote it; for an error, the footer's words."""
    percent: int | None = None
    mode: Mode | None = None
    content: str = ""
    flags: int = 0
    attachments: tuple[Attachment, ...] = ()
    components: tuple[Component, ...] = ()
    modal: Modal | None = None
    details: Details | None = None
    """What the answer says in words, taken apart; only of a FINAL."""
    failure: Failure | None = None
    trouble: Trouble | None = None
    words: str | None = None
    """Title and text of an embed, or plain content, as a person would quote it."""

    @property
    def uuid(self) -> str | None:
        """The job uuid, when the sighting names exactly one."""
        return next(iter(self.uuids)) if len(self.uuids) == 1 else None

    @property
    def appeal(self) -> Click | None:
        """The press with which the account's owner may object to a refusal: offered, never made by itself."""
        for part in self.components:
            if part.custom_id is not None and part.custom_id.startswith(_APPEAL) and self.message_id is not None:
                where = self.channel_id or ""
                return Click(self.application_id or "", where, self.message_id, self.flags, part.custom_id)
        return None

    @property
    def cancel_custom_id(self) -> str | None:
        """Of the Cancel Job button, where the message carries one."""
        for component in self.components:
            if component.custom_id is not None and component.custom_id.startswith(CANCEL_PREFIX):
                return component.custom_id
        return None

    @property
    def is_ephemeral(self) -> bool:
        """Whether only the account's own session can see it (flag 64)."""
        return bool(self.flags & 64)


@value(frozen=True, slots=True, kw_only=True)
class Unrecognised:
    """A frame in the account's channel by Midjourney that the decoder does not know: kept as evidence, counted."""

    at: datetime
    kind: str
    """A short stable key for counting, such as `MESSAGE_CREATE:type 46`."""
    body: str
    """The frame without signatures, tokens and other people's names, at most 16 kB."""
