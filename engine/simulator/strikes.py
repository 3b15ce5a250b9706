"""When an ordered trouble strikes a gateway socket, and what it does to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from engine.simulator.clock import Clock

if TYPE_CHECKING:
    from engine.simulator.connection import Connection, Session
    from engine.simulator.faults import Fault, Faults
    from engine.simulator.ledger import Ledger

_BEAT = b'{"t":null,"s":null,"op":1,"d":null}'
_RECONNECT = b'{"t":null,"s":null,"op":7,"d":null}'
_DEADLY = {1000, 1001, 4004, 4007, 4009}  # close codes that end the session
_GRACE_SECONDS = 5.0  # for a client that was told to go


class Sockets(Protocol):
    """What a strike needs of the gateway."""

    def live(self, account: str | None) -> list[Connection]:
        """Sockets with a session on them, of one account or of all."""

    def revoke(self, account: Any) -> None:
        """The token of an account or of the bot dies."""

    def end_session(self, session: Session | None) -> None:
        """The session can no longer be resumed."""

    def leave(self, connection: Connection, session: Session) -> None:
        """The session's dispatches are buffered from now on."""

    def control(self, connection: Connection, op: int, body: object) -> None:
        """Send a frame that is no dispatch."""


class Strikes:
    """Socket faults: by time, or before a certain frame leaves."""

    def __init__(self, sockets: Sockets, ledger: Ledger, faults: Faults) -> None:
        self._sockets = sockets
        self._ledger = ledger
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()

    def schedule(self, fault: Fault) -> None:
        """Let a socket fault strike by time, again and again until it is used up."""
        task = asyncio.get_running_loop().create_task(self._by_time(fault))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _by_time(self, fault: Fault) -> None:
        turn = 0
        while self._faults.holds(fault):
            await asyncio.sleep(max(fault.after_ms / 1000, 0.02 if turn else 0))
            # a client's coming back is no event of ours
            while self._faults.holds(fault) and not self._sockets.live(fault.account):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            live = sorted(self._sockets.live(fault.account), key=lambda c: c.session.id if c.session else "")
            if fault.kind == "heartbeat_not_acked":
                live = [connection for connection in live if connection.ack]  # each socket once
            if live and self._faults.holds(fault):
                self._faults.use(fault)
                self.strike(live[turn % len(live)], fault)
                turn += 1

    def before(self, session: Session, name: str, body: bytes) -> None:
        """Let the faults strike that wait for such a frame; it is not sent yet."""
        connection = session.connection
        if connection is None:
            return
        for fault in self._faults.on_frames():
            on, match = fault.params.get("on", "MESSAGE_"), fault.match or ""
            if (
                fault.account in (None, session.account.id)
                and Clock.monotonic_us() >= fault.active_from_us
                and on in name
                and match.encode() in body
            ):
                self._faults.use(fault)
                self.strike(connection, fault)

    def strike(self, connection: Connection, fault: Fault) -> None:
        """Do what a socket fault says to one connection."""
        session = connection.session
        account = session.account.id if session else None
        self._ledger.write("fault", account=account, fault=fault.id, decision=fault.kind)
        if fault.kind.startswith("close_"):
            self._close(connection, session, int(fault.kind.removeprefix("close_")))
        elif fault.kind == "heartbeat_not_acked":
            connection.ack = False
        elif fault.kind == "half_open":
            connection.mute = True
        elif fault.kind == "token_revoked":
            if session is not None:
                self._sockets.revoke(session.account)
        elif fault.kind == "server_heartbeat":
            connection.send(_BEAT)
        elif fault.kind == "corrupt_zlib" and connection.compressed:
            connection.corrupt_next = True
            connection.send(_BEAT)
        else:
            self._part(connection, session, fault.kind)

    def _close(self, connection: Connection, session: Session | None, code: int) -> None:
        """A close code; after some the session cannot be resumed (protocol §2.3)."""
        if code in _DEADLY:
            self._sockets.end_session(session)
        elif session is not None:
            self._sockets.leave(connection, session)
        connection.close(code)

    def _part(self, connection: Connection, session: Session | None, kind: str) -> None:
        """Cut the socket, or tell the client that it should go."""
        if session is not None:
            self._sockets.leave(connection, session)
        if kind == "op7":
            connection.send(_RECONNECT)
            asyncio.get_running_loop().call_later(_GRACE_SECONDS, connection.close, 4000)
        elif kind in ("op9_false", "op9_true"):
            if kind == "op9_false":
                self._sockets.end_session(session)
            self._sockets.control(connection, 9, kind == "op9_true")
        else:
            connection.cut()

    def close(self) -> None:
        """Strike no more."""
        for task in list(self._tasks):
            task.cancel()
