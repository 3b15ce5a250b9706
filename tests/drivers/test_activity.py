"""The painted region: handed in on Midjourney's own site, in the form that it serves, without a word of Discord's."""

from __future__ import annotations

import base64
import json
import re

import httpx
import pytest

from engine.drivers.midjourney.activity import ActivitySite
from engine.drivers.midjourney.commands import Place
from engine.model.accounts import Upstream
from engine.model.actions import MIDJOURNEY_APPLICATION, NIJI_APPLICATION, RegionAnswer
from engine.ports import AnswerKind, Refusal
from tests.drivers.captures import CHANNEL, GUILD, wire

MASK = b"\x89PNG\r\n\x1a\nnot really a picture, but bytes"
TOKEN = "ExampleTokenExampleToken"
REGION = RegionAnswer(MIDJOURNEY_APPLICATION, f"MJ::iframe::{TOKEN}", MASK, "a red boat")
FORM_A, FORM_B = (wire("requests-rest-misc.json")[f"inpaint_submit_form_{form}"] for form in "ab")
SUCCESS = httpx.Response(200, json={"status": "success"})


class Site:
    """Midjourney's side: serves some of the two forms and keeps every request."""

    def __init__(self, *serves: str, answer: httpx.Response | Exception = SUCCESS) -> None:
        self.serves = serves
        self.answer = answer
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        form = "b" if "/.proxy/" in request.url.path else "a"
        if form not in self.serves:
            return httpx.Response(404, headers={"Set-Cookie": "seen=1"})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def forms(self) -> str:
        return "".join("b" if "/.proxy/" in request.url.path else "a" for request in self.requests)


async def hand_in(site, region=REGION, *, address=None, guild=GUILD, live=lambda: True, holds=lambda: True, times=1):
    activity = ActivitySite(
        Upstream("https://discord.com/api/v9", None, address),
        Place(guild, CHANNEL),
        user_agent="a browser",
        timeout_seconds=5.0,
        holds=holds,
        transport=httpx.MockTransport(site),
    )
    answers = [await activity.submit(region, live) for _ in range(times)]
    await activity.close()
    return answers[-1]


def mask_of(request) -> bytes:
    given = json.loads(request.content)["mask"]
    assert not given.startswith("data:")
    return base64.b64decode(given, validate=True)


async def test_the_newer_form_is_posted_as_the_wire_shows_it():
    site = Site("a", "b")
    assert (await hand_in(site)).kind is AnswerKind.ACCEPTED
    (post,) = site.requests
    assert f"POST {post.url}" == FORM_B["request"].replace("<token>", TOKEN)
    assert json.loads(post.content).keys() == FORM_B["body"].keys()
    assert json.loads(post.content)["prompt"] == "a red boat"
    assert mask_of(post) == MASK
    assert post.headers["origin"] == FORM_B["headers"]["Origin"]
    referer = re.sub(r"frame_id=[0-9a-f-]{36}", "frame_id=<uuid>", post.headers["referer"])
    assert referer == FORM_B["headers"]["Referer"].replace("<token>", TOKEN)


async def test_where_the_newer_form_is_not_served_the_older_is_posted_as_the_wire_shows_it():
    site = Site("a")
    assert (await hand_in(site)).kind is AnswerKind.ACCEPTED
    assert site.forms == "ba"
    post = site.requests[1]
    assert f"POST {post.url}" == FORM_A["request"]
    body = json.loads(post.content)
    assert mask_of(post) == MASK
    assert {**body, "mask": FORM_A["body"]["mask"], "customId": FORM_A["body"]["customId"]} == FORM_A["body"]
    assert body["customId"] == TOKEN


async def test_the_form_that_worked_comes_first_from_then_on():
    site = Site("a")
    await hand_in(site, times=3)
    assert site.forms == "baaa"


async def test_nothing_of_discords_goes_to_the_site():
    site = Site("a")
    await hand_in(site, times=2)
    for request in site.requests:
        assert "authorization" not in request.headers
        assert not [name for name in request.headers if name.startswith("x-")]
        assert "discord.com" not in str(request.headers)


async def test_a_region_of_nijis_goes_to_the_site_of_midjourney():
    site = Site("b")
    await hand_in(site, RegionAnswer(NIJI_APPLICATION, f"MJ::iframe::{TOKEN}", MASK, "x"))
    (post,) = site.requests
    assert post.url.host == f"{MIDJOURNEY_APPLICATION}.discordsays.com"
    assert f":{NIJI_APPLICATION}:" in post.headers["referer"]


async def test_another_address_may_be_set_for_the_account():
    site = Site("b")
    await hand_in(site, address="http://127.0.0.1:8100/activity")
    (post,) = site.requests
    assert str(post.url) == f"http://127.0.0.1:8100/activity/.proxy/inpaint/api/submit-job/{TOKEN}"
    assert post.headers["origin"] == "http://127.0.0.1:8100"


async def test_in_direct_messages_no_guild_is_named():
    site = Site("b")
    await hand_in(site, guild="")
    assert "guild_id" not in site.requests[0].headers["referer"]


@pytest.mark.parametrize(
    ("answer", "kind", "refusal"),
    [
        (httpx.Response(200, text="success"), AnswerKind.ACCEPTED, None),
        (httpx.Response(200, json={"success": True}), AnswerKind.ACCEPTED, None),
        (httpx.Response(200, json={"success": False}), AnswerKind.UNKNOWN, None),
        (httpx.Response(200, text="<html>"), AnswerKind.UNKNOWN, None),
        (httpx.Response(302, headers={"Location": "https://elsewhere.test"}), AnswerKind.UNKNOWN, None),
        (httpx.Response(400, text="prompt is missing"), AnswerKind.REFUSED, Refusal.FAIL),
        (httpx.Response(403), AnswerKind.REFUSED, Refusal.FAIL),
        (httpx.Response(404), AnswerKind.REFUSED, Refusal.FAIL),
        (httpx.Response(429, headers={"Retry-After": "7"}), AnswerKind.REFUSED, Refusal.WAIT),
        (httpx.Response(502), AnswerKind.UNKNOWN, None),
        (httpx.ConnectError("x"), AnswerKind.NEVER_LEFT, None),
        (httpx.ConnectTimeout("x"), AnswerKind.NEVER_LEFT, None),
        (httpx.ReadTimeout("x"), AnswerKind.UNKNOWN, None),
        (httpx.RemoteProtocolError("x"), AnswerKind.UNKNOWN, None),
    ],
    ids=str,
)
async def test_what_each_answer_proves_and_that_nothing_is_repeated(answer, kind, refusal):
    site = Site("b", answer=answer)
    said = await hand_in(site)
    assert (said.kind, said.refusal) == (kind, refusal)
    assert TOKEN not in said.detail
    assert site.forms == ("ba" if getattr(answer, "status_code", 0) == 404 else "b")


async def test_a_site_that_serves_neither_form_refuses():
    site = Site()
    said = await hand_in(site)
    assert (said.kind, said.refusal, site.forms) == (AnswerKind.REFUSED, Refusal.FAIL, "ba")
    assert "404" in said.detail


async def test_session_and_lease_are_asked_before_each_write():
    site = Site("a")
    held = [False, True]
    said = await hand_in(site, holds=held.pop)
    assert (said.kind, site.forms) == (AnswerKind.NEVER_LEFT, "b")
    assert (await hand_in(site, live=lambda: False)).kind is AnswerKind.NEVER_LEFT
    assert site.forms == "b"
