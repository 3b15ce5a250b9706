"""Which POST /interactions Discord accepts, and when its answer comes (protocol §1.2, §1.6)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator import components, refusals, slash
from engine.simulator.bodies import parts_of, values_of
from engine.simulator.clock import Clock
from engine.simulator.connection import reset
from engine.simulator.faults import DOOR, JOB, ORDERS
from engine.simulator.interaction import COMMAND, COMPONENT, SUBMIT, Interaction
from engine.simulator.people import ALL_BOTS
from engine.simulator.refusals import Refusal, Refused
from engine.simulator.slash import ON_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.simulator.bot import Midjourney
    from engine.simulator.commands import Commands
    from engine.simulator.faults import Fault, Faults
    from engine.simulator.gateway import Gateway
    from engine.simulator.ledger import Ledger
    from engine.simulator.options import SimulatorOptions
    from engine.simulator.people import Account, Channel
    from engine.simulator.shelf import File
    from engine.simulator.uploads import Uploads
    from engine.simulator.world import World

_RECENT = 5000  # nonces remembered for deduplication
_CLOUDFLARE = "<!DOCTYPE html><html><head><title>Access denied | discord.com</title></head><body>1015</body></html>"


class Interactions:
    """The route: checks, ledger row, the bot, and the 204."""

    def __init__(
        self,
        *,
        options: SimulatorOptions,
        world: World,
        gateway: Gateway,
        bot: Midjourney,
        commands: Commands,
        uploads: Uploads,
        faults: Faults,
        ledger: Ledger,
    ) -> None:
        self._options = options
        self._world = world
        self._gateway = gateway
        self._bot = bot
        self._commands = commands
        self._uploads = uploads
        self._faults = faults
        self._ledger = ledger
        self._recent: OrderedDict[tuple[str, str], str] = OrderedDict()  # (account, nonce) → interaction id
        self._turn = 0

    async def post(self, request: web.Request, account: Account) -> web.StreamResponse:
        """One POST, from body to answer; the ledger has its row before anything leaves."""
        arrived = Clock.monotonic_us()
        row: dict[str, Any] = {"method": "POST", "path": request.path, "account": account.id, "arrived_us": arrived}
        try:
            body = await values_of(request)
            parts = {n: self._uploads.keep_part(*part) for n, part in (await parts_of(request)).items()}
            row |= _facts(body)
            for fault in self._faults.strike(DOOR, account.id, _text(body), arrived):
                self._ledger.write("request", now=True, decision=fault.kind, fault=fault.id, **row)
                if fault.kind == "version_bumped":
                    self._commands.redeploy()
                return await _trouble(request, fault)
            known = self._recent.get((account.id, row["nonce"])) if row.get("nonce") else None
            if known is not None:
                self._ledger.write("request", now=True, decision="duplicate nonce", interaction=known, **row)
                return web.Response(status=204)
            asked = self._check(body, account, parts)
        except Refused as way_out:
            self._ledger.write("request", now=True, decision=way_out.refusal.decision, **row)
            return answer(way_out.refusal)
        if asked.kind == COMMAND:
            self._uploads.use(account, body["data"].get("attachments"), f"{asked.name} {asked.id}")
        return await self._accept(request, asked, _text(body), row)

    async def _accept(
        self, request: web.Request, asked: Interaction, text: str, row: dict[str, Any]
    ) -> web.StreamResponse:
        asked.faults = self._ordered(asked.account.id, text)
        if asked.nonce is not None:
            self._recent[asked.account.id, asked.nonce] = asked.id
            if len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
        self._ledger.write(
            "request", now=True, decision="accepted", interaction=asked.id, faults=list(asked.faults) or None, **row
        )
        if self._bot.rng.random() < self._options.early_events:
            # before the 204: no order is promised (protocol §1.2)
            self._bot.voice.create_event(asked)
            if asked.session is not None and asked.session.connection is not None:
                asked.session.connection.flush()
        work = self._bot.take(asked)
        order = asked.faults.get("reordered", {}).get("order")
        if order == "final_before_204":
            await asyncio.shield(work)
        if "answer_late" in asked.faults:
            await asyncio.sleep(float(asked.faults["answer_late"].get("delay_ms", 6000)) / 1000)
        if "answer_dropped" in asked.faults:
            reset(request.transport)
        return web.Response(status=502 if "answer_5xx" in asked.faults else 204)

    def _ordered(self, account: str, text: str) -> dict[str, dict[str, Any]]:
        """What was ordered for this job, and what the options spread over all jobs."""
        struck = self._faults.strike(JOB, account, text, Clock.monotonic_us())
        faults = {fault.kind: dict(fault.params) for fault in struck}
        options = self._options
        for kind, share in (
            ("integer_nonces", options.integer_nonces),
            ("partial_updates", options.partial_updates),
        ):
            if share and self._bot.rng.random() < share:
                faults.setdefault(kind, {})
        if "reordered" in faults and faults["reordered"].get("order") is None:
            faults["reordered"]["order"] = ORDERS[self._turn % len(ORDERS)]
            self._turn += 1
        return faults

    def by_hand(self, account: Account, channel: Channel, body: dict[str, Any]) -> Interaction:
        """What the owner did in another client: checked like a request, seen by no session of ours."""
        asked = self._check({**body, "session_id": None}, account, {})
        nonce = self._world.new_id()
        asked.nonce = nonce
        asked.channel = channel
        asked.faults = self._ordered(account.id, asked.prompt or asked.custom_id or "")
        self._recent[account.id, nonce] = asked.id
        self._ledger.write(
            "human", now=True, account=account.id, nonce=nonce, interaction=asked.id, decision="accepted",
            prompt=asked.prompt, custom_id=asked.custom_id or None,
        )  # fmt: skip
        self._bot.take(asked)
        return asked

    # checks

    def _check(self, body: dict[str, Any], account: Account, parts: dict[str, File]) -> Interaction:
        """The interaction that a body means. Raises Refused with what Discord says."""
        kind = body.get("type")
        if kind not in (COMMAND, COMPONENT, SUBMIT):
            raise Refused(refusals.form("type", "BASE_TYPE_CHOICES", "Value must be one of {2, 3, 5}."))
        application = body.get("application_id")
        if application is None:
            raise Refused(refusals.required("application_id"))
        if application not in ALL_BOTS:
            raise Refused(refusals.UNKNOWN_APPLICATION)
        channel = self._channel(body, account)
        nonce = body.get("nonce")
        if nonce is not None and (not isinstance(nonce, str | int) or len(str(nonce)) > 25):
            raise Refused(refusals.form("nonce", "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length."))
        session = None
        if body.get("session_id") is not None:
            session = self._gateway.session_of(account, str(body["session_id"]))
            if session is None:
                raise Refused(refusals.UNKNOWN_SESSION)
        data = body.get("data")
        if not isinstance(data, dict):
            raise Refused(refusals.required("data"))
        asked = Interaction(
            id="",
            account=account,
            channel=channel,
            nonce=None if nonce is None else str(nonce),
            session=session,
            kind=kind,
            application=application,
        )
        if kind == COMMAND:
            self._command(asked, data, parts)
        elif kind == COMPONENT:
            self._component(asked, body, data)
        else:
            self._submit(asked, data)
        asked.id = self._world.new_id()
        return asked

    def _channel(self, body: dict[str, Any], account: Account) -> Channel:
        channel = self._world.channels.get(str(body.get("channel_id")))
        if channel is None or account.id not in channel.members:
            raise Refused(refusals.UNKNOWN_CHANNEL)
        guild = body.get("guild_id")
        if (None if guild is None else str(guild)) != channel.guild_id:
            raise Refused(refusals.UNKNOWN_CHANNEL)
        if channel.guild_id is None and channel.bot != body["application_id"]:
            raise Refused(refusals.UNKNOWN_INTEGRATION)
        return channel

    def _command(self, asked: Interaction, data: dict[str, Any], parts: dict[str, File]) -> None:
        command = self._commands.named(str(data.get("id")))
        if command is None or command["application_id"] != asked.application:
            raise Refused(refusals.UNKNOWN_COMMAND)
        if data.get("version") != command["version"] or data.get("name") != command["name"]:
            raise Refused(refusals.OUTDATED)
        if command["type"] == ON_MESSAGE:
            asked.name, asked.message_id = command["name"], str(data.get("target_id"))
            message = self._world.messages.get(asked.message_id)
            if message is None or message.channel_id != asked.channel.id:
                raise Refused(refusals.UNKNOWN_MESSAGE)
            return
        files = self._uploads.attached(asked.account, data.get("attachments"), parts, "data.attachments")
        asked.name, asked.options = slash.named(command, data, files)
        asked.prompt = str(asked.options.get("prompt", ""))

    def _component(self, asked: Interaction, body: dict[str, Any], data: dict[str, Any]) -> None:
        message_id = body.get("message_id")
        if message_id is None:
            raise Refused(refusals.required("message_id"))
        message = self._world.messages.get(str(message_id))
        if message is None or message.channel_id != asked.channel.id or message.only not in (None, asked.account.id):
            raise Refused(refusals.UNKNOWN_MESSAGE)
        custom_id = data.get("custom_id")
        stored = message.read()
        if stored["author"]["id"] != asked.application:
            raise Refused(refusals.UNKNOWN_APPLICATION)
        found = components.carries(stored["components"], str(custom_id))
        if found is None or data.get("component_type") != found["type"]:
            raise Refused(refusals.NO_SUCH_COMPONENT)
        flags = body.get("message_flags")
        if flags is not None and flags != stored["flags"]:
            raise Refused(refusals.UNKNOWN_MESSAGE)
        asked.message_id, asked.custom_id = str(message_id), str(custom_id)
        asked.values = _chosen(found, data)

    def _submit(self, asked: Interaction, data: dict[str, Any]) -> None:
        custom_id = str(data.get("custom_id"))
        modal = self._bot.modal(str(data.get("id")), asked.account, custom_id)
        if modal is None:
            raise Refused(refusals.UNKNOWN_INTERACTION)
        fields = {child.get("custom_id"): child.get("value") for child in _inputs(data)}
        value = fields.get(modal.field)
        if not isinstance(value, str) or not value.strip():
            raise Refused(refusals.required("data.components.0.components.0.value"))
        asked.modal, asked.prompt = modal, value


def _chosen(component: dict[str, Any], data: dict[str, Any]) -> tuple[str, ...]:
    """The values of a select; a button has none."""
    if component["type"] != 3:
        return ()
    values = data.get("values")
    known = {option["value"] for option in component["options"]}
    if not isinstance(values, list) or len(values) != 1 or values[0] not in known:
        raise Refused(refusals.NO_SUCH_COMPONENT)
    return tuple(values)


def _inputs(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in data.get("components") or ():
        for child in row.get("components") or ():
            if isinstance(child, dict):
                yield child


def _facts(body: dict[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a body: links and words, never a token."""
    data = body.get("data")
    data = data if isinstance(data, dict) else {}
    options = data.get("options")
    first = options[0] if isinstance(options, list) and options and isinstance(options[0], dict) else {}
    nonce = body.get("nonce")
    return {
        "nonce": None if nonce is None else str(nonce),
        "type": body.get("type"),
        "name": data.get("name"),
        "custom_id": data.get("custom_id"),
        "clicked": body.get("message_id"),
        "prompt": first.get("value"),
        "typed": [str(child.get("value")) for child in _inputs(data)],
    }


def _text(body: dict[str, Any]) -> str:
    """Where a fault's `match` is looked for: prompt, modal field, custom id, command name."""
    facts = _facts(body)
    return "\n".join([str(facts["prompt"]), str(facts["custom_id"]), str(facts["name"]), *facts["typed"]])


async def _trouble(request: web.Request, fault: Fault) -> web.StreamResponse:
    """A refusal that was ordered: nothing was accepted."""
    params = fault.params
    match fault.kind:
        case "rate_limited":
            return answer(refusals.too_many(float(params.get("retry_after", 2.06)), params.get("scope", "shared")))
        case "cloudflare":
            headers = {"Retry-After": str(params["retry_after"])} if "retry_after" in params else {}
            return web.Response(status=429, text=_CLOUDFLARE, content_type="text/html", headers=headers)
        case "server_error":
            status = int(params.get("status", 502))
            return web.Response(status=status, text=f"<html><h1>{status}</h1></html>", content_type="text/html")
        case "reset":
            reset(request.transport)
            return web.Response(status=500)
        case "timeout":
            await asyncio.sleep(float(params.get("hold_ms", 3_600_000)) / 1000)
            return web.Response(status=504)
        case _:
            bodies = {
                "unauthorized": refusals.UNAUTHORIZED,
                "blocked": refusals.BLOCKED,
                "missing_access": refusals.MISSING_ACCESS,
                "message_gone": refusals.UNKNOWN_MESSAGE,
                "captcha": refusals.CAPTCHA,
                "outdated": refusals.OUTDATED,
                "version_bumped": refusals.OUTDATED,
            }
            return answer(bodies[fault.kind])


def answer(refusal: Refusal) -> web.Response:
    """A refusal as an HTTP answer."""
    return web.Response(
        status=refusal.status,
        body=msgspec.json.encode(refusal.body),
        content_type="application/json",
        headers={"Via": "1.1 google", **refusal.headers},
    )
