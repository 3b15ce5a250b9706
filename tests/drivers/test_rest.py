"""The lane: one POST at a time, never repeated; silent when Discord asks; commands found again; history whole."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from engine.drivers.midjourney.commands import Place
from engine.drivers.midjourney.properties import CLIENT_PROPERTIES
from engine.drivers.midjourney.rest import Lane
from engine.model.accounts import Upstream
from engine.model.actions import (
    CROSS,
    ENVELOPE,
    MIDJOURNEY_APPLICATION,
    NIJI_APPLICATION,
    MessageCommand,
    Reaction,
    Slash,
)
from engine.model.errors import Unavailable
from engine.model.sightings import Trouble
from engine.model.snowflakes import snowflake_at
from engine.ports import AnswerKind, Refusal
from tests.drivers.captures import CHANNEL, DIRECT, GUILD, SESSION, wire
from tests.fakes.manual_clock import ManualClock

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz"
ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"
IMAGINE = Slash(MIDJOURNEY_APPLICATION, "imagine", (("prompt", "a quiet harbor --ar 16:9"),))
ERRORS = wire("capture-rest-errors.json")


class Discord:
    """The far side: keeps every request, answers from scripts."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.posts: list[object] = []
        """Answers of the next POSTs: a response or an exception; then 204."""
        self.index: httpx.Response | None = None
        self.messages: list[dict] = []
        self.gets: list[object] = []
        """Answers of the next GETs of the history, before the messages."""
        self.version = "1237876415471554623"

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method in ("POST", "PUT"):
            said = self.posts.pop(0) if self.posts else httpx.Response(204)
        elif request.url.path.endswith("application-command-index"):
            said = self.index or httpx.Response(200, json=self._commands())
        else:
            said = self.gets.pop(0) if self.gets else self._page(request)
        if isinstance(said, Exception):
            raise said
        return said

    def _commands(self) -> dict:
        index = wire("rest-application-command-index.mj.json")
        imagine = next(row for row in index["application_commands"] if row["name"] == "imagine")
        imagine["version"] = self.version
        strange = {**imagine, "application_id": "1", "version": "666"}
        index["application_commands"].insert(0, strange)
        return index

    def _page(self, request: httpx.Request) -> httpx.Response:
        after, limit = int(request.url.params["after"]), int(request.url.params["limit"])
        newer = sorted((m for m in self.messages if int(m["id"]) > after), key=lambda m: int(m["id"]))
        return httpx.Response(200, json=newer[:limit][::-1])

    def made(self, method: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.method == method]

    def bodies(self) -> list[dict]:
        return [json.loads(request.content) for request in self.made("POST")]


def make_lane(transport=None, *, api_url="https://discord.test/api/v9", holds=lambda: True, timeout=5.0, clock=None):
    return Lane(
        Upstream(api_url),
        Place(GUILD, CHANNEL),
        TOKEN,
        client_properties=CLIENT_PROPERTIES,
        post_timeout_seconds=timeout,
        clock=clock or ManualClock(),
        holds=holds,
        transport=transport,
    )


@pytest.fixture
def discord():
    return Discord()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def lane(discord, clock):
    lane = make_lane(httpx.MockTransport(discord), clock=clock)
    yield lane
    await lane.close()


def live() -> str:
    return SESSION


async def test_a_submission_is_one_post_as_the_wire_shows_it(lane, discord):
    answer = await lane.submit(IMAGINE, "1496400000000000000", live)
    assert answer.kind is AnswerKind.ACCEPTED
    assert discord.bodies() == [wire("requests-slash-commands.json")["imagine"]]
    (post,) = discord.made("POST")
    assert str(post.url) == "https://discord.test/api/v9/interactions"
    assert post.headers["authorization"] == TOKEN
    assert post.headers["user-agent"] == CLIENT_PROPERTIES["browser_user_agent"]
    assert json.loads(base64.b64decode(post.headers["x-super-properties"])) == dict(CLIENT_PROPERTIES)


async def test_the_command_index_is_read_once(lane, discord):
    for nonce in "123":
        await lane.submit(IMAGINE, nonce, live)
    assert [r.url.path for r in discord.made("GET")] == [f"/api/v9/guilds/{GUILD}/application-command-index"]


async def test_without_an_index_the_built_in_command_is_sent_and_the_index_asked_again(lane, discord):
    discord.index = httpx.Response(500)
    assert (await lane.submit(IMAGINE, "1", live)).kind is AnswerKind.ACCEPTED
    assert discord.bodies()[0]["data"]["version"] == "1237876415471554623"
    discord.index, discord.version = None, "2000"
    await lane.submit(IMAGINE, "2", live)
    assert discord.bodies()[1]["data"]["version"] == "2000"


NIJI_INFO = Slash(NIJI_APPLICATION, "info")


async def test_a_command_that_the_server_hides_is_refused_by_name_and_nothing_is_posted(lane, discord):
    answer = await lane.submit(NIJI_INFO, "1", live)
    assert (answer.kind, answer.refusal) == (AnswerKind.REFUSED, Refusal.FAIL)
    assert "“info”" in answer.detail
    assert discord.made("POST") == []


async def test_a_command_of_which_nothing_is_known_yet_has_not_left(lane, discord):
    discord.index = httpx.Response(500)
    assert (await lane.submit(NIJI_INFO, "1", live)).kind is AnswerKind.NEVER_LEFT
    assert discord.made("POST") == []


def outdated():
    return httpx.Response(400, json=ERRORS["outdated_command"]["body"])


async def test_an_outdated_command_is_found_again_before_the_answer(lane, discord):
    await lane.submit(IMAGINE, "1", live)
    discord.posts, discord.version = [outdated()], "2000"
    answer = await lane.submit(IMAGINE, "2", live)
    assert (answer.kind, answer.refusal) == (AnswerKind.REFUSED, Refusal.AGAIN)
    await lane.submit(IMAGINE, "3", live)
    assert [body["data"]["version"] for body in discord.bodies()][1:] == ["1237876415471554623", "2000"]


async def test_while_the_index_knows_no_newer_version_the_lane_waits(lane, discord, clock):
    discord.posts = [outdated()]
    answer = await lane.submit(IMAGINE, "1", live)
    assert (answer.refusal, answer.retry_after) == (Refusal.WAIT, 60.0)
    assert (await lane.submit(IMAGINE, "2", live)).refusal is Refusal.WAIT
    assert len(discord.bodies()) == 1


async def test_during_a_rate_limit_nothing_is_called(lane, discord, clock):
    discord.posts = [httpx.Response(429, json=ERRORS["interaction_429"]["body"])]
    assert (await lane.submit(IMAGINE, "1", live)).retry_after == 2.06
    await clock.advance(1)
    early = await lane.submit(IMAGINE, "2", live)
    assert (early.kind, early.refusal) == (AnswerKind.REFUSED, Refusal.WAIT)
    assert early.retry_after == pytest.approx(1.06)
    assert len(discord.bodies()) == 1
    await clock.advance(1.1)
    assert (await lane.submit(IMAGINE, "3", live)).kind is AnswerKind.ACCEPTED


@pytest.mark.parametrize(
    "end", [httpx.ReadError("x"), httpx.RemoteProtocolError("x"), httpx.ReadTimeout("x"), httpx.Response(502)]
)
async def test_a_post_is_never_repeated(lane, discord, end):
    discord.posts = [end]
    assert (await lane.submit(IMAGINE, "1", live)).kind is AnswerKind.UNKNOWN
    assert len(discord.bodies()) == 1


async def test_the_session_is_asked_in_the_moment_of_writing(lane, discord):
    """It was live when the submission began, and is no more when the index has been read."""
    states = iter([SESSION, None])
    answer = await lane.submit(IMAGINE, "1", lambda: next(states))
    assert answer.kind is AnswerKind.NEVER_LEFT
    assert discord.bodies() == []


async def test_the_lease_is_asked_in_the_moment_of_writing(discord):
    held = [True, True]
    lane = make_lane(httpx.MockTransport(discord), holds=lambda: bool(held and held.pop()))
    answer = await lane.submit(IMAGINE, "1", live)
    assert (answer.kind, answer.detail) == (AnswerKind.NEVER_LEFT, "the lease is over")
    assert discord.bodies() == []
    await lane.close()


async def test_two_submissions_are_never_under_way_at_once(discord, clock):
    under_way, most = 0, 0

    async def slow(request):
        nonlocal under_way, most
        if request.method == "POST":
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1
        return await discord(request)

    lane = make_lane(httpx.MockTransport(slow), clock=clock)
    await asyncio.gather(*(lane.submit(IMAGINE, str(n), live) for n in range(5)))
    assert (most, len(discord.bodies())) == (1, 5)
    await lane.close()


async def test_one_index_serves_all_commands(lane, discord):
    cancel = MessageCommand(MIDJOURNEY_APPLICATION, "Cancel Job", CHANNEL, "1496409581318550796")
    for nonce, submission in enumerate((IMAGINE, Slash(MIDJOURNEY_APPLICATION, "info"), cancel)):
        assert (await lane.submit(submission, str(nonce), live)).kind is AnswerKind.ACCEPTED
    assert len(discord.made("GET")) == 1
    assert [body["data"]["id"] for body in discord.bodies()] == [
        "938956540159881230", "972289487818334209", "987795925764280352",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("recorded", "reaction"),
    [
        ("envelope_reaction", Reaction(DIRECT, "1496400000000000050", ENVELOPE)),
        ("cancel_reaction", Reaction(CHANNEL, "1496400000000000051", CROSS)),
    ],
)
async def test_a_reaction_is_put_as_the_wire_shows(lane, discord, recorded, reaction):
    expected = wire("requests-rest-misc.json")[recorded]["request"].replace("<message id>", reaction.message_id)
    answer = await lane.submit(reaction, "1", live)
    assert answer.kind is AnswerKind.ACCEPTED
    (put,) = discord.requests
    assert f"{put.method} {put.url.raw_path.decode()}" == expected
    assert put.headers["authorization"] == TOKEN
    assert put.content == b""


@pytest.mark.parametrize(
    ("said", "refusal", "trouble"),
    [
        ((404, 10008), Refusal.GONE, None),
        ((403, 90001), Refusal.FAIL, None),
        ((403, 50001), Refusal.ACCOUNT, Trouble.ACCESS),
        ((401, 0), Refusal.ACCOUNT, Trouble.TOKEN),
    ],
)
async def test_a_refused_reaction_says_whose_fault_it_is(lane, discord, said, refusal, trouble):
    discord.posts = [httpx.Response(said[0], json={"message": "no", "code": said[1]})]
    answer = await lane.submit(Reaction(CHANNEL, "1", CROSS), "1", live)
    assert (answer.kind, answer.refusal, answer.trouble) == (AnswerKind.REFUSED, refusal, trouble)


async def test_neither_session_nor_lease_may_be_missing_for_a_reaction(lane, discord):
    assert (await lane.submit(Reaction(CHANNEL, "1", CROSS), "1", lambda: None)).kind is AnswerKind.NEVER_LEFT
    without = make_lane(httpx.MockTransport(discord), holds=lambda: False)
    assert (await without.submit(Reaction(CHANNEL, "1", CROSS), "1", live)).kind is AnswerKind.NEVER_LEFT
    assert discord.requests == []
    await without.close()


# --- on a real socket -----------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def listening(serve):
    served = []

    async def tracked(reader, writer):
        served.append(asyncio.current_task())
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(tracked, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v9"
    finally:
        server.close()
        await asyncio.gather(*served)


async def answer_from(serve, **more):
    async with listening(serve) as url:
        lane = make_lane(api_url=url, **more)
        try:
            return await lane.submit(IMAGINE, "1", live)
        finally:
            await lane.close()


async def request_of(reader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    return head + await reader.readexactly(length)


async def test_a_post_that_is_never_answered_is_of_unknown_outcome_in_time():
    async def silent(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError):
            if (await request_of(reader)).startswith(b"GET"):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                await request_of(reader)
            await reader.read()

    begun = asyncio.get_running_loop().time()
    answer = await answer_from(silent, timeout=0.2)
    assert answer.kind is AnswerKind.UNKNOWN
    assert asyncio.get_running_loop().time() - begun < 2


async def test_a_connection_that_closes_instead_of_answering_is_of_unknown_outcome():
    async def rude(reader, writer):
        if (await request_of(reader)).startswith(b"GET"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await request_of(reader)

    assert (await answer_from(rude)).kind is AnswerKind.UNKNOWN


async def test_a_refused_connection_never_left():
    lane = make_lane(api_url="http://127.0.0.1:9/api/v9")
    assert (await lane.submit(IMAGINE, "1", live)).kind is AnswerKind.NEVER_LEFT
    await lane.close()


async def test_a_tls_failure_never_left():
    async def plain(reader, writer):
        writer.write(b"this is no TLS\r\n")

    async with listening(plain) as url:
        lane = make_lane(api_url=url.replace("http:", "https:"))
        assert (await lane.submit(IMAGINE, "1", live)).kind is AnswerKind.NEVER_LEFT
        await lane.close()


async def test_closing_lets_an_open_post_be_answered():
    async def slow(reader, writer):
        if (await request_of(reader)).startswith(b"GET"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await request_of(reader)
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with listening(slow) as url:
        lane = make_lane(api_url=url)
        posting = asyncio.create_task(lane.submit(IMAGINE, "1", live))
        await asyncio.sleep(0.1)
        await lane.close()
        assert (await posting).kind is AnswerKind.ACCEPTED
        with pytest.raises(Unavailable, match="closed"):
            await lane.history(START)


async def test_our_own_machine_is_never_asked_through_a_proxy_of_the_environment(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def answers(reader, writer):
        for _ in range(2):
            await request_of(reader)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    assert (await answer_from(answers)).kind is AnswerKind.ACCEPTED


# --- history --------------------------------------------------------------------------------------------------------

START = datetime(2026, 6, 1, tzinfo=UTC)


def old_messages(count: int) -> list[dict]:
    return [{"id": snowflake_at(START + timedelta(seconds=n)), "channel_id": CHANNEL} for n in range(count)]


async def test_the_history_is_read_in_pages_to_its_end_oldest_first(lane, discord):
    discord.messages = old_messages(250)
    found = [json.loads(bytes(raw))["id"] for raw in await lane.history(START)]
    assert found == [m["id"] for m in discord.messages]
    assert len(discord.made("GET")) == 3
    assert {r.url.params["limit"] for r in discord.made("GET")} == {"100"}


async def test_the_history_begins_with_the_moment_asked_for(lane, discord):
    discord.messages = old_messages(10)
    assert len(await lane.history(START + timedelta(seconds=7))) == 3


async def test_a_full_last_page_is_followed_by_an_empty_one(lane, discord):
    discord.messages = old_messages(100)
    assert len(await lane.history(START)) == 100
    assert len(discord.made("GET")) == 2


async def test_a_rate_limit_and_a_fault_do_not_end_the_history(lane, discord, clock):
    discord.messages = old_messages(3)
    limited = httpx.Response(429, json={"message": "slow", "retry_after": 2.0, "global": False})
    discord.gets = [limited, httpx.Response(503), httpx.ReadError("x")]
    reading = asyncio.create_task(lane.history(START))
    for _ in range(8):
        await clock.advance(1)
    assert len(await asyncio.wait_for(reading, 1)) == 3


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_history_that_is_refused_is_unavailable_at_once(lane, discord, status):
    discord.gets = [httpx.Response(status, json={"message": "no", "code": 50001})]
    with pytest.raises(Unavailable, match=str(status)):
        await lane.history(START)


async def test_half_a_history_is_none(lane, discord, clock):
    discord.messages = old_messages(150)
    discord.gets = [discord._page(httpx.Request("GET", "https://d.test", params={"after": "0", "limit": "100"}))]
    discord.gets += [httpx.Response(500)] * 4
    reading = asyncio.create_task(lane.history(START))
    for _ in range(12):
        await clock.advance(1)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(reading, 1)


async def test_without_the_lease_nothing_is_read(discord):
    lane = make_lane(httpx.MockTransport(discord), holds=lambda: False)
    with pytest.raises(Unavailable):
        await lane.history(START)
    assert discord.requests == []
    await lane.close()


async def test_discord_is_asked_through_a_proxy_of_the_environment(monkeypatch):
    asked = []

    async def proxy(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                request = await request_of(reader)
                asked.append(request.split(b" HTTP/1.1")[0])
                writer.write(
                    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if request[:3] == b"GET" else ACCEPTED
                )

    async with listening(proxy) as url:
        monkeypatch.setenv("http_proxy", url.removesuffix("/api/v9"))
        lane = make_lane(api_url="http://discord.invalid/api/v9")
        assert (await lane.submit(IMAGINE, "1", live)).kind is AnswerKind.ACCEPTED
        await lane.close()
    assert asked[-1] == b"POST http://discord.invalid/api/v9/interactions"
