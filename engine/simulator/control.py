"""What tests and the demo may order the simulator to do, on a port that is not Discord's."""

from __future__ import annotations

import ipaddress
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from engine.simulator.chatter import chatter
from engine.simulator.clock import Clock
from engine.simulator.faults import KINDS, SOCKET
from engine.simulator.ids import MIDJOURNEY
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.commands import Commands
    from engine.simulator.faults import Faults
    from engine.simulator.gateway import Gateway
    from engine.simulator.interactions import Interactions
    from engine.simulator.ledger import Ledger
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account
    from engine.simulator.shelf import Shelf
    from engine.simulator.uploads import Uploads
    from engine.simulator.world import World

_MOST_BYTES = 64 * 1024 * 1024  # of a body: people send files in base64


class Control:
    """The control port. Bad input is 400 with `{"error": words}`."""

    def __init__(
        self,
        *,
        options: SimulatorOptions,
        world: World,
        gateway: Gateway,
        interactions: Interactions,
        commands: Commands,
        faults: Faults,
        ledger: Ledger,
        clock: Clock,
        uploads: Uploads,
        shelf: Shelf,
        bot: str,
        more: list[web.RouteDef],
    ) -> None:
        self._options = options
        self._world = world
        self._gateway = gateway
        self._interactions = interactions
        self._commands = commands
        self._faults = faults
        self._ledger = ledger
        self._clock = clock
        self._uploads = uploads
        self._shelf = shelf
        self._bot = bot  # whom faults may name beside the accounts
        self._more = more
        self._rng = Random(options.seed)

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=_MOST_BYTES, middlewares=[_plain_errors, _no_strange_pages])
        app.router.add_get("/healthz", self._health)
        app.router.add_post("/faults", self._order)
        app.router.add_get("/faults", self._orders)
        app.router.add_delete("/faults", self._cancel_all)
        app.router.add_delete("/faults/{fault}", self._cancel)
        app.router.add_get("/speed", self._timing)
        app.router.add_put("/speed", self._speed)
        app.router.add_get("/timing", self._timing)
        app.router.add_put("/timing", self._change_timing)
        app.router.add_get("/clock", self._time)
        app.router.add_put("/clock", self._set_clock)
        app.router.add_post("/accounts", self._create_account)
        app.router.add_get("/accounts", self._accounts)
        app.router.add_put("/accounts/{account}", self._change_account)
        app.router.add_post("/human", self._human)
        app.router.add_post("/chatter", self._chatter)
        app.router.add_post("/commands/redeploy", self._redeploy)
        app.router.add_delete("/sessions", self._drop_sessions)
        app.router.add_get("/uploads", self._uploaded)
        app.router.add_get("/files/{sha256}", self._file)
        app.router.add_get("/ledger", self._rows)
        app.router.add_routes(self._more)
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        return _json({"ok": True, "speed": self._clock.speed, "accounts": len(self._world.accounts)})

    # faults

    async def _order(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        if wanted.get("account") == "bot":
            wanted["account"] = self._bot
        elif wanted.get("account") is not None:
            self._account(wanted["account"])
        fault = self._faults.order(wanted, Clock.monotonic_us())
        if fault.kind in SOCKET and fault.match is None and "on" not in fault.params:
            self._gateway.strikes.schedule(fault)
        return _json(fault.told())

    async def _orders(self, _request: web.Request) -> web.Response:
        return _json({"faults": [fault.told() for fault in self._faults], "kinds": KINDS})

    async def _cancel_all(self, _request: web.Request) -> web.Response:
        return _json({"cancelled": self._faults.cancel()})

    async def _cancel(self, request: web.Request) -> web.Response:
        count = self._faults.cancel(request.match_info["fault"])
        return _json({"cancelled": count}, status=200 if count else 404)

    # time

    async def _speed(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        speed = wanted.pop("speed", None)
        if speed is not None:
            self._clock.turn(speed)
        self._options.timing.change(wanted)
        return self._times()

    async def _change_timing(self, request: web.Request) -> web.Response:
        self._options.timing.change(await _body(request))
        return self._times()

    async def _timing(self, _request: web.Request) -> web.Response:
        return self._times()

    def _times(self) -> web.Response:
        timing = self._options.timing
        values = {name: getattr(timing, name) for name in timing.__slots__}
        return _json({"speed": self._clock.speed, **values})

    async def _time(self, _request: web.Request) -> web.Response:
        return _json({"unix_ms": self._clock.unix_ms(), "skew_ms": self._clock.skew_ms})

    async def _set_clock(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        if set(wanted) != {"skew_ms"}:
            raise ValueError("say skew_ms and nothing else")
        self._world.set_clock(wanted["skew_ms"])
        return await self._time(request)

    # accounts and their owners

    async def _create_account(self, request: web.Request) -> web.Response:
        return _json(self.described(self._world.create_account(await _body(request))))

    async def _accounts(self, _request: web.Request) -> web.Response:
        return _json({"accounts": [self.described(account) for account in self._world.accounts.values()]})

    async def _change_account(self, request: web.Request) -> web.Response:
        account = self._account(request.match_info["account"])
        self._world.change_account(account, await _body(request))
        if account.revoked:
            self._gateway.revoke(account)
        return _json(self.described(account))

    def described(self, account: Account) -> dict[str, Any]:
        """An account with its token, for the one who runs the simulator."""
        values = msgspec.structs.asdict(account)
        values.pop("given_token")
        return {**values, "token": self._world.token_of(account)}

    def _account(self, identity: str) -> Account:
        account = self._world.accounts.get(identity)
        if account is None:
            raise ValueError(f"no account {identity!r}; there are {', '.join(self._world.accounts)}")
        return account

    async def _human(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        account = self._account(str(wanted.get("account")))
        place = {"channel_id": wanted.get("channel_id", account.channel_id)}
        channel = self._world.channels.get(place["channel_id"])
        if channel is None:
            raise ValueError("no such channel")
        body: dict[str, Any] = {"application_id": MIDJOURNEY, "guild_id": channel.guild_id, **place}
        if wanted.get("type") == "imagine":
            command = next(
                c for c in self._commands.index(MIDJOURNEY)["application_commands"] if c["name"] == "imagine"
            )
            option = {"type": 3, "name": "prompt", "value": wanted.get("prompt")}
            data = {key: command[key] for key in ("id", "version", "name", "type")}
            body |= {"type": 2, "data": {**data, "options": [option]}}
        elif wanted.get("type") == "click":
            body |= {
                "type": 3,
                "message_id": wanted.get("message_id"),
                "data": {"component_type": 2, "custom_id": wanted.get("custom_id")},
            }
        else:
            raise ValueError("type must be imagine or click")
        asked = self._interactions.by_hand(account, channel, body)
        return _json({"interaction_id": asked.id, "nonce": asked.nonce})

    async def _chatter(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        account = self._account(str(wanted.get("account")))
        sent = 0
        for name, frame in chatter(self._world, account, wanted.get("guild_id"), wanted.get("count", 1), self._rng):
            self._gateway.to_account(account.id, name, frame, foreign=True)
            sent += 1
        return _json({"sent": sent})

    async def _redeploy(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        extra = set(wanted) - {"application", "name"}
        if extra:
            raise ValueError(f"unknown values: {', '.join(sorted(extra))}; known are application, name")
        self._commands.redeploy(application=wanted.get("application"), name=wanted.get("name"))
        return _json({"deployments": self._commands.deployments})

    async def _uploaded(self, _request: web.Request) -> web.Response:
        return _json({"uploads": self._uploads.all()})

    async def _file(self, request: web.Request) -> web.Response:
        data = self._shelf.read(request.match_info["sha256"])
        return web.Response(status=404) if data is None else web.Response(body=data)

    async def _drop_sessions(self, _request: web.Request) -> web.Response:
        return _json({"dropped": self._gateway.drop_sessions()})

    async def _rows(self, request: web.Request) -> web.Response:
        query = request.query
        after, limit = int(query.get("after", "0")), int(query.get("limit", "1000"))
        rows, following = self._ledger.rows(after, limit, query.get("kind"))
        return _json({"rows": rows, "next": following})


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(await request.read() or b"{}")
    except msgspec.DecodeError as error:
        raise ValueError(f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - it becomes a 400 like the others
    return body


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json", status=status)


@web.middleware
async def _plain_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        return await handler(request)  # type: ignore[no-any-return]
    except (ValueError, Refused) as error:
        return _json({"error": str(error)}, status=400)


@web.middleware
async def _no_strange_pages(request: web.Request, handler: Any) -> web.StreamResponse:
    """Nothing a page of another site may call through somebody's browser, by our number or by a name it made ours."""
    origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
    apart = request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
    if apart or not _is_number(host) or (origin is not None and urlsplit(origin).netloc != host):
        return _json({"error": "a page of another site may not act here"}, status=403)
    return await handler(request)  # type: ignore[no-any-return]  # aiohttp types no handler


def _is_number(host: str) -> bool:
    """Whether a Host header is an address that no name server gives out."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost"
    return True
