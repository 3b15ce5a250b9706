"""Which of the bot's calls goes where: matching, who asks, limits, ordered troubles, and a row in the ledger."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator import refusals
from engine.simulator.bodies import parts_of, values_of
from engine.simulator.clock import Clock
from engine.simulator.connection import reset
from engine.simulator.faults import BOT
from engine.simulator.refusals import Refusal, Refused

if TYPE_CHECKING:
    from engine.simulator.botside.drafts import Files
    from engine.simulator.botside.limits import Limits
    from engine.simulator.botside.town import Town
    from engine.simulator.faults import Fault, Faults
    from engine.simulator.ledger import Ledger

_BASE = re.compile(r"/api(?:/v\d+)?(/.*)")
_OPEN = re.compile(r"/interactions/\d+/[^/]+/callback|/webhooks/\d+/[^/]+(?:/messages/[^/]+)?")
_EXEMPT = ("/interactions/", "/webhooks/")
_MAJOR = ("channel", "guild", "token")


@dataclass(slots=True)
class Call:
    """One request of the bot: the names in its path and its body."""

    request: web.Request
    path: dict[str, str]

    async def values(self) -> dict[str, Any]:
        """The JSON object of the body. Raises Refused."""
        return await values_of(self.request)

    async def files(self) -> Files:
        """The files of a form."""
        return await parts_of(self.request)

    async def listed(self) -> list[Any]:
        """The JSON list of the body. Raises Refused."""
        try:
            body = msgspec.json.decode(await self.request.read())
        except msgspec.DecodeError:
            raise Refused(refusals.BAD_JSON) from None
        if not isinstance(body, list):
            raise Refused(refusals.form("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"))
        return body

    def flag(self, name: str) -> bool:
        """A switch of the query."""
        return self.request.query.get(name, "").lower() in ("1", "true")


Action = Callable[[Call], Awaitable[Any]]  # values; None is 204
Route = tuple[str, str, Action]


class Calls:
    """The bot's REST side."""

    def __init__(self, *, routes: list[Route], town: Town, limits: Limits, faults: Faults, ledger: Ledger) -> None:
        self._town = town
        self._limits = limits
        self._faults = faults
        self._ledger = ledger
        self._routes: dict[tuple[str, int], list[tuple[re.Pattern[str], str, Action]]] = {}
        for method, path, action in routes:
            # @me and @original stand before {names} in the lists
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
            self._routes.setdefault((method, path.count("/")), []).append((pattern, f"{method} {path}", action))

    def meant(self, request: web.Request) -> bool:
        """Whether this request is a bot's: by its token, or by an address that needs none."""
        found = _BASE.fullmatch(request.path)
        if found is None:
            return False
        return request.headers.get("Authorization", "").startswith("Bot ") or bool(_OPEN.fullmatch(found[1]))

    @web.middleware
    async def middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Take the bot's calls out of the way of all others."""
        if not self.meant(request):
            return await handler(request)  # type: ignore[no-any-return]
        return await self._answer(request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        base = _BASE.fullmatch(request.path)
        path = base[1] if base is not None else ""
        for pattern, route, action in self._routes.get((request.method, path.count("/")), ()):
            found = pattern.fullmatch(path)
            if found is not None:
                return await self._serve(Call(request, found.groupdict()), route, path, action)
        return self._respond(request, "none", refusals.NOT_FOUND, {})

    async def _serve(self, call: Call, route: str, path: str, action: Action) -> web.StreamResponse:
        request = call.request
        if not path.startswith(_EXEMPT) and self._stranger(request):
            return self._respond(request, route, refusals.UNAUTHORIZED, {})
        major = next((call.path[name] for name in _MAJOR if name in call.path), "")
        headers, wait, scope = self._limits.take(route, major, counted=not path.startswith(_EXEMPT))
        if wait > 0:
            return self._respond(request, route, refusals.too_many(round(wait, 3), scope), headers)
        text = f"{request.method} {path}"
        trouble = next(self._faults.strike(BOT, self._town.application.id, text, Clock.monotonic_us()), None)
        if trouble is not None:
            early = self._struck(request, route, trouble, headers)
            if early is not None:
                return early
        result = await self._done(call, action)
        if trouble is not None and trouble.kind == "bot_answer_late":
            await asyncio.sleep(float(trouble.params.get("delay_ms", 6000)) / 1000)
        if trouble is not None and trouble.kind == "bot_answer_dropped":
            self._write(request, route, "done, answer dropped", fault=trouble.id)
            reset(request.transport)
            return web.Response()
        return self._respond(request, route, result, headers)

    async def _done(self, call: Call, action: Action) -> Any:
        try:
            return await action(call)
        except Refused as way_out:
            return way_out.refusal
        except web.HTTPRequestEntityTooLarge:
            return refusals.TOO_LARGE
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # a value of a kind that no rule foresaw; Discord too answers such without naming the place
            self._ledger.write("bot_malformed", path=call.request.path[:60], error=repr(error)[:200])
            return Refusal(400, {"message": "400: Bad Request", "code": 0})

    def _stranger(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme != "Bot" or self._town.application_of(token) is None

    def _struck(
        self, request: web.Request, route: str, trouble: Fault, headers: dict[str, str]
    ) -> web.StreamResponse | None:
        """The answer of a trouble that strikes before anything is done."""
        given = trouble.params
        match trouble.kind:
            case "bot_rate_limited":
                refusal = refusals.too_many(float(given.get("retry_after", 1.0)), given.get("scope", "user"))
            case "bot_refused":
                code, words = given.get("code", 0), given.get("message", "Refused")
                refusal = Refusal(int(given.get("status", 403)), {"message": words, "code": code})
            case "bot_server_error":
                status = int(given.get("status", 502))
                self._write(request, route, trouble.kind, fault=trouble.id)
                return web.Response(status=status, text=f"<h1>{status}</h1>", content_type="text/html")
            case "bot_reset":
                self._write(request, route, trouble.kind, fault=trouble.id)
                reset(request.transport)
                return web.Response()
            case _:
                return None
        return self._respond(request, route, refusal, headers, fault=trouble.id)

    def _respond(
        self, request: web.Request, route: str, result: Any, headers: dict[str, str], **facts: Any
    ) -> web.StreamResponse:
        head = {"Via": "1.1 google", **headers}
        if isinstance(result, Refusal):
            self._write(request, route, result.decision, **facts)
            return _json(result.body, result.status, {**head, **result.headers})
        self._write(request, route, "204" if result is None else "200", **facts)
        if result is None:
            return web.Response(status=204, headers=head)
        return _json(result, 200, head)

    def _write(self, request: web.Request, route: str, decision: str, **facts: Any) -> None:
        self._ledger.write(
            "bot_request", method=request.method, route=route, decision=decision,
            path=re.sub(r"aW50[\w-]{40,}", "…", request.path), **facts,
        )  # fmt: skip


def _json(body: Any, status: int, headers: dict[str, str]) -> web.Response:
    """Discord's Content-Type has no charset; its libraries look for exactly this."""
    encoded = msgspec.json.encode(body)
    return web.Response(body=encoded, status=status, headers={**headers, "Content-Type": "application/json"})
