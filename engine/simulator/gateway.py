"""How a client's gateway connection goes: HELLO, IDENTIFY, READY, heartbeats, RESUME, and how each side ends it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import WSMsgType, web

from engine.simulator import readiness
from engine.simulator.clock import Clock
from engine.simulator.connection import Connection, Session
from engine.simulator.people import Account, private_channel
from engine.simulator.strikes import Strikes

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from engine.simulator.bots import Bots
    from engine.simulator.faults import Faults
    from engine.simulator.ledger import Ledger
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Channel
    from engine.simulator.world import World

_MAX_PAYLOAD = 15 * 1024  # of a client (protocol §2.1)
_MAX_SENDS = 120  # per 60 s and connection
_IGNORED = {3, 4, 8, 13, 14, 36, 37, 40, 41}  # presence, voice, members, subscriptions, QoS, time spent
_ACK = b'{"t":null,"s":null,"op":11,"d":null}'
_GRACE_SECONDS = 5.0  # beyond a missed heartbeat


class Gateway:
    """All sessions and sockets, and the one place where dispatches are emitted."""

    def __init__(self, options: SimulatorOptions, world: World, ledger: Ledger, faults: Faults, rng: Random) -> None:
        self.options = options
        self.url = ""
        self.resume_url = ""
        self.bots: Bots | None = None
        self._world = world
        self._ledger = ledger
        self._faults = faults
        self._rng = rng
        self._sessions: dict[str, Session] = {}
        self._of: dict[str, list[Session]] = {}  # by account id
        self._connections: set[Connection] = set()
        self._due: dict[float, float] = {}  # when the last dispatch of each lateness leaves
        self._waiting: set[asyncio.TimerHandle] = set()
        self.strikes = Strikes(self, ledger, faults)

    # emitting

    def to_channel(
        self, channel: Channel, name: str, body: bytes, *, only: str | None = None, late: float = 0.0, **facts: Any
    ) -> None:
        """Dispatch to every session of the channel's members, or of one of them; `late`: only after so many seconds."""
        if late > 0:
            self._later(late, lambda: self.to_channel(channel, name, body, only=only, **facts))
            return
        for member in channel.members if only is None else (only,):
            self.to_account(member, name, body, **facts)

    def to_account(self, account: str, name: str, body: bytes, **facts: Any) -> None:
        """Dispatch to every session of an account."""
        for session in tuple(self._of.get(account, ())):
            self.to_session(session, name, body, **facts)

    def to_session(self, session: Session, name: str, body: bytes, *, late: float = 0.0, **facts: Any) -> None:
        """Dispatch to one session; a fault that waits for this frame strikes before it leaves."""
        if late > 0:
            self._later(late, lambda: self.to_session(session, name, body, **facts))
            return
        if self._faults:
            self.strikes.before(session, name, body)
        sent = session.dispatch(name, body)
        self._ledger.write(
            "frame",
            account=session.account.id,
            session=session.id,
            t=name,
            s=session.seq,
            decision="sent" if sent else "buffered",
            **facts,
        )

    def _later(self, late: float, dispatch: Callable[[], None]) -> None:
        """Dispatch after so many real seconds; what is equally late keeps its order."""
        loop = asyncio.get_running_loop()
        due = self._due[late] = max(loop.time() + late, self._due.get(late, 0.0) + 1e-6)

        def now() -> None:
            self._waiting.discard(timer)
            dispatch()

        timer = loop.call_at(due, now)
        self._waiting.add(timer)

    def opened(self, channel: Channel, account: Account) -> Channel:
        """The DM, told to the account's sessions if it was not in their list yet."""
        if channel not in self._world.private(account):
            name = "niji_dm_open" if channel.id == account.niji_dm_channel_id else "dm_open"
            self._world.change_account(account, {name: True})
            self.to_account(account.id, "CHANNEL_CREATE", msgspec.json.encode(private_channel(channel)))
        return channel

    def sessions_of(self, account: str) -> tuple[Session, ...]:
        """All sessions of an account."""
        return tuple(self._of.get(account, ()))

    def session_of(self, account: Any, identity: str) -> Session | None:
        """The account's session with this id, connected or resumable."""
        session = self._sessions.get(identity)
        return session if session is not None and session.account is account else None

    def live(self, account: str | None) -> list[Connection]:
        """Sockets with a session on them, of one account or of all."""
        return [
            c for c in self._connections
            if c.session is not None and not c.mute and c.closed_with is None
            and account in (None, c.session.account.id)
        ]  # fmt: skip

    # one connection

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket route. The address that READY gives for RESUME ends in the account's id."""
        query, whose = request.query, request.match_info.get("account", "")
        if any(self._faults.strike({"gateway_refused": ""}, whose, "", Clock.monotonic_us())):
            self._ledger.write("gateway", account=whose or None, path=request.path, decision="refused 503")
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoclose=False, autoping=True, compress=False, max_msg_size=1024 * 1024)
        await socket.prepare(request)
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            return socket
        compress = query.get("compress") == "zlib-stream"
        connection = Connection(transport, compress=compress, level=self.options.deflate_level, path=request.path)
        self._connections.add(connection)
        try:
            hello = not any(self._faults.strike({"no_hello": ""}, whose, "", Clock.monotonic_us()))
            self._ledger.write(
                "gateway", account=whose or None, decision="connected" if hello else "no hello", path=request.path
            )
            if query.get("encoding", "json") != "json" or query.get("v") not in (None, "9", "10"):
                connection.close(4012, "Invalid API version")
            await self._converse(connection, socket, hello=hello)
        finally:
            self._connections.discard(connection)
            self._detach(connection, socket.close_code)
            connection.ended()
        return socket

    async def _converse(self, connection: Connection, socket: web.WebSocketResponse, *, hello: bool) -> None:
        interval = self._world_interval()
        if hello:
            self.control(connection, 10, {"heartbeat_interval": interval, "_trace": ['["gateway-prd",{"micros":0.0}]']})
        sends: deque[int] = deque(maxlen=_MAX_SENDS)
        while True:
            try:
                # a client that misses a beat by half an interval and more is timed out
                message = await asyncio.wait_for(socket.receive(), interval * 1.5 / 1000 + _GRACE_SECONDS)
            except TimeoutError:
                self.end_session(connection.session)
                connection.close(4009, "Session timed out.")
                await socket.receive()
                return
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            if connection.mute or connection.closed_with is not None:
                continue
            now = Clock.monotonic_us()
            if len(sends) == _MAX_SENDS and now - sends[0] < 60_000_000:
                connection.close(4008, "You are being rate limited.")
                continue
            sends.append(now)
            await self._hear(connection, message.data)

    def _world_interval(self) -> int:
        return self.options.timing.heartbeat_ms

    async def _hear(self, connection: Connection, data: str | bytes) -> None:
        size = len(data if isinstance(data, bytes) else data.encode())
        try:
            frame = msgspec.json.decode(data)
            op, body = frame["op"], frame.get("d")
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
            frame, op, body = None, None, None
        if frame is None or size > _MAX_PAYLOAD:
            connection.close(4002, "Error while decoding payload.")
        elif op == 1:
            self._beat(connection)
        elif op in (2, 6) and not isinstance(body, dict):
            connection.close(4002, "Error while decoding payload.")
        elif op == 2:
            self._identify(connection, body)
        elif op == 6:
            self._resume(connection, body)
        elif op not in _IGNORED:
            connection.close(4001, "Unknown opcode.")
        elif connection.session is None:
            connection.close(4003, "Not authenticated.")
        elif op == 8 and isinstance(body, dict) and self.bots is not None and self.bots.is_bot(connection.session):
            self.bots.members(connection.session, body)

    def _beat(self, connection: Connection) -> None:
        if connection.ack and connection.send(_ACK):
            self._ledger.write("frame", account=_name(connection), op=11, decision="sent")

    def _holder(self, presented: Any) -> Any:
        """The account or the application that a token belongs to."""
        account = self._world.account_of(presented)
        return account if account is not None or self.bots is None else self.bots.holder_of(presented)

    def _identify(self, connection: Connection, body: dict[str, Any]) -> None:
        account = self._holder(body.get("token"))
        now = Clock.monotonic_us()
        if connection.session is not None:
            connection.close(4005, "Already authenticated.")
        elif not isinstance(body.get("properties"), dict):
            connection.close(4002, "Error while decoding payload.")
        elif account is None or any(self._faults.strike({"identify_refused": ""}, account.id, "", now)):
            self._ledger.write("gateway", op=2, path=connection.path, decision="refused 4004")
            connection.close(4004, "Authentication failed.")
        elif any(self._faults.strike({"no_ready": ""}, account.id, "", now)):
            self._ledger.write("gateway", op=2, account=account.id, path=connection.path, decision="ignored")
        else:
            self._ledger.write("gateway", op=2, account=account.id, path=connection.path, decision="accepted")
            if isinstance(account, Account):
                given = body.get("capabilities")
                self._open_session(connection, account, given if type(given) is int else 0)
            elif self.bots is not None:
                self._open_bot(self.bots, connection, account, body)

    def _open_bot(self, bots: Bots, connection: Connection, application: Any, body: dict[str, Any]) -> None:
        refusal = bots.refusal(body)
        if refusal is not None:
            connection.close(*refusal)
            return
        session = Session(f"{self._rng.getrandbits(128):032x}", application, self.options.replay_frames)
        session.capabilities = body["intents"]
        self._sessions[session.id] = session
        self._of.setdefault(application.id, []).append(session)
        self._attach(connection, session)
        bots.greet(session, f"{self.resume_url}/{application.id}")

    def _open_session(self, connection: Connection, account: Account, capabilities: int) -> None:
        session = Session(f"{self._rng.getrandbits(128):032x}", account, self.options.replay_frames)
        session.capabilities = capabilities
        self._sessions[session.id] = session
        self._of.setdefault(account.id, []).append(session)
        self._attach(connection, session)
        padding = account.ready_padding or self.options.ready_padding
        for fault in self._faults.strike({"big_ready": ""}, account.id, "", Clock.monotonic_us()):
            padding = int(fault.params.get("bytes", 2_000_000))
        channels = [c for c in self._world.channels.values() if account.id in c.members and c.guild_id is not None]
        channels += self._world.private(account)
        address = f"{self.resume_url}/{account.id}"
        self.to_session(session, "READY", readiness.ready(account, session.id, address, channels, padding))
        self.to_session(session, "READY_SUPPLEMENTAL", readiness.supplemental(account))

    def _resume(self, connection: Connection, body: dict[str, Any]) -> None:
        account = self._holder(body.get("token"))
        if account is None:
            self._ledger.write("gateway", op=6, path=connection.path, decision="refused 4004")
            connection.close(4004, "Authentication failed.")
            return
        if connection.session is not None:
            connection.close(4005, "Already authenticated.")
            return
        session = self.session_of(account, str(body.get("session_id")))
        seq = body.get("seq")
        refused = any(self._faults.strike({"resume_refused": ""}, account.id, "", Clock.monotonic_us()))
        if session is not None and isinstance(seq, int) and seq > session.seq:
            self._ledger.write("gateway", op=6, account=account.id, path=connection.path, decision="refused 4007")
            self.end_session(session)
            connection.close(4007, "Invalid seq.")
            return
        missed = session.missed(seq) if session is not None and isinstance(seq, int) and not refused else None
        if session is None or missed is None:
            self._ledger.write("gateway", op=6, account=account.id, path=connection.path, decision="refused op9")
            self.end_session(session)
            self.control(connection, 9, False)
            return
        self._ledger.write(
            "gateway", op=6, account=account.id, path=connection.path, session=session.id, decision="accepted",
            replayed=len(missed),
        )  # fmt: skip
        self._attach(connection, session)
        for frame in missed:
            connection.send(frame)
        self.to_session(session, "RESUMED", b'{"_trace":[]}')

    def _attach(self, connection: Connection, session: Session) -> None:
        older = session.connection
        if older is not None:
            older.session = None
            older.close(4000, "Session resumed elsewhere.")
        session.connection, session.left_at_us = connection, None
        connection.session = session

    def _detach(self, connection: Connection, code: int | None) -> None:
        """The socket is gone; only a close with 1000 or 1001 takes the session along (protocol §2.3)."""
        session, connection.session = connection.session, None
        said = connection.closed_with or code
        self._ledger.write(
            "gateway", account=session.account.id if session else None, path=connection.path, decision="closed",
            code=said,
        )  # fmt: skip
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if said in (1000, 1001):
            self.end_session(session)
            return
        session.left_at_us = Clock.monotonic_us()
        seconds = self.options.timing.session_ms / 1000
        asyncio.get_running_loop().call_later(seconds, self._forget, session, session.left_at_us)

    def _forget(self, session: Session, left_at_us: int) -> None:
        if session.left_at_us == left_at_us:
            self.end_session(session)

    def end_session(self, session: Session | None) -> None:
        """The session can no longer be resumed."""
        if session is None or self._sessions.pop(session.id, None) is None:
            return
        self._of[session.account.id].remove(session)
        if session.connection is not None:
            session.connection.session = None
            session.connection = None

    def control(self, connection: Connection, op: int, body: Any) -> None:
        """Send a frame that is no dispatch."""
        frame = b'{"t":null,"s":null,"op":%d,"d":%s}' % (op, msgspec.json.encode(body))
        sent = connection.send(frame)
        self._ledger.write("frame", account=_name(connection), op=op, decision="sent" if sent else "dropped")

    # trouble

    def drop_sessions(self) -> int:
        """Forget every session and reset every socket, as after a restart of the gateway."""
        count = len(self._sessions)
        for session in list(self._sessions.values()):
            connection = session.connection
            self.end_session(session)
            if connection is not None:
                connection.cut()
        return count

    def revoke(self, account: Any) -> None:
        """The token dies: every socket of the account or the bot is closed with 4004 and its sessions end."""
        if not isinstance(account, Account):
            if self.bots is not None:
                self.bots.revoke()
        elif not account.revoked:
            self._world.change_account(account, {"revoked": True})
        for session in list(self._of.get(account.id, ())):
            connection = session.connection
            self.end_session(session)
            if connection is not None:
                connection.close(4004, "Authentication failed.")

    def leave(self, connection: Connection, session: Session) -> None:
        """From now on the session's dispatches are buffered, although the socket may not know yet."""
        session.connection = None
        connection.session = None
        session.left_at_us = Clock.monotonic_us()
        seconds = self.options.timing.session_ms / 1000
        asyncio.get_running_loop().call_later(seconds, self._forget, session, session.left_at_us)

    async def close(self) -> None:
        """End every socket; sessions do not survive a restart of the simulator."""
        self.strikes.close()
        for timer in self._waiting:
            timer.cancel()
        for connection in list(self._connections):
            connection.close(1012 if connection.session is None else 4000)
            connection.transport.abort()
        await asyncio.sleep(0)


def _name(connection: Connection) -> str | None:
    return connection.session.account.id if connection.session is not None else None
