"""A session and a driver whose every word is written by the test (ports.Session, ports.Driver).

    session = ScriptedSession()
    session.goes_live()
    session.answers(REFUSED_FOR_A_WHILE)             # the next submit; without a script every submit is accepted
    session.on_submit = lambda submission, nonce: session.shows(*an_imagine(nonce))
    session.loses("cut"); session.goes_live(resumed=True)
    session.in_history(a_final(...))

What a test says waits until the consumer of `news` takes it, as on the real wire.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime

from engine.model.accounts import Account, Checkpoint
from engine.model.actions import MIDJOURNEY_APPLICATION, Submission, Uploaded
from engine.model.errors import Refused, Unavailable
from engine.model.jobs import Attachment, Component, Failure, FailureReason, Job, Modal, Mode
from engine.model.sightings import Channel, Sighting, Stage, Trouble, Unrecognised
from engine.model.snowflakes import snowflake_at, time_of
from engine.ports import Answer, AnswerKind, Clock, Ended, Live, Lost, Seen, SessionNews
from tests.fakes.manual_clock import ManualClock

ACCEPTED = Answer(AnswerKind.ACCEPTED)
NEVER_LEFT = Answer(AnswerKind.NEVER_LEFT, "connect refused")
NO_ANSWER = Answer(AnswerKind.UNKNOWN, "no answer came")

CHANNEL = "300000000000000003"
DIRECT = "300000000000000004"
USER = "300000000000000001"
UUID = "3baac4ee-dadd-5929-a9e9-613fb47b039d"


class ScriptedSession:
    """Says what the test says, answers what the test wants, and remembers what it was asked."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        checkpoint: Checkpoint | None = None,
        holds: Callable[[], bool] = lambda: True,
        user_id: str = USER,
    ) -> None:
        self.clock = clock or ManualClock()
        self.checkpoint = checkpoint
        self.user_id = user_id
        self.session_id = checkpoint.session_id if checkpoint else "session-1"
        self.resume_url = checkpoint.resume_url if checkpoint else "ws://gateway.test/resume"
        self.submissions: list[tuple[Submission, str]] = []
        """Every POST that was made: what, and with which nonce."""
        self.histories: list[datetime] = []
        """The `after` of every history that was read."""
        self.letters_read: list[bool] = []
        """Whether its letters were read too."""
        self.on_submit: Callable[[Submission, str], object] | None = None
        """Called for each POST before it is answered; what it returns, if an Answer, is the answer."""
        self.uploads: list[tuple[str, bytes, str]] = []
        """Every file that was uploaded: name, content, content type."""
        self.posts: list[tuple[tuple[Uploaded, ...], str]] = []
        """Every message with files, and its nonce."""
        self.recalled: list[str] = []
        """Every job of an earlier session that it was told of."""
        self.fresh: dict[str, str] = {}
        """New addresses that Discord gives for old ones."""
        self.files_fail: Exception | None = None
        """While set, upload, post and refresh raise it."""
        self.dm: str | None = DIRECT
        """The direct messages with the bot; None: they cannot be opened."""
        self.history_fails: str | None = None
        """While set, reading the history raises Unavailable with these words."""
        self.closed = False
        self._holds = holds
        self._live = False
        self._since: datetime | None = checkpoint.since if checkpoint else None
        self._seq = checkpoint.seq if checkpoint else 0
        self._sessions = 1
        self._acknowledged_at: datetime | None = None
        self._answers: deque[Answer | Awaitable[Answer]] = deque()
        self._past: list[Sighting | Unrecognised] = []
        self._items: deque[SessionNews | None] = deque()
        self._stirred = asyncio.Event()
        self._in_hand = False

    # --- what the test says ---

    def goes_live(self, *, resumed: bool | None = None, **owner: str) -> None:
        """READY, or with a checkpoint or after a loss RESUMED; `resumed` decides otherwise."""
        now = self.clock.now()
        resumed = self._since is not None if resumed is None else resumed
        if not resumed:
            self.session_id = f"session-{self._sessions}"
            self._sessions += 1
            self._seq, self._since = 0, now
        self._since = self._since or now
        self._seq += 1
        self._live, self._acknowledged_at = True, None
        self._say(Live(self.session_id, self.resume_url, self.user_id, resumed, now, **owner))

    def shows(self, *sightings: Sighting | Unrecognised) -> None:
        """Frames, in this order, each with the next `s`."""
        for sighting in sightings:
            self._seq += 1
            self._say(Seen(self._seq, sighting))

    def passes_foreign_frames(self, count: int = 1) -> None:
        """Frames that are not looked at: only `s` goes on."""
        self._seq += count

    def loses(self, detail: str = "the connection was cut") -> None:
        """The connection is gone."""
        self._live, self._acknowledged_at = False, None
        self._say(Lost(detail))

    def ends(self, trouble: Trouble = Trouble.TOKEN, detail: str = "closed with 4004") -> None:
        """The session is over for good."""
        self._live = False
        self._say(Ended(trouble, detail))
        self._say(None)

    def beats(self) -> None:
        """A heartbeat is acknowledged now."""
        self._acknowledged_at = self.clock.now()

    def answers(self, *answers: Answer | Awaitable[Answer]) -> None:
        """What the next POSTs come to, one each; an awaitable lets the test decide when."""
        self._answers.extend(answers)

    def in_history(self, *sightings: Sighting | Unrecognised) -> None:
        """Messages that a later reading of the channel finds."""
        self._past.extend(sightings)

    def _say(self, news: SessionNews | None) -> None:
        self._items.append(news)
        self._stirred.set()

    # --- what the core sees (ports.Session) ---

    async def news(self) -> AsyncIterator[SessionNews]:
        while True:
            while not self._items:
                self._stirred.clear()
                await self._stirred.wait()
            item = self._items.popleft()
            if item is None:
                return
            self._in_hand = True
            yield item
            self._in_hand = False

    @property
    def live(self) -> bool:
        return self._live and not self.closed

    @property
    def passed_seq(self) -> int | None:
        return None if self._in_hand or any(self._items) else self._seq or None

    @property
    def acknowledged_at(self) -> datetime | None:
        return self._acknowledged_at

    @property
    def unbroken_since(self) -> datetime | None:
        return self._since if self._live else None

    async def submit(self, submission: Submission, nonce: str) -> Answer:
        if not self.live:
            return Answer(AnswerKind.NEVER_LEFT, "the session is not live")
        if not self._holds():
            return Answer(AnswerKind.NEVER_LEFT, "the lease is over")
        self.submissions.append((submission, nonce))
        said = self.on_submit(submission, nonce) if self.on_submit is not None else None
        if inspect.isawaitable(said):
            said = await said
        if isinstance(said, Answer):
            return said
        answer = self._answers.popleft() if self._answers else ACCEPTED
        return answer if isinstance(answer, Answer) else await answer

    def recall(self, job: Job) -> None:
        self.recalled.append(job.id)

    async def upload(self, filename: str, content: bytes, content_type: str) -> Uploaded:
        self._may_write_files()
        self.uploads.append((filename, content, content_type))
        return Uploaded(filename, f"upload-{len(self.uploads)}/{filename}")

    async def post(self, files: Sequence[Uploaded], nonce: str) -> tuple[Attachment, ...]:
        self._may_write_files()
        if not files:
            raise Refused("a message without files")
        self.posts.append((tuple(files), nonce))
        return tuple(
            Attachment(str(number), file.filename, f"https://cdn.test/{file.uploaded_filename}?ex=1&is=0&hm=0")
            for number, file in enumerate(files, start=1)
        )

    async def refresh(self, urls: Sequence[str]) -> dict[str, str]:
        self._may_write_files()
        return {url: self.fresh[url] for url in urls if url in self.fresh}

    def _may_write_files(self) -> None:
        if not self.live:
            raise Unavailable("the session is not live")
        if not self._holds():
            raise Unavailable("the lease is over")
        if self.files_fail is not None:
            raise self.files_fail

    async def dm_channel(self, application_id: str = MIDJOURNEY_APPLICATION) -> str:
        if self.dm is None:
            raise Unavailable("the direct messages with the bot cannot be opened")
        return self.dm

    async def history(self, after: datetime, *, letters: bool = False) -> list[Sighting | Unrecognised]:
        self.histories.append(after)
        self.letters_read.append(letters)
        await asyncio.sleep(0)
        if self.history_fails is not None:
            raise Unavailable(self.history_fails)
        found = (seen for seen in self._past if seen.at >= after and (letters or not _is_letter(seen)))
        return sorted(found, key=lambda seen: seen.at)

    async def close(self) -> None:
        self.closed, self._live = True, False
        self._say(None)

    # --- for the next process ---

    def left_at(self, account_id: int = 1) -> Checkpoint:
        """What a core that has processed everything would have saved."""
        return Checkpoint(account_id, self.session_id, self.resume_url, self._seq, self.user_id, self._since)


class ScriptedDriver:
    """Opens scripted sessions and keeps them; `prepare` is called with each before the core gets it."""

    def __init__(self, clock: Clock | None = None, prepare: Callable[[ScriptedSession], object] | None = None) -> None:
        self.clock = clock or ManualClock()
        self.prepare = prepare or ScriptedSession.goes_live
        self.sessions: list[ScriptedSession] = []
        self.opened: list[tuple[Account, str]] = []
        """Account and unsealed token of every session."""
        self.messages: dict[str, Sighting | Unrecognised] = {}
        """What `message` finds, by id."""

    def open(
        self, account: Account, token: str, checkpoint: Checkpoint | None, holds: Callable[[], bool]
    ) -> ScriptedSession:
        session = ScriptedSession(self.clock, checkpoint=checkpoint, holds=holds, user_id=account.user_id or USER)
        self.opened.append((account, token))
        self.sessions.append(session)
        self.prepare(session)
        return session

    async def message(self, account: Account, token: str, message_id: str) -> Sighting | Unrecognised | None:
        return self.messages.get(message_id)

    @property
    def session(self) -> ScriptedSession:
        """The latest."""
        return self.sessions[-1]


# --- what Midjourney shows, with the words that matter --------------------------------------------------------------


def acknowledged(nonce: str, interaction_id: str = "801", **more) -> Sighting:
    """INTERACTION_CREATE or _SUCCESS."""
    return _seen(Channel.INTERACTION, Stage.ACKNOWLEDGED, nonce=nonce, interaction_id=interaction_id, **more)


def waiting(nonce: str | None, message_id: str, **more) -> Sighting:
    """The first message of a job."""
    return _seen(Channel.CREATED, Stage.WAITING, nonce=nonce, message_id=message_id, **more)


def progress(message_id: str, percent: int, uuid: str | None = None, **more) -> Sighting:
    """An edit of it; with a preview once it has a uuid."""
    previews = (_picture(f"{uuid}_grid_0.webp"),) if uuid else ()
    return _seen(
        Channel.EDITED,
        Stage.PROGRESS,
        message_id=message_id,
        **{"percent": percent, "mode": Mode.FAST, "uuids": _only(uuid), "attachments": previews, **more},
    )


def a_final(message_id: str, uuid: str = UUID, *, reference_id: str | None = None, **more) -> Sighting:
    """A finished grid with its nine buttons, or with `verb="image"` one picture."""
    index = more.get("index")
    single = more.get("verb") == "image"
    values = {
        "uuids": _only(uuid),
        "reference_id": reference_id,
        "attachments": (_picture(f"someone_words_{uuid}.{'png' if single else 'webp'}"),),
        "components": () if single else grid_buttons(uuid),
        "content": f"**words** - Image #{index} <@{USER}>" if single else f"**words** - <@{USER}> (fast)",
        "mode": None if single else Mode.FAST,
    }
    return _seen(Channel.CREATED, Stage.FINAL, message_id=message_id, **{**values, **more})


def deleted(message_id: str) -> Sighting:
    """MESSAGE_DELETE."""
    return Sighting(
        channel=Channel.DELETED, stage=Stage.DELETED, at=_time(message_id), channel_id=CHANNEL, message_id=message_id
    )


def refused(nonce: str | None, title: str = "Invalid parameter", **more) -> Sighting:
    """An embed that fails the job."""
    reason = more.pop("reason", FailureReason.PROMPT)
    failure = Failure(reason, f"Midjourney answered “{title}”")
    return _seen(Channel.CREATED, Stage.FAILED, nonce=nonce, flags=64, failure=failure, words=title, **more)


def queue_full(nonce: str | None, **more) -> Sighting:
    """ "Queue full"."""
    failure = Failure(FailureReason.TRANSIENT, "Midjourney answered “Queue full”")
    return _seen(Channel.CREATED, Stage.FULL, nonce=nonce, flags=64, failure=failure, words="Queue full", **more)


def queued_upstream(nonce: str | None, prompt: str | None = None, **more) -> Sighting:
    """ "Job queued"."""
    return _seen(Channel.CREATED, Stage.QUEUED, nonce=nonce, flags=64, prompt=prompt, words="Job queued", **more)


def asked(nonce: str, interaction_id: str = "802", value: str = "the same words", **more) -> Sighting:
    """A Remix form with one field."""
    modal = Modal(interaction_id, f"MJ::RemixModal::{UUID}::1::1", "Remix", (("MJ::RemixModal::new_prompt", value),))
    return _seen(Channel.INTERACTION, Stage.ASKED, nonce=nonce, interaction_id=interaction_id, modal=modal, **more)


def an_imagine(nonce: str, at: datetime, uuid: str = UUID, *, turn: int = 0) -> list[Sighting]:
    """Everything Discord shows of one imagine, in its usual order (§3.2); `turn` keeps the ids of several apart."""
    interaction, start, final = (str(int(snowflake_at(at)) + turn * 16 + n) for n in (1, 2, 3))
    return [
        acknowledged(nonce, interaction),
        waiting(nonce, start, interaction_id=interaction),
        acknowledged(nonce, interaction),
        progress(start, 15),
        progress(start, 62, uuid),
        a_final(final, uuid, reference_id=start),
        deleted(start),
    ]


def grid_buttons(uuid: str = UUID) -> tuple[Component, ...]:
    """U1-U4, reroll, V1-V4."""
    upper = [("U1", "upsample::1"), ("U2", "upsample::2"), ("U3", "upsample::3"), ("U4", "upsample::4")]
    lower = [("V1", "variation::1"), ("V2", "variation::2"), ("V3", "variation::3"), ("V4", "variation::4")]
    reroll = Component(2, f"MJ::JOB::reroll::0::{uuid}::SOLO", None, "🔄", 2, None, 0, 4)
    rows = [
        Component(2, f"MJ::JOB::{what}::{uuid}", label, None, 2, None, row, column)
        for row, cells in enumerate((upper, lower))
        for column, (label, what) in enumerate(cells)
    ]
    return (*rows[:4], reroll, *rows[4:])


def _is_letter(seen: Sighting | Unrecognised) -> bool:
    return isinstance(seen, Sighting) and seen.details is not None and seen.details.seed is not None


def _seen(channel: Channel, stage: Stage, **values) -> Sighting:
    moment = values.get("message_id") or values.get("interaction_id")
    return Sighting(
        **{
            "channel": channel,
            "stage": stage,
            "at": _time(moment),
            "application_id": MIDJOURNEY_APPLICATION,
            "channel_id": CHANNEL,
            "user_id": USER,
            **values,
        }
    )


def _time(snowflake: str | None) -> datetime:
    return time_of(snowflake) if snowflake else datetime(2026, 6, 1, 12, tzinfo=UTC)


def _only(uuid: str | None) -> frozenset[str]:
    return frozenset({uuid} if uuid else ())


def _picture(name: str) -> Attachment:
    return Attachment("900", name, f"https://cdn.test/attachments/1/900/{name}", None, "image/webp", 2048, 2048, 1000)
