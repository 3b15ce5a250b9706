"""Files at Discord: reserved, filled without the token, posted as one message; addresses made fresh."""

from __future__ import annotations

import json

import httpx
import pytest

from engine.drivers.midjourney.properties import CLIENT_PROPERTIES
from engine.drivers.midjourney.storage import Storage, message
from engine.model.actions import Uploaded
from engine.model.errors import Refused, Unavailable
from tests.drivers.captures import CHANNEL, wire
from tests.drivers.test_rest import TOKEN, make_lane
from tests.fakes.manual_clock import ManualClock

RECORDED = wire("requests-rest-misc.json")
STORE = "discord-attachments-uploads-prd.storage.googleapis.com"


class QuickClock(ManualClock):
    """Nobody waits."""

    async def sleep(self, seconds: float) -> None:
        self.slept = [*getattr(self, "slept", []), seconds]


class Discord:
    """API and upload store; `fails` holds what comes instead of the good answer, in turn, for each path's end."""

    def __init__(self, **fails: list[httpx.Response | Exception]) -> None:
        self.fails = fails
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        last = request.url.path.rpartition("/")[2].replace("-", "_").replace(".png", "")
        said = self.fails.get(last, [])
        if said:
            wrong = said.pop(0)
            if isinstance(wrong, Exception):
                raise wrong
            return wrong
        match last:
            case "attachments":
                return httpx.Response(200, json=RECORDED["create_attachments"]["response"])
            case "messages":
                return httpx.Response(200, json=RECORDED["create_message_with_upload"]["response_excerpt"])
            case "refresh_urls":
                return httpx.Response(200, json=RECORDED["refresh_urls"]["response"])
        return httpx.Response(200)

    def to(self, end: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path.endswith(end)]


class Bench:
    """A storage in front of that Discord."""

    def __init__(self, discord: Discord, holds=lambda: True) -> None:
        self.lane = make_lane(httpx.MockTransport(discord), clock=QuickClock(), holds=holds)
        self.storage = Storage(
            self.lane,
            CHANNEL,
            api_url="https://discord.test/api/v9",
            client_properties=CLIENT_PROPERTIES,
            clock=QuickClock(),
            transport=httpx.MockTransport(discord),
        )

    async def __aenter__(self) -> Storage:
        return self.storage

    async def __aexit__(self, *_: object) -> None:
        await self.storage.close()
        await self.lane.close()


async def test_an_upload_is_a_reservation_and_a_put_as_the_wire_shows():
    discord = Discord()
    content = bytes(12345)
    async with Bench(discord) as storage:
        uploaded = await storage.upload("a.png", content, "image/png")
    reserved, put = discord.requests
    assert f"{reserved.method} {reserved.url.path}" == RECORDED["create_attachments"]["request"]
    assert json.loads(reserved.content) == RECORDED["create_attachments"]["body"]
    assert reserved.headers["authorization"] == TOKEN
    assert str(put.url) == RECORDED["create_attachments"]["response"]["attachments"][0]["upload_url"]
    assert (put.method, put.headers["content-type"], put.content) == ("PUT", "image/png", content)
    assert "authorization" not in put.headers
    assert "x-super-properties" not in put.headers
    assert uploaded == Uploaded("a.png", "00000000-0000-4000-8000-000000000000/a.png")


async def test_a_message_with_uploads_is_posted_as_the_wire_shows():
    discord = Discord()
    body = RECORDED["create_message_with_upload"]["body"]
    file = Uploaded("a.png", "00000000-0000-4000-8000-000000000000/a.png")
    async with Bench(discord) as storage:
        (made,) = await storage.post([file], body["nonce"])
    (post,) = discord.requests
    assert f"{post.method} {post.url.path}" == RECORDED["create_message_with_upload"]["request"]
    assert json.loads(post.content) == body == message([file], CHANNEL, body["nonce"])
    told = RECORDED["create_message_with_upload"]["response_excerpt"]["attachments"][0]
    assert (made.id, made.url, made.width, made.size) == (told["id"], told["url"], 512, 12345)


async def test_a_file_that_discord_does_not_take_is_refused_with_its_name_and_size():
    too_big = httpx.Response(413, json={"message": "Request entity too large", "code": 40005})
    discord = Discord(attachments=[too_big])
    async with Bench(discord) as storage:
        with pytest.raises(Refused, match=r"a\.png \(4 bytes\).*too large.*40005"):
            await storage.upload("a.png", b"1234", "image/png")
    assert len(discord.requests) == 1


async def test_a_file_that_the_upload_store_does_not_take_is_refused_too():
    discord = Discord(a=[httpx.Response(413)])
    async with Bench(discord) as storage:
        with pytest.raises(Refused, match=r"a\.png \(4 bytes\).*413"):
            await storage.upload("a.png", b"1234", "image/png")


@pytest.mark.parametrize("wrong", [httpx.Response(503), httpx.ReadTimeout("x"), httpx.Response(429)], ids=str)
async def test_what_may_be_done_twice_is_tried_again(wrong):
    discord = Discord(attachments=[wrong], a=[wrong], messages=[wrong], refresh_urls=[wrong])
    async with Bench(discord) as storage:
        file = await storage.upload("a.png", b"1234", "image/png")
        await storage.post([file], "1")
        await storage.refresh([RECORDED["refresh_urls"]["body"]["attachment_urls"][0]])
    assert [len(discord.to(end)) for end in ("/attachments", "/a.png", "/messages", "/refresh-urls")] == [2, 2, 2, 2]


async def test_a_message_is_tried_again_with_the_same_nonce():
    discord = Discord(messages=[httpx.ReadTimeout("x")])
    async with Bench(discord) as storage:
        await storage.post([Uploaded("a.png", "1/a.png")], "77")
    assert [json.loads(post.content)["nonce"] for post in discord.requests] == ["77", "77"]


async def test_tries_end_and_no_address_of_the_store_is_told():
    discord = Discord(a=[httpx.ReadTimeout(f"https://{STORE}/?upload_id=XXXX")] * 9)
    async with Bench(discord) as storage:
        with pytest.raises(Unavailable) as told:
            await storage.upload("a.png", b"1234", "image/png")
    assert len(discord.to("/a.png")) == 3
    assert "XXXX" not in str(told.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401, json={"message": "401: Unauthorized", "code": 0}), Unavailable),
        (httpx.Response(400, json={"captcha_key": ["captcha-required"]}), Unavailable),
        (httpx.Response(403, json={"message": "Missing Permissions", "code": 50013}), Refused),
        (httpx.Response(400, json={"message": "Invalid Form Body", "code": 50035}), Refused),
        (httpx.Response(404, text="<html>"), Unavailable),
    ],
    ids=lambda value: str(getattr(value, "status_code", "")),
)
async def test_only_what_discord_says_of_the_call_itself_is_final(answer, error):
    async with Bench(Discord(messages=[answer])) as storage:
        with pytest.raises(error):
            await storage.post([Uploaded("a.png", "1/a.png")], "1")


@pytest.mark.parametrize("count", [0, 11])
async def test_a_message_takes_one_to_ten_files(count):
    discord = Discord()
    async with Bench(discord) as storage:
        with pytest.raises(Refused, match=rf"{count} files.*1 to 10"):
            await storage.post([Uploaded("a.png", "1/a.png")] * count, "1")
    assert discord.requests == []


async def test_fresh_addresses_are_asked_for_fifty_at_a_time_and_unknown_ones_left_out():
    known = RECORDED["refresh_urls"]["response"]["refreshed_urls"][0]
    urls = [known["original"], *(f"https://cdn.discordapp.com/attachments/1/{n}/a.png" for n in range(60))]
    discord = Discord()
    async with Bench(discord) as storage:
        assert await storage.refresh(urls) == {known["original"]: known["refreshed"]}
        assert await storage.refresh([]) == {}
    asked = [json.loads(post.content)["attachment_urls"] for post in discord.requests]
    assert [len(batch) for batch in asked] == [50, 11]
    assert [url for batch in asked for url in batch] == urls


async def test_without_the_lease_nothing_is_asked():
    discord = Discord()
    async with Bench(discord, holds=lambda: False) as storage:
        with pytest.raises(Unavailable, match="lease"):
            await storage.upload("a.png", b"1234", "image/png")
    assert discord.requests == []


async def test_what_discord_called_too_large_is_not_asked_for_again():
    too_large = {"message": "Request entity too large", "code": 40005}
    discord = Discord(attachments=[httpx.Response(413, json=too_large)])
    async with Bench(discord) as storage:
        for size in (11_000, 11_000, 12_000):
            with pytest.raises(Refused, match=f"a.png \\({size} bytes\\) cannot be uploaded"):
                await storage.upload("a.png", bytes(size), "image/png")
        assert len(discord.to("/attachments")) == 1
        await storage.upload("a.png", bytes(10_000), "image/png")
    assert len(discord.to("/attachments")) == 2
