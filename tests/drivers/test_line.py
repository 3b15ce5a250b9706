"""The line: connections are kept and shared, never used when they are at their end; errors have httpx's names."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.line import Line, first_connected

POST = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request):
    """Runs a coroutine on each kind of loop: their transports differ."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner.run


class Server:
    """Answers each request with the next answer, the last one again and again; a connection may be closed after one."""

    def __init__(self, *answers: bytes, closes: bool = False, context: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers)
        self.closes = closes
        self.context = context
        self.requests: list[bytes] = []
        self.connections = 0
        self.serving: list[asyncio.Task] = []

    async def _serve(self, reader, writer):
        self.connections += 1
        self.serving.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(int(row[15:]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:"))
                self.requests.append(head + await reader.readexactly(size))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer.endswith(b"reset"):
                    writer.write(answer.removesuffix(b"reset"))
                    far = writer.get_extra_info("socket")
                    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                    return
                writer.write(answer)
                if self.closes:
                    break
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    @contextlib.asynccontextmanager
    async def line(self, *, keep_idle: float = 4.0, host: str = "127.0.0.1", context: ssl.SSLContext | None = None):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.context)
        scheme = "https" if self.context else "http"
        url = httpx.URL(f"{scheme}://{host}:{server.sockets[0].getsockname()[1]}/api")
        line = Line(url, context or ssl.create_default_context(), keep_idle=keep_idle)
        try:
            async with asyncio.timeout(10):
                yield lambda body=b"{}", **limits: line.handle_async_request(
                    httpx.Request("POST", url, content=body, extensions={"timeout": limits})
                )
        finally:
            await line.aclose()
            server.close()
            await asyncio.gather(*self.serving)


def test_calls_one_after_the_other_share_a_connection(run):
    async def scene():
        server = Server(POST)
        async with server.line() as call:
            for number in range(3):
                assert (await call(b"%d" % number)).status_code == 204
        assert [request[-1:] for request in server.requests] == [b"0", b"1", b"2"]
        assert server.requests[0].startswith(b"POST /api HTTP/1.1\r\nHost: 127.0.0.1:")
        assert server.connections == 1

    run(scene())


def test_calls_at_the_same_time_have_connections_of_their_own(run):
    async def scene():
        server = Server(POST)
        async with server.line() as call:
            await asyncio.gather(call(), call(), call())
            await asyncio.gather(call(), call(), call())
        assert server.connections == 3
        assert len(server.requests) == 6

    run(scene())


@pytest.mark.parametrize("end", ["the server closed it", "it was idle too long"])
def test_a_connection_at_its_end_is_not_used_again(run, end):
    async def scene():
        server = Server(POST, closes=end == "the server closed it")
        async with server.line(keep_idle=0.05) as call:
            for _ in range(3):
                assert (await call()).status_code == 204
                await asyncio.sleep(0.1)
        assert server.connections == len(server.requests) == 3

    run(scene())


def test_an_end_that_the_loop_has_not_seen_yet_is_seen(run):
    def serve(listener):
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(POST)
                time.sleep(0.05)

    async def scene():
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
            serving = threads.submit(serve, listener)
            url = httpx.URL(f"http://127.0.0.1:{listener.getsockname()[1]}/")
            line = Line(url, ssl.create_default_context(), keep_idle=4)
            for _ in range(2):
                answer = await line.handle_async_request(httpx.Request("POST", url, content=b"{}"))
                assert answer.status_code == 204
                time.sleep(0.15)  # noqa: ASYNC251 - the loop must not look
            serving.result(5)
            await line.aclose()

    run(scene())


def test_an_answer_is_read_whole_and_decoded(run):
    words = b"x" * 300_000
    packed = gzip.compress(words, compresslevel=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    plain = head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    pieces = b"".join(
        b"%x\r\n%b\r\n" % (len(packed[i : i + 9999]), packed[i : i + 9999]) for i in range(0, len(packed), 9999)
    )
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"

    async def scene():
        server = Server(plain, chunked, POST)
        async with server.line() as call:
            assert (await call()).content == words
            assert (await call()).content == words
            assert (await call()).content == b""
        assert server.connections == 1

    run(scene())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"reset", httpx.TransportError),
        (b"HTTP/1.1 200 OK\r\n\r\nnot all of it, reset", httpx.ReadError),
        (b"this is no HTTP\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", httpx.RemoteProtocolError),
        (b"", httpx.ReadTimeout),
    ],
    ids=["a reset", "a reset in a body without a length", "no HTTP", "another protocol", "silence"],
)
def test_what_went_wrong_after_the_call_left_is_never_a_connect_error(run, answer, error):
    async def scene():
        server = Server(answer, POST)
        async with server.line() as call:
            told = []
            asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
            with pytest.raises(error) as wrong:
                await call(read=0.1)
            assert told == []
            assert not isinstance(wrong.value, httpx.ConnectError | httpx.ConnectTimeout)
            assert len(server.requests) == 1
            assert (await call()).status_code == 204
        assert (server.connections, len(server.requests)) == (2, 2)

    run(scene())


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", 2),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more", 2),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" + POST, 2),
    ],
    ids=["an early hint before it", "it says that it closes", "bytes behind it", "a second answer behind it"],
)
def test_a_connection_is_used_again_only_behind_one_whole_answer(run, answer, connections):
    async def scene():
        server = Server(answer, POST)
        async with server.line() as call:
            first = await call()
            assert (first.status_code, first.content, "Link" in first.headers) == (200, b"hi", False)
            await asyncio.sleep(0.05)
            assert (await call()).status_code == 204
        assert server.connections == connections

    run(scene())


def test_a_body_without_a_length_ends_with_its_connection(run):
    async def scene():
        async with Server(b"HTTP/1.1 200 OK\r\n\r\nall of it", closes=True).line() as call:
            assert (await call()).content == b"all of it"

    run(scene())


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nnot all of it", b"HTTP/1.1 200 OK\r\nContent-", b""],
    ids=["in the body", "in the head", "before a byte"],
)
def test_an_answer_that_breaks_off_is_none(run, answer):
    async def scene():
        async with Server(answer, closes=True).line() as call:
            with pytest.raises(httpx.RemoteProtocolError, match="before the answer was whole"):
                await call()

    run(scene())


def test_a_head_without_an_end_is_refused(run):
    async def scene():
        async with Server(b"HTTP/1.1 200 OK\r\n" + b"X-Row: of a head\r\n" * 20_000).line() as call:
            with pytest.raises(httpx.RemoteProtocolError):
                await call()

    run(scene())


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb: c", "a\rb", "a\0b"])
def test_a_header_with_a_line_break_is_not_written_and_not_quoted(run, value):
    async def scene():
        server = Server(POST)
        async with server.line() as call:
            await call()
            line = Line(httpx.URL("http://127.0.0.1:9/"), ssl.create_default_context(), keep_idle=4)
            request = httpx.Request("POST", "http://127.0.0.1:9/", headers={"Authorization": value}, content=b"{}")
            with pytest.raises(httpx.LocalProtocolError) as wrong:
                await line.handle_async_request(request)
            assert value not in str(wrong.value)

    run(scene())


def test_a_cancelled_call_leaves_no_connection_to_be_used_again(run):
    async def scene():
        server = Server(b"", POST)
        async with server.line() as call:
            waiting = asyncio.create_task(call())
            await asyncio.sleep(0.1)
            waiting.cancel()
            await asyncio.wait({waiting})
            assert (await call()).status_code == 204
        assert server.connections == 2

    run(scene())


def test_a_host_that_takes_no_connection_is_a_connect_error(run):
    async def scene():
        for url, error in (
            ("http://127.0.0.1:9/", httpx.ConnectError),
            ("http://nowhere.invalid/", httpx.ConnectError),
        ):
            line = Line(httpx.URL(url), ssl.create_default_context(), keep_idle=4)
            with pytest.raises(error):
                await line.handle_async_request(httpx.Request("POST", url, content=b"{}"))

    run(scene())


# --- TLS ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of its own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        built.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, form, plain)
    )
    return file


@pytest.fixture
def tls(certificate):
    """The server's context and the client's."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    return server, ssl.create_default_context(cafile=certificate)


def test_a_call_over_tls_is_as_any_other(run, tls):
    async def scene():
        server = Server(POST, context=tls[0])
        async with server.line(host="localhost", context=tls[1]) as call:
            for _ in range(3):
                assert (await call(b"x" * 100_000, connect=5.0)).status_code == 204
        assert [len(request) > 100_000 for request in server.requests] == [True] * 3
        assert server.connections == 1

    run(scene())


def test_a_certificate_for_another_host_is_a_connect_error(run, tls):
    async def scene():
        async with Server(POST, context=tls[0]).line(host="127.0.0.1", context=tls[1]) as call:
            with pytest.raises(httpx.ConnectError):
                await call()

    run(scene())


def test_a_handshake_that_is_never_answered_is_a_connect_timeout(run):
    async def scene():
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
            line = Line(httpx.URL(url), ssl.create_default_context(), keep_idle=4)
            request = httpx.Request("POST", url, content=b"{}", extensions={"timeout": {"connect": 0.1}})
            with pytest.raises(httpx.ConnectTimeout):
                await line.handle_async_request(request)

    run(scene())


# --- addresses ------------------------------------------------------------------------------------------------------


def address_of(listener):
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", listener.getsockname())


def test_an_address_that_swallows_everything_does_not_hide_the_others(run):
    async def scene():
        with contextlib.ExitStack() as stack:
            full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            for _ in range(3):  # its queue is full: the system answers nobody more
                filling = stack.enter_context(socket.socket())
                filling.setblocking(False)
                filling.connect_ex(full.getsockname())
            other = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            async with asyncio.timeout(5):
                found = await first_connected([address_of(full), address_of(other)])
            stack.enter_context(found)
            assert found.getpeername() == other.getsockname()

    run(scene())


def test_when_no_address_can_be_had_the_last_error_is_told(run):
    async def scene():
        nobody = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 9))
        with pytest.raises(ConnectionRefusedError):
            await first_connected([nobody, nobody])

    run(scene())
