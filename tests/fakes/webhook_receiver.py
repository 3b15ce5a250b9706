"""A webhook receiver on loopback in a thread of its own: it keeps what it hears and answers as a test says."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook

PATIENCE = 40.0


@dataclass(frozen=True)
class Heard:
    """One post. Names of headers in lower case."""

    path: str
    headers: Mapping[str, str]
    content: bytes
    at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def body(self) -> dict:
        return json.loads(self.content)

    def verify(self, secret: str) -> None:
        """Raises WebhookVerificationError unless that secret signed it."""
        Webhook(secret).verify(self.content, dict(self.headers))


class WebhookReceiver:
    """Answers every post with `answers(...)`'s status, or by path; `silent()` keeps the caller until it leaves."""

    def __init__(self, port: int = 0) -> None:
        self.posts: list[Heard] = []
        self.broken_off = 0
        self._status: dict[str | None, int | None] = {None: 200}
        self._headers: dict[str, str] = {}
        self._told = threading.Condition()
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self.start()

    def start(self) -> None:
        """Listen, again on the same port after `stop`."""
        receiver = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._hear(self)

            def log_message(self, *said: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Desk)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._port}"

    def url(self, path: str = "/hook") -> str:
        return f"http://{self.place}{path}"

    def answers(self, status: int, path: str | None = None, **headers: str) -> None:
        self._status[path] = status
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def silent(self, path: str | None = None) -> None:
        self._status[path] = None

    def _hear(self, desk: BaseHTTPRequestHandler) -> None:
        content = desk.rfile.read(int(desk.headers.get("content-length", "0")))
        heard = Heard(desk.path, {name.lower(): value for name, value in desk.headers.items()}, content)
        status = self._status.get(desk.path, self._status[None])
        with self._told:
            self.posts.append(heard)
            self._told.notify_all()
        if status is None:
            self._keep_waiting(desk.connection)
            return
        desk.send_response(status)
        for name, value in self._headers.items():
            desk.send_header(name, value)
        desk.send_header("Content-Length", "0")
        desk.end_headers()

    def _keep_waiting(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        try:
            left = connection.recv(1) == b""
        except OSError:
            left = True
        with self._told:
            self.broken_off += left
            self._told.notify_all()

    def wait(self, holds: Callable[[WebhookReceiver], object], what: str, seconds: float = PATIENCE) -> None:
        """Return when that holds of what was heard."""
        with self._told:
            assert self._told.wait_for(lambda: holds(self), seconds), f"{what}: not within {seconds} s: {self.posts}"

    def wait_for(self, count: int, seconds: float = PATIENCE) -> list[Heard]:
        """The posts, when there are so many."""
        self.wait(lambda told: len(told.posts) >= count, f"{count} posts", seconds)
        return list(self.posts)
