"""How the bot starts, is refused, comes back and stops; and when it tells Discord its commands."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import discord
import pytest
from discord import gateway
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import main as program
from bot.client import BotOptions, intents
from bot.syncing import sync_if_changed
from engine import BadSetting, BotState

OPTIONS = BotOptions(token="t", public_url="http://127.0.0.1:8000")


@pytest.fixture
def addresses(monkeypatch):
    """discord.py's own, put back afterwards."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    monkeypatch.setattr(Asset, "BASE", Asset.BASE)
    monkeypatch.setattr(gateway, "KeepAliveHandler", gateway.KeepAliveHandler)


def test_addresses_of_this_machine_are_used_instead_of_discords(addresses):
    here = {"api_url": "http://127.0.0.1:1/api/v10/", "gateway_url": "ws://localhost:1/", "cdn_url": "http://[::1]:1"}
    program.point_at(replace(OPTIONS, **here))
    assert Route.BASE == "http://127.0.0.1:1/api/v10"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://localhost:1/"
    assert Asset.BASE == "http://[::1]:1"
    assert gateway.KeepAliveHandler is program.PromptBeats


class NearGateway:
    """A gateway that acknowledges a heartbeat before its sender knows that it was sent."""

    HEARTBEAT, sequence, _max_heartbeat_timeout = 1, 0, 60.0

    def __init__(self) -> None:
        self.loop, self.thread_id = asyncio.get_running_loop(), threading.get_ident()
        self.acked = asyncio.Event()

    async def send_heartbeat(self, data) -> None:
        self.beats.ack()
        self.acked.set()


async def test_an_ack_that_comes_at_once_is_not_held_against_the_heartbeat_before_it(caplog):
    near = NearGateway()
    near.beats = beats = program.PromptBeats(ws=near, interval=0.01, shard_id=None)
    beats._last_send -= 41.25
    beats.start()
    await asyncio.wait_for(near.acked.wait(), 5)
    beats.stop()
    assert "keep up" not in caplog.text
    assert beats.latency < 10


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("api_url", "https://evil.example/api"),
        ("gateway_url", "wss://10.0.0.1"),
        ("cdn_url", "http://127.0.0.1.evil.example"),
    ],
)
def test_the_token_goes_to_no_other_machine(addresses, field, address):
    before = Route.BASE
    with pytest.raises(BadSetting, match="EASEL_BOT_"):
        program.point_at(replace(OPTIONS, **{field: address}))
    assert before == Route.BASE


class Desk:
    def __init__(self) -> None:
        self.told: list[BotState] = []

    async def tell(self, state: BotState) -> None:
        self.told.append(state)


class Engine:
    """The corner of the door that `main` itself uses."""

    def __init__(self) -> None:
        self.community = self
        self.bot = Desk()


class Client:
    """Starts as the test says, once for each of `ends`; a None stays connected. `over`: the last one began."""

    ends: list[Exception | None]
    over: asyncio.Event

    def __init__(self, engine, options) -> None:
        self.closed = False

    async def start(self, token) -> None:
        end = self.ends.pop(0)
        if not self.ends:
            self.over.set()
        if end is not None:
            raise end
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True


async def run(monkeypatch, *ends):
    monkeypatch.setattr(program, "EaselBot", Client)
    monkeypatch.setattr(program, "FIRST_PAUSE", 0.001)
    Client.ends, Client.over = list(ends), asyncio.Event()
    engine, stopping = Engine(), asyncio.Event()
    running = asyncio.create_task(program.main(engine, OPTIONS, stopping))
    await asyncio.wait_for(Client.over.wait(), 5)
    if ends[-1] is None:
        stopping.set()
    await asyncio.wait_for(running, 5)
    return engine.bot.told


async def test_a_refused_token_ends_the_bot_and_is_said(monkeypatch):
    told = await run(monkeypatch, discord.LoginFailure("no"))
    assert told == [BotState.CONNECTING, BotState.REFUSED]


async def test_a_network_that_is_not_there_is_tried_again(monkeypatch):
    told = await run(monkeypatch, OSError("no route"), TimeoutError(), None)
    assert told[:4] == [BotState.CONNECTING, BotState.RECONNECTING, BotState.CONNECTING, BotState.RECONNECTING]
    assert told[-1] is BotState.OFF


def test_it_asks_for_the_least():
    asked = intents(members=False)
    assert {name for name, on in asked if on} == {"guilds", "moderation", "bans"} & {name for name, _ in asked}
    assert intents(members=True).members


async def test_commands_are_told_only_when_their_set_changed(stage, tmp_path):
    stage.bot.options = replace(stage.bot.options, memory=tmp_path / "commands")
    assert await sync_if_changed(stage.bot)
    assert not await sync_if_changed(stage.bot)
    stage.bot.tree.remove_command("help")
    assert await sync_if_changed(stage.bot)


async def test_a_command_that_is_not_there_any_more_is_answered(stage):
    answer = await stage.slash("ann", "forgotten")
    await answer.says("has changed")


async def test_what_breaks_is_told_with_a_code_that_the_log_holds(stage, monkeypatch, caplog):
    async def broken(*_, **__):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(stage.bot.counter, "open", broken)
    answer = await stage.slash("ann", "imagine", prompt="x")
    said = await answer.says("Something went wrong")
    code = said.rpartition("Code: ")[2]
    assert code.startswith("BROKEN-")
    assert any(code in record.message for record in caplog.records)
    assert "inside" not in said
