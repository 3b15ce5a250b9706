"""A session with a service that is not behind Discord: what is asked goes out, what becomes of it comes in as news."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from engine.drivers.services.backend import Backend, Begun, Going, Made
from engine.model.accounts import Account
from engine.model.actions import MIDJOURNEY_APPLICATION, ServiceCall, Submission, Uploaded
from engine.model.errors import Refused, Unavailable
from engine.model.jobs import OPEN_STATES, Attachment, Failure, FailureReason, Job
from engine.model.sightings import Channel, Sighting, Stage, Unrecognised
from engine.ports import Answer, AnswerKind, Clock, Images, Live, Refusal, Seen, SessionNews

_LOG = logging.getLogger(__name__)

MOST_PAUSE = 15.0
"""Seconds between two looks when the service cannot be asked."""
_LOST = "Easel was started anew while the service worked on it, and the service keeps nothing; ask again"


class ServiceSession:
    """ports.Session for one account of a service."""

    def __init__(
        self,
        account: Account,
        backend: Backend,
        *,
        images: Images,
        clock: Clock,
        holds: Callable[[], bool],
        after: int,
        poll_seconds: float,
    ) -> None:
        """`after` is the last number that an earlier session gave to its news."""
        self._account = account
        self._backend = backend
        self._images = images
        self._clock = clock
        self._holds = holds
        self._seq = after
        self._poll_seconds = poll_seconds
        self._news: asyncio.Queue[SessionNews | None] = asyncio.Queue()
        self._following: dict[str, asyncio.Task[None]] = {}
        self._closed = False
        self._news.put_nowait(
            Live(account.service.value, account.upstream.api_url, account.service.value, resumed=True, at=clock.now())
        )

    async def news(self) -> AsyncIterator[SessionNews]:
        """What happens, in order."""
        while (news := await self._news.get()) is not None:
            yield news

    @property
    def live(self) -> bool:
        """It can be asked as long as it is open."""
        return not self._closed

    @property
    def passed_seq(self) -> int | None:
        """The last number given, when nothing waits in `news`."""
        return self._seq if self._news.empty() else None

    @property
    def acknowledged_at(self) -> datetime | None:
        """There is no heartbeat."""
        return None

    @property
    def unbroken_since(self) -> datetime | None:
        """Nothing proves that a call was never taken."""
        return None

    async def submit(self, submission: Submission, nonce: str) -> Answer:
        """Ask for it, once."""
        if not isinstance(submission, ServiceCall):
            return Answer(AnswerKind.REFUSED, f"{self._account.service} takes no such call", Refusal.FAIL)
        if self._closed or not self._holds():
            return Answer(AnswerKind.NEVER_LEFT, "the session is over")
        started = await self._backend.start(submission)
        if isinstance(started, Answer):
            return started
        if isinstance(started, Made):
            await self._made(started, nonce, None)
        else:
            self._begun(started, nonce)
        return Answer(AnswerKind.ACCEPTED)

    def recall(self, job: Job) -> None:
        """Follow a job that an earlier session submitted, as far as its service can still be asked about it."""
        handle, nonce = job.links.interaction_id, job.nonce
        if nonce is None or job.state not in OPEN_STATES or nonce in self._following:
            return
        if handle is not None:
            self._follow(handle, nonce)
        elif not self._backend.lasting:
            self._failed(Failure(FailureReason.TRANSIENT, _LOST), nonce, None)

    def _begun(self, begun: Begun, nonce: str) -> None:
        self._see(Stage.ACKNOWLEDGED, nonce, begun.handle, Channel.INTERACTION)
        self._follow(begun.handle, nonce)

    def _follow(self, handle: str, nonce: str) -> None:
        task = asyncio.create_task(self._watch(handle, nonce))
        self._following[nonce] = task
        task.add_done_callback(lambda _: self._following.pop(nonce, None))

    async def _watch(self, handle: str, nonce: str) -> None:
        pause, percent = self._poll_seconds, -1
        while True:
            try:
                look = await self._backend.look(handle)
                pause = self._poll_seconds
                if isinstance(look, Made):
                    await self._made(look, nonce, handle)
                    return
            except Unavailable as error:
                _LOG.warning("%s: %s", self._account.name, error)
                pause = min(2 * pause, MOST_PAUSE)
            else:
                if isinstance(look, Failure):
                    self._failed(look, nonce, handle)
                    return
                if isinstance(look, Going) and look.percent > percent:
                    percent = look.percent
                    self._see(Stage.PROGRESS, nonce, handle, Channel.EDITED, percent=percent)
            await self._clock.sleep(pause)

    async def _made(self, made: Made, nonce: str, handle: str | None) -> None:
        """Keep the pictures first: their addresses at the service last for minutes."""
        kept = []
        for content in made.pictures:
            while True:
                try:
                    kept.append(await self._images.put(content))
                except Refused as error:
                    failure = Failure(FailureReason.TRANSIENT, f"what the service made is no picture: it {error}")
                    self._failed(failure, nonce, handle)
                    return
                except Unavailable as error:
                    _LOG.warning("%s: a finished picture waits: %s", self._account.name, error)
                    await self._clock.sleep(self._poll_seconds)
                else:
                    break
        self._see(Stage.FINAL, nonce, handle, Channel.CREATED, attachments=tuple(kept))

    def _failed(self, failure: Failure, nonce: str, handle: str | None) -> None:
        self._see(Stage.FAILED, nonce, handle, Channel.CREATED, failure=failure)

    def _see(
        self,
        stage: Stage,
        nonce: str,
        handle: str | None,
        channel: Channel,
        *,
        percent: int | None = None,
        attachments: tuple[Attachment, ...] = (),
        failure: Failure | None = None,
    ) -> None:
        self._seq += 1
        sighting = Sighting(
            channel=channel,
            stage=stage,
            at=self._clock.now(),
            application_id=self._account.service.value,
            nonce=nonce,
            interaction_id=handle,
            percent=percent,
            attachments=attachments,
            failure=failure,
        )
        self._news.put_nowait(Seen(self._seq, sighting))

    async def upload(self, filename: str, content: bytes, content_type: str) -> Uploaded:  # noqa: ARG002 - the port's
        """There is no channel. Raises Refused."""
        raise Refused("this account has no channel to upload to")

    async def post(self, files: Sequence[Uploaded], nonce: str) -> tuple[Attachment, ...]:  # noqa: ARG002 - likewise
        """There is no channel. Raises Refused."""
        raise Refused("this account has no channel to post in")

    async def refresh(self, urls: Sequence[str]) -> dict[str, str]:  # noqa: ARG002 - likewise
        """Nothing of its has a signed address."""
        return {}

    async def dm_channel(self, application_id: str = MIDJOURNEY_APPLICATION) -> str:  # noqa: ARG002 - likewise
        """There are no direct messages. Raises Unavailable."""
        raise Unavailable("this account has no direct messages")

    async def history(self, after: datetime, *, letters: bool = False) -> list[Sighting | Unrecognised]:  # noqa: ARG002 - likewise
        """There is none; what was begun is followed by its handle."""
        return []

    async def close(self) -> None:
        """Stop looking; what goes on there is taken up by the next session."""
        self._closed = True
        for task in list(self._following.values()):
            task.cancel()
        await asyncio.gather(*self._following.values(), return_exceptions=True)
        self._news.put_nowait(None)
        await self._backend.close()
