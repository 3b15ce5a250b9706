"""The load client: the cheapest HTTP/1.1 client that can ask for a picture and hear when it is there.

    python -m bench.load --url … --key … --out FILE [--at-once 50 --seconds 20 | --rate 20 --seconds 20]

One keep-alive connection for each job in flight: a POST, then the job's event stream on the same connection. With
`--watch poll`, GETs that begin when a job usually ends; with `--watch stream`, one connection more that hears of all
jobs. Closed loop: a connection asks again as soon as it has heard.
Prints a JSON line when its warm-up is over and one when its time is; then waits for what is in flight and writes all
jobs to FILE. Times are CLOCK_MONOTONIC in microseconds, which every process of a machine shares.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

_STREAM_END = b"\r\n0\r\n\r\n"
_LATE_SECONDS = 60.0
_OPEN = ("QUEUED", "SENT", "RUNNING")


def now_us() -> int:
    return time.monotonic_ns() // 1000


class Heard:
    """One job as the client saw it."""

    __slots__ = ("answered_us", "done_us", "job_id", "prompt", "sent_us", "state")

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.job_id = ""
        self.state = ""
        self.sent_us = self.answered_us = self.done_us = 0


class Line(asyncio.Protocol):
    """One connection: one job at a time."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._take: Callable[[], None] = self._nothing
        self.heard: Heard | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost(self, exc)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._take()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def ask(self, prompt: str) -> None:
        body = b'{"prompt":"%s"}' % prompt.encode()
        self.heard = Heard(prompt)
        self._take = self._taken
        request = self._crowd.imagine % len(body) + body
        assert self._transport is not None
        self._transport.write(request)
        self.heard.sent_us = now_us()

    def _nothing(self) -> None:
        self._crowd.failed(f"unasked: {bytes(self._buffer[:200])!r}")

    def _answer(self) -> bytes | None:
        """The body of an answer that says how long it is, when all of it is here."""
        head, found, _ = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        low = head.lower()
        at = low.index(b"content-length:") + 15
        length = int(low[at : (low.find(b"\r", at) if low.find(b"\r", at) >= 0 else len(low))])
        start = len(head) + 4
        if len(self._buffer) < start + length:
            return None
        body = bytes(self._buffer[start : start + length])
        status = bytes(self._buffer[9:12])
        self._buffer.clear()
        if status != b"200":
            self._crowd.failed(f"{status.decode()}: {body[:300]!r}")
            return None
        return body

    def _taken(self) -> None:
        body = self._answer()
        if body is None:
            return
        heard = self.heard
        assert heard is not None
        assert self._transport is not None
        heard.answered_us = now_us()
        at = body.index(b'"messageId":"') + 13
        heard.job_id = body[at : body.index(b'"', at)].decode()
        if self._crowd.watch == "stream":
            self._take = self._nothing
            self._crowd.await_end(self)
        elif self._crowd.watch == "poll":
            self._take = self._polled
            asyncio.get_running_loop().call_later(self._crowd.first_poll(), self._poll)
        else:
            self._take = self._told
            self._transport.write(self._crowd.events % heard.job_id.encode())

    # the event stream

    def _told(self) -> None:
        heard = self.heard
        assert heard is not None
        if not self._buffer.startswith(b"HTTP/1.1 200"):
            self._crowd.failed(f"the event stream: {bytes(self._buffer[:300])!r}")
            self._buffer.clear()
            return
        if not heard.done_us and b'"state":"DONE"' in self._buffer:
            heard.done_us = now_us()
        if self._buffer.endswith(_STREAM_END):
            text = bytes(self._buffer)
            self._buffer.clear()
            self._over(text)

    # polling

    def _poll(self) -> None:
        assert self._transport is not None
        assert self.heard is not None
        if not self._transport.is_closing():
            self._transport.write(self._crowd.fetch % self.heard.job_id.encode())

    def _polled(self) -> None:
        body = self._answer()
        if body is None:
            return
        state = _state(body)
        if state in _OPEN:
            asyncio.get_running_loop().call_later(0.05, self._poll)
            return
        assert self.heard is not None
        self.heard.done_us = now_us()
        self._over(body)

    def _over(self, text: bytes) -> None:
        self.ended(_state(text))

    def ended(self, state: str, done_us: int = 0) -> None:
        heard = self.heard
        assert heard is not None
        heard.state = state
        heard.done_us = done_us or heard.done_us or now_us()
        self.heard, self._take = None, self._nothing
        self._crowd.finished(self, heard)


class Stream(asyncio.Protocol):
    """The one connection that hears of all jobs."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._buffer = b""
        self.ready = asyncio.Event()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._crowd.all_events)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._crowd.failed(f"the event stream ended: {exc}")

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def data_received(self, data: bytes) -> None:
        told = now_us()
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            if line == b"event: ready":
                self.ready.set()
            elif line.startswith(b'data: {"job_id":"') and b'"state":"' in line:
                state = _state(line[: line.index(b'"result":')])
                if state not in _OPEN:
                    self._crowd.end_of(line[17:53].decode(), state, told)


def _state(text: bytes) -> str:
    at = text.rfind(b'"state":"')
    return text[at + 9 : text.index(b'"', at + 9)].decode() if at >= 0 else "?"


class Crowd:
    """All lines, and when they ask."""

    def __init__(self, host: str, port: int, key: str, *, watch: str) -> None:
        self._address = (host, port)
        self.watch = watch
        always = f"Host: {host}\r\nAuthorization: Bearer {key}\r\n"
        self.imagine = (
            f"POST /api/v1/midjourney/imagine HTTP/1.1\r\n{always}"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        ).encode()
        self.events = f"GET /v1/jobs/%b/events HTTP/1.1\r\n{always}\r\n".encode()
        self.fetch = f"GET /v1/jobs/%b HTTP/1.1\r\n{always}\r\n".encode()
        self.all_events = f"GET /v1/events HTTP/1.1\r\n{always}\r\n".encode()
        self._awaiting: dict[str, Line] = {}
        self._early: dict[str, tuple[str, int]] = {}
        self._stream: Stream | None = None
        self.heard: list[Heard] = []
        self.problems: list[str] = []
        self._lines: set[Line] = set()
        self._idle: list[Line] = []
        self._asked = 0
        self._again = False
        self._usual = 0.25
        self._quiet = asyncio.Event()

    def first_poll(self) -> float:
        return self._usual

    async def begin(self) -> None:
        """Open what hears of all jobs, before the first is asked for."""
        if self.watch == "stream":
            _, self._stream = await asyncio.get_running_loop().create_connection(lambda: Stream(self), *self._address)
            async with asyncio.timeout(10):
                await self._stream.ready.wait()

    def await_end(self, line: Line) -> None:
        """A job was taken; its end may have been told before its answer was read."""
        assert line.heard is not None
        early = self._early.pop(line.heard.job_id, None)
        if early is None:
            self._awaiting[line.heard.job_id] = line
        else:
            line.ended(*early)

    def end_of(self, job_id: str, state: str, told: int) -> None:
        """The stream told of an end."""
        line = self._awaiting.pop(job_id, None)
        if line is None:
            self._early[job_id] = state, told
        else:
            line.ended(state, told)

    async def line(self) -> Line:
        _, line = await asyncio.get_running_loop().create_connection(lambda: Line(self), *self._address)
        self._lines.add(line)
        return line

    def _ask(self, line: Line) -> None:
        self._asked += 1
        line.ask(f"load picture {self._asked}")

    async def closed_loop(self, at_once: int) -> None:
        """So many in flight from now on."""
        self._again = True
        for _ in range(at_once):
            self._ask(await self.line())

    async def open_loop(self, rate: float, seconds: float) -> None:
        """One more each 1/rate seconds, however many are in flight."""
        begins = time.monotonic()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, begins + number / rate - time.monotonic()))
            self._ask(self._idle.pop() if self._idle else await self.line())

    async def drained(self) -> None:
        """Ask no more, and wait for what is in flight."""
        self._again = False
        end = time.monotonic() + _LATE_SECONDS
        while self.in_flight and time.monotonic() < end:  # noqa: ASYNC110 - an event for each end would cost more
            await asyncio.sleep(0.02)
        for line in self._lines:
            line.close()
        if self._stream is not None:
            self._stream.close()

    @property
    def in_flight(self) -> int:
        return sum(line.heard is not None for line in self._lines)

    def finished(self, line: Line, heard: Heard) -> None:
        self.heard.append(heard)
        self._usual = 0.9 * self._usual + 0.1 * 0.95 * (heard.done_us - heard.answered_us) / 1e6
        if self._again:
            self._ask(line)
        else:
            self._idle.append(line)

    def failed(self, what: str) -> None:
        self.problems.append(what)

    def lost(self, line: Line, error: Exception | None) -> None:
        self._lines.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        if line.heard is not None:
            self.failed(f"a connection ended in the middle: {error}")


def _say(**values: object) -> None:
    sys.stdout.write(json.dumps({"at_us": now_us(), **values}) + "\n")
    sys.stdout.flush()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--at-once", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--warm-up", type=float, default=3.0)
    parser.add_argument("--watch", choices=["sse", "poll", "stream"], default="sse")
    asked = parser.parse_args()
    host, _, port = asked.url.removeprefix("http://").partition(":")
    crowd = Crowd(host, int(port), asked.key, watch=asked.watch)
    await crowd.begin()
    if asked.rate:
        await crowd.open_loop(asked.rate, asked.warm_up)
        _say(window="begins", jobs=len(crowd.heard))
        await crowd.open_loop(asked.rate, asked.seconds)
    else:
        await crowd.closed_loop(asked.at_once)
        await asyncio.sleep(asked.warm_up)
        _say(window="begins", jobs=len(crowd.heard))
        await asyncio.sleep(asked.seconds)
    _say(window="ends", jobs=len(crowd.heard))
    await crowd.drained()
    jobs = [[h.job_id, h.prompt, h.state, h.sent_us, h.answered_us, h.done_us] for h in crowd.heard]
    asked.out.write_text(json.dumps({"jobs": jobs, "unheard": crowd.in_flight, "problems": crowd.problems}))


if __name__ == "__main__":
    asyncio.run(main())
