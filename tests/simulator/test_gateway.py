"""The gateway's rules: who may speak, what ends a socket, and what a RESUME gives back."""

from __future__ import annotations

import asyncio
import json

import pytest
import websockets

from tests.simulator.raw_client import RawClient


@pytest.mark.parametrize("compress", [True, False])
async def test_a_job_is_heard_plain_and_as_zlib_stream(simulate, compress):
    async with simulate() as it, it.client(compress=compress) as client:
        final = await client.finished("a lighthouse")
        assert final["attachments"]
        kinds = {type(message) for message in client.raw_messages}
        assert kinds == ({bytes} if compress else {str})


async def test_large_frames_arrive_in_several_messages(simulate):
    async with simulate(ready_padding=300_000) as it, it.client() as client:
        parts = [m for m in client.raw_messages if not m.endswith(b"\x00\x00\xff\xff")]
        assert parts
        assert len(client.ready["guilds"]) > 5
        assert client.ready["guilds"][-1]["id"] == client.account["guild_id"]


async def test_every_dispatch_has_the_next_number(simulate):
    async with simulate() as it, it.client() as client:
        await client.finished("a lighthouse")
        numbers = [f["s"] for f in client.frames if f["op"] == 0]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_heartbeats_are_acknowledged_and_the_server_may_ask_for_one(simulate):
    async with simulate(timing={"heartbeat_ms": 5000}) as it, it.client() as client:
        assert client.frames[0]["d"]["heartbeat_interval"] == 5000
        await client.send(1, 2)
        await client.frame(op=11)
        await it.order("server_heartbeat")
        await client.frame(op=1)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ('{"op":2,"d":{"token":"no.such.token","properties":{}}}', 4004),
        ('{"op":6,"d":{"token":"no.such.token","session_id":"x","seq":1}}', 4004),
        ('{"op":99,"d":null}', 4001),
        ("this is no json", 4002),
        ('{"op":2,"d":"' + "x" * 16000 + '"}', 4002),
        ('{"op":3,"d":{}}', 4003),
    ],
)
async def test_what_a_stranger_must_not_send_closes_with_its_code(simulate, payload, code):
    async with simulate() as it:
        client = it.client()
        await client.connect()
        await client.socket.send(payload)
        assert (await client.frame(op="closed"))["d"] == code
        await client.http.aclose()


async def test_identifying_twice_closes_with_4005(simulate):
    async with simulate() as it, it.client() as client:
        await client.send(2, {"token": client.account["token"], "properties": {}})
        assert (await client.frame(op="closed"))["d"] == 4005


async def test_more_than_120_sends_a_minute_close_with_4008(simulate):
    async with simulate() as it, it.client() as client:
        for _ in range(121):
            await client.send(1, None)
        assert (await client.frame(op="closed"))["d"] == 4008


async def test_an_unknown_version_closes_with_4012(simulate):
    async with simulate() as it, websockets.connect(it.simulator.gateway_url + "?v=3", close_timeout=1) as socket:
        await asyncio.wait_for(socket.wait_closed(), 5)
        assert socket.close_code == 4012


async def test_what_was_missed_is_replayed_in_order(simulate):
    async with simulate() as it, it.client() as client:
        nonce = await client.imagine("a lighthouse")
        await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce)
        seen = client.seq
        await client.leave(4000)
        await asyncio.sleep(0.4)
        since = await client.resume()
        resumed = await client.frame("RESUMED", since=since)
        missed = [f for f in client.frames[since:] if f["op"] == 0]
        assert [f["s"] for f in missed] == list(range(seen + 1, resumed["s"] + 1))
        assert [f["t"] for f in missed].count("MESSAGE_CREATE") == 1
        assert resumed["d"] == {"_trace": []}
        rows = await it.rows("gateway", op=6)
        assert [(r["path"], r["decision"]) for r in rows] == [("/gateway/resume/a1", "accepted")]


async def test_a_resume_from_further_back_repeats_frames_with_their_numbers(simulate):
    async with simulate() as it, it.client() as client:
        await client.finished("a lighthouse")
        before = {f["s"]: f for f in client.frames if f["op"] == 0}
        await client.leave(4000)
        since = await client.resume(seq=2)
        await client.frame("RESUMED", since=since)
        repeated = [f for f in client.frames[since:] if f["s"] in before]
        assert repeated[0]["s"] == 3
        assert all(before[f["s"]] == f for f in repeated)


@pytest.mark.parametrize("code", [1000, 1001])
async def test_an_orderly_goodbye_ends_the_session(simulate, code):
    async with simulate() as it, it.client() as client:
        await client.leave(code)
        since = await client.resume()
        refused = await client.frame(op=9, since=since)
        assert refused["d"] is False
        await client.send(2, {"token": client.account["token"], "properties": {}})
        await client.frame("READY", since=since)


async def test_a_session_is_forgotten_after_its_time(simulate):
    async with simulate(timing={"session_ms": 50}) as it, it.client() as client:
        await client.leave(4000)
        await asyncio.sleep(0.2)
        since = await client.resume()
        assert (await client.frame(op=9, since=since))["d"] is False


async def test_a_number_from_the_future_closes_with_4007(simulate):
    async with simulate() as it, it.client() as client:
        await client.leave(4000)
        since = await client.resume(seq=999)
        assert (await client.frame(op="closed", since=since))["d"] == 4007


async def test_resuming_from_a_second_place_ends_the_older_socket(simulate):
    async with simulate() as it, it.client() as older, RawClientAt(it, older) as newer:
        since = await newer.resume(seq=older.seq, session=older.session_id, url=older.ready["resume_gateway_url"])
        await newer.frame("RESUMED", since=since)
        assert (await older.frame(op="closed"))["d"] == 4000
        nonce = await older.imagine("a lighthouse")
        await newer.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce)


class RawClientAt(RawClient):
    """A second client of the same account that does not identify."""

    def __init__(self, it, other):
        super().__init__(it.simulator.api_url, other.account)

    async def __aenter__(self):
        return self


async def test_a_client_that_stops_beating_is_timed_out(simulate, monkeypatch):
    monkeypatch.setattr("engine.simulator.gateway._GRACE_SECONDS", 0)
    async with simulate(timing={"heartbeat_ms": 100}) as it, it.client() as client:
        assert (await client.frame(op="closed"))["d"] == 4009


async def test_two_sessions_hear_the_messages_but_only_the_asker_hears_its_interaction(simulate):
    async with simulate() as it, it.client() as asker, it.client() as other:
        nonce = await asker.imagine("a lighthouse")
        await asker.final_of(nonce)
        await other.final_of(nonce)
        assert asker.of("INTERACTION_CREATE")
        assert not other.of("INTERACTION_CREATE")
        assert not other.of("INTERACTION_SUCCESS")


async def test_foreign_messages_are_heard_too(simulate):
    async with simulate() as it, it.client() as client:
        answer = await it.control.post("/chatter", json={"account": "a1", "count": 12})
        assert answer.json() == {"sent": 12}
        await client.frame("TYPING_START")
        foreign = client.of("MESSAGE_CREATE")
        assert len(foreign) == 10
        assert all(client.account["user_id"] not in json.dumps(d) for d in foreign)
        assert any(d["channel_id"] == client.account["channel_id"] for d in foreign)
        assert any("guild_id" not in d for d in foreign)


async def test_a_revoked_token_closes_with_4004_and_gets_401(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"revoked": True})
        assert (await client.frame(op="closed"))["d"] == 4004
        answer = await client.http.get("/users/@me")
        assert (answer.status_code, answer.json()) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_the_sessions_of_the_gateway_can_be_dropped(simulate):
    async with simulate() as it, it.client() as client:
        assert (await it.control.delete("/sessions")).json() == {"dropped": 1}
        await client.frame(op="closed")
        since = await client.resume()
        assert (await client.frame(op=9, since=since))["d"] is False
