"""What the bot does with jobs: slots, queue, remix, cancel, bad prompts, the owner's own hands."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.simulator.raw_client import button, buttons

WIRE = Path(__file__).parents[1] / "wire"
EMBEDS = {item["title"]: item for item in json.loads((WIRE / "error-embeds.json").read_text())["items"]}
SLOW = {"job_ms": 400, "first_ms": 5}


async def answer_to(client, nonce):
    return (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]


def same_embed(embed, title, prompt):
    known = EMBEDS[title]
    assert embed["title"] == title
    assert embed["description"] == known["description"]
    assert embed["color"] == known["color"]
    assert embed["footer"]["text"] == f"/imagine {prompt}"


async def test_the_fourth_job_waits_and_starts_later_without_a_nonce(simulate):
    async with simulate(timing=SLOW) as it, it.client() as client:
        nonces = [await client.imagine(f"harbor {n}") for n in range(4)]
        queued = await answer_to(client, nonces[3])
        same_embed(queued["embeds"][0], "Job queued", "harbor 3")
        assert queued["flags"] == 64
        assert "guild_id" not in queued
        interaction = queued["interaction_metadata"]["id"]
        final = await client.final_of(nonces[3])
        assert "harbor 3" in final["content"]
        start = client.of(
            "MESSAGE_CREATE", lambda d: "(Waiting to start)" in d["content"] and "harbor 3" in d["content"]
        )
        assert len(start) == 1
        assert "nonce" not in start[0]
        assert start[0]["interaction_metadata"]["id"] == interaction
        assert start[0]["id"] != queued["id"]
        row = (await it.rows("job", nonce=nonces[3], state="finished"))[0]
        assert row["late"] is True
        assert row["message"] == final["id"]


async def test_a_late_start_may_carry_no_interaction_at_all(simulate):
    async with simulate(timing=SLOW, anonymous_late_start=1.0) as it, it.client() as client:
        nonces = [await client.imagine(f"harbor {n}") for n in range(4)]
        await client.frame("MESSAGE_CREATE", lambda d: d["attachments"] and "harbor 3" in d["content"])
        late = client.of("MESSAGE_CREATE", lambda d: "harbor 3" in d["content"])
        assert len(late) == 2
        assert not any({"nonce", "interaction", "interaction_metadata"} & set(d) for d in late)
        assert (await it.rows("job", nonce=nonces[3], state="finished"))[0]["late"]


async def test_beyond_the_queue_it_is_full(simulate):
    async with simulate(timing=SLOW) as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"concurrency": 1, "queue": 1})
        await client.imagine("harbor 0")
        await client.imagine("harbor 1")
        nonce = await client.imagine("harbor 2")
        refused = await answer_to(client, nonce)
        same_embed(refused["embeds"][0], "Queue full", "harbor 2")
        rows = await it.rows("job", nonce=nonce)
        assert [(r["state"], r["decision"]) for r in rows] == [("refused", "Queue full")]


async def test_a_plan_brings_its_concurrency(simulate):
    async with simulate(timing={"job_ms": 2000, "first_ms": 5}) as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"plan": "pro"})
        nonces = [await client.imagine(f"harbor {n}") for n in range(13)]
        answers = [await answer_to(client, nonce) for nonce in nonces]
        assert [bool(a["embeds"]) for a in answers] == [False] * 12 + [True]


async def test_upscales_take_no_slot(simulate):
    async with simulate(timing=SLOW) as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"concurrency": 1})
        final = await client.finished("harbor")
        await client.imagine("harbor again")
        single = await client.final_of(await client.click(final, "U3"))
        assert "- Image #3 <@" in single["content"]


async def test_the_slot_is_free_as_soon_as_the_final_is_seen(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"concurrency": 1, "queue": 0})
        for n in range(5):
            await client.finished(f"harbor {n}")
        assert not await it.rows("job", state="refused")


async def test_variation_and_reroll_are_ephemeral_until_they_are_done(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor --ar 3:2")
        for label, verb in (("V2", "Variations (Strong) by "), ("🔄", "")):
            nonce = await client.click(grid, label)
            final = await client.final_of(nonce)
            start = await answer_to(client, nonce)
            assert start["flags"] == 64
            assert button(start, "Cancel Job")["style"] == 4
            edits = client.of("MESSAGE_UPDATE", lambda d, s=start: d["id"] == s["id"])
            assert edits
            for edit in edits:
                assert "guild_id" not in edit
                assert "member" not in edit
                for attachment in edit["attachments"]:
                    assert "/ephemeral-attachments/" in attachment["url"]
            assert f"**harbor --ar 3:2** - {verb}<@" in final["content"]
            assert final["message_reference"]["message_id"] == grid["id"]
            assert final["guild_id"]
            assert len(buttons(final)) == 10
            assert [b["custom_id"] for b in buttons(final)[:1]] != [b["custom_id"] for b in buttons(grid)[:1]]


async def test_with_remix_on_a_variation_asks_back_and_starts_only_when_submitted(simulate):
    sample = json.loads((WIRE / "gateway-interaction-events.json").read_text())["modal_create"]["d"]
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"remix": True})
        grid = await client.finished("harbor")
        nonce = await client.click(grid, "V2")
        modal = (await client.frame("INTERACTION_MODAL_CREATE", lambda d: d["nonce"] == nonce))["d"]
        assert set(modal) == set(sample)
        assert set(sample["components"][0]["components"][0]) <= set(modal["components"][0]["components"][0])
        uuid = button(grid, "V2")["custom_id"].split("::")[-1]
        assert modal["custom_id"] == f"MJ::RemixModal::{uuid}::2::1"
        text = modal["components"][0]["components"][0]
        assert (text["custom_id"], text["value"]) == ("MJ::RemixModal::new_prompt", "harbor")
        assert len(await it.rows("job", state="started")) == 1
        second = await client.submit(modal, "harbor at dusk --v 7")
        final = await client.final_of(second)
        assert "**harbor at dusk --v 7.0** - Remix (Strong) by <@" in final["content"]
        assert final["message_reference"]["message_id"] == grid["id"]
        about = final["interaction_metadata"]
        assert about["type"] == 5
        assert about["triggering_interaction_metadata"]["id"] == modal["id"]
        assert (
            await client.post(await client.body(5, {"id": modal["id"], "custom_id": modal["custom_id"]}))
        ).status_code == 404


async def test_with_remix_on_a_reroll_opens_the_imagine_form(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"remix": True})
        grid = await client.finished("harbor")
        nonce = await client.click(grid, "🔄")
        modal = (await client.frame("INTERACTION_MODAL_CREATE", lambda d: d["nonce"] == nonce))["d"]
        assert modal["custom_id"] == f"MJ::ImagineModal::{grid['id']}"
        final = await client.final_of(await client.submit(modal, "harbor"))
        assert "**harbor** - " in final["content"]


async def test_prefer_remix_flips_it_and_says_so(simulate):
    async with simulate() as it, it.client() as client:
        for words in ("Remix mode turned on!", "Remix mode turned off!"):
            body = await client.slash_body("prefer", [{"type": 1, "name": "remix", "options": []}])
            assert (await client.post(body)).status_code == 204
            reply = await answer_to(client, body["nonce"])
            assert reply["content"].startswith(words)
            assert reply["interaction_metadata"]["name"] == "prefer remix"
        assert (await it.control.get("/accounts")).json()["accounts"][0]["remix"] is False


async def test_info_thinks_first_and_is_filled_then(simulate):
    sample = json.loads((WIRE / "info-embed.json").read_text())["message_sequence"]
    async with simulate() as it, it.client() as client:
        body = await client.slash_body("info")
        await client.post(body)
        thinking = await answer_to(client, body["nonce"])
        filled = (await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == thinking["id"]))["d"]
        assert (thinking["type"], thinking["flags"]) == (sample[0]["d"]["type"], sample[0]["d"]["flags"])
        assert (filled["type"], filled["flags"]) == (sample[1]["d"]["type"], sample[1]["d"]["flags"])
        assert "nonce" not in filled
        assert filled["embeds"][0]["title"].startswith("Your info - ")
        assert "**Fast Time Remaining**: " in filled["embeds"][0]["description"]


async def test_settings_buttons_edit_their_message(simulate):
    async with simulate() as it, it.client() as client:
        body = await client.slash_body("settings")
        await client.post(body)
        message = await answer_to(client, body["nonce"])
        assert button(message, "Fast mode")["style"] == 3
        await client.click(message, "Relax mode")
        edited = (await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == message["id"]))["d"]
        assert (button(edited, "Fast mode")["style"], button(edited, "Relax mode")["style"]) == (2, 3)
        final = await client.finished("harbor")
        assert final["content"].endswith("(relaxed)")


async def test_cancel_stops_a_button_job_and_frees_its_slot(simulate):
    async with simulate(timing={"job_ms": 3000, "first_ms": 5}) as it, it.client() as client:
        await it.control.put("/timing", json={"job_ms": 30})
        grid = await client.finished("harbor")
        await it.control.put("/timing", json={"job_ms": 30_000})
        await it.control.put("/accounts/a1", json={"concurrency": 1})
        nonce = await client.click(grid, "V1")
        progress = await answer_to(client, nonce)
        await client.click(progress, "Cancel Job")
        stopped = (await client.frame("MESSAGE_UPDATE", lambda d: "(Stopped)" in d["content"]))["d"]
        assert stopped["id"] == progress["id"]
        assert [r["state"] for r in await it.rows("job", nonce=nonce)] == ["started", "cancelled"]
        await it.control.put("/timing", json={"job_ms": 30})
        assert not (await answer_to(client, await client.imagine("next")))["embeds"]


async def test_the_message_command_cancels_an_imagine(simulate):
    async with simulate(timing={"job_ms": 30_000, "first_ms": 5}) as it, it.client() as client:
        nonce = await client.imagine("harbor")
        progress = await answer_to(client, nonce)
        command = await client.command("Cancel Job")
        data = {key: command[key] for key in ("version", "id", "name", "type")}
        assert (await client.post(await client.body(2, {**data, "target_id": progress["id"]}))).status_code == 204
        await client.frame("MESSAGE_UPDATE", lambda d: "(Stopped)" in d["content"])


async def test_a_bad_parameter_is_answered_by_its_embed(simulate):
    async with simulate() as it, it.client() as client:
        for prompt, title, part in (
            ("harbor --nope 3", "Invalid parameter", "Unrecognized parameter(s): --nope"),
            ("harbor –v 5", "Invalid parameter", "Unrecognized parameter(s): –v, 5"),
            ("harbor --ar wide", "Invalid parameter", "--ar"),
            ("--v 7", "Empty prompt", ""),
        ):
            embed = (await answer_to(client, await client.imagine(prompt)))["embeds"][0]
            assert embed["title"] == title
            assert part in embed["description"]
            assert embed["footer"]["text"] == f"/imagine {prompt}"


async def test_the_owner_types_and_clicks_by_hand(simulate):
    async with simulate() as it, it.client() as client:
        typed = await it.control.post("/human", json={"account": "a1", "type": "imagine", "prompt": "by hand"})
        assert typed.status_code == 200
        nonce = typed.json()["nonce"]
        grid = await client.final_of(nonce)
        clicked = await it.control.post(
            "/human",
            json={
                "account": "a1",
                "type": "click",
                "message_id": grid["id"],
                "custom_id": button(grid, "U1")["custom_id"],
            },
        )
        await client.final_of(clicked.json()["nonce"])
        assert not client.of("INTERACTION_CREATE")
        assert not client.of("INTERACTION_SUCCESS")
        assert [r["nonce"] for r in await it.rows("human")] == [nonce, clicked.json()["nonce"]]
        wrong = await it.control.post(
            "/human", json={"account": "a1", "type": "click", "message_id": "1", "custom_id": "x"}
        )
        assert wrong.status_code == 400


async def test_same_words_at_once_become_different_pictures(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"concurrency": 12})
        nonces = [await client.imagine("the same words") for _ in range(8)]
        finals = await asyncio.gather(*(client.final_of(n) for n in nonces))
        rows = {r["nonce"]: r for r in await it.rows("job", state="finished")}
        assert len({r["picture"] for r in rows.values()}) == 8
        for nonce, final in zip(nonces, finals, strict=True):
            assert rows[nonce]["message"] == final["id"]
            assert rows[nonce]["job"] in final["attachments"][0]["filename"]
