"""Which forms come back with Remix on, with which ids, and what an answered one starts (protocol §6)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.simulator.messages import bot_message
from tests.simulator.raw_client import button, buttons

WIRE = Path(__file__).parents[1] / "wire"
SENT = json.loads((WIRE / "requests-components-and-modals.json").read_text())
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


async def remix(it):
    assert (await it.control.put("/accounts/a1", json={"remix": True})).status_code == 200


async def modal_of(client, nonce):
    return (await client.frame("INTERACTION_MODAL_CREATE", lambda d: d["nonce"] == nonce))["d"]


async def single_of(client, prompt):
    return await client.final_of(await client.click(await client.finished(prompt), "U1"))


def field_of(modal):
    return modal["components"][0]["components"][0]


def ids_of(request):
    """Modal id and field id of a captured submit, with uuid and message id blanked."""
    data = SENT[request]["data"]
    return blank(data["custom_id"]), data["components"][0]["components"][0]["custom_id"]


def blank(custom_id):
    return re.sub(r"::\d{17,20}", "::M", UUID.sub("U", custom_id))


@pytest.mark.parametrize(
    ("label", "request_", "custom_id", "field"),
    [
        ("Vary (Strong)", "modal_remix", "MJ::RemixModal::U::1::1", "MJ::RemixModal::new_prompt"),
        ("Vary (Subtle)", None, "MJ::RemixModal::U::1::0", "MJ::RemixModal::new_prompt"),
        ("➡️", "modal_pan", "MJ::PanModal::right::U::1", "MJ::PanModal::prompt"),
        ("Zoom Out 2x", None, "MJ::OutpaintModal::-1::1::U::1", "MJ::OutpaintModal::new_prompt"),
        ("Custom Zoom", "modal_custom_zoom", "MJ::OutpaintCustomZoomModal::U", "MJ::OutpaintCustomZoomModal::prompt"),
        ("Animate (High motion)", "modal_animate", "MJ::AnimateModal::U::1::high::0", "MJ::AnimateModal::prompt"),
    ],
)
async def test_with_remix_on_each_button_of_a_single_opens_its_own_form(simulate, label, request_, custom_id, field):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "harbor")
        await remix(it)
        modal = await modal_of(client, await client.click(single, label))
        assert (blank(modal["custom_id"]), field_of(modal)["custom_id"]) == (custom_id, field)
        if request_ is not None:
            assert ids_of(request_) == (custom_id, field)
        assert UUID.search(modal["custom_id"])[0] == UUID.search(button(single, label)["custom_id"])[0]
        assert field_of(modal)["value"].startswith("harbor")
        assert [row["custom_id"] for row in await it.rows("job", state="started")][-1] != button(single, label)[
            "custom_id"
        ]


@pytest.mark.parametrize(
    ("label", "typed", "content"),
    [
        ("Vary (Strong)", "harbor at dusk", "**harbor at dusk** - Remix (Strong) by <@"),
        ("Vary (Subtle)", "harbor at dusk --v 6", "**harbor at dusk --v 6.0** - Remix (Subtle) by <@"),
        ("⬅️", "harbor, boats --ar 1:1", "**harbor, boats --ar 3:2** - Pan Left by <@"),
        ("Zoom Out 1.5x", "harbor from afar", "**harbor from afar** - Zoom Out by <@"),
        (
            "Animate (Low motion)",
            "harbor, waves roll",
            "**harbor, waves roll --motion low --video 1 --aspect 1:1** - <@",
        ),
    ],
)
async def test_the_words_of_the_form_become_the_prompt(simulate, label, typed, content):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "harbor")
        await remix(it)
        modal = await modal_of(client, await client.click(single, label))
        nonce = await client.submit(modal, typed)
        final = await client.final_of(nonce)
        assert final["content"].startswith(content)
        assert final["message_reference"]["message_id"] == single["id"]
        row = (await it.rows("job", nonce=nonce, state="finished"))[0]
        assert row["remix"] is not None
        assert row["remix"].split()[0] == typed.split()[0]


async def test_a_variation_takes_its_strength_from_the_account(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        await it.control.put("/accounts/a1", json={"remix": True, "high_variation": False})
        modal = await modal_of(client, await client.click(grid, "V3"))
        assert blank(modal["custom_id"]) == "MJ::RemixModal::U::3::0"
        assert "- Remix (Subtle) by <@" in (await client.final_of(await client.submit(modal, "x")))["content"]


async def test_the_reroll_of_a_reroll_opens_the_first_ones_form(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        await remix(it)
        first = await modal_of(client, await client.click(grid, "🔄"))
        assert first["custom_id"] == f"MJ::ImagineModal::{grid['id']}"
        second = await client.final_of(await client.submit(first, "harbor at dawn"))
        assert "** - Remix by <@" in second["content"]
        again = await modal_of(client, await client.click(second, "🔄"))
        assert again["custom_id"] == first["custom_id"]


async def test_extending_a_film_has_a_form_of_its_own_kind(simulate):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "harbor")
        film = await client.final_of(await client.click(single, "Animate (High motion)"))
        clip = await client.final_of(await client.click(film, "U1"))
        await remix(it)
        modal = await modal_of(client, await client.click(clip, "Extend (Low)"))
        assert blank(modal["custom_id"]) == "MJ::AnimateModal::U::1::low::1"
        assert field_of(modal)["value"] == "harbor --motion high --video 1 --aspect 1:1"


async def test_upscales_never_ask(simulate):
    async with simulate() as it, it.client() as client:
        await remix(it)
        single = await single_of(client, "harbor")
        await client.final_of(await client.click(single, "Upscale (Subtle)"))
        assert not client.of("INTERACTION_MODAL_CREATE")


async def test_a_form_is_answered_once_and_in_time_only(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        await remix(it)
        modal = await modal_of(client, await client.click(grid, "V1"))
        await client.final_of(await client.submit(modal, "harbor again"))
        refused = await submit(client, modal, modal["custom_id"])
        assert (refused.status_code, refused.json()["code"]) == (404, 10062)
        late = await modal_of(client, await client.click(grid, "V2"))
        other = await submit(client, late, "MJ::RemixModal::unknown::1::1")
        assert (other.status_code, other.json()["code"]) == (404, 10062)
        await it.control.put("/timing", json={"form_ms": 0})
        refused = await submit(client, late, late["custom_id"])
        assert (refused.status_code, refused.json()["code"]) == (404, 10062)


async def submit(client, modal, custom_id):
    row = {"type": 1, "components": [{"type": 4, "custom_id": field_of(modal)["custom_id"], "value": "x"}]}
    return await client.post(await client.body(5, {"id": modal["id"], "custom_id": custom_id, "components": [row]}))


async def test_a_form_may_come_although_remix_is_off(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        await it.order("unexpected_modal", match="variation::2")
        modal = await modal_of(client, await client.click(grid, "V2"))
        assert field_of(modal)["value"] == "harbor"
        assert "- Remix (Strong) by <@" in (await client.final_of(await client.submit(modal, "harbor")))["content"]
        assert "- Variations (Strong) by <@" in (await client.final_of(await client.click(grid, "V2")))["content"]


async def test_a_result_may_come_although_a_form_was_due(simulate):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "harbor")
        await it.order("no_modal", match="CustomZoom")
        final = await client.final_of(await client.click(single, "Custom Zoom"))
        assert final["content"].startswith("**harbor --ar 1:1 --zoom 2** - Zoom Out by <@")
        await remix(it)
        await it.order("no_modal", match="high_variation")
        final = await client.final_of(await client.click(single, "Vary (Strong)"))
        assert final["content"].startswith("**harbor** - Variations (Strong) by <@")


# the numbered prompts of /describe and /shorten


def put(it, client, embed, rows):
    """A message of the bot with numbered prompts, as /describe and /shorten leave one."""
    world, post = it.simulator._world, it.simulator._bot.voice._post
    body = bot_message(world.new_id(), client.account["channel_id"], "", type=20, embeds=[embed], components=rows)
    post.create(body)
    return body


def synthetic(name):
    told = json.loads((WIRE / "describe-shorten-seed.synthetic.json").read_text())[name]["d"]
    return told["embeds"][0], told["components"]


async def test_a_described_prompt_is_offered_in_a_form_and_becomes_a_grid(simulate):
    async with simulate() as it, it.client() as client:
        message = put(it, client, *synthetic("describe_update"))
        modal = await modal_of(client, await client.click(message, "3️⃣"))
        sent_for_the_first, field = ids_of("modal_picreader")
        assert modal["custom_id"] == sent_for_the_first.replace("::1", "::3")
        assert field_of(modal)["custom_id"] == field
        assert field_of(modal)["value"] == "third prompt --ar 3:2"
        nonce = await client.submit(modal, "third prompt, blue --ar 3:2")
        final = await client.final_of(nonce)
        assert final["content"].startswith("**third prompt, blue --ar 3:2** - <@")
        assert len(buttons(final)) == 10
        assert (await it.rows("job", nonce=nonce, state="finished"))[0]["remix"] == "third prompt, blue --ar 3:2"


async def test_imagine_all_makes_four_grids_without_a_nonce(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"concurrency": 4})
        message = put(it, client, *synthetic("describe_update"))
        nonce = await client.click(message, "🎉")
        for words in ("first", "second", "third", "fourth"):
            await client.frame(
                "MESSAGE_CREATE", lambda d, w=words: d["attachments"] and d["content"].startswith(f"**{w} prompt")
            )
        assert not client.of("MESSAGE_CREATE", lambda d: "nonce" in d)
        assert not client.of("INTERACTION_MODAL_CREATE")
        assert client.of("INTERACTION_SUCCESS")[0]["nonce"] == nonce
        assert len(await it.rows("job", state="finished")) == 4


async def test_describing_again_edits_the_same_message(simulate):
    async with simulate() as it, it.client() as client:
        message = put(it, client, *synthetic("describe_update"))
        await client.click(message, "🔄")
        edit = (await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == message["id"]))["d"]
        before, after = (m["embeds"][0]["description"].split("\n\n") for m in (message, edit))
        assert len(after) == 4
        assert all(line != old and line[:2] == old[:2] for line, old in zip(after, before, strict=True))
        assert edit["components"] == message["components"]


async def test_a_shortened_prompt_opens_the_imagine_form_of_its_message(simulate):
    async with simulate() as it, it.client() as client:
        message = put(it, client, *synthetic("shorten_update"))
        modal = await modal_of(client, await client.click(message, "5️⃣"))
        assert modal["custom_id"] == f"MJ::ImagineModal::{message['id']}"
        assert field_of(modal)["custom_id"] == ids_of("modal_imagine_for_reroll")[1]
        assert field_of(modal)["value"] == "quiet"
        final = await client.final_of(await client.submit(modal, "quiet"))
        assert final["content"].startswith("**quiet** - <@")


async def test_a_prompt_that_shorten_itself_made_can_be_imagined(simulate):
    async with simulate() as it, it.client() as client:
        body = await client.slash_body(
            "shorten", [{"type": 3, "name": "prompt", "value": "a quiet old harbor at dusk"}]
        )
        await client.post(body)
        thinking = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == body["nonce"]))["d"]
        filled = (await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == thinking["id"] and d["embeds"]))["d"]
        modal = await modal_of(client, await client.click(filled, "1️⃣"))
        words = field_of(modal)["value"]
        assert words
        assert words in filled["embeds"][0]["description"]
        assert (await client.final_of(await client.submit(modal, words)))["content"].startswith(f"**{words}** - <@")
