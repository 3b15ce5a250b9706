"""What UserAPI's calls make Midjourney do, read in the simulator's ledger; no field of them is there in vain."""

from __future__ import annotations

import base64
import uuid

import pytest
import pytest_asyncio

from tests.fakes import pictures
from tests.journeys.inside import Inside
from tests.journeys.userapi import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRESSES = [
    ("grid", "upscale", {"choice": 3}, "upscale_3", "upscale", 3),
    ("grid", "variation", {"choice": 2}, "variation_2", "variation_strong", 2),
    ("grid", "reroll", {}, "reroll", "reroll", 0),
    ("single", "vary-subtle", {}, "vary_subtle", "variation_subtle", 1),
    ("single", "vary-strong", {}, "vary_strong", "variation_strong", 1),
    ("single", "zoom", {"choice": 50}, "zoom_out_2x", "zoom", 1),
    ("single", "zoom", {"choice": 75}, "zoom_out_1.5x", "zoom", 1),
    ("single", "zoom", {"prompt": "a wide fox --zoom 1.8"}, "custom_zoom", "zoom", 0),
    ("single", "pan", {"choice": "left"}, "pan_left", "pan_left", 1),
    ("single", "pan", {"choice": "right"}, "pan_right", "pan_right", 1),
    ("single", "pan", {"choice": "up"}, "pan_up", "pan_up", 1),
    ("single", "pan", {"choice": "down"}, "pan_down", "pan_down", 1),
    ("single", "animate", {"choice": "high"}, "animate_high", "animate_high", 1),
    ("single", "animate", {"choice": "low"}, "animate_low", "animate_low", 1),
    ("single", "upsample", {"choice": "subtle"}, "upsample_v7_2x_subtle", "upsample_v7_2x_subtle", 1),
    ("single", "upsample", {"choice": "v7_2x_creative"}, "upsample_v7_2x_creative", "upsample_v7_2x_creative", 1),
    ("films", "upscale", {"choice": 4}, "video_upscale_4", "video_upscale", 4),
    ("films", "reroll", {}, "reroll", "animate_low", 0),
]
UPSAMPLES = [
    ("5.2", "v5_2x", "v5_2x"),
    ("5.2", "v5_4x", "v5_4x"),
    ("6", "v6_2x_subtle", "v6_2x_subtle"),
    ("6", "v6_2x_creative", "v6_2x_creative"),
    ("6.1", "v6r1_2x_subtle", "v6r1_2x_subtle"),
    ("6.1", "v6r1_2x_creative", "v6r1_2x_creative"),
    ("6.1", "creative", "v6r1_2x_creative"),
    ("7", "v7_2x_subtle", "v7_2x_subtle"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    rooms = {"studio": {}, "remix": {"remix": True}, "other": {}}
    inside = await Inside(tmp_path_factory.mktemp("tasks"), rooms).open()
    yield inside
    await inside.close()


async def opened(house: Inside, name: str):
    client = await Client(house, house[name]).opened()
    try:
        yield client
    finally:
        await client.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(house):
    async for each in opened(house, "studio"):
        yield each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def remixing(house):
    async for each in opened(house, "remix"):
        yield each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stranger(house):
    async for each in opened(house, "other"):
        yield each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parents(client):
    grid = await client.made("imagine", prompt="a red fox")
    single = await client.made("upscale", hash=grid["hash"], choice=1)
    films = await client.made("animate", hash=single["hash"], choice="low")
    return {"grid": grid, "single": single, "films": films}


# --- presses


@pytest.mark.parametrize("press", PRESSES, ids=lambda press: press[3])
async def test_a_follow_up_presses_its_button(client, parents, press):
    of, route, body, action, verb, index = press
    task = await client.made(route, hash=parents[of]["hash"], **body)
    job = await client.job(task["hash"])
    drawn = client.room.drawn_for(job)
    assert (job.action.name, drawn["verb"], drawn["index"]) == (action, verb, index)
    assert (task["type"], task["parent_hash"]) == (route.replace("-", "_"), parents[of]["hash"])
    assert task.get("choice") == body.get("choice")


@pytest.mark.parametrize(("version", "choice", "name"), UPSAMPLES)
async def test_every_upsampler_is_pressed_by_its_name(client, version, choice, name):
    single = await client.single(f"a fox for {choice} --v {version}")
    (offered,) = [each["choices"] for each in single["next_actions"] if each["type"] == "upsample"]
    assert name in offered
    task = await client.made("upsample", hash=single["hash"], choice=choice)
    assert client.room.drawn_for(await client.job(task["hash"]))["verb"] == f"upsample_{name}"
    assert (task["type"], task["choice"]) == ("upsample", choice)


async def test_a_region_is_redrawn_by_mask_and_prompt(remixing):
    client = remixing
    single = await client.single("a red fox")
    size = (single["result"]["width"], single["result"]["height"])
    mask = pictures.drawn(size=size, colour=(255, 255, 255))
    task = await client.made("inpaint", hash=single["hash"], mask=base64.b64encode(mask).decode(), prompt="a green hat")
    job = await client.job(task["hash"])
    assert (job.action.name, job.given.words) == ("vary_region", "a green hat")
    assert "a green hat" in client.room.drawn_for(job)["prompt"]


@pytest.mark.parametrize(
    ("of", "route", "body"),
    [
        ("grid", "variation", {"choice": 1}),
        ("grid", "reroll", {}),
        ("single", "vary-subtle", {}),
        ("single", "vary-strong", {}),
        ("single", "zoom", {"choice": 75}),
        ("single", "pan", {"choice": "up"}),
    ],
)
async def test_with_remix_the_new_prompt_reaches_midjourney(remixing, of, route, body):
    grid = await remixing.made("imagine", prompt="a red fox")
    parent = grid if of == "grid" else await remixing.made("upscale", hash=grid["hash"], choice=1)
    task = await remixing.made(route, hash=parent["hash"], prompt="a blue whale", **body)
    assert "a blue whale" in remixing.room.drawn_for(await remixing.job(task["hash"]))["prompt"]


async def test_a_description_is_made_into_a_grid_by_number(client, parents):
    described = await client.made("describe", url=parents["grid"]["result"]["url"])
    offered = {each["type"]: each.get("choices") for each in described["next_actions"]}
    assert (offered["upscale"], offered["variation"]) == ([1, 2, 3, 4], [1, 2, 3, 4])
    for route, number in (("upscale", 2), ("variation", 3)):
        task = await client.made(route, hash=described["hash"], choice=number)
        drawn = client.room.drawn_for(await client.job(task["hash"]))
        assert drawn["prompt"].startswith(described["result"][number - 1].split(" --")[0])
        assert (task["type"], task["choice"], len(task["next_actions"])) == (route, number, 4)
    again = await client.made("reroll", hash=described["hash"])
    assert (again["type"], len(again["result"])) == ("reroll", 4)


async def test_the_same_single_picture_is_not_taken_twice(client, parents):
    first = await client.asked("upscale", hash=parents["grid"]["hash"], choice=4)
    assert await client.asked("upscale", hash=parents["grid"]["hash"], choice=4) == first


# --- what is refused


@pytest.mark.parametrize(
    ("route", "body", "status", "words"),
    [
        ("imagine", {}, 400, "prompt is required"),
        ("imagine", {"prompt": 7}, 400, "prompt must be text"),
        ("imagine", {"prompt": "a fox", "callback_id": "x" * 73}, 400, "callback_id is too long"),
        ("imagine", {"prompt": "a fox", "webhook_type": "all"}, 400, "webhook_type is not one of its values"),
        ("imagine", {"prompt": "a fox", "webhook_url": "ftp://a.b/c"}, 400, "webhook_url is no address"),
        ("imagine", {"prompt": "a fox", "webhook_url": "http://10.0.0.1/c"}, 400, "webhook_url"),
        ("imagine", {"prompt": "a fox", "is_disable_prefilter": "no"}, 400, "is_disable_prefilter must be true or"),
        ("imagine", {"prompt": "a fox", "account_hash": 7}, 400, "account_hash must be text"),
        ("imagine", {"prompt": "a fox", "account_hash": "7"}, 404, "no such account"),
        ("imagine", {"prompt": "a fox", "account_hash": str(uuid.uuid4())}, 404, "no such account"),
        ("imagine-instant", {"prompt": "a fox"}, 400, "choice is required"),
        ("imagine-instant", {"prompt": "a fox", "choice": 1}, 400, "choice must be text"),
        ("describe", {}, 400, "url is required"),
        ("describe", {"url": "file:///etc/passwd"}, 400, "url is no address"),
        ("blend", {}, 400, "urls is required"),
        ("blend", {"urls": "https://example.com/a.png"}, 400, "urls must be a list"),
        ("blend", {"urls": [{"url": "https://example.com/a.png"}]}, 400, "urls are 1"),
        ("blend", {"urls": [{"ext": "png"}, {}]}, 400, "urls[0].url is required"),
        ("blend", {"urls": [{"url": "https://example.com/a.png", "ext": "gif"}]}, 400, "urls[0].ext is not one of"),
        ("upload", {}, 400, "image is required, or url"),
        ("upscale", {"choice": 1}, 400, "hash is required"),
        ("upscale", {"hash": "nonsense", "choice": 1}, 404, "no such job"),
        ("upscale", {"hash": str(uuid.uuid4()), "choice": 1}, 404, "no job"),
        ("seed", {}, 400, "hash is required"),
        ("info", {}, 400, "account_hash is required"),
        ("prefer", {"account_hash": "x"}, 400, "choice is required (allowed: remix)"),
        ("speed", {"account_hash": "x", "choice": "warp"}, 400, "choice is not one of its values"),
    ],
)
async def test_what_cannot_be_taken_is_named(client, route, body, status, words):
    told, said = await client.refused(route, **body)
    assert (told, words in said) == (status, True), said


@pytest.mark.parametrize(
    ("of", "route", "asked"),
    [
        ("grid", "upscale", ({}, 400, "choice is required (allowed: 1, 2, 3, 4)")),
        ("grid", "upscale", ({"choice": 5}, 400, "choice is out of range")),
        ("grid", "upscale", ({"choice": "1"}, 400, "choice must be a whole number")),
        ("grid", "pan", ({"choice": "left"}, 400, "offers no pan_left")),
        ("grid", "inpaint", ({"mask": "AAAA", "prompt": "x"}, 400, "mask")),
        ("single", "zoom", ({}, 400, "choice is required (allowed: 50, 75, or a prompt)")),
        ("single", "zoom", ({"choice": 60}, 400, "choice is not one of its values")),
        ("single", "zoom", ({"choice": "50"}, 400, 'choice must be a whole number, not "50" (allowed: 50, 75)')),
        ("single", "zoom", ({"choice": 80}, 400, "choice is out of range: 80 (allowed: 50, 75)")),
        ("single", "pan", ({}, 400, "choice is required")),
        ("single", "inpaint", ({"prompt": "x"}, 400, "mask is required")),
        ("single", "inpaint", ({"mask": "AAAA"}, 400, "prompt is required")),
        ("single", "inpaint", ({"mask": "not base64!", "prompt": "x"}, 400, "mask is no base64")),
        ("single", "upsample", ({"choice": "v5_4x"}, 400, "offers no upsample_v5_4x")),
        ("single", "animate", ({"choice": "fast"}, 400, "choice is not one of its values")),
    ],
)
async def test_a_follow_up_that_cannot_be_says_why(client, parents, of, route, asked):
    body, status, words = asked
    told, said = await client.refused(route, hash=parents[of]["hash"], **body)
    assert (told, words in said) == (status, True), said


async def test_a_task_that_is_not_done_has_no_buttons_yet(client, house):
    house.simulator.timing(job_ms=60_000)
    try:
        task = await client.asked("imagine", prompt="a slow fox")
        status, words = await client.refused("reroll", hash=task)
        assert (status, "only a finished job" in words) == (409, True)
        await client.room.engine.cancel(client.room.origin, task)
        ended = await client.over(task)
    finally:
        house.simulator.timing(job_ms=250)
    assert (ended["status"], ended["result"], "next_actions" in ended) == ("error", None, False)
    assert ended["status_reason"]


async def test_another_workspace_sees_nothing_of_a_task_or_an_account(client, stranger, parents):
    task = parents["grid"]["hash"]
    own = await stranger.http.get("/midjourney/v2/status", params={"hash": str(uuid.uuid4())})
    other = await stranger.http.get("/midjourney/v2/status", params={"hash": task})
    assert (own.status_code, other.status_code) == (404, 404)
    for route, body in (("upscale", {"choice": 1}), ("seed", {}), ("reroll", {})):
        assert (await stranger.refused(route, hash=task, **body))[0] == 404
    assert (await stranger.refused("imagine", prompt="x", account_hash=client.account_hash))[0] == 404
    unseen = await stranger.http.get("/discord/info", params={"account_hash": client.account_hash})
    assert unseen.status_code == 404


# --- fields, forms, other dialects


async def test_what_was_sent_is_repeated_and_what_was_not_is_null(client):
    said = {"webhook_url": "https://receiver.invalid/x", "webhook_type": "result", "callback_id": "order 7"}
    loud = await client.status(await client.asked("imagine", prompt="a fox", **said))
    quiet = await client.status(await client.asked("imagine", prompt="a fox"))
    for name, value in said.items():
        assert (loud[name], quiet[name]) == (value, None)
    assert quiet["result"] is None
    assert quiet["prefilter_result"] == []


async def test_a_named_account_runs_it_and_a_follow_up_does_not_ask(client, parents):
    task = await client.made("imagine", prompt="a fox here", account_hash=client.account_hash.upper())
    assert (await client.job(task["hash"])).bound_account_id == client.room.account_id
    answer = await client.post(
        "upscale", {"hash": task["hash"], "choice": 2, "account_hash": str(uuid.uuid4()), "model_version": "7"}
    )
    assert (answer.status_code, answer.headers["easel-ignored"]) == (200, "account_hash, model_version")


async def test_a_form_spells_its_numbers(client, parents):
    answer = await client.http.post("/midjourney/v2/upscale/", data={"hash": parents["grid"]["hash"], "choice": "2"})
    task = await client.done(answer.json()["hash"])
    assert task["choice"] == 2


async def test_a_blend_needs_no_endings(client, parents):
    urls = [{"url": parents[each]["result"]["url"]} for each in ("grid", "single")]
    task = await client.made("blend", urls=urls, account_hash=client.account_hash)
    assert [each["url"] for each in task["urls"]] == [each["url"] for each in urls]
    (command,) = [row for row in await client.ledger(task["hash"]) if row["type"] == 2]
    assert command["decision"] == "accepted"


async def test_a_job_of_one_dialect_is_read_and_continued_in_the_other(client, parents):
    http = client.room.http
    pressed = await http.post(
        "/api/v1/midjourney/button", json={"messageId": parents["grid"]["hash"], "button": "V4", "ref": "r"}
    )
    task = await client.done(pressed.json()["messageId"])
    assert (task["type"], task["choice"], task["parent_hash"]) == ("variation", 4, parents["grid"]["hash"])
    told = (await http.get(f"/api/v1/midjourney/message/{parents['single']['hash']}")).json()
    assert (told["status"], told["originatingMessageId"]) == ("DONE", parents["grid"]["hash"])
    assert told["uri"] == parents["single"]["result"]["url"]
    assert (await client.made("upscale", hash=task["hash"], choice=1))["type"] == "upscale"


async def test_a_prompt_of_several_jobs_is_one_task_with_each_of_them(client):
    status, words = await client.refused("imagine", prompt="a {red, blue} fox")
    assert (status, "makes 2 jobs" in words, "allowPermutations" in words) == (400, True, True)
    assert (await client.refused("imagine-instant", prompt="a {red, blue} fox", choice="nothing"))[0] == 400
    answer = await client.post("imagine", {"prompt": "a {red, blue} fox", "allowPermutations": True})
    task = await client.done(answer.json()["hash"])
    assert (task["prompt"], task["progress"]) == ("a {red, blue} fox", 100)
    assert [each["prompt"] for each in task["jobs"]] == ["a red fox", "a blue fox"]
    assert {each["status"] for each in task["jobs"]} == {"done"}


# --- words that are not wanted


async def test_the_prefilter_ends_a_task_at_once_unless_it_is_switched_off(client):
    words = "a fox in deep shit"
    before = len(client.room.posts())
    task = await client.over(await client.asked("imagine", prompt=words))
    assert (task["status"], task["prefilter_result"], task["result"]) == ("error", ["PROFANITY"], None)
    assert task["status_reason"]
    assert len(client.room.posts()) == before
    task = await client.made("imagine", prompt=words, is_disable_prefilter=True)
    assert task["prefilter_result"] == []


async def test_the_operators_ban_list_cannot_be_switched_off(client):
    answer = await client.room.http.post("/api/v1/midjourney/ban-words", json={"banWords": ["basilisk"]})
    assert answer.status_code == 200, answer.text
    status, words = await client.refused("imagine", prompt="a basilisk", is_disable_prefilter=True)
    assert (status, "basilisk" in words) == (400, True)
