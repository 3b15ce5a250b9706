"""Which REST addresses there are, who may use them, and what history shows (protocol §1)."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator import refusals
from engine.simulator.bodies import values_of
from engine.simulator.cdn import refreshed
from engine.simulator.clock import Clock
from engine.simulator.faults import READ
from engine.simulator.interactions import answer
from engine.simulator.people import ALL_BOTS, BOTS, private_channel
from engine.simulator.places import place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    from engine.simulator.cdn import Cdn
    from engine.simulator.commands import Commands
    from engine.simulator.faults import Fault, Faults
    from engine.simulator.gateway import Gateway
    from engine.simulator.interactions import Interactions
    from engine.simulator.ledger import Ledger
    from engine.simulator.people import Account
    from engine.simulator.places import Action, Route
    from engine.simulator.refusals import Refusal
    from engine.simulator.uploads import Uploads
    from engine.simulator.world import World

_MAX_PAGE = 100
_MAX_REFRESH = 50


class Rest:
    """Discord's REST side except /interactions itself."""

    def __init__(
        self,
        *,
        world: World,
        gateway: Gateway,
        interactions: Interactions,
        commands: Commands,
        cdn: Cdn,
        faults: Faults,
        ledger: Ledger,
        uploads: Uploads,
        beside: list[web.RouteDef],
        before: Middleware,
        more: list[Route],
    ) -> None:
        self._world = world
        self._gateway = gateway
        self._interactions = interactions
        self._commands = commands
        self._cdn = cdn
        self._faults = faults
        self._ledger = ledger
        self._uploads = uploads
        self._beside = beside
        self._before = before
        self._more = more

    def application(self) -> web.Application:
        """The Discord port: REST under v9 and v10, the gateway's two paths, the CDN."""
        app = web.Application(client_max_size=30 * 1024 * 1024, middlewares=[self._before])
        for version in ("v9", "v10"):
            base = f"/api/{version}"
            app.router.add_post(f"{base}/interactions", self._post_interactions)
            for method, path, action in (*self._routes(), *self._more):
                app.router.add_route(method, base + path, self._open(action))
            app.router.add_get(f"{base}/gateway", self._where)
        app.router.add_get("/gateway", self._gateway.serve)
        app.router.add_get("/gateway/", self._gateway.serve)
        app.router.add_get("/gateway/resume", self._gateway.serve)
        app.router.add_get("/gateway/resume/", self._gateway.serve)
        app.router.add_get("/gateway/resume/{account}", self._gateway.serve)
        app.on_response_prepare.append(self._dated)
        for prefix in ("", "/media"):
            for kind in ("attachments", "ephemeral-attachments"):
                app.router.add_get(f"{prefix}/{kind}/{{channel}}/{{attachment}}/{{filename}}", self._cdn.serve)
        self._uploads.mount(app)
        app.router.add_routes(self._beside)
        app.router.add_route("*", "/{anything:.*}", self._nothing)
        return app

    def _routes(self) -> list[Route]:
        return [
            ("GET", "/users/@me", self._me),
            ("GET", "/users/@me/channels", self._private_channels),
            ("POST", "/users/@me/channels", self._open_private_channel),
            ("GET", "/users/@me/application-command-index", self._index),
            ("GET", "/guilds/{guild}/application-command-index", self._index),
            ("GET", "/channels/{channel}/application-command-index", self._index),
            ("GET", "/applications/{application}/application-command-index", self._index),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/channels/{channel}", self._channel),
            ("GET", "/channels/{channel}/messages", self._history),
            ("GET", "/channels/{channel}/messages/{message}", self._message),
            ("POST", "/attachments/refresh-urls", self._refresh),
        ]

    def _open(self, action: Action) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Wrap an action: who asks, and a row in the ledger."""

        async def route(request: web.Request) -> web.StreamResponse:
            account = self._world.account_of(request.headers.get("Authorization"))
            result: Any = refusals.UNAUTHORIZED
            if account is not None:
                kinds = READ if request.method == "GET" else {}
                trouble = next(self._faults.strike(kinds, account.id, request.path, Clock.monotonic_us()), None)
                if trouble is not None:
                    return self._failed(request, account, trouble)
                try:
                    result = await action(request, account)
                except refusals.Refused as way_out:
                    result = way_out.refusal
            refused = isinstance(result, refusals.Refusal)
            decision = result.decision if refused else str(getattr(result, "status", 200))
            self._ledger.write(
                "request", method=request.method, path=request.path, account=account.id if account else None,
                decision=decision, query=request.query_string or None,
            )  # fmt: skip
            if isinstance(result, refusals.Refusal):
                return answer(result)
            if isinstance(result, web.StreamResponse):
                return result
            return web.Response(body=msgspec.json.encode(result), content_type="application/json")

        return route

    def _failed(self, request: web.Request, account: Account, trouble: Fault) -> web.StreamResponse:
        status = int(trouble.params.get("status", 503))
        self._ledger.write(
            "request", method=request.method, path=request.path, account=account.id, decision=trouble.kind,
            fault=trouble.id,
        )  # fmt: skip
        return web.Response(status=status, text=f"<html><h1>{status}</h1></html>", content_type="text/html")

    async def _dated(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Every answer says what time Discord believes it is."""
        response.headers["Date"] = formatdate(self._world.clock.unix_ms() // 1000, usegmt=True)

    async def _post_interactions(self, request: web.Request) -> web.StreamResponse:
        account = self._world.account_of(request.headers.get("Authorization"))
        if account is None:
            self._ledger.write(
                "request", method="POST", path=request.path, decision=refusals.UNAUTHORIZED.decision, now=True
            )
            return answer(refusals.UNAUTHORIZED)
        return await self._interactions.post(request, account)

    async def _where(self, request: web.Request) -> web.StreamResponse:
        self._ledger.write("request", method="GET", path=request.path, decision="200")
        return web.json_response({"url": self._gateway.url})

    async def _nothing(self, request: web.Request) -> web.StreamResponse:
        self._ledger.write("request", method=request.method, path=request.path, decision="refused 404/0")
        return answer(refusals.NOT_FOUND)

    # account and places

    async def _me(self, _request: web.Request, account: Account) -> dict[str, Any]:
        return {**account.user(), "email": account.email, "verified": True, "mfa_enabled": False, "locale": "en-US"}

    async def _private_channels(self, _request: web.Request, account: Account) -> list[dict[str, Any]]:
        return [private_channel(channel) for channel in self._world.private(account)]

    async def _open_private_channel(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        recipients = (await values_of(request)).get("recipients")
        bot = recipients[0] if isinstance(recipients, list) and len(recipients) == 1 else None
        if bot not in BOTS:
            return refusals.form("recipients", "BASE_TYPE_BAD", "Only the bots can be written to")
        return private_channel(self._gateway.opened(self._world.dm(account, bot), account))

    async def _guild(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        guild = request.match_info["guild"]
        if not self._is_member(account, guild):
            return refusals.NO_SUCH_GUILD
        return {"id": guild, "name": "studio", "owner_id": account.user_id, "icon": None, "features": []}

    async def _channel(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        found = place(self._world, request, account)
        if found.guild_id is None:
            return private_channel(found)
        return {"id": found.id, "type": 0, "guild_id": found.guild_id, "name": "mj", "flags": 0}

    async def _index(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        where = request.match_info
        if "guild" in where and not self._is_member(account, where["guild"]):
            return refusals.MISSING_ACCESS
        if "channel" in where:
            channel = place(self._world, request, account)
            return self._commands.index(channel.bot) if channel.guild_id is None else refusals.NO_SUCH_CHANNEL
        if "application" in where:
            known = where["application"] in ALL_BOTS
            return self._commands.index(where["application"]) if known else refusals.UNKNOWN_APPLICATION
        return self._commands.index()

    def _is_member(self, account: Account, guild: str) -> bool:
        return any(c.guild_id == guild and account.id in c.members for c in self._world.channels.values())

    # history

    async def _history(self, request: web.Request, account: Account) -> list[dict[str, Any]] | Refusal:
        channel = place(self._world, request, account)
        query = request.query
        try:
            limit = int(query.get("limit", "50"))
            marks = {name: int(query[name]) for name in ("before", "after", "around") if name in query}
        except ValueError:
            return refusals.form("limit", "NUMBER_TYPE_COERCE", "Value is not a number or a snowflake.")
        if not 1 <= limit <= _MAX_PAGE:
            return refusals.form("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        if "around" in marks:
            half = limit // 2
            newer = self._world.history(channel, max(half, 1), after=marks["around"])
            older = self._world.history(channel, limit - half, before=marks["around"] + 1)
            found = (newer[-half:] if half else []) + older
        else:
            found = self._world.history(channel, limit, before=marks.get("before"), after=marks.get("after"))
        return [self._cdn.renew(message.read()) for message in found]

    async def _message(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        channel = place(self._world, request, account)
        message = self._world.messages.get(request.match_info["message"])
        if message is None or message.channel_id != channel.id or message.only is not None:
            return refusals.UNKNOWN_MESSAGE
        return self._cdn.renew(message.read())

    async def _refresh(self, request: web.Request, _account: Account) -> dict[str, Any] | Refusal:
        try:
            urls = msgspec.json.decode(await request.read())["attachment_urls"]
        except (msgspec.DecodeError, KeyError, TypeError):
            return refusals.required("attachment_urls")
        if not isinstance(urls, list) or not 1 <= len(urls) <= _MAX_REFRESH:
            return refusals.form("attachment_urls", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 50 in length.")
        fresh = [(url, refreshed(self._cdn, str(url))) for url in urls]
        return {"refreshed_urls": [{"original": url, "refreshed": new} for url, new in fresh if new is not None]}
