"""The bot's wire without a library: frames in plain text, heartbeats, what survives a restart, what is malformed."""

from __future__ import annotations

import json

import pytest
import websockets

from tests.simulator.test_bot_refusals import Raw, code_of


@pytest.fixture
async def raw(simulate, monkeypatch):
    async with simulate() as running:
        made = await Raw(running, monkeypatch).start()
        yield made
        await made.rest.aclose()


class Client:
    """A gateway client in plain text."""

    def __init__(self, socket):
        self._socket = socket
        self.seq = None

    async def send(self, op, d):
        await self._socket.send(json.dumps({"op": op, "d": d}))

    async def next(self, name=None):
        """The next frame, or the next dispatch of a name."""
        while True:
            frame = json.loads(await self._socket.recv())
            self.seq = frame["s"] or self.seq
            if name in (None, frame["t"]):
                return frame


async def test_frames_are_plain_text_when_no_compression_is_asked_for(raw):
    address = (await raw.rest.get("/gateway/bot")).json()["url"]
    async with websockets.connect(f"{address}?v=10&encoding=json", compression=None) as socket:
        client = Client(socket)
        assert (await client.next())["op"] == 10
        await client.send(2, {"token": raw.token, "intents": 1, "properties": {}})
        ready = (await client.next("READY"))["d"]
        assert (ready["application"]["id"], len(ready["guilds"])) == (raw.app, 2)
        guild = (await client.next("GUILD_CREATE"))["d"]
        assert [member["user"]["id"] for member in guild["members"]] == [raw.app]
        await client.next("GUILD_CREATE")
        await client.send(1, client.seq)
        assert (await client.next())["op"] == 11
        await raw.ask()
        asked = (await client.next("INTERACTION_CREATE"))["d"]
    assert asked["attachment_size_limit"] == 10 * 1024 * 1024
    assert asked["authorizing_integration_owners"] == {"0": raw.guild}
    assert asked["member"]["user"]["username"] == "member"
    async with websockets.connect(f"{ready['resume_gateway_url']}?v=10&encoding=json", compression=None) as socket:
        client = Client(socket)
        await client.next()
        await client.send(6, {"token": raw.token, "session_id": ready["session_id"], "seq": 1})
        assert (await client.next())["op"] == 9  # closed with 1000: the session went along


async def test_a_session_that_was_cut_is_resumed_with_what_it_missed(raw):
    address = raw.running.simulator.gateway_url
    async with websockets.connect(f"{address}?v=10", compression=None) as socket:
        client = Client(socket)
        await client.next()
        await client.send(2, {"token": raw.token, "intents": 1, "properties": {}})
        ready = (await client.next("READY"))["d"]
        await client.next("GUILD_CREATE")
        await client.next("GUILD_CREATE")
        await raw.running.order("tcp_cut", account="bot")
        with pytest.raises(websockets.ConnectionClosed):
            await client.next()
    identity, _, _ = await raw.ask()
    async with websockets.connect(f"{ready['resume_gateway_url']}?v=10", compression=None) as socket:
        again = Client(socket)
        await again.next()
        await again.send(6, {"token": raw.token, "session_id": ready["session_id"], "seq": client.seq})
        assert (await again.next("INTERACTION_CREATE"))["d"]["id"] == identity
        await again.next("RESUMED")


async def test_an_interactions_token_opens_its_messages_after_a_restart_of_the_simulator(simulate, monkeypatch):
    async with simulate() as running:
        raw = await Raw(running, monkeypatch).start()
        _, callback, webhook = await raw.ask()
        await raw.rest.post(callback, json={"type": 4, "data": {"content": "one"}})
        await raw.rest.aclose()
    async with simulate() as running:
        raw = Raw(running, monkeypatch)
        edited = await raw.rest.patch(f"{webhook}/messages/@original", json={"content": "two"})
        assert (edited.status_code, edited.json()["content"]) == (200, "two")
        assert [m["content"] for m in await raw.sees("member")] == ["two"]
        await raw.rest.aclose()


async def test_an_answer_is_late_by_the_simulators_clock_too(raw):
    _, callback, _ = await raw.ask()
    await raw.control.put("/clock", json={"skew_ms": 3001})
    assert code_of(await raw.rest.post(callback, json={"type": 5})) == (404, 10062)


@pytest.mark.parametrize("body", [{"embeds": [{"image": 7}]}, {"components": [{"type": 1, "components": [7]}]}])
async def test_a_value_of_an_impossible_kind_is_refused_and_written_down(raw, body):
    assert (await raw.rest.post(f"{raw.art}/messages", json=body)).status_code == 400
    assert len(await raw.running.rows("bot_malformed")) == 1


async def test_a_card_whose_message_or_channel_is_gone_has_its_own_code(raw):
    _, callback, webhook = await raw.ask()
    await raw.rest.post(callback, json={"type": 4, "data": {"content": "one"}})
    (message,) = await raw.sees("member")
    await raw.control.delete(f"/discord/messages/{message['id']}", params={"as": "moderator"})
    assert code_of(await raw.rest.patch(f"{webhook}/messages/@original", json={"content": "x"})) == (404, 10008)
    await raw.call("DELETE", "/channels/Studio%2Fart")
    assert code_of(await raw.rest.patch(f"{webhook}/messages/@original", json={"content": "x"})) == (404, 10003)


async def test_expired_interactions_are_forgotten_when_there_are_many(raw):
    asks = raw.running.simulator.bot_side.asks
    opened = [asks.open(2, "1", "1") for _ in range(1000)]
    await raw.control.put("/clock", json={"skew_ms": 901_000})
    asks.open(2, "1", "1")
    assert asks.get(opened[0].id) is None
    assert asks.get(opened[1].id) is opened[1]
