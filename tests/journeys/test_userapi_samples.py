"""Every sample of UserAPI's documentation against a started server: sent as it is, answered with its keys and types.

Hashes and addresses are put in, because the documentation's lead nowhere.
"""

from __future__ import annotations

import base64

import pytest
import pytest_asyncio

from tests.fakes import pictures
from tests.journeys.inside import Inside
from tests.journeys.userapi import Client
from tests.seeds.samples import differences, sample

RECEIVER = "https://receiver.invalid/"
"""Stands for example.com in webhooks: nothing may be posted to a stranger."""
SLIPS = {
    "upsample": {"choice"},  # shown as 3, sent as a word
    "vary-subtle": {"choice"},  # shown as 3, and there is nothing to choose
    "vary-strong": {"choice"},
    "animate": {"next_actions"},  # two of different shapes: compared as they stand
}
TYPES = {"vary-strong": "vary_strong"}  # shown as vary_subtle
OF_A_SINGLE = ("vary-subtle", "vary-strong", "inpaint", "zoom", "pan", "animate")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    inside = await Inside(tmp_path_factory.mktemp("samples"), {"studio": {"remix": True}}).open()
    yield inside
    await inside.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(house):
    opened = await Client(house, house["studio"]).opened()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grid(client):
    return await client.made("imagine", prompt="nice girl --v 6")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def single(client, grid):
    return await client.made("upscale", hash=grid["hash"], choice=1)


def asked(name: str, **filled: object) -> dict:
    """The sample's request with our own hashes and addresses in it."""
    body = {**sample(f"{name}.request"), **filled}
    if "webhook_url" in body:
        body["webhook_url"] = body["webhook_url"].replace("https://example.com/", RECEIVER)
    return body


def is_as_shown(name: str, given: dict, shown: dict | None = None) -> None:
    shown = sample(f"{name}.task") if shown is None else shown
    assert differences(shown, given, may_differ=frozenset(SLIPS.get(name, ()))) == []
    assert given["type"] == TYPES.get(name, shown["type"])
    assert given["status"] == shown["status"] == "done"


async def test_imagine(client):
    body = asked("imagine", account_hash=client.account_hash)
    task = await client.made("imagine", **body)
    is_as_shown("imagine", task)
    assert (task["prompt"], task["progress"], task["prefilter_result"]) == ("nice girl", 100, [])
    assert (task["account_hash"], task["webhook_type"]) == (client.account_hash, "progress")
    assert task["webhook_url"] == body["webhook_url"]


async def test_describe(client, grid):
    address = grid["result"]["url"]
    task = await client.made("describe", **asked("describe", account_hash=client.account_hash, url=address))
    is_as_shown("describe", task)
    assert len(task["result"]) == 4
    assert (task["prompt"], "progress" in task) == (address, False)


async def test_blend(client, grid, single):
    body = asked("blend", account_hash=client.account_hash)
    body["urls"] = [
        {"url": each["result"]["url"], "ext": shown["ext"]}
        for each, shown in zip((grid, single), body["urls"], strict=True)
    ]
    task = await client.made("blend", **body)
    is_as_shown("blend", task)
    assert task["urls"] == body["urls"]


@pytest.mark.parametrize("name", ["upscale", "variation", "reroll"])
async def test_what_follows_from_a_grid(client, grid, name):
    body = asked(name, hash=grid["hash"])
    task = await client.made(name, **body)
    is_as_shown(name, task)
    assert (task["parent_hash"], task.get("choice")) == (grid["hash"], body.get("choice"))


@pytest.mark.parametrize("name", OF_A_SINGLE)
async def test_what_follows_from_a_single_picture(client, single, name):
    body = asked(name, hash=single["hash"])
    if name == "inpaint":
        size = (single["result"]["width"], single["result"]["height"])
        body["mask"] = base64.b64encode(pictures.drawn(size=size, colour=(255, 255, 255))).decode()
    if name == "animate":  # Midjourney 6 makes no films
        body["hash"] = (await client.single("nice girl"))["hash"]
    task = await client.made(name, **body)
    is_as_shown(name, task)
    assert task.get("choice") == body.get("choice")
    if name == "animate":
        assert task["result"]["content_type"] == "image/webp"
        assert task["next_actions"] == sample("animate.task")["next_actions"]


async def test_upsample(client, single):
    body = asked("upsample", hash=single["hash"])
    task = await client.made("upsample", **body)
    is_as_shown("upsample", task)
    assert task["choice"] == "v6_2x_subtle"


async def test_seed(client, grid):
    task = await client.waited("seed", **asked("seed", hash=grid["hash"]))
    is_as_shown("seed", task)
    assert len(task["result"]["urls"]) == 4


async def test_info(client):
    task = await client.made("info", **asked("info", account_hash=client.account_hash))
    is_as_shown("info", task)
    assert "progress" not in task


@pytest.mark.parametrize("name", ["prefer", "speed"])
async def test_a_switch_answers_when_it_is_turned(client, name):
    answer = await client.post(name, asked(name, account_hash=client.account_hash))
    shown = sample(f"{name}.response")
    assert (answer.status_code, differences(shown, answer.json())) == (200, [])
    is_as_shown(name, answer.json()["result"], shown["result"])
    if name == "prefer":  # as it was
        await client.waited(name, account_hash=client.account_hash, choice="remix")


async def test_upload(client):
    answer = await client.http.post(
        "/midjourney/v2/upload",
        files={"image": ("image.png", pictures.drawn(size=(40, 30)), "image/png")},
        data={"account_hash": client.account_hash},
    )
    assert (answer.status_code, differences(sample("upload.response"), answer.json())) == (200, [])
    body = asked("upload", account_hash=client.account_hash, url=answer.json()["image"]["url"])
    again = await client.post("upload", body)
    assert (again.status_code, differences(sample("upload.response"), again.json())) == (200, [])


async def test_discord_info(client):
    answer = await client.http.get("/discord/info", params={"account_hash": client.account_hash})
    shown = {**sample("discord-info.response"), "status_reason": None}  # of an account that has a trouble
    assert (answer.status_code, differences(shown, answer.json())) == (200, [])
    assert answer.json()["status_reason"] is None


async def test_no_answer_holds_a_time_in_another_form(client, grid, single):
    for task in (grid, single, await client.made("info", account_hash=client.account_hash)):
        assert task["created_at"].endswith("+00:00")
        assert len(task["created_at"]) == len("2006-01-02T15:04:05+00:00")
