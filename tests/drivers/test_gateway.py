"""The gateway client against a server that misbehaves in one way at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from datetime import UTC, datetime

import pytest
from websockets.asyncio.server import serve

from engine.drivers.midjourney import MidjourneyDriver
from engine.drivers.midjourney.properties import CLIENT_PROPERTIES
from engine.model.accounts import Checkpoint
from engine.model.sightings import Trouble
from engine.ports import Ended, Live, Lost, Seen
from tests.contracts.session_contract import Listener, account_at, quick
from tests.drivers.captures import CHANNEL, GUILD, MIDJOURNEY, SESSION, USER, wire
from tests.drivers.tiny_gateway import PATIENCE, TinyGateway, said

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz"
NOWHERE = "http://127.0.0.1:9/api/v9"


@contextlib.asynccontextmanager
async def session_at(
    gateway, *, checkpoint=None, holds=lambda: True, driver=None, token=TOKEN, api_url=NOWHERE, **options
):
    driver = driver or MidjourneyDriver(quick(**options))
    url = gateway if isinstance(gateway, str) else gateway.url
    session = driver.open(account_at(api_url, url), token, checkpoint, holds)
    listener = Listener(session)
    try:
        yield session, listener
    finally:
        await session.close()
        await asyncio.wait_for(listener.task, 5)


async def stay(connection):
    await connection.gone()


async def plain(connection):
    await connection.identified()
    await connection.gone()


def percents(listener):
    return [s.percent for s in listener.sightings]


async def ended(listener) -> Ended:
    await listener.until(lambda heard: any(isinstance(n, Ended) for n in heard))
    await asyncio.wait_for(listener.task, 5)
    assert isinstance(listener.heard[-1], Ended)
    return listener.heard[-1]


# --- beginning ------------------------------------------------------------------------------------------------------


async def test_identify_is_the_frame_of_the_wire_with_the_token_refresh_bit_cleared():
    frames = []

    async def script(connection):
        frames.append(await connection.identified())
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        live = (await listener.lives())[0]
        assert (live.session_id, live.user_id, live.resumed) == (SESSION, USER, False)
        assert live.resume_url == f"{gateway.url}/resumed"
        assert gateway.connections[0].path == "/?encoding=json&v=9&compress=zlib-stream"
        expected = wire("gateway-frames.json")["identify"]
        expected["d"] |= {"token": TOKEN, "capabilities": 16381 - (1 << 8)}
        expected["d"]["properties"]["browser_user_agent"] = CLIENT_PROPERTIES["browser_user_agent"]
        assert frames == [expected]
        agent = gateway.connections[0].socket.request.headers["User-Agent"]
        assert agent == CLIENT_PROPERTIES["browser_user_agent"]


async def test_frames_may_be_cut_anywhere_and_come_uncompressed_too():
    async def script(connection):
        await connection.identified()
        whole = connection.deflated({"op": 0, "t": "MESSAGE_UPDATE", "s": 2, "d": said(10)})
        for at in range(0, len(whole), 7):
            await connection.socket.send(whole[at : at + 7])
        await connection.socket.send(json.dumps({"op": 0, "t": "MESSAGE_UPDATE", "s": 3, "d": said(20)}))
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        await listener.until(lambda _: len(listener.seen) == 2)
        assert percents(listener) == [10, 20]


async def test_a_ready_of_many_megabytes_is_taken_and_does_not_hold_up_the_others():
    noise = random.Random(7)
    guilds = [
        {"id": str(n), "channels": [{"id": str(noise.getrandbits(60)), "name": f"channel {n} {c}"} for c in range(100)]}
        for n in range(1500)
    ]
    slowest = 0.0

    async def tick():
        nonlocal slowest
        while True:
            begun = loop.time()
            await asyncio.sleep(0.001)
            slowest = max(slowest, loop.time() - begun)

    loop = asyncio.get_running_loop()
    whole = []

    async def script(connection):
        await connection.hello()
        await connection.receive()
        url = f"{gateway.url}/resumed"
        ready = {"user": {"id": USER}, "session_id": SESSION, "resume_gateway_url": url, "guilds": guilds}
        deflated = await asyncio.to_thread(connection.deflated, {"op": 0, "t": "READY", "s": 1, "d": ready})
        whole.append(len(deflated))
        ticking = asyncio.create_task(tick())
        await connection.socket.send(deflated)
        await connection.gone()
        ticking.cancel()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        await listener.lives()
        assert whole[0] > 1 << 20
        # 20 ms is the aim; the bound leaves room for a machine that is busy with other tests
        assert slowest < 0.2


async def test_a_frame_beyond_the_bound_ends_the_session(monkeypatch):
    async def script(connection):
        await connection.identified()
        await connection.dispatch("PRESENCE_UPDATE", {"x": "a" * 80_000_000}, 2)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        assert (await ended(listener)).trouble is Trouble.GATEWAY


async def test_no_hello_and_no_ready_lead_to_another_try():
    async def no_ready(connection):
        await connection.hello()
        await connection.gone()

    async with (
        TinyGateway(stay, no_ready, plain) as gateway,
        session_at(gateway, hello_timeout_seconds=0.3, ready_timeout_seconds=0.3) as (session, listener),
    ):
        await listener.lives()
        assert session.live
        assert len(gateway.connections) == 3


async def test_an_account_that_must_act_first_is_told_so():
    async def script(connection):
        await connection.identified(required_action="REQUIRE_VERIFIED_PHONE")
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (session, listener):
        end = await ended(listener)
        assert end.trouble is Trouble.VERIFICATION
        assert "REQUIRE_VERIFIED_PHONE" in end.detail
        assert not session.live


async def test_identifies_of_one_process_keep_their_distance():
    async with TinyGateway(plain, plain) as gateway:
        driver = MidjourneyDriver(quick(identify_pace_seconds=0.4))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with session_at(gateway, driver=driver) as (_, one), session_at(gateway, driver=driver) as (_, two):
            await one.lives()
            await two.lives()
            assert loop.time() - begun >= 0.4


async def test_a_token_that_no_header_can_carry_ends_the_session_without_a_connection():
    async with TinyGateway() as gateway, session_at(gateway, token="secret\n") as (_, listener):
        end = await ended(listener)
        assert end.trouble is Trouble.TOKEN
        assert "secret" not in end.detail
        assert gateway.connections == []


async def test_a_redirect_is_not_followed():
    async with TinyGateway(plain) as elsewhere:

        def redirect(connection, request):
            answer = connection.respond(302, "")
            answer.headers["Location"] = elsewhere.url
            return answer

        async with serve(lambda _: None, "127.0.0.1", 0, process_request=redirect) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with session_at(url) as (_, listener):
                await listener.until(lambda heard: any(isinstance(n, Lost) for n in heard))
                await asyncio.sleep(0.1)
        assert elsewhere.connections == []


# --- heartbeats -----------------------------------------------------------------------------------------------------


async def test_heartbeats_carry_the_last_number_and_their_acks_are_known():
    async def script(connection):
        await connection.identified(100)
        await connection.dispatch("PRESENCE_UPDATE", {}, 7)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (session, listener):
        await listener.lives()
        await asyncio.sleep(0.35)
        assert 7 in gateway.connections[0].beats
        assert session.acknowledged_at is not None
        assert session.passed_seq == 7
        assert session.live


async def test_a_heartbeat_asked_for_is_answered_at_once():
    async def script(connection):
        await connection.identified()
        connection.beats.clear()
        await connection.send(1)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        await listener.lives()
        await asyncio.sleep(0.2)
        assert gateway.connections[0].beats == [1]


async def test_a_connection_without_acks_is_left_with_4000_and_resumed():
    resumes, codes = [], []

    async def dead(connection):
        connection.acknowledges = False
        await connection.identified(100)
        await connection.dispatch("PRESENCE_UPDATE", {}, 9)
        codes.append(await connection.gone())

    async def alive(connection):
        resumes.append(await connection.resumed())
        await connection.gone()

    async with TinyGateway(dead, alive) as gateway, session_at(gateway) as (_, listener):
        lives = await listener.lives(2)
        assert lives[1].resumed
        assert codes == [4000]
        assert resumes[0]["d"] == {"token": TOKEN, "session_id": SESSION, "seq": 9}
        assert "not acknowledged" in next(n.detail for n in listener.heard if isinstance(n, Lost))


async def test_an_overdue_ack_ends_live_before_the_connection_ends():
    async def deaf(connection):
        connection.acknowledges = False
        await connection.identified()
        await connection.send(1)
        await connection.gone()

    async with TinyGateway(deaf) as gateway, session_at(gateway, acknowledge_seconds=0.1) as (session, listener):
        await listener.lives()
        await asyncio.sleep(0.3)
        assert gateway.connections[0].closed_with is None
        assert not session.live


async def test_an_ack_counts_only_once_everything_before_it_is_done():
    async def script(connection):
        await connection.identified(50)
        await connection.dispatch("MESSAGE_UPDATE", said(10), 2)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (session, listener):
        listener.holding = asyncio.Event()
        await asyncio.sleep(0.3)
        assert len(gateway.connections[0].beats) > 1
        assert session.acknowledged_at is None
        assert session.passed_seq is None
        listener.holding.set()
        await asyncio.sleep(0.1)
        assert session.acknowledged_at is not None
        assert session.passed_seq == 2


# --- coming back ----------------------------------------------------------------------------------------------------


async def test_what_is_replayed_comes_before_live_and_what_was_seen_is_not_told_again():
    async def first(connection):
        await connection.identified()
        await connection.dispatch("MESSAGE_UPDATE", said(10), 2)
        await connection.dispatch("MESSAGE_UPDATE", said(20), 3)
        await asyncio.sleep(0.1)
        await connection.socket.close(4000)

    async def second(connection):
        await connection.hello()
        assert (await connection.receive())["d"]["seq"] == 3
        for s, percent in ((2, 10), (3, 20), (4, 30), (5, 40), (4, 30)):
            await connection.dispatch("MESSAGE_UPDATE", said(percent), s)
        await connection.dispatch("RESUMED", {}, 6)
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway) as (session, listener):
        lives = await listener.lives(2)
        assert percents(listener) == [10, 20, 30, 40]
        assert listener.heard.index(lives[1]) > max(n for n, x in enumerate(listener.heard) if isinstance(x, Seen))
        assert gateway.connections[1].path.startswith("/resumed?")
        assert session.unbroken_since == lives[0].at


async def test_reconnect_asked_for_by_discord_resumes():
    async def first(connection):
        await connection.identified()
        await connection.send(7)
        assert await connection.gone() == 4000

    async def second(connection):
        await connection.resumed()
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway) as (_, listener):
        assert (await listener.lives(2))[1].resumed


@pytest.mark.parametrize(("resumable", "op"), [(True, 6), (False, 2)])
async def test_an_invalid_session_is_resumed_or_begun_anew_as_discord_says(resumable, op):
    frames = asyncio.Queue()

    async def first(connection):
        await connection.identified()
        await connection.send(9, resumable)
        await connection.gone()

    async def second(connection):
        await connection.hello()
        frames.put_nowait(await connection.receive())
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway) as (session, listener):
        await listener.lives()
        await listener.until(lambda heard: any(isinstance(n, Lost) for n in heard))
        assert session.unbroken_since is None
        assert (await asyncio.wait_for(frames.get(), PATIENCE))["op"] == op


async def test_while_it_waits_to_begin_anew_nothing_is_live_and_no_heartbeat_is_missed():
    frames = []

    async def first(connection):
        await connection.identified(interval_ms=20)
        connection.acknowledges = False
        await connection.send(9, False)
        await connection.gone()

    async def second(connection):
        await connection.hello()
        frames.append(await connection.receive())
        await connection.ready()
        await connection.gone()

    pause = {"new_session_pause_seconds": (0.3, 0.3)}
    async with TinyGateway(first, second) as gateway, session_at(gateway, **pause) as (session, listener):
        await listener.until(lambda heard: any(isinstance(n, Lost) for n in heard))
        assert not session.live
        began = asyncio.get_running_loop().time()
        await listener.lives(2)
        assert [frame["op"] for frame in frames] == [2]
        assert asyncio.get_running_loop().time() - began >= 0.25


@pytest.mark.parametrize(
    ("code", "op", "path"), [(4000, 6, "/resumed"), (4008, 6, "/resumed"), (4009, 2, "/?"), (1001, 2, "/?")]
)
async def test_close_codes_decide_how_to_come_back(code, op, path):
    frames = []

    async def first(connection):
        await connection.identified()
        await connection.socket.close(code)

    async def second(connection):
        await connection.hello()
        frames.append(await connection.receive())
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway) as (_, listener):
        await listener.lives()
        await asyncio.sleep(0.4)
        assert [frame["op"] for frame in frames] == [op]
        assert gateway.connections[1].path.startswith(path)


@pytest.mark.parametrize(("code", "trouble"), [(4004, Trouble.TOKEN), (4013, Trouble.GATEWAY)])
async def test_fatal_close_codes_end_the_session(code, trouble):
    async def script(connection):
        await connection.hello()
        await connection.receive()
        await connection.socket.close(code)

    async with TinyGateway(script) as gateway, session_at(gateway) as (session, listener):
        end = await ended(listener)
        assert (end.trouble, str(code) in end.detail) == (trouble, True)
        await asyncio.sleep(0.1)
        assert len(gateway.connections) == 1
        assert not session.live


async def test_broken_deflate_leads_to_a_resume():
    async def first(connection):
        await connection.identified()
        await connection.socket.send(b"\x07\x07\x07\x00\x00\xff\xff")
        await connection.gone()

    async def second(connection):
        await connection.resumed()
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway) as (_, listener):
        assert (await listener.lives(2))[1].resumed


async def test_when_the_resume_address_is_dead_the_common_one_is_tried_with_resume():
    async def second(connection):
        await connection.resumed()
        await connection.gone()

    async with TinyGateway(second) as gateway:
        left = Checkpoint(1, SESSION, "ws://127.0.0.1:9", 50, USER, datetime(2026, 6, 1, tzinfo=UTC))
        async with session_at(gateway, checkpoint=left) as (session, listener):
            live = (await listener.lives())[0]
            assert live.resumed
            assert session.unbroken_since == left.since


async def test_a_restarted_process_resumes_and_begins_anew_when_that_is_refused():
    frames = []

    async def refused(connection):
        await connection.hello()
        frames.append(await connection.receive())
        await connection.send(9, d=False)
        await connection.gone()

    async def anew(connection):
        frames.append(await connection.identified())
        await connection.gone()

    async with TinyGateway(refused, anew) as gateway:
        left = Checkpoint(1, "of-the-former-process", f"{gateway.url}/resumed", 50, USER, None)
        async with session_at(gateway, checkpoint=left) as (session, listener):
            live = (await listener.lives())[0]
            assert not live.resumed
            assert frames[0]["d"] == {"token": TOKEN, "session_id": "of-the-former-process", "seq": 50}
            assert frames[1]["op"] == 2
            assert session.passed_seq == 1


async def test_the_address_is_asked_from_the_api_when_the_account_has_none():
    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"GET /api/v9/gateway ")
        body = json.dumps({"url": gateway.url}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with TinyGateway(plain) as gateway, await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        api_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v9"
        account = account_at(api_url, None)
        session = MidjourneyDriver(quick()).open(account, TOKEN, None, lambda: True)
        listener = Listener(session)
        await listener.lives()
        await session.close()
        await listener.task


# --- lease, guild, leaving, secrets ---------------------------------------------------------------------------------


async def test_without_the_lease_nothing_is_written_and_with_it_the_session_comes_back():
    held, written = True, []

    async def first(connection):
        await connection.identified(100)
        written.append(await connection.gone())

    async def second(connection):
        await connection.resumed()
        await connection.gone()

    async with (
        TinyGateway(first, second) as gateway,
        session_at(gateway, holds=lambda: held) as (session, listener),
    ):
        await listener.lives()
        held = False
        await listener.until(lambda heard: any(isinstance(n, Lost) for n in heard))
        assert not session.live
        beats = len(gateway.connections[0].beats)
        await asyncio.sleep(0.2)
        assert written == [None]  # cut: a close frame is a write too
        assert len(gateway.connections) == 1
        assert len(gateway.connections[0].beats) == beats
        held = True
        assert (await listener.lives(2))[1].resumed


async def test_an_outage_of_the_guild_is_no_kick():
    async def script(connection):
        await connection.identified()
        await connection.dispatch("GUILD_DELETE", {"id": GUILD, "unavailable": True}, 2)
        await connection.dispatch("GUILD_DELETE", {"id": "999"}, 3)
        await connection.dispatch("MESSAGE_UPDATE", said(10), 4)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (session, listener):
        await listener.until(lambda _: bool(listener.seen))
        assert session.live


@pytest.mark.parametrize(("event", "gone"), [("GUILD_DELETE", GUILD), ("CHANNEL_DELETE", CHANNEL)])
async def test_losing_the_guild_or_the_channel_ends_the_session(event, gone):
    async def script(connection):
        await connection.identified()
        await connection.dispatch(event, {"id": gone}, 2)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        assert (await ended(listener)).trouble is Trouble.ACCESS


async def test_a_new_direct_channel_of_midjourney_is_read_and_no_other():
    async def script(connection):
        await connection.identified(private_channels=[])
        for s, (channel, person) in enumerate((("701", MIDJOURNEY), ("702", "777")), start=2):
            await connection.dispatch("CHANNEL_CREATE", {"id": channel, "type": 1, "recipient_ids": [person]}, s)
        await connection.dispatch("MESSAGE_CREATE", {**said(10), "channel_id": "702"}, 4)
        await connection.dispatch("MESSAGE_CREATE", {**said(20), "channel_id": "701"}, 5)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        await listener.until(lambda _: bool(listener.seen))
        assert percents(listener) == [20]


async def test_a_session_event_that_cannot_be_read_does_not_come_back_for_ever():
    async def script(connection):
        await connection.identified()
        await connection.dispatch("GUILD_DELETE", ["not", "an", "object"], 2)
        await connection.dispatch("MESSAGE_CREATE", said(10), 3)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (session, listener):
        await listener.until(lambda _: len(listener.seen) == 2)
        assert listener.seen[0].what.kind == "GUILD_DELETE:decoder failed"
        assert session.live
        assert len(gateway.connections) == 1


async def test_ready_names_its_owner_and_the_mail_address_only_behind_a_mask():
    user = {"id": "300000000000000001", "username": "ypontonx", "email": "nina.secret@lists.example.ru"}

    async def script(connection):
        await connection.identified(user=user)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (_, listener):
        (live,) = await listener.lives()
    assert (live.username, live.masked_email) == ("ypontonx", "n****@l****.ru")
    assert "secret" not in repr(listener.heard)


async def test_close_leaves_with_4000_and_tells_no_loss():
    async with TinyGateway(plain) as gateway:
        async with session_at(gateway) as (_, listener):
            await listener.lives()
        await asyncio.sleep(0.05)
        assert gateway.connections[0].closed_with == 4000
        assert [type(n) for n in listener.heard] == [Live]


async def test_no_log_at_any_level_and_no_text_of_ours_shows_the_token(caplog):
    caplog.set_level(logging.DEBUG)

    async def first(connection):
        await connection.identified(50)
        await asyncio.sleep(0.1)
        await connection.socket.close(4000)

    async def second(connection):
        await connection.resumed()
        await connection.gone()

    async with TinyGateway(first, second) as gateway, session_at(gateway) as (session, listener):
        await listener.lives(2)
        shown = repr(session) + repr(vars(session)) + repr(listener.heard)
    # the far side of this test is a websockets server with a log of its own: it shows that a leak would be seen
    logged = {True: "", False: ""}
    for record in caplog.records:
        logged[record.name.startswith("websockets.server")] += record.getMessage() + "\n"
    pieces = [TOKEN[at : at + 12] for at in range(len(TOKEN) - 11)]
    assert any(piece in logged[True] for piece in pieces)
    assert not any(piece in logged[False] + shown for piece in pieces)


async def test_a_frame_that_breaks_the_decoder_is_counted_and_the_session_goes_on(monkeypatch):
    async def script(connection):
        await connection.identified()
        await connection.dispatch("MESSAGE_UPDATE", said(10), 2)
        await connection.dispatch("MESSAGE_UPDATE", said(20), 3)
        await connection.gone()

    async with TinyGateway(script) as gateway, session_at(gateway) as (session, listener):
        read, calls = session._reader.read, []

        def breaks_once(*given):
            calls.append(given)
            if len(calls) == 1:
                raise RuntimeError("a fault of ours")
            return read(*given)

        monkeypatch.setattr(session._reader, "read", breaks_once)
        await listener.until(lambda _: len(listener.seen) == 2)
        assert listener.seen[0].what.kind == "MESSAGE_UPDATE:decoder failed"
        assert percents(listener) == [20]
