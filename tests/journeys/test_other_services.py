"""Flux, enlarging, cutting out and longer prompts: over HTTP, through the engine, to the stand-ins of the services."""

from __future__ import annotations

import asyncio
import io
import time

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from engine.model.choosing import Waiting
from tests.fakes import pictures
from tests.journeys.inside import Inside

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
KEY = "bfl-0123456789abcdef-good"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    inside = await Inside(
        tmp_path_factory.mktemp("services"),
        {"one": {}, "two": {}},
        ALLOW_NETWORKS="127.0.0.0/8",
        FLUX_API_URL="{simulator}/bfl",
        FLUX_API_KEY=KEY,
        UPSCALER_URL="{simulator}/services/upscale",
        BACKGROUND_URL="{simulator}/services/remove-background",
        EXTENDER_URL="{simulator}/services/v1",
    ).open()
    yield inside
    await inside.close()


def asked_of(house, service: str) -> list[dict]:
    return [row for row in house.simulator.ledger("service") if row["service"] == service]


async def over(room, answer: httpx.Response) -> dict:
    assert answer.status_code == 200, answer.text
    message_id, end = answer.json()["messageId"], time.monotonic() + 30
    while (body := (await room.http.get(f"/api/v1/message/fetch/{message_id}")).json())["status"] not in (
        "DONE",
        "FAIL",
    ):
        assert time.monotonic() < end, body
        await asyncio.sleep(0.05)
    return body


async def seen(room, address: str) -> Image.Image:
    answer = await room.http.get(address)
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.content))


async def test_flux_makes_as_many_pictures_as_are_asked_for_in_one_job(house):
    room = house["one"]
    asked = {"prompt": "three lighthouses", "n": 3, "aspect_ratio": "16:9", "ref": "order 7"}
    body = await over(room, await room.http.post("/api/v1/flux/imagine", json=asked))
    assert (body["status"], body["progress"], body["ref"], body["buttons"]) == ("DONE", 100, "order 7", [])
    assert len(set(body["images"])) == 3
    assert body["uri"] == body["images"][0] == body["originalUrl"]
    assert [(await seen(room, image)).size for image in body["images"]] == [(1376, 768)] * 3
    calls = [row for row in asked_of(house, "flux") if row["body"]["prompt"] == "three lighthouses"]
    assert [row["model"] for row in calls] == ["flux-pro-1.1"] * 3


async def test_every_dialect_shows_our_address_of_what_lies_nowhere_else(house):
    room = house["one"]
    body = await over(room, await room.http.post("/api/v1/flux/imagine", json={"prompt": "a lighthouse for everybody"}))
    ours = body["uri"]
    (native,) = (await room.http.get(f"/v1/jobs/{body['messageId']}")).json()["result"]["pictures"]
    assert (native["uri"], native["original_url"]) == (ours, ours)
    key = {"api-key": room.http.headers["Authorization"].removeprefix("Bearer ")}
    task = (await room.http.get("/midjourney/v2/status", params={"hash": body["messageId"]}, headers=key)).json()
    assert (task["result"]["url"], task["result"]["proxy_url"]) == (ours, ours)


async def test_flux_is_told_no_word_of_the_settings_key_but_in_its_header(house):
    room = house["one"]
    await over(room, await room.http.post("/api/v1/flux/imagine", json={"prompt": "a quiet key"}))
    assert KEY not in str(asked_of(house, "flux"))
    assert KEY not in (await room.http.get("/status")).text


async def test_what_flux_moderates_fails_with_its_words(house):
    room = house["one"]
    body = await over(room, await room.http.post("/api/v1/flux/imagine", json={"prompt": "a moderated thing"}))
    assert body["status"] == "FAIL"
    assert body["error"] == "Content Moderated by the service"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model": "dall-e-3"}, "flux-1.1-pro"),
        ({"n": 9}, "n is out of range"),
        ({"aspect_ratio": "9:1"}, "aspect_ratio"),
        ({"prompt": ""}, "prompt is required"),
        ({"output_format": "webp"}, "output_format"),
        ({"timeout": 5}, "timeout"),
    ],
)
async def test_what_flux_cannot_make_is_refused_before_anything_is_asked(house, changes, word):
    room = house["one"]
    answer = await room.http.post("/api/v1/flux/imagine", json={"prompt": "never asked for"} | changes)
    assert (answer.status_code, word in answer.json()["message"]) == (400, True), answer.text
    assert not [row for row in asked_of(house, "flux") if row["body"]["prompt"] in ("", "never asked for")]


@pytest.mark.parametrize("scale", [2, 3, 4])
async def test_a_picture_is_enlarged_as_often_as_asked(house, scale):
    room = house["one"]
    image = pictures.as_address(pictures.drawn(size=(40, 30)))
    body = await over(room, await room.http.post("/api/v1/flux/upscale", json={"image": image, "scale": scale}))
    assert body["status"] == "DONE"
    assert (await seen(room, body["uri"])).size == (40 * scale, 30 * scale)


async def test_a_background_is_removed(house):
    room = house["one"]
    image = pictures.as_address(pictures.drawn(size=(40, 40)))
    body = await over(room, await room.http.post("/api/v1/tools/remove-bg/", data={"image": image}))
    cut = await seen(room, body["uri"])
    assert cut.mode == "RGBA"
    assert (cut.getpixel((0, 0))[3], cut.getpixel((20, 20))[3]) == (0, 255)


async def test_a_picture_of_ours_can_be_given_to_another_service(house):
    room = house["one"]
    made = await over(room, await room.http.post("/api/v1/flux/imagine", json={"prompt": "a fox to cut out"}))
    body = await over(room, await room.http.post("/api/v1/tools/remove-bg", json={"image": made["uri"]}))
    assert (await seen(room, body["uri"])).size == (1024, 1024)


async def test_no_picture_is_refused_by_name(house):
    room = house["one"]
    answer = await room.http.post("/api/v1/flux/upscale", json={"image": "ftp://example.com/a.png", "scale": 2})
    assert (answer.status_code, "image" in answer.json()["message"]) == (400, True)
    answer = await room.http.post("/api/v1/flux/upscale", json={"image": "https://example.com/a.png"})
    assert answer.json()["message"].startswith("scale is required")


async def test_a_prompt_is_made_longer_at_once(house):
    room = house["one"]
    answer = await room.http.post("/api/v1/tools/prompt-extend", json={"prompt": "a red fox --ar 16:9"})
    assert answer.status_code == 200
    assert answer.json()["prompt"].startswith("a red fox --ar 16:9, ")


async def test_a_banned_word_is_refused_whoever_would_draw_it(house):
    room = house["two"]
    assert (await room.http.post("/api/v1/nova/ban-words", json={"banWords": ["gargoyle"]})).status_code == 200
    answer = await room.http.post("/api/v1/flux/imagine", json={"prompt": "a stone gargoyle"})
    assert (answer.status_code, "gargoyle" in answer.json()["message"]) == (400, True)
    assert not [row for row in asked_of(house, "flux") if "gargoyle" in row["body"]["prompt"]]


async def test_a_banned_word_is_made_no_longer_either(house):
    room = house["two"]
    assert (await room.http.post("/api/v1/nova/ban-words", json={"banWords": ["basilisk"]})).status_code == 200
    answer = await room.http.post("/api/v1/tools/prompt-extend", json={"prompt": "a basilisk"})
    assert (answer.status_code, "basilisk" in answer.json()["message"]) == (400, True)
    refused = (await room.http.get("/v1/refusals?limit=1")).json()["refusals"][0]
    assert (refused["action"], refused["prompt"]) == ("prompt_extend", "a basilisk")


async def test_jobs_for_midjourney_and_for_others_do_not_mix(house):
    room = house["two"]
    flux = await room.http.post("/api/v1/flux/imagine", json={"prompt": "by flux"})
    imagine = await room.http.post("/api/v1/nova/imagine", json={"prompt": "by midjourney"})
    assert (await over(room, flux))["buttons"] == []
    assert "U1" in (await over(room, imagine))["buttons"]
    job = await room.engine.job(room.origin.workspace_id, flux.json()["messageId"])
    assert job.account_id not in (None, room.account_id)


async def test_a_service_is_shown_among_the_accounts_and_can_be_paused(house):
    room = house["one"]
    await over(room, await room.http.post("/api/v1/flux/imagine", json={"prompt": "before the pause"}))
    listed = {each["service"]: each["id"] for each in (await room.http.get("/v1/accounts")).json()["accounts"]}
    assert listed["midjourney"] == room.account_id
    assert [each["id"] for each in (await room.http.get("/api/v1/discord/tokens")).json()] == [room.account_id]
    flux = f"/v1/accounts/{listed['flux']}"
    assert (await room.http.post(f"{flux}/pause")).json()["state"] == "paused"
    asked = (await room.http.post("/api/v1/flux/imagine", json={"prompt": "in the pause"})).json()["messageId"]
    assert (await room.http.get(f"/v1/jobs/{asked}")).json()["waits_because"] == Waiting.SERVICE
    gone = await room.http.delete(flux)
    assert (gone.status_code, gone.json()["error"]["code"]) == (409, "conflict")
    assert (await room.http.post(f"{flux}/resume")).json()["state"] == "active"
    await over(room, await room.http.get(f"/api/v1/message/fetch/{asked}"))


async def test_another_workspace_does_not_see_the_job(house):
    made = await house["one"].http.post("/api/v1/flux/imagine", json={"prompt": "mine"})
    answer = await house["two"].http.get(f"/api/v1/message/fetch/{made.json()['messageId']}")
    assert answer.status_code == 404


async def test_services_that_are_not_configured_answer_400_and_name_the_setting(tmp_path):
    house = await Inside(tmp_path, {"bare": {}}).open()
    try:
        http = house["bare"].http
        calls = {
            "flux/imagine": ({"prompt": "a fox"}, "EASEL_FLUX_API_KEY"),
            "flux/upscale": ({"image": "https://example.com/a.png", "scale": 2}, "EASEL_UPSCALER_URL"),
            "tools/remove-bg": ({"image": "https://example.com/a.png"}, "EASEL_BACKGROUND_URL"),
            "tools/prompt-extend": ({"prompt": "a fox"}, "EASEL_EXTENDER_URL"),
        }
        for path, (body, setting) in calls.items():
            answer = await http.post(f"/api/v1/{path}", json=body)
            assert (answer.status_code, setting in answer.json()["message"]) == (400, True), answer.text
    finally:
        await house.close()


async def test_a_key_that_is_refused_stops_the_service_and_a_new_one_starts_it_again(tmp_path):
    house = await Inside(
        tmp_path, {"room": {}}, FLUX_API_URL="{simulator}/bfl", FLUX_API_KEY="bfl-0123456789-wrong"
    ).open()
    try:
        room = house["room"]
        answer = await room.http.post("/api/v1/flux/imagine", json={"prompt": "a fox"})
        end = time.monotonic() + 20
        while not [a for a in (await room.status())["accounts"] if a["name"] == "flux" and a["state"] == "stopped"]:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        (flux,) = [a for a in (await room.status())["accounts"] if a["name"] == "flux"]
        assert "403" in flux["reason"]
        assert "wrong" not in str(flux)
        body = (await room.http.get(f"/api/v1/message/fetch/{answer.json()['messageId']}")).json()
        assert body["status"] == "QUEUED"
    finally:
        await house.close()
