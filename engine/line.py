"""How calls to one origin travel when no proxy stands between: HTTP/1.1 on asyncio's transports, read by httptools.

A transport of httpx (its documented seam): httpx's default, with its pool, its locks and a parser in Python, took most
of what a POST cost. Nothing here is tried twice, but for the addresses of a host. Linked accounts call Discord so, and
the bot by the tokens of interactions.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import zip_longest
from typing import Any, cast

import httptools
import httpx

NEXT_ADDRESS_SECONDS = 0.25
"""How long an address may be silent before the next one is tried beside it (RFC 8305)."""
LONGEST_HEAD = 100 * 1024
"""Bytes in which the head of an answer must end."""
_INFORMATIONAL = range(100, 200)


@cache
def shared_context() -> ssl.SSLContext:
    """The one TLS context of the process: each httpx client would make its own (0.85 MB)."""
    return httpx.create_ssl_context()


class Line(httpx.AsyncBaseTransport):
    """The connections to one origin: a call takes one that is idle or a new one, and leaves it for `keep_idle` s."""

    def __init__(self, url: httpx.URL, context: ssl.SSLContext, *, keep_idle: float) -> None:
        self._host = url.raw_host.decode()
        self._context = context if url.scheme == "https" else None
        self._port = url.port or (443 if self._context else 80)
        self._keep_idle = keep_idle
        self._idle: list[_Connection] = []
        self._used: set[_Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read the answer whole.

        Raises:
            httpx.TransportError: as httpx's own transport raises them.
        """
        limits = request.extensions.get("timeout", {})
        written = _written(request, await _body_of(request))
        answer = await self.exchange(written, connect=limits.get("connect"), read=limits.get("read"))
        return answer.as_httpx()

    async def exchange(self, written: bytes, *, connect: float | None, read: float | None) -> HttpAnswer:
        """Send a request as it is written and read its answer whole; `connect`, `read`: seconds, as httpx has them.

        Raises:
            httpx.TransportError: as httpx's own transport raises them.
        """
        connection = await self._taken(connect)
        try:
            return await connection.exchange(written, read)
        finally:
            self._left(connection)

    async def aclose(self) -> None:
        """Close the connections; a call under way ends in an error."""
        closing = [*self._idle, *self._used]
        self._idle.clear()
        for connection in closing:
            connection.close()

    async def _taken(self, seconds: float | None) -> _Connection:
        """An idle connection that can be used again, else a new one, in so many seconds."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if now - connection.idle_since < self._keep_idle and not connection.is_at_its_end():
                break
            connection.close()
        else:
            connection = await self._connected(seconds)
        self._used.add(connection)
        return connection

    async def _connected(self, seconds: float | None) -> _Connection:
        loop = asyncio.get_running_loop()
        sock: socket.socket | None = None
        try:
            async with asyncio.timeout(seconds):
                sock = await first_connected(await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM))
                tls: dict[str, Any] = {"ssl": self._context, "server_hostname": self._host} if self._context else {}
                _, connection = await loop.create_connection(_Connection, sock=sock, **tls)
        except BaseException as wrong:
            if sock is not None:
                sock.close()
            if isinstance(wrong, TimeoutError):
                raise httpx.ConnectTimeout("no connection in time") from wrong
            if isinstance(wrong, OSError):  # those of TLS are such too
                raise httpx.ConnectError(str(wrong)) from wrong
            raise
        return connection

    def _left(self, connection: _Connection) -> None:
        self._used.discard(connection)
        if connection.may_be_used_again:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            connection.close()


async def _body_of(request: httpx.Request) -> bytes:
    if isinstance(request.stream, httpx.ByteStream):
        return b"".join(request.stream)
    raise httpx.UnsupportedProtocol("only a body that is known before it is sent can be sent here")


def _written(request: httpx.Request, body: bytes) -> bytes:
    """The request as it is sent, in one piece."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    head = b"\r\n".join(lines)
    if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1 or b"\0" in head:
        raise httpx.LocalProtocolError("a header holds a line break")  # which one is not said: it may be the token
    return b"%b\r\n\r\n%b" % (head, body)


class HttpAnswer:
    """One response, as its bytes come in."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.is_whole = False
        self.keeps_open = False
        """Whether the connection may be used again behind it."""
        self._ends_with_connection = False
        self._head_bytes = 0
        self._parser = httptools.HttpResponseParser(self)

    def as_httpx(self) -> httpx.Response:
        """The answer as httpx knows it, its body decoded.

        Raises:
            httpx.DecodingError: it cannot be.
        """
        response = httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(b"".join(self.body)))
        response.read()
        return response

    def feed(self, data: bytes) -> None:
        """Take what arrived.

        Raises:
            httptools.HttpParserError: it is no HTTP/1.1, or nothing that was asked for.
        """
        if self.is_whole:
            self.keeps_open = False
        if self.status == 0:
            self._head_bytes += len(data)
        self._parser.feed_data(data)
        if self.status == 0 and self._head_bytes > LONGEST_HEAD:
            raise httptools.HttpParserError("the head of the answer has no end")

    def end(self) -> None:
        """The far side said its last: so ends a body without a length."""
        self.is_whole = self.is_whole or self._ends_with_connection

    # what the parser says

    def on_message_begin(self) -> None:
        """An answer begins."""
        if self.is_whole:
            self.keeps_open = False  # something follows that nobody asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        if not self.is_whole:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is read."""
        if self.is_whole:
            return
        status = self._parser.get_status_code()
        if status in _INFORMATIONAL:
            self.headers.clear()  # the answer itself is still to come
            return
        self.status = status
        framed = any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self.headers)
        self._ends_with_connection = not framed

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if not self.is_whole:
            self.body.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self.status and not self.is_whole:
            self.is_whole = True
            self.keeps_open = self._parser.should_keep_alive()


class _Connection(asyncio.Protocol):
    """One connection, with at most one call under way."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        """Seconds of the loop's clock."""
        self.may_be_used_again = False
        """Whether the last answer was read whole, and the far side goes on."""
        self._transport: asyncio.Transport | None = None
        self._answer: HttpAnswer | None = None
        self._broken: httpx.TransportError | None = None
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None
        self._poll: select.poll | None = None

    async def exchange(self, request: bytes, seconds: float | None) -> HttpAnswer:
        """Write a request and read its answer whole; nothing may be silent for longer than that.

        Raises:
            httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError: there is no whole answer.
        """
        self.may_be_used_again = False
        answer = self._answer = HttpAnswer()
        if self._transport is None or self._ended:
            raise httpx.ReadError("the connection has ended")
        self._transport.write(request)
        try:
            while not answer.is_whole and self._broken is None:
                self._waiter = asyncio.get_running_loop().create_future()
                if seconds is None:
                    await self._waiter
                else:
                    async with asyncio.timeout(seconds):
                        await self._waiter
        except TimeoutError as late:
            raise httpx.ReadTimeout("no answer in time") from late
        finally:
            self._answer = self._waiter = None
        if not answer.is_whole and self._broken is not None:
            raise self._broken
        self.may_be_used_again = answer.keeps_open and not self._ended
        return answer

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()

    def is_at_its_end(self) -> bool:
        """Whether an idle connection has something to say: a FIN, most likely, even one that the loop has not seen."""
        sock = self._transport.get_extra_info("socket") if self._transport is not None else None
        if self._ended or sock is None or sock.fileno() < 0:
            return True
        if not hasattr(select, "poll"):
            return bool(select.select([sock], [], [], 0)[0])
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(sock.fileno(), select.POLLIN)
        return bool(self._poll.poll(0))

    # what the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self._ended = True  # it says something that nobody asked for
            return
        try:
            self._answer.feed(data)
        except httptools.HttpParserError as wrong:
            self._end(httpx.RemoteProtocolError(str(wrong)))
        except httptools.HttpParserUpgrade:
            self._end(httpx.RemoteProtocolError("the connection was given over to another protocol"))
        self._wake()

    def eof_received(self) -> None:
        if self._answer is not None:
            self._answer.end()
        self._end(httpx.RemoteProtocolError("the connection was closed before the answer was whole"))

    def connection_lost(self, exc: Exception | None) -> None:
        words = "the connection was closed before the answer was whole"
        self._end(httpx.RemoteProtocolError(words) if exc is None else httpx.ReadError(str(exc)))

    def _end(self, wrong: httpx.TransportError) -> None:
        self._ended = True
        self._broken = self._broken or wrong
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


Address = tuple[int, int, int, str, Any]
"""As getaddrinfo gives it."""


async def first_connected(found: Sequence[Address]) -> socket.socket:
    """A connection to the address that answers first; each is tried when the one before failed, or is silent.

    asyncio has this, uvloop has not: there an address that swallows everything would hide the others.

    Raises:
        OSError: of the last that failed.
    """
    loop = asyncio.get_running_loop()
    first = [address for address in found if address[0] == found[0][0]]
    others = [address for address in found if address[0] != found[0][0]]
    waiting = [address for pair in zip_longest(first, others) for address in pair if address is not None]
    trying: set[asyncio.Task[socket.socket]] = set()
    failure: BaseException = OSError("the host has no address")
    try:
        while waiting or trying:
            if waiting:
                family, kind, proto, _, address = waiting.pop(0)
                trying.add(loop.create_task(_connected_to(family, kind, proto, address)))
            patience = NEXT_ADDRESS_SECONDS if waiting else None
            done, trying = await asyncio.wait(trying, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            trying |= done
            for task in done:
                wrong = task.exception()
                trying.remove(task)
                if wrong is None:
                    return task.result()
                failure = wrong
    finally:
        for task in trying:  # too late
            task.add_done_callback(_closed)
            task.cancel()
    raise failure


def _closed(late: asyncio.Task[socket.socket]) -> None:
    if not late.cancelled() and late.exception() is None:
        late.result().close()


async def _connected_to(family: int, kind: int, proto: int, address: Any) -> socket.socket:
    sock = socket.socket(family, kind, proto)
    try:
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock
