"""An image service behind Discord as the core needs it: sessions, calls, what is seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.model.accounts import Account, Checkpoint
from engine.model.actions import MIDJOURNEY_APPLICATION, Submission, Uploaded
from engine.model.jobs import Attachment, Job
from engine.model.sightings import Sighting, Trouble, Unrecognised
from engine.model.values import value


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
    username: str | None = None
    """Discord's; None: not told, as with every RESUMED."""
    masked_email: str | None = None
    """`n****@l****.ru`; None likewise."""


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

    def recall(self, job: Job) -> None:
        """A job that an earlier session submitted is still open: follow it, where that needs more than listening."""
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
