"""What a log line looks like, and that no secret ever stands in one.

Redaction is by pieces: any run of twelve characters of a registered secret, or of its base64, is struck out, because
libraries cut what they print (websockets logs the first characters of the IDENTIFY frame, and with them of the token).
Tokens of interactions, good for 15 minutes and one for each card, are known by how they begin and not remembered.
"""

from __future__ import annotations

import base64
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from types import TracebackType

from engine.ports import Secrets

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The number of the HTTP request in whose course a line is logged."""

PIECE = 12
STRUCK = "[secret]"

_INTERACTION = "aW50ZXJhY3Rpb246"  # base64 of "interaction:"

_SHAPES = re.compile(
    r"(?P<key>easel_)[A-Za-z0-9_-]{20,}"
    rf"|{_INTERACTION}[A-Za-z0-9_=-]*"
    # a Discord token: base64 of the user id, a time stamp, a signature
    r"|\b[A-Za-z0-9_-]{18,38}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"
)


class Redaction:
    """Knows the secrets of this process and strikes every piece of them out of a text."""

    def __init__(self) -> None:
        self._pieces: set[str] = set()

    def register(self, secret: str) -> None:
        """From now on no twelve characters of this, or of its base64, come through."""
        if secret.startswith(_INTERACTION):
            return
        pieces = {form[i : i + PIECE] for form in _forms(secret) for i in range(len(form) - PIECE + 1)}
        if not pieces <= self._pieces:
            self._pieces = self._pieces | pieces  # a new set: other threads are reading the old one

    def redact(self, text: str) -> str:
        """The text without secrets."""
        pieces = self._pieces
        if pieces:
            text = _struck(text, pieces)
        return _SHAPES.sub(lambda found: (found["key"] or "") + STRUCK, text)


def _forms(secret: str) -> Iterator[str]:
    """The secret and its base64, at each of the three places it can have in a longer text."""
    yield secret
    for shift in range(3):
        raw = b"\0" * shift + secret.encode()
        # characters that also hold bits of what stands before or after differ each time
        begin, end = (0, 2, 3)[shift], len(raw) * 8 // 6
        for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
            yield encoded.decode()[begin:end]


def _struck(text: str, pieces: set[str]) -> str:
    kept, begin, at = [], 0, 0
    while at <= len(text) - PIECE:
        if text[at : at + PIECE] not in pieces:
            at += 1
            continue
        kept += [text[begin:at], STRUCK]
        while text[at : at + PIECE] in pieces:
            at += 1
        begin = at = at + PIECE - 1
    return "".join([*kept, text[begin:]])


REDACTION = Redaction()
"""The one of this process: secrets are registered where they are unsealed or read."""


class RedactingFilter(logging.Filter):
    """Rewrites a record in place: message and arguments, exception and stack; lets everything through."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction

    def filter(self, record: logging.LogRecord) -> bool:
        """Strike the secrets out before any formatter sees the record."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # wrong arguments: say what can be said, not what they hold
            message = str(record.msg)
        number = REQUEST.get()
        if number and not hasattr(record, "request_number"):
            record.request_number = number  # this filter sees a record twice
            message = f"{message} (request {number})"
        record.msg, record.args = self._redaction.redact(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._redaction.redact(record.exc_text)
            record.exc_info = None  # another formatter would print the original again
        if record.stack_info:
            record.stack_info = self._redaction.redact(record.stack_info)
        return True


_FORMATTER = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

_LEVELS_HELD = {
    "websockets": logging.INFO,  # DEBUG prints frames, and IDENTIFY carries the token
    "httpcore": logging.INFO,  # DEBUG prints headers
    "sqlalchemy": logging.WARNING,  # INFO prints every statement with its parameters
    "alembic": logging.WARNING,
    "asyncio": logging.INFO,
}
_QUIET_UNLESS_DEBUG = ("httpx", "httpcore", "aiohttp.access", "uvicorn.access")


def configure(level: str, redaction: Redaction = REDACTION) -> None:
    """Log readable lines to stderr, nothing else anywhere, with the filter on the root and on its handler."""
    root = logging.getLogger()
    redacting = RedactingFilter(redaction)
    line = logging.StreamHandler(sys.stderr)
    line.addFilter(redacting)  # a logger's own filter does not see what its children pass up
    line.setFormatter(_FORMATTER)
    for old in list(root.handlers):
        root.removeHandler(old)
    for stale in [f for f in root.filters if isinstance(f, RedactingFilter)]:
        root.removeFilter(stale)
    root.addFilter(redacting)
    root.addHandler(line)
    root.setLevel(level)
    for name, lowest in _LEVELS_HELD.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))
    if root.level > logging.DEBUG:
        for name in _QUIET_UNLESS_DEBUG:
            logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("easel").critical("stopped by an error nobody expected", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


class WatchedSecrets:
    """The Secrets port around another: everything that passes in the clear is registered for redaction."""

    def __init__(self, inner: Secrets, redaction: Redaction = REDACTION) -> None:
        self._inner = inner
        self._redaction = redaction

    def seal(self, plain: str) -> str:
        """Encrypt, and never log it."""
        self._redaction.register(plain)
        return self._inner.seal(plain)

    def unseal(self, sealed: str) -> str:
        """Decrypt, and never log it."""
        plain = self._inner.unseal(sealed)
        self._redaction.register(plain)
        return plain
