"""One account's session as the core sees it, and the driver that opens them."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from engine.drivers.midjourney import properties
from engine.drivers.midjourney.activity import ActivitySite
from engine.drivers.midjourney.commands import Place
from engine.drivers.midjourney.gateway import Gateway
from engine.drivers.midjourney.news import NewsQueue
from engine.drivers.midjourney.options import DriverOptions
from engine.drivers.midjourney.pace import IdentifyPace
from engine.drivers.midjourney.rest import Lane
from engine.drivers.midjourney.storage import Storage
from engine.drivers.midjourney.wire import Finding, Reader
from engine.model.accounts import Account, Checkpoint
from engine.model.actions import MIDJOURNEY_APPLICATION, RegionAnswer, ServiceCall, Submission, Uploaded
from engine.model.errors import Refused, Unavailable
from engine.model.jobs import Attachment, Job
from engine.model.sightings import Sighting, Trouble
from engine.ports import Answer, AnswerKind, Ended, Refusal, SessionNews

_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What an HTTP header can carry; anything else would end in an exception that quotes it."""


class MidjourneySession:
    """Gateway in, one REST lane out (ports.Session)."""

    def __init__(
        self,
        account: Account,
        token: str,
        checkpoint: Checkpoint | None,
        *,
        holds: Callable[[], bool],
        options: DriverOptions,
        pace: IdentifyPace,
    ) -> None:
        self._account_id = account.id
        self._channel_id = account.channel_id
        self._clock = options.clock
        self._usable = _TOKEN.fullmatch(token) is not None
        self._news = NewsQueue(options.most_held, options.most_held_bytes)
        self._reader = Reader(account.channel_id, account.user_id, options.applications)
        place = Place(account.guild_id.removeprefix("@me"), account.channel_id)  # the address bar's word for no server
        self._lane = Lane(
            account.upstream,
            place,
            token if self._usable else "",
            client_properties=options.client_properties,
            post_timeout_seconds=options.post_timeout_seconds,
            clock=options.clock,
            holds=holds,
        )
        self._storage = Storage(
            self._lane,
            account.channel_id,
            api_url=account.upstream.api_url,
            client_properties=options.client_properties,
            clock=options.clock,
        )
        self._activity = ActivitySite(
            account.upstream,
            place,
            user_agent=properties.user_agent(options.client_properties),
            timeout_seconds=options.post_timeout_seconds,
            holds=holds,
        )
        self._resumes = checkpoint is not None
        self._gateway = Gateway(
            account,
            token,
            checkpoint,
            holds=holds,
            options=options,
            pace=pace,
            reader=self._reader,
            news=self._news,
            ask_address=self._lane.gateway_url,
        )
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"<MidjourneySession of account {self._account_id}>"

    async def news(self) -> AsyncIterator[SessionNews]:
        """What happens, in order; the first call connects. Only one consumer."""
        if not self._usable:
            yield Ended(Trouble.TOKEN, "the token holds characters that no token has")
            return
        if self._running is None and not self._closed:
            self._running = asyncio.create_task(self._run(), name=f"gateway of account {self._account_id}")
        async for item in self._news.hand_out():
            yield item

    @property
    def live(self) -> bool:
        """READY or RESUMED, and no heartbeat is overdue."""
        return self._gateway.live and not self._closed

    @property
    def passed_seq(self) -> int | None:
        """The highest `s` received, when nothing waits in `news` and the consumer asks for the next item; else None."""
        return self._gateway.read_to if self._news.all_done else None

    @property
    def acknowledged_at(self) -> datetime | None:
        """The last heartbeat ACK of the present connection of which the consumer has done everything before it."""
        return self._news.acknowledged_at

    @property
    def unbroken_since(self) -> datetime | None:
        """Since when this gateway session saw everything; None while away."""
        return self._gateway.unbroken_since

    async def _run(self) -> None:
        if self._resumes:
            # a resumed session is told no READY, and what is replayed may be Midjourney's direct messages
            with contextlib.suppress(Unavailable):
                self._reader.learn_direct(await self._lane.direct_channels())
        await self._gateway.run()

    async def submit(self, submission: Submission, nonce: str) -> Answer:
        """One call, never repeated."""
        if isinstance(submission, RegionAnswer):
            return await self._activity.submit(submission, lambda: self.live)
        if isinstance(submission, ServiceCall):
            return Answer(AnswerKind.REFUSED, "this account is no key for another service", Refusal.FAIL)
        return await self._lane.submit(submission, nonce, lambda: self._gateway.session_id if self.live else None)

    def recall(self, job: Job) -> None:
        """Nothing is needed: the gateway tells everything of every job of the account."""

    async def upload(self, filename: str, content: bytes, content_type: str) -> Uploaded:
        """Put a file into Discord's upload store; unused ones vanish by themselves.

        Raises:
            Refused: Discord does not take it: too big, for one.
            Unavailable: it could not be done now; may be tried again.
        """
        self._must_be_live()
        return await self._storage.upload(filename, content, content_type)

    async def post(self, files: Sequence[Uploaded], nonce: str) -> tuple[Attachment, ...]:
        """Post uploaded files as one message in the account's channel; returns them with signed addresses.

        Raises:
            Refused: Discord does not take them.
            Unavailable: also when the outcome is unknown; a second message does no harm.
        """
        self._must_be_live()
        return await self._storage.post(files, nonce)

    async def refresh(self, urls: Sequence[str]) -> dict[str, str]:
        """New signed addresses for attachments, by their old ones; one that Discord does not know is left out.

        Raises:
            Unavailable: that could not be asked now.
        """
        self._must_be_live()
        return await self._storage.refresh(urls)

    async def dm_channel(self, application_id: str = MIDJOURNEY_APPLICATION) -> str:
        """The direct messages with Midjourney or Niji, opened when there are none yet.

        Raises:
            Unavailable: it is not known and could not be opened now.
        """
        known = self._reader.direct_channel(application_id)
        if known is not None:
            return known
        self._must_be_live()
        try:
            channel = await self._lane.open_direct(application_id)
        except Refused as wrong:
            raise Unavailable(f"the direct messages with the bot cannot be opened: {wrong}") from wrong
        self._reader.learn_direct([channel], application_id)
        return str(channel.id)

    def _must_be_live(self) -> None:
        if not self.live:
            raise Unavailable("the session is not live")

    async def history(self, after: datetime, *, letters: bool = False) -> list[Finding]:
        """Everything in the channel since then, oldest first; with `letters` those of the direct messages too.

        Raises:
            Unavailable: it could not be read completely.
        """
        found = await self._read(self._channel_id, after)
        for channel_id in sorted(self._reader.direct_channels - {self._channel_id}) if letters else ():
            found += [seen for seen in await self._read(channel_id, after) if _is_letter(seen)]
        return sorted(found, key=lambda seen: seen.at) if letters else found

    async def _read(self, channel_id: str, after: datetime) -> list[Finding]:
        now, found = self._clock.now(), list[Finding]()
        for count, message in enumerate(await self._lane.history(after, channel_id)):
            found.extend(self._reader.read_history(message, now))
            if count % 100 == 0:
                await asyncio.sleep(0)
        return found

    async def close(self) -> None:
        """Leave so that the session can be resumed; what waits in `news` is still handed out."""
        self._closed = True
        await self._gateway.leave()
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        self._news.finish()
        await self._lane.close()
        await self._storage.close()
        await self._activity.close()


def _is_letter(seen: Finding) -> bool:
    """Whether it is the message with a job's seed; a copy of a result is none."""
    return isinstance(seen, Sighting) and seen.details is not None and seen.details.seed is not None


class MidjourneyDriver:
    """Opens sessions to Midjourney (ports.Driver)."""

    def __init__(self, options: DriverOptions | None = None) -> None:
        self._options = options or DriverOptions()
        self._pace = IdentifyPace(self._options.identify_pace_seconds, self._options.clock)

    def open(
        self, account: Account, token: str, checkpoint: Checkpoint | None, holds: Callable[[], bool]
    ) -> MidjourneySession:
        """A session for the account; nothing is connected before its `news` are read."""
        return MidjourneySession(account, token, checkpoint, holds=holds, options=self._options, pace=self._pace)

    async def message(self, account: Account, token: str, message_id: str) -> Finding | None:
        """One message of the account's channel, read without a session; None: there is no such message.

        Raises:
            Unavailable: it could not be read.
        """
        lane = Lane(
            account.upstream,
            Place(account.guild_id.removeprefix("@me"), account.channel_id),
            token,
            client_properties=self._options.client_properties,
            post_timeout_seconds=self._options.post_timeout_seconds,
            clock=self._options.clock,
            holds=lambda: True,  # reading one message needs no lease
        )
        try:
            body = await lane.message(message_id)
        finally:
            await lane.close()
        if body is None:
            return None
        reader = Reader(account.channel_id, account.user_id, self._options.applications)
        found = reader.read_history(body, self._options.clock.now())
        return next(iter(found), None)
