"""What may come instead of a result: captcha pages, appeals, Slow Down!, replies, new versions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.simulator.raw_client import button

WIRE = Path(__file__).parents[1] / "wire"
EMBEDS = {item["title"]: item for item in json.loads((WIRE / "error-embeds.json").read_text())["items"]}
SAMPLES = json.loads((WIRE / "gateway-interaction-events.json").read_text())
APPEAL = json.loads((WIRE / "capture-2023-05-appeal.json").read_text())


async def answer_to(client, nonce):
    return (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]


async def test_any_command_may_be_answered_by_a_captcha_page(simulate):
    sample = SAMPLES["iframe_modal_create_captcha"]["d"]
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        await it.order("captcha_frame", count=3)
        info = await client.slash_body("info")
        await client.post(info)
        for nonce in (await client.imagine("harbor"), await client.click(grid, "U1"), info["nonce"]):
            event = (await client.frame("INTERACTION_IFRAME_MODAL_CREATE", lambda d, n=nonce: d["nonce"] == n))["d"]
            assert set(event) == set(sample)
            assert event["title"] == sample["title"]
            assert event["iframe_path"].startswith("/captcha/embedded/")
            assert not client.of("MESSAGE_CREATE", lambda d, n=nonce: d.get("nonce") == n)
        assert {row["decision"] for row in await it.rows("job", state="refused")} == {"captcha_frame"}


async def test_an_appeal_starts_the_refused_job_with_the_clicks_nonce(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("appeal")
        refused = await answer_to(client, await client.imagine("harbor"))
        known = APPEAL["message"]
        assert refused["flags"] == known["flags"]
        assert set(known["embeds"][0]) <= set(refused["embeds"][0])
        for name in ("title", "description", "color"):
            assert refused["embeds"][0][name] == known["embeds"][0][name]
        appeal = button(refused, "Appeal")
        assert re.fullmatch(r"MJ::Prompts::Appeal::[\w-]{11}", appeal["custom_id"])
        nonce = await client.click(refused, "Appeal")
        start = await answer_to(client, nonce)
        assert start["id"] != refused["id"]
        assert start["flags"] == 0
        final = await client.final_of(nonce)
        assert final["content"].startswith("**harbor** - <@")
        assert (await it.rows("job", nonce=nonce, state="finished"))[0]["message"] == final["id"]
        await client.click(refused, "Appeal")
        await client.frame("INTERACTION_FAILURE")


async def test_the_same_upscale_too_soon_is_told_to_slow_down(simulate):
    async with simulate(timing={"again_ms": 60_000}) as it, it.client() as client:
        grid = await client.finished("harbor")
        await client.final_of(await client.click(grid, "U1"))
        await client.final_of(await client.click(grid, "U2"))
        nonce = await client.click(grid, "U1")
        told = await answer_to(client, nonce)
        embed = told["embeds"][0]
        known = EMBEDS["Slow Down!"]
        assert embed["title"] == known["title"]
        assert re.sub(r"\d{10}", "T", embed["description"]) == re.sub(r"\d{10}", "T", known["description"])
        assert told["message_reference"]["message_id"] == grid["id"]
        assert [r["decision"] for r in await it.rows("job", nonce=nonce)] == ["Slow Down!"]
        await it.control.put("/timing", json={"again_ms": 0})
        await client.final_of(await client.click(grid, "U1"))


async def test_slow_down_can_be_ordered_for_one_click(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        await it.order("slow_down", match="upsample::3")
        assert (await answer_to(client, await client.click(grid, "U3")))["embeds"][0]["title"] == "Slow Down!"
        await client.final_of(await client.click(grid, "U3"))


@pytest.mark.parametrize("label", ["Zoom Out 2x", "Custom Zoom", "Vary (Region)", "❤️", "Animate (High motion)"])
async def test_every_click_can_be_answered_by_an_embed_nobody_knows(simulate, label):
    async with simulate() as it, it.client() as client:
        single = await client.final_of(await client.click(await client.finished("harbor"), "U1"))
        await it.order("embed", title="The moon is full", description="Come back tomorrow.", color=1)
        told = await answer_to(client, await client.click(single, label))
        assert (told["embeds"][0]["title"], told["embeds"][0]["description"]) == (
            "The moon is full",
            "Come back tomorrow.",
        )
        assert told["message_reference"]["message_id"] == single["id"]


async def test_something_went_wrong_is_a_reply_to_the_message_it_is_about(simulate):
    known = EMBEDS["Sorry, something went wrong"]
    words = {"title": known["title"], "description": known["description"], "footer": known["footer"]}
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        for ask, is_source in (
            (lambda: client.imagine("a storm"), lambda start: start["id"]),
            (lambda: client.click(grid, "V1"), lambda _: grid["id"]),
        ):
            await it.order("embed", where="reply", color=None, **words)
            nonce = await ask()
            start = await answer_to(client, nonce)
            told = (await client.frame("MESSAGE_CREATE", lambda d, s=start: d["embeds"] and d["id"] > s["id"]))["d"]
            assert told["embeds"][0]["title"] == known["title"]
            assert "color" not in told["embeds"][0]
            assert told["embeds"][0]["footer"] == {"text": known["footer"]}
            assert told["message_reference"]["message_id"] == is_source(start)
            assert (await it.rows("job", nonce=nonce, state="failed"))[0]["decision"] == known["title"]


async def test_a_bumped_version_is_refused_until_the_index_is_read_again(simulate):
    async with simulate() as it, it.client() as client:
        await client.command()
        await it.order("version_bumped")
        for _ in range(2):
            refused = await client.post(await client.imagine_body("harbor"))
            assert refused.json()["code"] == 50035
            assert "This command is outdated" in json.dumps(refused.json())
        client._index = None
        await client.finished("harbor")
