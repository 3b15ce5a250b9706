"""Which calls are passed on to another process of ours, and from whom: the page /simulator while there is one.

It needs no key, so it is open only where nothing real can be spent: to this machine, and to others while no real
account is linked. Pages of other origins cannot act through a visitor's browser.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.api.bounds import Bound, NotTaken
from engine.api.problems import Problem, answer
from engine.api.visitors import address_of
from engine.api.ways import UPLOAD
from engine.model.addresses import Network
from engine.model.errors import Unavailable

if TYPE_CHECKING:
    from engine.api.options import Closing

PREFIX = "/simulator"
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip"})
_READING = frozenset({"GET", "HEAD"})
_METHODS = frozenset({*_READING, "POST", "PUT", "DELETE"})
_BACK = ("content-type", "content-security-policy", "x-content-type-options", "referrer-policy", "cache-control")
"""The headers of the other process that reach the visitor."""


Passed = tuple[int, Mapping[str, str], bytes]
"""What the other process answered: status, headers (found in any case), body."""


class Elsewhere(Protocol):
    """The other process."""

    async def is_open_to_all(self) -> bool:
        """Whether visitors from other machines may use it now."""

    async def call(self, method: str, target: str, content_type: str, body: bytes) -> Passed:
        """Make a call; `target` is path and query.

        Raises:
            Unavailable: it does not answer.
        """


class Passage:
    """Serves everything below the prefix."""

    def __init__(self, elsewhere: Elsewhere, bound: Bound, trusted: tuple[Network, ...]) -> None:
        self._elsewhere = elsewhere
        self._bound = bound
        self._trusted = trusted

    @staticmethod
    def leads(path: str) -> bool:
        """Whether a path is one of those that are passed on."""
        return path == PREFIX or path.startswith(f"{PREFIX}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send, closing: Closing) -> None:
        """Pass one request on, and its answer back; a page that waits is not waited for when we close."""
        answering = asyncio.ensure_future(self._response(scope, receive))

        def end() -> None:
            answering.cancel()

        closing.call(end)
        try:
            response = await answering
        except asyncio.CancelledError:
            if not closing.is_set:
                raise
            response = _nothing(scope)
        except NotTaken as refused:
            response = self._bound.said(refused, answer(refused.problem))
        except ClientDisconnect:
            return
        finally:
            closing.forget(end)
        await response(scope, receive, send)

    def _is_here(self, scope: Scope) -> bool:
        """Whether the visitor sits at this machine; who comes through a proxy that we do not know does not.

        Nor does who calls it by a name: a page elsewhere can make its own name lead here, and act as one of ours.
        """
        passed = any(name in _FORWARDED for name, _ in scope["headers"])
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        here = _is_loopback(address_of(scope, self._trusted)) and not (passed and not self._trusted)
        return here and _is_loopback(urlsplit(f"//{host}").hostname or "")

    async def _response(self, scope: Scope, receive: Receive) -> Response:
        if not (self._is_here(scope) or await self._elsewhere.is_open_to_all()):
            return _nothing(scope)
        if scope["method"] not in _METHODS:
            return answer(Problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{scope['method']} is not passed on"))
        request = Request(scope, await self._bound.taken(scope, receive, UPLOAD))
        if scope["method"] not in _READING and _is_foreign(request):
            return answer(Problem(HTTPStatus.FORBIDDEN, "a page of another origin may not act here"))
        query = scope["query_string"].decode("latin-1")
        raw = scope.get("raw_path") or scope["path"].encode()
        target = raw.decode("latin-1") + (f"?{query}" if query else "")
        try:
            status, headers, body = await self._elsewhere.call(
                scope["method"], target, request.headers.get("content-type", ""), await request.body()
            )
        except Unavailable:
            return _nothing(scope)
        return Response(body, status, {name: headers[name] for name in _BACK if name in headers})


def _nothing(scope: Scope) -> Response:
    return answer(Problem(HTTPStatus.NOT_FOUND, f"there is no {scope['path'][:100]}: the simulator is off"))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _is_foreign(request: Request) -> bool:
    """Whether the browser says that the request comes from another site's page."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return True
    return request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
