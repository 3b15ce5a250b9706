"""Calls by an interaction's token, over real sockets."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator

import discord
import pytest
from aiohttp import web
from discord.http import Route
from discord.webhook import async_ as webhooks

from bot.calling import ReleasedLock, TokenCalls

pytestmark = pytest.mark.timeout(30)


class TokenSide:
    """Discord's side of the calls: what it was told, and what it answers next."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: list[web.Response | None] = []
        """Before 200 with a message; None: the connection is cut."""
        self.parts: dict[str, tuple[str, str | bytes]] = {}
        """Of the last form: file name and content."""
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.content_type == "multipart/form-data":
            for name, part in (await request.post()).items():
                file = part if isinstance(part, web.FileField) else None
                self.parts[name] = ("", part) if file is None else (file.filename, file.file.read())
            body = self.parts["files[0]"][1]
        else:
            body = await request.read()
        self.heard.append((request.method, request.path_qs, dict(request.headers), body))
        if not self.answers:
            return web.json_response({"id": "5"})
        answer = self.answers.pop(0)
        if answer is None:
            request.transport.abort()
            return web.Response()
        return answer


@pytest.fixture
async def side() -> AsyncIterator[TokenSide]:
    side = TokenSide()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", side.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    side.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    yield side
    await runner.cleanup()


@pytest.fixture
async def calls(side, monkeypatch) -> AsyncIterator[TokenCalls]:
    monkeypatch.setattr(Route, "BASE", side.url)
    calls = TokenCalls(side.url)
    yield calls
    await calls.aclose()


@pytest.fixture
def naps(monkeypatch) -> list[float]:
    """The pauses between two tries, which take no time."""
    found: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        found.append(seconds)
        await real(0)

    monkeypatch.setattr("bot.calling.asyncio.sleep", sleep)
    return found


def limited(seconds: float, **headers: str) -> web.Response:
    return web.json_response({"message": "slow", "retry_after": seconds}, status=429, headers=headers)


async def edit(calls: TokenCalls, token: str = "the-token", **sent) -> object:
    given = sent or {"payload": {"content": "a fox — 狐"}}
    return await calls.edit_webhook_message(7, token, 9, session=None, with_components=True, **given)


async def test_an_edit_is_sent_as_discord_py_would_and_its_answer_comes_back(calls, side):
    assert await edit(calls) == {"id": "5"}
    ((method, path, headers, body),) = side.heard
    assert (method, path) == ("PATCH", "/api/v10/webhooks/7/the-token/messages/9?with_components=1")
    assert json.loads(body) == {"content": "a fox — 狐"}
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("DiscordBot (")
    assert "Authorization" not in headers


async def test_one_connection_serves_one_call_after_the_other(calls, side):
    for _ in range(3):
        await edit(calls)
    assert len(side.heard) == 3
    assert len(calls._line._idle) == 1


async def test_a_picture_goes_with_its_words_in_parts(calls, side):
    picture = bytes(range(256)) * 500
    file = discord.File(io.BytesIO(picture), 'a "red" fox.webp')
    with discord.http.handle_message_parameters(content="done", attachments=[file]) as sent:
        await edit(calls, multipart=sent.multipart, files=sent.files, payload=sent.payload)
    assert set(side.parts) == {"payload_json", "files[0]"}
    assert json.loads(side.parts["payload_json"][1])["content"] == "done"
    assert side.parts["files[0]"] == ("a %22red%22 fox.webp", picture)  # as browsers write quotes


async def test_a_callback_that_answers_nothing_is_well(calls, side):
    side.answers.append(web.Response(status=204))
    assert not await calls.create_interaction_response(7, "the-token", session=None, params=_deferred())
    assert side.heard[0][:2] == ("POST", "/api/v10/interactions/7/the-token/callback?with_response=1")


def _deferred() -> webhooks.MultipartParameters:
    return webhooks.MultipartParameters(payload={"type": 5}, multipart=None, files=None)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, discord.NotFound), (403, discord.Forbidden), (400, discord.HTTPException), (401, discord.HTTPException)],
)
async def test_a_refusal_is_discord_pys_error_with_its_code_and_is_not_tried_again(calls, side, status, kind):
    side.answers.append(web.json_response({"code": 10008, "message": "Unknown Message"}, status=status))
    with pytest.raises(kind) as refused:
        await edit(calls)
    assert (refused.value.status, refused.value.code) == (status, 10008)
    assert "Unknown Message" in str(refused.value)
    assert len(side.heard) == 1


async def test_a_limit_is_waited_for_as_long_as_discord_says_with_the_picture_sent_whole_again(calls, side, naps):
    side.answers.append(limited(0.75, Via="1.1 google"))
    file = discord.File(io.BytesIO(b"picture" * 100), "a.webp")
    with discord.http.handle_message_parameters(attachments=[file]) as sent:
        await edit(calls, multipart=sent.multipart, files=sent.files)
    assert naps == [0.75]
    assert [body.count(b"picture" * 100) for *_, body in side.heard] == [1, 1]


async def test_a_limit_that_is_not_discords_is_an_error_at_once(calls, side, naps):
    side.answers.append(limited(0.75))
    with pytest.raises(discord.HTTPException) as refused:
        await edit(calls)
    assert refused.value.status == 429
    assert naps == []


async def test_a_server_that_is_in_trouble_is_asked_five_times_and_no_more(calls, side, naps):
    side.answers += [web.Response(status=502, text="bad gateway") for _ in range(6)]
    with pytest.raises(discord.DiscordServerError):
        await edit(calls)
    assert len(side.heard) == 5
    assert naps == [1, 3, 5, 7]


async def test_what_the_last_call_allows_is_waited_for_by_the_next_one_of_the_same_token_alone(calls, side, naps):
    none_left = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.5"}
    side.answers.append(web.json_response({"id": "5"}, headers=none_left))
    await edit(calls)
    assert naps == [1.5]
    await edit(calls, "another")
    assert naps == [1.5]


async def test_a_connection_that_is_cut_is_an_os_error_and_is_not_tried_again(calls, side):
    side.answers.append(None)
    with pytest.raises(OSError, match="closed"):
        await edit(calls)
    assert len(side.heard) == 1


async def test_an_address_where_nobody_is_is_an_os_error(side):
    nobody = TokenCalls("http://127.0.0.1:9")
    route = Route("PATCH", "/webhooks/{webhook_id}/{webhook_token}", webhook_id=7, webhook_token="t")
    route.url = "http://127.0.0.1:9/x"
    with pytest.raises(OSError, match=r".+"):
        await nobody.request(route, None, payload={})
    await nobody.aclose()


async def test_an_answer_that_is_called_json_and_is_none_is_read_as_words(calls, side):
    side.answers.append(web.Response(text="{oh", content_type="application/json"))
    assert await edit(calls) == "{oh"


async def test_calls_by_one_token_go_one_after_the_other_and_a_cancelled_one_lets_the_next_through(calls, side):
    none_left = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "3600"}
    side.answers.append(web.json_response({"id": "5"}, headers=none_left))
    first = asyncio.create_task(edit(calls))
    while not side.heard:  # noqa: ASYNC110 - the far side has no event of its own
        await asyncio.sleep(0.01)
    second = asyncio.create_task(edit(calls))
    await asyncio.sleep(0.05)
    assert len(side.heard) == 1
    first.cancel()
    assert await asyncio.wait_for(second, 5) == {"id": "5"}


async def test_a_call_that_is_cancelled_in_the_pause_of_its_limit_releases_its_lock():
    lock, paused = asyncio.Lock(), asyncio.Event()

    async def call():
        async with ReleasedLock(lock) as held:
            held.delay_by(3600)
            paused.set()

    calling = asyncio.create_task(call())
    await paused.wait()
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert not lock.locked()
