"""Time and size of what arrives on the socket, and how the server opens and closes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import replace

import httpx
import pytest

from engine.api.listening import HttpServer
from engine.model.keys import Scope
from tests.api.fake_engine import KEY

HEAD = f"POST /api/v1/nova/imagine HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n".encode()


class KeepingReader(asyncio.StreamReader):
    """Keeps what was read when the connection is then reset: whoever still sends to a closed connection sees that."""

    def set_exception(self, exc):
        if isinstance(exc, ConnectionError):
            self.feed_eof()
        else:
            super().set_exception(exc)


@contextlib.asynccontextmanager
async def connected(port):
    loop, reader = asyncio.get_running_loop(), KeepingReader()
    made = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.create_connection(lambda: made, "127.0.0.1", port)
    writer = asyncio.StreamWriter(transport, made, reader, loop)
    try:
        async with asyncio.timeout(10):
            yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def trickle(writer, data: bytes, pause=0.03):
    with contextlib.suppress(OSError):
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(pause)


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nX: "], ids=["nothing", "half a head"])
async def test_a_head_that_never_ends_is_closed(serve, sent):
    server = await serve(header_seconds=0.3)
    async with connected(server.port) as (reader, writer):
        started = time.monotonic()
        sending = asyncio.create_task(trickle(writer, sent + b"x" * 1000 if sent else b""))
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - started < 3
        sending.cancel()


async def test_a_second_head_on_the_same_connection_has_the_same_limit(serve):
    server = await serve(header_seconds=0.3)
    async with connected(server.port) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"}")
        sending = asyncio.create_task(trickle(writer, b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 1000))
        assert b" 408 " in await reader.read()
        sending.cancel()


async def test_a_head_that_is_too_large_is_closed(serve):
    server = await serve()
    async with connected(server.port) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 100_000)
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_an_answer_may_take_longer_than_a_head(serve, engine):
    server = await serve(header_seconds=0.2, picture_wait_seconds=0.8)
    engine.put_picture()
    engine.sources["0123456789abcdef0123456789abcdef"] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        answer = await client.get("/pictures/0123456789abcdef0123456789abcdef")
    assert answer.status_code == 503


async def test_a_body_that_never_ends_is_answered_and_closed(serve, engine):
    server = await serve(body_seconds=0.3)
    async with connected(server.port) as (reader, writer):
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
        sending = asyncio.create_task(trickle(writer, b'{"prompt":"' + b"x" * 900))
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        sending.cancel()
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["statusCode"] == 408
    assert engine.jobs == {}


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
@pytest.mark.parametrize("size", [300_000, 3_000_000])
async def test_a_body_that_is_too_large_is_answered_and_closed(serve, engine, size, chunked):
    server = await serve()
    body = json.dumps({"prompt": "x", "mask": "x" * size}).encode()

    async def pieces():
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    async with connected(server.port) as (reader, writer):
        if chunked:
            writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            with contextlib.suppress(OSError):
                async for piece in pieces():
                    writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    await writer.drain()
                writer.write(b"0\r\n\r\n")
        else:
            writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[: min(len(body), 500_000)])
        answer = await reader.readuntil(b"}")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"at most 262144, which is 256 KiB" in answer
    assert engine.jobs == {}


WRONG = b"Authorization: Bearer easel_wrong\r\n"


def button(length: int) -> bytes:
    head = b"POST /api/v1/midjourney/button HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return head + WRONG + b"Content-Length: %d\r\n\r\n" % length


async def test_the_key_is_looked_at_before_the_body_and_who_has_none_reads_that(serve, engine):
    server = await serve()
    length = 16 * 1024 * 1024
    async with connected(server.port) as (reader, writer):
        writer.write(button(length))
        async with asyncio.timeout(5):
            while not engine.asked_keys:  # noqa: ASYNC110 - the fake has no event for it
                await asyncio.sleep(0.01)
        for _ in range(length // 65536):
            writer.write(b"x" * 65536)
            await writer.drain()
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 401 ")
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"}")


@pytest.mark.parametrize("length", [1000, 100 * 1024 * 1024], ids=["slow", "huge"])
async def test_a_body_without_a_key_that_does_not_come_to_an_end_is_answered_and_closed(serve, engine, length):
    server = await serve(body_seconds=0.2)
    async with connected(server.port) as (reader, writer):
        writer.write(button(length) + b"x")
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    "key", [b"", WRONG, f"Authorization: Bearer {KEY}\r\n".encode()], ids=["no key", "wrong key", "may not generate"]
)
@pytest.mark.parametrize("route", [b"/api/v1/nova/imagine", b"/v1/jobs", b"/midjourney/v2/imagine"])
async def test_who_may_not_call_is_told_so_at_once_however_slowly_the_body_comes(serve, engine, key, route):
    server = await serve(body_seconds=30)
    engine.keys[KEY] = replace(engine.keys[KEY], scopes=frozenset({Scope.READ}))
    async with connected(server.port) as (reader, writer):
        writer.write(
            b"POST " + route + b" HTTP/1.1\r\nHost: x\r\n" + key.replace(b"Authorization: Bearer", named(route))
        )
        writer.write(b"Content-Length: 1000\r\n\r\n")
        began = time.monotonic()
        sending = asyncio.create_task(trickle(writer, b"x" * 900))
        answer = await reader.readuntil(b"}")
        sending.cancel()
    assert answer.startswith((b"HTTP/1.1 401 ", b"HTTP/1.1 403 ")), answer
    assert time.monotonic() - began < 5


def named(route: bytes) -> bytes:
    return b"api-key:" if route.startswith(b"/midjourney") else b"Authorization: Bearer"


@pytest.mark.parametrize("route", [b"/api/v1/nova/imagine", b"/nowhere"])
async def test_a_body_that_is_too_large_and_then_goes_silent_is_told_its_size_at_once(serve, engine, route):
    server = await serve(body_seconds=30)
    async with connected(server.port) as (reader, writer):
        head = HEAD.replace(b"/api/v1/nova/imagine", route)
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n")
        writer.write(b"%x\r\n%s\r\n" % (262_145, b"x" * 262_145))
        answer = await reader.readuntil(b"}")
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_who_sends_too_much_at_a_stretch_reads_why(serve, engine):
    """All of it is sent before a byte of the answer is read, as most clients do."""
    server = await serve()
    async with connected(server.port) as (reader, writer):
        writer.write(HEAD + b"Content-Length: 1000000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x" * 10_000)
            await writer.drain()
            await asyncio.sleep(0)
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_reader_who_leaves_in_the_middle_of_the_body_stores_nothing(serve, engine, caplog):
    server = await serve()
    async with connected(server.port) as (_, writer):
        writer.write(HEAD + b'Content-Length: 1000\r\n\r\n{"prompt":')
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.1)
    assert engine.jobs == {}
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "junk",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"GET /\xff HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"],
    ids=["tls", "no ASCII", "negative length"],
)
async def test_what_is_no_http_is_refused(serve, junk):
    server = await serve()
    async with connected(server.port) as (reader, writer):
        writer.write(junk + b"\r\n" * 10)
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_a_taken_port_is_said_plainly(serve):
    server = await serve()
    with pytest.raises(OSError, match="in use"):
        await HttpServer(server.app, "127.0.0.1", server.port).start()


async def test_a_stopped_server_takes_nothing_and_leaves_the_port(serve):
    server = await serve()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        await server.stop()
        with pytest.raises(httpx.ConnectError):
            await client.get("/healthz")
    again = HttpServer(server.app, "127.0.0.1", server.port)
    await again.start()
    await again.stop()


async def test_answers_under_way_are_finished_before_the_server_is_closed(serve, engine, tmp_path):
    server = await serve()
    engine.put_picture()
    engine.sources["0123456789abcdef0123456789abcdef"] = [b"x" * 1000] * 20
    engine.source_pause = 0.01
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        reading = asyncio.create_task(client.get("/pictures/0123456789abcdef0123456789abcdef"))
        await asyncio.sleep(0.05)
        await server.stop()
        assert len((await reading).content) == 20_000
