"""How large and how slow a request's body may be, and what is answered when our own code fails.

Both hold for every route, and a broken request costs no more than its bytes.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
import uuid
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.problems import Problem, answer

log = logging.getLogger(__name__)

DISCARDED_BODIES = 4
"""How many times the allowed size is read and thrown away, so that the sender lives to see the 413."""


class NotTaken(Exception):
    """The request is refused before anything looks at it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.cause)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Bound:
    """A body may have so many bytes and take so many seconds to arrive; where pictures are sent, more bytes."""

    usual_bytes: int
    seconds: float
    wide_bytes: int = 0
    wide_paths: tuple[str, ...] = ()
    """Ends of the paths that take pictures."""

    def most_bytes(self, scope: Scope) -> int:
        """The largest body of this request."""
        if self.wide_paths and scope["path"].rstrip("/").endswith(self.wide_paths):
            return self.wide_bytes
        return self.usual_bytes

    async def taken(self, scope: Scope, receive: Receive) -> Receive:
        """Read the whole body, and give it back as what the next one receives.

        Raises:
            NotTaken: it is too large or too slow.
            ClientDisconnect: the sender left.
        """
        has_body, declared = _announced(scope)
        if not has_body:
            return receive
        most = self.most_bytes(scope)
        try:
            async with asyncio.timeout(self.seconds):
                message, size = await _read(declared, receive, most)
        except TimeoutError:
            cause = f"the body did not arrive within {self.seconds:g} seconds"
            raise NotTaken(Problem(408, cause, {"Connection": "close"})) from None
        if message is None:
            cause = f"the body is too large: {size} bytes or more (allowed: at most {most})"
            raise NotTaken(Problem(413, cause, {"Connection": "close"}))
        pending = [message]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        return replay


async def _read(declared: int, receive: Receive, most: int) -> tuple[Message | None, int]:
    """The body as one message, and its size; None for a body that is too large."""
    if declared > most * DISCARDED_BODIES:
        return None, declared
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= most:
            chunks.append(chunk)
        if not message.get("more_body", False):
            whole: Message = {"type": "http.request", "body": b"".join(chunks), "more_body": False}
            return (whole if size <= most else None), size
        if size > most * DISCARDED_BODIES:
            return None, size


class BodyBound:
    """Reads the whole body before anything else looks at the request."""

    def __init__(self, app: ASGIApp, *, bound: Bound) -> None:
        self.app = app
        self.bound = bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request with its body in hand, or answer 413 or 408."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            taken = await self.bound.taken(scope, receive)
        except NotTaken as refused:
            await answer(refused.problem)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self.app(scope, taken, send)


class LastResort:
    """Turns what we did not foresee into a 500 with a number; the log has the same number and no values."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; when it fails, answer if nothing was answered yet, else break off."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last place where one can be caught
            problem = unforeseen(error, getattr(scope.get("route"), "path", "an unknown route"), scope)
            if not started:
                await answer(problem)(scope, receive, send)


def unforeseen(error: Exception, route: str, scope: Scope) -> Problem:
    """Log what we did not foresee; what its sender reads has the same number."""
    number = uuid.uuid4().hex[:12]
    # an error's words may quote a token, a signed address or a statement's values: types and places are kept
    log.error("error %s in %s %s: %s", number, scope["method"], route, _told(error))
    return Problem(500, f"an error of ours, number {number} in the log")


def _announced(scope: Scope) -> tuple[bool, int]:
    """Whether a body follows the head, and how many bytes it declares."""
    chunked, declared = False, 0
    for name, value in scope["headers"]:  # names are lower case (ASGI)
        if name == b"content-length" and value.isdigit():
            declared = declared or int(value)
        elif name == b"transfer-encoding":
            chunked = True
    return chunked or declared > 0, declared


def _told(error: BaseException) -> str:
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__qualname__)
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in traceback.extract_tb(cause.__traceback__)]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)
