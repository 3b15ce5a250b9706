"""How one gateway session stays alive: connect, identify or resume, beat, and come back after every kind of loss (§2).

The protocol of a connection is here; what its end means is `closing`, what its frames say is `wire`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import zlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Raw
from websockets.exceptions import ConnectionClosed, WebSocketException

from engine.drivers.midjourney import properties
from engine.drivers.midjourney.closing import RESUMABLE, After, LeaseOver, Verdict, broken, ended, to_verify
from engine.drivers.midjourney.edits import Edits
from engine.drivers.midjourney.frames import Frames
from engine.drivers.midjourney.inflate import TooLarge
from engine.drivers.midjourney.news import NewsQueue
from engine.drivers.midjourney.options import DriverOptions
from engine.drivers.midjourney.pace import Backoff, IdentifyPace
from engine.drivers.midjourney.payloads import Frame, Guild, Hello, Owner, PrivateChannel, Ready, RequiredAction
from engine.drivers.midjourney.resumable import Resumable
from engine.drivers.midjourney.socket import Socket, opened
from engine.drivers.midjourney.wire import Finding, Reader
from engine.model.accounts import Account, Checkpoint
from engine.model.errors import Unavailable
from engine.model.sightings import Trouble, Unrecognised
from engine.ports import Ended, Lost, Seen

_QUERY = "encoding=json&v=9&compress=zlib-stream"
_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _HELLO = 0, 1, 2, 6, 10
_EDIT = "MESSAGE_UPDATE"
_OF_JOBS = ("MESSAGE_", "INTERACTION_")
"""How the names of all events of jobs begin; what happens to the session and the account has others."""
CAPABILITIES = 16125
"""16381 as the drivers send it, without bit 8 (AUTH_TOKEN_REFRESH): with it READY may hold a new token that replaces
ours, and one that is not stored at once would be lost with the process (§2.2)."""
_TRIES_ON_ONE_ADDRESS = 3

log = logging.getLogger("easel.gateway")

_ready = msgspec.json.Decoder(Ready)
_hello = msgspec.json.Decoder(Hello)
_channel = msgspec.json.Decoder(PrivateChannel)
_guild = msgspec.json.Decoder(Guild)
_required = msgspec.json.Decoder(RequiredAction)


class Gateway:
    """One account's gateway session over as many connections as it takes."""

    def __init__(
        self,
        account: Account,
        token: str,
        checkpoint: Checkpoint | None,
        *,
        holds: Callable[[], bool],
        options: DriverOptions,
        pace: IdentifyPace,
        reader: Reader,
        news: NewsQueue,
        ask_address: Callable[[], Awaitable[str]],
    ) -> None:
        self._account = account
        self._token = token
        self._holds = holds
        self._options = options
        self._clock = options.clock
        self._pace = pace
        self._reader = reader
        self._news = news
        self._edits = Edits(lambda body, seq: self._read(_EDIT, body, seq), options.edits_wait_seconds)
        self._ask_address = ask_address
        self._address = account.upstream.gateway_url
        self._session = Resumable.of(checkpoint, account.user_id) if checkpoint else None
        self._backoff = Backoff(options.reconnect_pause_seconds, options.longest_pause_seconds)
        self._failed_connects = 0
        self._socket: Socket | None = None
        self._ready_at: float | None = None
        """Ticks of READY or RESUMED on the present connection."""
        self._settles_at: float | None = None
        """Ticks from which the present connection counts as one that lasted."""
        self._beaten_at: float | None = None
        """Ticks of the heartbeat that has no ACK yet."""
        self._hung_up: Verdict | None = None
        """Why we ended the connection ourselves."""
        self._told: str | None = None
        """The last loss that was told; the same one again is no news."""
        self._leaving = False

    # --- what the session shows ---

    @property
    def live(self) -> bool:
        """READY or RESUMED, and no heartbeat waits too long for its ACK."""
        if self._ready_at is None:
            return False
        return self._beaten_at is None or self._clock.ticks() - self._beaten_at < self._options.acknowledge_seconds

    @property
    def session_id(self) -> str | None:
        """The id for interactions; None while not live."""
        return self._session.session_id if self._session is not None and self.live else None

    @property
    def seq(self) -> int | None:
        """The highest `s` received in this gateway session."""
        return self._session.seq if self._session is not None else None

    @property
    def read_to(self) -> int | None:
        """`seq`, when everything up to there was read; None while an edit waits."""
        return None if self._edits.any_waits else self.seq

    @property
    def unbroken_since(self) -> datetime | None:
        """Since when everything was seen; None while away."""
        return self._session.since if self._session is not None and self._ready_at is not None else None

    # --- life ---

    async def run(self) -> None:
        """Keep the session until it ends for good; ends the news then."""
        try:
            while (end := await self._once()).after is not After.END:
                if self._leaving:
                    return
                if self._told != end.detail:
                    self._news.put(Lost(end.detail))
                    self._told = end.detail
                await asyncio.sleep(self._pause_after(end))
                await self._news.room()
            self._news.put(Ended(end.trouble or Trouble.GATEWAY, end.detail))
        finally:
            self._edits.release()
            self._news.finish()

    def _pause_after(self, end: Verdict) -> float:
        """Seconds until the next connection. Nobody beats meanwhile, so the pause lies between two connections."""
        pause = self._backoff.next() if self._holds() else self._options.reconnect_pause_seconds
        if end.after is not After.IDENTIFY:
            return pause
        self._session = None
        return max(pause, random.uniform(*self._options.new_session_pause_seconds))  # noqa: S311 - §2.3

    async def leave(self) -> None:
        """Close the connection so that the session can be resumed."""
        self._leaving = True
        if self._socket is not None:
            await self._hang_up(self._socket, Verdict(After.RESUME, "we left"))

    async def _once(self) -> Verdict:
        """One connection, from the decision where to connect to its end."""
        if not self._holds():
            return Verdict(After.RESUME, "the lease is over")
        try:
            if self._session is None:
                await self._pace.turn()
            url = await self._url()
            agent = properties.user_agent(self._options.client_properties)
            socket = await opened(url, agent, self._options.hello_timeout_seconds)
        except (OSError, TimeoutError, EOFError, WebSocketException, Unavailable) as wrong:
            self._failed_connects += 1
            if self._failed_connects % _TRIES_ON_ONE_ADDRESS == 0:
                self._address = self._account.upstream.gateway_url  # what GET /gateway once said may have moved
            return Verdict(After.RESUME, f"the gateway cannot be reached ({type(wrong).__name__})")
        self._failed_connects = 0
        return await self._talk(socket)

    async def _url(self) -> str:
        """Where to connect: the session's own address, now and then the common one when that cannot be reached."""
        session = self._session
        secure = urlsplit(self._account.upstream.api_url).scheme == "https"
        if session is not None and (session.resume_url.startswith("wss:") or not secure):
            tries = self._failed_connects
            if tries < _TRIES_ON_ONE_ADDRESS or tries % 2 == 0:
                return _with_query(session.resume_url)
        if self._address is None:
            self._address = await self._ask_address()
        return _with_query(self._address)

    async def _talk(self, socket: Socket) -> Verdict:
        self._socket, self._hung_up = socket, None
        self._beaten_at = None
        self._news.new_connection()
        heart: asyncio.Task[None] | None = None
        source = Frames(socket)
        try:
            async with asyncio.timeout(self._options.hello_timeout_seconds) as limit:
                hello = await source.next()
                if hello.op != _HELLO:
                    return await self._hang_up(socket, Verdict(After.RESUME, f"op {hello.op} came instead of HELLO"))
                interval = _hello.decode(hello.d).heartbeat_interval / 1000
                heart = asyncio.create_task(self._beat(socket, interval))
                await self._introduce(socket)
                limit.reschedule(asyncio.get_running_loop().time() + self._options.ready_timeout_seconds)
                while True:
                    end = await self._take(socket, await source.next())
                    if end is not None:
                        return await self._hang_up(socket, end)
                    if self._ready_at is not None and limit.when() is not None:
                        limit.reschedule(None)
                        source.give(self._taken)
        except ConnectionClosed as closed:
            return self._hung_up or ended(closed)
        except (TimeoutError, TooLarge, zlib.error, msgspec.DecodeError, LeaseOver) as wrong:
            return await self._hang_up(socket, broken(wrong))
        finally:
            if heart is not None:
                heart.cancel()
            if self._settles_at is not None and self._clock.ticks() >= self._settles_at:
                self._backoff.settled()
            self._settles_at = None
            self._socket = self._ready_at = None

    # --- writing ---

    async def _send(self, socket: Socket, op: int, d: Any) -> None:
        payload = msgspec.json.encode({"op": op, "d": d}).decode()
        if not self._holds():
            raise LeaseOver
        await socket.send(payload)

    async def _hang_up(self, socket: Socket, why: Verdict) -> Verdict:
        """End the connection; without the lease by cutting it, because a close frame is a write too."""
        self._hung_up = self._hung_up or why
        self._ready_at = None
        if self._holds():
            await socket.close(RESUMABLE)
        else:
            socket.transport.abort()
        return self._hung_up

    async def _introduce(self, socket: Socket) -> None:
        session = self._session
        if session is not None:
            d = {"token": self._token, "session_id": session.session_id, "seq": session.seq}
            await self._send(socket, _RESUME, d)
            return
        d = {
            "token": self._token,
            "capabilities": CAPABILITIES,
            "properties": dict(self._options.client_properties),
            "presence": {"status": "unknown", "since": 0, "activities": [], "afk": False},
            "compress": False,
            "client_state": {"guild_versions": {}},
        }
        await self._send(socket, _IDENTIFY, d)

    async def _beat(self, socket: Socket, interval: float) -> None:
        """Heartbeats until the connection ends; one without an ACK before the next ends it."""
        with contextlib.suppress(ConnectionClosed):
            await asyncio.sleep(interval * random.random())  # noqa: S311 - spreads the first beats (§2.2)
            while self._beaten_at is None:
                await self._pulse(socket)
                await asyncio.sleep(interval)
            await self._hang_up(socket, Verdict(After.RESUME, "a heartbeat was not acknowledged"))

    async def _pulse(self, socket: Socket) -> None:
        try:
            await self._send(socket, _HEARTBEAT, self.seq)
        except LeaseOver:
            await self._hang_up(socket, Verdict(After.RESUME, "the lease is over"))
        else:
            if self._beaten_at is None:
                self._beaten_at = self._clock.ticks()

    # --- reading ---

    def _taken(self, frame: Frame) -> bool:
        """Take a frame where it arrives, if it is one of those that cannot end the connection."""
        if frame.op != _DISPATCH or not (frame.t or "").startswith(_OF_JOBS) or self._news.full:
            return False
        self._dispatch(frame)
        return True

    async def _take(self, socket: Socket, frame: Frame) -> Verdict | None:
        """What a frame does to the connection: None, or its end."""
        match frame.op:
            case 0:  # dispatch
                return self._dispatch(frame)
            case 1:  # heartbeat, asked for by the server
                await self._pulse(socket)
            case 11:  # heartbeat ACK
                self._beaten_at = None
                self._news.acknowledged(self._clock.now())
            case 7:  # reconnect
                return Verdict(After.RESUME, "Discord asked us to reconnect")
            case 9 if bytes(frame.d).strip() == b"true":
                return Verdict(After.RESUME, "the session was refused for now")
            case 9:
                return Verdict(After.IDENTIFY, "the session cannot be resumed")
            case _:
                pass
        return None

    def _dispatch(self, frame: Frame) -> Verdict | None:
        """Everything here happens in one step of the loop: `seq` is never ahead of the news."""
        event, session, now = frame.t or "", self._session, self._clock.now()
        if event == "READY":
            return self._begin(_ready.decode(frame.d), frame.s or 0, now)
        if session is None or (frame.s is not None and not session.is_new(frame.s)):
            return None
        seq = session.seq if frame.s is None else frame.s
        try:
            end = self._session_event(event, frame, session, now)
        except Exception:  # noqa: BLE001 - a frame that we cannot take must not come back with every RESUME
            end = None
            self._put(frame.d, seq, [_failed(event, now)])
        else:
            if event != _EDIT or not self._edits.waits(frame.d, seq):
                self._read(event, frame.d, seq)
        session.note(seq)
        return end or (Verdict(After.RESUME, "as many news wait as may be held") if self._news.full else None)

    def _read(self, event: str, body: Raw, seq: int) -> None:
        now = self._clock.now()
        try:
            findings = self._reader.read(event, body, now)
            self._edits.was_read(body, findings)
        except Exception:  # noqa: BLE001 - likewise
            findings = [_failed(event, now)]
        self._put(body, seq, findings)

    def _put(self, body: Raw, seq: int, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self._news.put(Seen(self._edits.so_far(seq), finding), memoryview(body).nbytes)

    def _session_event(self, event: str, frame: Frame, session: Resumable, now: datetime) -> Verdict | None:
        match event:
            case "RESUMED":
                session.since = session.since or now
                self._go_live(session, now)
            case "GUILD_DELETE" | "CHANNEL_DELETE":
                return self._put_out(event, frame)
            case "CHANNEL_CREATE":
                # Midjourney may write to the owner for the first time (§2.4); of other channels nothing is kept
                self._reader.learn_direct([_channel.decode(frame.d)])
            case "USER_REQUIRED_ACTION_UPDATE":
                return to_verify(_required.decode(frame.d).required_action)
            case _:
                pass
        return None

    def _begin(self, ready: Ready, seq: int, now: datetime) -> Verdict | None:
        end = to_verify(ready.required_action)
        if end is not None:
            return end
        user_id = str(ready.user.id)
        resume_url = ready.resume_gateway_url or self._address or ""
        session = Resumable(ready.session_id, resume_url, user_id, since=now, seq=seq)
        session.note(seq)
        self._session = session
        self._reader.user_id = user_id
        self._reader.learn_direct(ready.private_channels or ())
        self._go_live(session, now, owner=ready.user)
        return None

    def _go_live(self, session: Resumable, now: datetime, owner: Owner | None = None) -> None:
        self._edits.release()  # what waits belongs before it
        self._ready_at, self._told = self._clock.ticks(), None
        self._settles_at = self._ready_at + self._options.longest_pause_seconds
        self._news.put(session.live(now, owner))

    def _put_out(self, event: str, frame: Frame) -> Verdict | None:
        """Out of the guild, or the channel is gone; an outage (`unavailable`) is neither."""
        gone = _guild.decode(frame.d)
        mine = self._account.guild_id if event == "GUILD_DELETE" else self._account.channel_id
        if str(gone.id) != mine or gone.unavailable:
            return None
        what = "the server" if event == "GUILD_DELETE" else "its channel"
        return Verdict(After.END, f"the account no longer has {what}", Trouble.ACCESS)


def _with_query(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", _QUERY, ""))


def _failed(event: str, now: datetime) -> Unrecognised:
    log.error("the decoder failed on %s", event)  # a traceback would show what people wrote
    return Unrecognised(at=now, kind=f"{event}:decoder failed", body="")
