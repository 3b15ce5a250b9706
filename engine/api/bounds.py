"""How large and how slow a request's body may be, and what is answered when our own code fails.

Both hold for every route, and a broken request costs no more than its bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.problems import Problem

log = logging.getLogger(__name__)

DISCARDED_BODIES = 4
"""How many times the allowed size is read and thrown away, so that the sender lives to see the answer."""
GRACE_SECONDS = 1.0
"""How long the body of somebody who is refused may take before the answer no longer waits for its end."""


class NotTaken(Exception):
    """The request is refused before anything looks at it; of its body `unread` bytes, or fewer, are thrown away."""

    def __init__(self, problem: Problem, *, unread: int = 0) -> None:
        super().__init__(problem.cause)
        self.problem = problem
        self.unread = unread


class Lingering(Response):
    """An answer that is said at once, while what still comes of the body is read: else its sender might not see it."""

    def __init__(self, answer: Response, seconds: float, unread: int) -> None:  # no super: it is that answer
        self.status_code, self.raw_headers = answer.status_code, answer.raw_headers
        self._answer, self._seconds, self._unread = answer, seconds, unread

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say it, read on, and end."""

        async def unended(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "more_body": True}
            await send(message)

        await self._answer(scope, receive, unended)
        with contextlib.suppress(ClientDisconnect):
            await _thrown_away(receive, self._seconds, self._unread)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass(frozen=True, slots=True)
class Bound:
    """How many seconds a body may take to arrive, as a whole."""

    seconds: float

    async def taken(self, scope: Scope, receive: Receive, most: int) -> Receive:
        """Read the whole body, of at most so many bytes, and give it back as what the next one receives.

        Raises:
            NotTaken: it is too large or too slow.
            ClientDisconnect: the sender left.
        """
        has_body, declared = _announced(scope)
        if not has_body:
            return receive
        try:
            async with asyncio.timeout(self.seconds):
                message, size = await _read(declared, receive, most)
        except TimeoutError:
            cause = f"the body did not arrive within {self.seconds:g} seconds"
            raise NotTaken(Problem(408, cause, {"Connection": "close"})) from None
        if message is None:
            cause = f"the body is too large: {size} bytes or more (allowed: at most {most}, which is {_in_units(most)})"
            raise NotTaken(Problem(413, cause, {"Connection": "close"}), unread=most * DISCARDED_BODIES)
        pending = [message]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        return replay

    async def passed_over(self, scope: Scope, receive: Receive, most: int) -> bool:
        """Read a body of about so many bytes for a moment and keep nothing of it.

        Returns whether that was all of it; else the answer should not wait for the rest.

        Raises:
            ClientDisconnect: the sender left.
        """
        has_body, declared = _announced(scope)
        if not has_body or declared > most * DISCARDED_BODIES:
            return not has_body
        return await _thrown_away(receive, min(self.seconds, GRACE_SECONDS), most * DISCARDED_BODIES)

    def said(self, refused: NotTaken, answer: Response) -> Response:
        """The answer to a request that is not taken."""
        return Lingering(answer, self.seconds, refused.unread) if refused.unread else answer


async def _thrown_away(receive: Receive, seconds: float, most: int) -> bool:
    """Whether a body came to its end in that time and within about so many bytes. Raises ClientDisconnect."""
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while size <= most:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    return False


def _in_units(size: int) -> str:
    return f"{size // 2**20} MiB" if size % 2**20 == 0 else f"{size // 2**10} KiB"


async def _read(declared: int, receive: Receive, most: int) -> tuple[Message | None, int]:
    """The body as one message, and its size; None as soon as it is too large."""
    if declared > most:
        return None, declared
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            return None, size
        chunks.append(chunk)
        if not message.get("more_body", False):
            return {"type": "http.request", "body": b"".join(chunks), "more_body": False}, size


Answer = Callable[[Scope, Problem], Response]
"""Says a problem in the words of whoever asked on that path."""


class BodyBound:
    """Reads the whole body before anything else looks at the request: for what no way serves."""

    def __init__(self, app: ASGIApp, *, bound: Bound, most: int, answer: Answer) -> None:
        self.app = app
        self.bound = bound
        self.most = most
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request with its body in hand, or answer 413 or 408."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            taken = await self.bound.taken(scope, receive, self.most)
        except NotTaken as refused:
            await self.bound.said(refused, self.answer(scope, refused.problem))(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self.app(scope, taken, send)


class LastResort:
    """Turns what we did not foresee into a 500 with a number; the log has the same number and no values."""

    def __init__(self, app: ASGIApp, *, answer: Answer) -> None:
        self.app = app
        self.answer = answer

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
                await self.answer(scope, problem)(scope, receive, send)


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
