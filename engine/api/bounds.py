"""How large and how slow a request's body may be, and what is answered when our own code fails.

Both are pure ASGI: they hold for every route, and a broken request costs no more than its bytes.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
import uuid

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.problems import Problem, answer

log = logging.getLogger(__name__)

DISCARDED_BODIES = 4
"""How many times the allowed size is read and thrown away, so that the sender lives to see the 413."""


class BodyBound:
    """Reads the whole body before anything else looks at the request: at most so many bytes, in so many seconds."""

    def __init__(self, app: ASGIApp, *, most_bytes: int, seconds: float) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request with its body in hand, or answer 413 or 408."""
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.seconds):
                body, size = await self._read(scope, receive)
        except TimeoutError:
            cause = f"the body did not arrive within {self.seconds:g} seconds"
            await answer(Problem(408, cause, {"Connection": "close"}))(scope, receive, send)
            return
        except ClientDisconnect:
            return
        if body is None:
            cause = f"the body is too large: {size} bytes or more (allowed: at most {self.most_bytes})"
            await answer(Problem(413, cause, {"Connection": "close"}))(scope, receive, send)
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self.app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> tuple[bytes | None, int]:
        """The body and its size; None for a body that is too large."""
        declared = _declared(scope)
        if declared > self.most_bytes * DISCARDED_BODIES:
            return None, declared
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk = message.get("body", b"")
            size += len(chunk)
            if size <= self.most_bytes:
                chunks.append(chunk)
            if not message.get("more_body", False):
                return (b"".join(chunks) if size <= self.most_bytes else None), size
            if size > self.most_bytes * DISCARDED_BODIES:
                return None, size


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
            number = uuid.uuid4().hex[:12]
            # an error's words may quote a token, a signed address or a statement's values: types and places are kept
            log.error("error %s in %s %s: %s", number, scope["method"], _route(scope), _told(error))  # noqa: TRY400
            if not started:
                problem = Problem(500, f"an error of ours, number {number} in the log")
                await answer(problem)(scope, receive, send)


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or _declared(scope) > 0


def _declared(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "0")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "an unknown route"))


def _told(error: BaseException) -> str:
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__qualname__)
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in traceback.extract_tb(cause.__traceback__)]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)
