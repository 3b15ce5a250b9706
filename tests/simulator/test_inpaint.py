"""Vary (Region): the page that opens in the client, both ways of handing the mask in, and what comes of it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat

WIRE = Path(__file__).parents[1] / "wire"
REQUESTS = json.loads((WIRE / "requests-rest-misc.json").read_text())
SAMPLES = json.loads((WIRE / "gateway-interaction-events.json").read_text())


def mask_of(size, kind="WEBP"):
    picture = Image.new("L", size, 0)
    picture.paste(255, (0, 0, size[0] // 2, size[1] // 2))
    file = io.BytesIO()
    picture.convert("RGB").save(file, kind, **({"lossless": True} if kind == "WEBP" else {}))
    return file.getvalue()


async def opened(client, prompt="harbor --ar 3:2"):
    """A single picture and the event that opens its page."""
    single = await client.final_of(await client.click(await client.finished(prompt), "U1"))
    nonce = await client.click(single, "Vary (Region)")
    event = (await client.frame("INTERACTION_IFRAME_MODAL_CREATE", lambda d: d["nonce"] == nonce))["d"]
    return single, event, nonce


async def hand_in(it, form, token, mask, prompt, **headers):
    body = dict(REQUESTS[f"inpaint_submit_form_{form}"]["body"])
    body |= {"mask": base64.b64encode(mask).decode() if isinstance(mask, bytes) else mask, "prompt": prompt}
    path = "/inpaint/api/submit-job" if form == "a" else f"/.proxy/inpaint/api/submit-job/{token}"
    if form == "a":
        body["customId"] = token
    async with httpx.AsyncClient() as http:
        return await http.post(it.simulator.activity_url + path, json=body, headers=headers)


def token_of(event):
    assert event["custom_id"].startswith("MJ::iframe::")
    return event["custom_id"].removeprefix("MJ::iframe::")


def size_of(message):
    return message["attachments"][0]["width"], message["attachments"][0]["height"]


async def result_of(client, event):
    def bound(d):
        return d.get("interaction_metadata", {}).get("id") == event["id"] and d["attachments"] and not d["flags"] & 64

    return (await client.frame("MESSAGE_CREATE", bound))["d"]


@pytest.mark.parametrize("form", ["a", "b"])
async def test_a_mask_arrives_byte_for_byte_by_either_form(simulate, form):
    async with simulate() as it, it.client() as client:
        single, event, nonce = await opened(client)
        assert set(event) == set(SAMPLES["iframe_modal_create_inpaint"]["d"])
        assert event["title"] == "Inpaint"
        assert len(token_of(event)) == 80
        mask = mask_of(size_of(single), "PNG" if form == "a" else "WEBP")
        answer = await hand_in(it, form, token_of(event), mask, "harbor --ar 3:2")
        assert answer.status_code == 200
        assert "success" in answer.text
        final = await result_of(client, event)
        assert final["content"].startswith("**harbor --ar 3:2** - Variations (Region) by <@")
        assert final["message_reference"]["message_id"] == single["id"]
        starts = client.of("MESSAGE_CREATE", lambda d: d.get("interaction_metadata", {}).get("id") == event["id"])
        assert starts[0]["flags"] == 64
        assert "nonce" not in starts[0]
        (row,) = await it.rows("inpaint")
        assert row["decision"] == "accepted"
        assert (row["form"], row["nonce"], row["interaction"]) == (form, nonce, event["id"])
        assert (row["sha256"], row["length"]) == (hashlib.sha256(mask).hexdigest(), len(mask))
        assert row["authorization"] is False
        assert (await it.control.get(f"/masks/{row['sha256']}")).content == mask
        assert (await client.frame("INTERACTION_IFRAME_MODAL_CLOSE"))["d"] == SAMPLES["iframe_modal_close"]["d"]


async def test_with_remix_on_the_handed_in_words_count_and_with_remix_off_the_old_ones(simulate):
    async with simulate() as it, it.client() as client:
        single, event, _ = await opened(client, "harbor")
        await hand_in(it, "b", token_of(event), mask_of(size_of(single)), "a red boat")
        assert (await result_of(client, event))["content"].startswith("**harbor** - Variations (Region) by <@")
        await it.control.put("/accounts/a1", json={"remix": True})
        single, event, nonce = await opened(client, "harbor")
        await hand_in(it, "b", token_of(event), mask_of(size_of(single)), "a red boat")
        assert (await result_of(client, event))["content"].startswith("**a red boat** - Remix (Region) by <@")
        assert (await it.rows("job", nonce=nonce, state="finished"))[0]["remix"] == "a red boat"


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (mask_of((10, 10)), "mask is 10x10"),
        (b"no picture", "neither PNG nor WebP"),
        ("data:image/png;base64,AAAA", "plain base64"),
        ("", "mask is missing"),
        (None, "mask is missing"),
    ],
)
async def test_a_mask_that_does_not_fit_is_refused_and_the_page_stays_open(simulate, mask, words):
    async with simulate() as it, it.client() as client:
        single, event, _ = await opened(client)
        refused = await hand_in(it, "a", token_of(event), mask, "harbor")
        assert refused.status_code == 400
        assert words in refused.json()["error"]
        assert not await it.rows("job", verb="variation_region")
        good = await hand_in(it, "a", token_of(event), mask_of(size_of(single)), "harbor")
        assert good.status_code == 200


async def test_a_page_is_handed_in_once_and_unknown_ones_never(simulate):
    async with simulate() as it, it.client() as client:
        single, event, _ = await opened(client)
        mask = mask_of(size_of(single))
        assert (await hand_in(it, "a", "x" * 80, mask, "harbor")).status_code == 403
        assert (await hand_in(it, "a", token_of(event), mask, "harbor")).status_code == 200
        assert (await hand_in(it, "b", token_of(event), mask, "harbor")).status_code == 403


async def test_a_form_that_is_switched_off_is_not_found(simulate):
    async with simulate() as it, it.client() as client:
        single, event, _ = await opened(client)
        assert (await it.control.put("/activity", json={"forms": ["a"]})).status_code == 200
        mask = mask_of(size_of(single))
        assert (await hand_in(it, "b", token_of(event), mask, "harbor")).status_code == 404
        assert (await hand_in(it, "a", token_of(event), mask, "harbor")).status_code == 200
        wrong = await it.control.put("/activity", json={"forms": ["c"]})
        assert wrong.status_code == 400
        assert "a, b" in wrong.json()["error"]


async def test_a_token_of_discord_that_arrives_there_is_noticed_and_not_kept(simulate):
    async with simulate() as it, it.client() as client:
        single, event, _ = await opened(client)
        secret = client.account["token"]
        await hand_in(it, "a", token_of(event), mask_of(size_of(single)), "harbor", Authorization=secret)
        (row,) = await it.rows("inpaint")
        assert row["authorization"] is True
        assert secret not in json.dumps(row)


async def test_the_page_can_ask_which_picture_it_is_about(simulate):
    async with simulate() as it, it.client() as client:
        single, event, _ = await opened(client)
        async with httpx.AsyncClient() as http:
            url = f"{it.simulator.activity_url}/inpaint/api/get-image-info/0/0/{token_of(event)}"
            told = (await http.get(url)).json()
            assert set(told) == set(REQUESTS["inpaint_image_info"]["response_keys"])
            assert told["prompt"] == "harbor --ar 3:2"
            assert told["image_url"] == single["attachments"][0]["url"]
            assert (await http.get(url[:-1] + "_")).status_code == 403


async def picture_of(message):
    async with httpx.AsyncClient() as http:
        data = (await http.get(message["attachments"][0]["url"])).content
    return Image.open(io.BytesIO(data)).convert("RGB")


async def test_only_what_was_painted_white_changes(simulate):
    async with simulate(picture_size=256) as it, it.client() as client:
        single, event, _ = await opened(client, "harbor")
        await hand_in(it, "b", token_of(event), mask_of(size_of(single)), "harbor")
        grid = await result_of(client, event)
        for label in ("U1", "U4"):
            before = (await picture_of(single)).resize((64, 64))
            after = (await picture_of(await client.final_of(await client.click(grid, label)))).resize((64, 64))
            changed = ImageChops.difference(before, after)
            painted, kept = (sum(ImageStat.Stat(changed.crop(box)).mean) for box in ((2, 2, 30, 30), (34, 2, 62, 58)))
            assert kept < 1 < painted


@pytest.mark.parametrize("accepted", [False, True])
async def test_the_page_may_fail_before_or_after_it_took_the_region(simulate, accepted):
    async with simulate() as it, it.client() as client:
        single, event, nonce = await opened(client, "harbor")
        await it.order("page_error", status=503, accepted=accepted)
        mask = mask_of(size_of(single))
        assert (await hand_in(it, "b", token_of(event), mask, "harbor")).status_code == 503
        again = await hand_in(it, "a", token_of(event), mask, "harbor")
        assert again.status_code == (403 if accepted else 200)
        await result_of(client, event)
        assert len(await it.rows("job", nonce=nonce, state="finished")) == 1
