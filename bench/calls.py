"""An open loop of HTTP calls: one each 1/rate seconds over a fixed number of connections, whoever is still waiting.

    python -m bench.calls --url … --key … --out FILE --imagine 100 --reads 0 --seconds 60 [--jobs FILE]

Raw asyncio, keep-alive, one call at a time on a connection; a call whose connections are all busy waits, and that wait
counts: times run from the moment at which the call was due. FILE gets milliseconds of both kinds, the ids that were
answered, and what went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import deque
from pathlib import Path


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._buffer = bytearray()
        self._due = 0.0
        self._kind = ""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost(self, exc, busy=bool(self._kind))

    def call(self, kind: str, request: bytes, due: float) -> None:
        self._kind, self._due = kind, due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, _ = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        low = head.lower()
        at = low.index(b"content-length:") + 15
        length = int(low[at:].split(b"\r", 1)[0])
        if len(self._buffer) < len(head) + 4 + length:
            return
        body = bytes(self._buffer[len(head) + 4 :])
        status = bytes(self._buffer[9:12]).decode()
        self._buffer.clear()
        kind, self._kind = self._kind, ""
        self._crowd.answered(self, kind, status, body, time.monotonic() - self._due)


class Crowd:
    """All connections, and the calls that are due."""

    def __init__(self, host: str, port: int, key: str) -> None:
        self._address = (host, port)
        always = f"Host: {host}\r\nAuthorization: Bearer {key}\r\n"
        self._post = (
            f"POST /api/v1/midjourney/imagine HTTP/1.1\r\n{always}"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        ).encode()
        self._get = f"GET /api/v1/midjourney/message/%b HTTP/1.1\r\n{always}\r\n".encode()
        self._idle: deque[Caller] = deque()
        self._waiting: deque[tuple[str, bytes, float]] = deque()
        self.milliseconds: dict[str, list[float]] = {"imagine": [], "read": []}
        self.jobs: list[str] = []
        self.problems: list[str] = []
        self.made = 0

    async def connect(self, connections: int) -> None:
        for _ in range(connections):
            _, caller = await asyncio.get_running_loop().create_connection(lambda: Caller(self), *self._address)
            self._idle.append(caller)

    async def calls(self, kind: str, rate: float, seconds: float) -> None:
        begins = time.monotonic()
        for number in range(round(rate * seconds)):
            due = begins + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._waiting.append((kind, self._request(kind, number), due))
            self._next()

    def _request(self, kind: str, number: int) -> bytes:
        if kind == "read":
            return self._get % self.jobs[number % len(self.jobs)].encode()
        self.made += 1
        body = b'{"prompt":"accepted picture %d"}' % self.made
        return self._post % len(body) + body

    def _next(self) -> None:
        while self._waiting and self._idle:
            self._idle.popleft().call(*self._waiting.popleft())

    def answered(self, caller: Caller, kind: str, status: str, body: bytes, seconds: float) -> None:
        self.milliseconds[kind].append(seconds * 1000)
        if status != "200":
            self.problems.append(f"{kind}: {status}: {body[:200]!r}")
        elif kind == "imagine":
            self.jobs.append(json.loads(body)["messageId"])
        self._idle.append(caller)
        self._next()

    def lost(self, caller: Caller, error: Exception | None, *, busy: bool) -> None:
        if busy:
            self.problems.append(f"a connection ended in the middle: {error}")
        if caller in self._idle:
            self._idle.remove(caller)

    async def quiet(self, connections: int, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while (self._waiting or len(self._idle) < connections) and time.monotonic() < end:  # noqa: ASYNC110 - the end
            await asyncio.sleep(0.02)
        for caller in tuple(self._idle):
            caller.transport.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=Path, help="what an earlier run wrote: its jobs are read")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--imagine", type=float, default=0.0, help="a second")
    parser.add_argument("--reads", type=float, default=0.0, help="a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    host, _, port = asked.url.removeprefix("http://").partition(":")
    crowd = Crowd(host, int(port), asked.key)
    if asked.jobs:
        crowd.jobs = json.loads(asked.jobs.read_text())["jobs"]
    await crowd.connect(asked.connections)
    both = (("imagine", asked.imagine), ("read", asked.reads))
    await asyncio.gather(*(crowd.calls(kind, rate, asked.seconds) for kind, rate in both if rate))
    await crowd.quiet(asked.connections)
    told = {"milliseconds": crowd.milliseconds, "jobs": crowd.jobs, "problems": crowd.problems}
    asked.out.write_text(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
