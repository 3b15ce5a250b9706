"""How an account's calls travel when no proxy stands between: httpcore's connections, read and written by asyncio.

A transport of httpx (its documented seam) on httpcore's own HTTP/1.1 connections and asyncio's transports: httpx's
default goes through anyio and a pool, which took more than half of what a POST cost. Nothing here is tried twice, but
for the addresses of a host.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import Any, cast

import httpcore
import httpx

NEXT_ADDRESS_SECONDS = 0.25
"""How long an address may be silent before the next one is tried beside it (RFC 8305)."""

_WORDS_OF_HTTPX: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
)


class Line(httpx.AsyncBaseTransport):
    """The connections to one origin: a call takes one that is idle or a new one, and leaves it for `keep_idle` s."""

    def __init__(self, url: httpx.URL, context: ssl.SSLContext, *, keep_idle: float) -> None:
        self._origin = _in_words_of_httpcore(url).origin
        self._context = context
        self._keep_idle = keep_idle
        self._idle: list[httpcore.AsyncHTTP11Connection] = []
        self._used: set[httpcore.AsyncHTTP11Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read the answer whole.

        Raises:
            httpx.TransportError: as httpx's own transport raises them.
        """
        sent = httpcore.Request(
            request.method,
            _in_words_of_httpcore(request.url),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        connection = await self._taken(request.extensions.get("timeout", {}).get("connect"))
        try:
            answer = await connection.handle_async_request(sent)
            content = await answer.aread()  # to its end, or the connection could not be used again
            await answer.aclose()
        except Exception as wrong:
            for core, ours in _WORDS_OF_HTTPX:
                if isinstance(wrong, core):
                    raise ours(str(wrong)) from wrong
            raise
        finally:
            await self._left(connection)
        response = httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(content))
        response.read()  # decodes it
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        closing = [*self._idle, *self._used]
        self._idle.clear()
        for connection in closing:
            await connection.aclose()

    async def _taken(self, seconds: float | None) -> httpcore.AsyncHTTP11Connection:
        """An idle connection that can be used again, else a new one, in so many seconds."""
        connection = None
        while self._idle and connection is None:
            connection = self._idle.pop()
            if connection.has_expired():
                await connection.aclose()
                connection = None
        if connection is None:
            connection = httpcore.AsyncHTTP11Connection(
                self._origin, await self._connected(seconds), keepalive_expiry=self._keep_idle
            )
        self._used.add(connection)
        return connection

    async def _connected(self, seconds: float | None) -> _Stream:
        loop = asyncio.get_running_loop()
        host = self._origin.host.decode()
        sock: socket.socket | None = None
        try:
            async with asyncio.timeout(seconds):
                port = self._origin.port
                sock = await first_connected(await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))
                tls: dict[str, Any] = {}
                if self._origin.scheme == b"https":
                    tls = {"ssl": self._context, "server_hostname": host}
                _, stream = await loop.create_connection(_Stream, sock=sock, **tls)
        except BaseException as wrong:
            if sock is not None:
                sock.close()
            if isinstance(wrong, TimeoutError):
                raise httpx.ConnectTimeout("no connection in time") from wrong
            if isinstance(wrong, OSError):  # those of TLS are such too
                raise httpx.ConnectError(str(wrong)) from wrong
            raise
        return stream

    async def _left(self, connection: httpcore.AsyncHTTP11Connection) -> None:
        self._used.discard(connection)
        if connection.is_available():
            self._idle.append(connection)
        else:
            await connection.aclose()


def _in_words_of_httpcore(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


class _Stream(httpcore.AsyncNetworkStream, asyncio.Protocol):
    """Bytes in both directions. What is written leaves when the answer is read: head and body as one."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._received = bytearray()
        self._ended = False
        self._broken: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._broken = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _something(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's
        self._unsent.append(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        if self._unsent and self._transport is not None:
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()
        try:
            while not self._received and not self._ended:
                if timeout is None:
                    await self._something()
                else:
                    async with asyncio.timeout(timeout):
                        await self._something()
        except TimeoutError as late:
            raise httpcore.ReadTimeout from late
        if self._broken is not None and not self._received:
            raise httpcore.ReadError(str(self._broken))
        data = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        return data

    async def aclose(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks: whether an idle connection has something to say; then it is at its end."""
        if info == "is_readable":
            return self._ended or bool(self._received) or self._readable_now()
        return None

    def _readable_now(self) -> bool:
        """Whether the system holds what the loop has not seen yet: a FIN, most likely."""
        sock = self._transport.get_extra_info("socket") if self._transport is not None else None
        if sock is None or sock.fileno() < 0:
            return True
        if not hasattr(select, "poll"):
            return bool(select.select([sock], [], [], 0)[0])
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))


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
