"""A way to PostgreSQL that is cut at a COMMIT: before the server hears it, or before the client hears the answer."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path


class CutWire:
    """Listens on loopback and passes bytes on to a server's Unix socket; `cut` orders the next loss."""

    def __init__(self, server: Path) -> None:
        self.cut: str | None = None
        self.was_cut = threading.Event()
        self._server = str(server)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                self._open += [client, server]
                try:
                    server.connect(self._server)
                except OSError:
                    client.shutdown(socket.SHUT_RDWR)
                    continue
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, target, client), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(65536):
                order = self.cut if source is client and b"COMMIT" in content else None
                if order == "before":
                    self._sever(source, target)
                elif order == "after":
                    # the answer may come back only when this end is closed
                    client.shutdown(socket.SHUT_RDWR)
                    target.sendall(content)
                    time.sleep(0.1)
                    self._sever(source, target)
                else:
                    target.sendall(content)
            self._sever(source, target)

    def _sever(self, *ends: socket.socket) -> None:
        self.cut = None
        self.was_cut.set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._sever(*self._open)
        for end in self._open:
            end.close()
