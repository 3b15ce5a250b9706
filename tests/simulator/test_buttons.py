"""What every button under a result starts: rows, words, pictures and names as the captures have them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image

from engine.simulator import results
from engine.simulator.ids import NIJI
from tests.simulator.raw_client import button, buttons

WIRE = Path(__file__).parents[1] / "wire"
EVENTS = json.loads((WIRE / "capture-2026-06-v7-session.json").read_text())["events"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ONE = "11111111-1111-4111-8111-111111111111"


def flat(message):
    """Labels, ids and styles with the uuid blanked; the capture has no emoji and no rows."""
    return [(c["type"], c.get("label"), UUID.sub("U", c.get("custom_id") or "") or None, c["style"]) for c in message]


def captured(number_of, words):
    found = next(e for e in EVENTS if len(e["components_flat"]) == number_of and words in e["content"])
    return [(*rest, 1 if style == 1 else style) for *rest, style in flat(found["components_flat"])]


def fresh(rows):
    return [(kind, label, custom_id, 2 if style == 1 else style) for kind, label, custom_id, style in rows]


async def answer_to(client, nonce):
    return (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]


async def single_of(client, prompt, label="U1"):
    return await client.final_of(await client.click(await client.finished(prompt), label))


async def bytes_of(attachment):
    async with httpx.AsyncClient() as http:
        answer = await http.get(attachment["url"])
    assert answer.status_code == 200
    assert len(answer.content) == attachment["size"]
    assert answer.headers["Content-Type"] == attachment["content_type"]
    return answer.content


# rows


async def test_the_rows_of_grid_single_upscaled_and_film_are_those_of_the_capture(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        single = await client.final_of(await client.click(grid, "U1"))
        upscaled = await client.final_of(await client.click(single, "Upscale (Creative)"))
        film = await client.final_of(await client.click(single, "Animate (High motion)"))
        for message, count, words in (
            (grid, 10, "(fast)"),
            (single, 16, "- Image #1"),
            (upscaled, 8, "- Upscaled by"),
            (film, 6, "--video 1"),
        ):
            assert flat(buttons(message)) == fresh(captured(count, words)), words
            assert all(1 <= len(row["components"]) <= 5 for row in message["components"])
        assert button(single, "Vary (Region)")["emoji"]["name"] == "🖌️"
        assert button(single, "⬅️")["custom_id"].startswith("MJ::JOB::pan_left::1::")
        assert buttons(grid)[-1]["label"] == "\u200b"
        assert buttons(grid)[-1]["url"].endswith(f"/jobs/{UUID.search(grid['attachments'][0]['filename'])[0]}")


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        ("4", {"Upscale (Max)", "Upscale (Light)", "Upscale (Beta)", "Make Variations"}),
        ("5.1", {"Upscale (2x)", "Upscale (4x)", "Make Variations", "Vary (Region)"}),
        ("5.2", {"Upscale (2x)", "Vary (Subtle)", "Zoom Out 2x", "Custom Zoom", "Make Square"}),
        ("6", {"Upscale (Subtle)", "Upscale (Creative)", "Make Square"}),
        ("6.1", {"Upscale (Subtle)", "Make Square", "Animate (High motion)"}),
        ("7", {"Upscale (Subtle)", "Animate (Low motion)"}),
        ("niji 5", {"Upscale (2x)", "Make Variations", "Vary (Strong)"}),
        ("niji 6", {"Upscale (Subtle)", "Vary (Region)"}),
        ("niji 7", {"Upscale (Creative)", "Animate (High motion)"}),
        ("8", {"Vary (Subtle)", "Zoom Out 1.5x", "Animate (High motion)"}),
    ],
)
def test_each_model_has_its_own_buttons(model, labels):
    made = [c for row in results.single(ONE, model, square=False) for c in row["components"]]
    known = {c.get("label") for c in made}
    assert labels <= known
    assert ("Make Square" in known) == (model in {"5.2", "6", "6.1"})
    assert ("Animate (High motion)" in known) == (model in {"6.1", "7", "niji 7", "8"})
    assert any("upsample" in c.get("custom_id", "") for c in made) == (model != "8")
    assert len({c["custom_id"] for c in made if "custom_id" in c}) == len(made) - 1
    assert max(len(c.get("custom_id", "")) for c in made) <= 100


@pytest.mark.parametrize(
    ("prompt", "model"),
    [("a fox", "7"), ("a fox --v 7.0", "7"), ("fox --v 5.1 --ar 3:2", "5.1"), ("fox --v 8.1", "8"),
     ("fox --niji 6", "niji 6"), ("fox --v 3", "4"), ("fox --v 6.1 --raw", "6.1")],
)  # fmt: skip
def test_the_model_is_read_from_the_prompt(prompt, model):
    assert results.model_of(prompt, "7") == model


@pytest.mark.parametrize(
    ("version", "label", "by"),
    [
        ("--v 7", "Upscale (Subtle)", "Upscaled by "),
        ("--v 6.1", "Upscale (Creative)", "Upscaled (Creative) by "),
        ("--v 6", "Upscale (Subtle)", "Upscaled (Subtle) by "),
        ("--v 5.2", "Upscale (4x)", "Upscaled (4x) by "),
        ("--v 4", "Upscale (Max)", "Upscaled (Max) by "),
    ],
)
async def test_every_upscaler_says_its_kind_and_is_larger(simulate, version, label, by):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, f"harbor {version}")
        larger = await client.final_of(await client.click(single, label))
        assert f"** - {by}<@" in larger["content"]
        assert larger["content"].endswith(" (fast)")
        times = 4 if "4x" in label else 2
        assert larger["attachments"][0]["width"] == times * single["attachments"][0]["width"]
        assert larger["attachments"][0]["content_type"] == "image/png"
        redo = [b.get("label") for b in buttons(larger) if (b.get("label") or "").startswith("Redo Upscale")]
        assert bool(redo) == (version != "--v 4")
        if redo:
            assert (
                f"** - {by}<@"
                in (await client.final_of(await client.click(larger, label.replace("U", "Redo U", 1))))["content"]
            )


# pan, zoom, vary


async def test_a_pan_takes_the_old_ratio_away_and_adds_its_own_at_the_end(simulate):
    prompt = "a bird --ar 1:1 --v 7 --no frame, shadow --style raw"
    async with simulate() as it, it.client() as client:
        single = await single_of(client, prompt)
        for arrow, side, ratio in (("➡️", "Right", "3:2"), ("⬆️", "Up", "2:3")):
            nonce = await client.click(single, arrow)
            final = await client.final_of(nonce)
            words = f"**a bird --v 7.0 --no frame, shadow --raw --ar {ratio}** - "
            assert final["content"].startswith(f"{words}Pan {side} by <@")
            assert (await answer_to(client, nonce))[
                "content"
            ] == f"{words}<@{client.account['user_id']}> (Waiting to start)"
            width, height = (final["attachments"][0][name] for name in ("width", "height"))
            assert (width > height) == (side == "Right")
            assert len(buttons(final)) == 10


async def test_a_zoom_leaves_the_words_alone_and_custom_zoom_asks(simulate):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "a bird --ar 3:2")
        final = await client.final_of(await client.click(single, "Zoom Out 2x"))
        assert final["content"].startswith("**a bird --ar 3:2** - Zoom Out by <@")
        nonce = await client.click(single, "Custom Zoom")
        modal = (await client.frame("INTERACTION_MODAL_CREATE", lambda d: d["nonce"] == nonce))["d"]
        sample = json.loads((WIRE / "gateway-interaction-events.json").read_text())["modal_create"]["d"]
        assert set(modal) == set(sample)
        assert modal["title"] == sample["title"]
        assert UUID.sub("U", modal["custom_id"]) == UUID.sub("U", sample["custom_id"])
        field = modal["components"][0]["components"][0]
        assert field["custom_id"] == "MJ::OutpaintCustomZoomModal::prompt"
        assert field["value"] == "a bird --ar 3:2 --zoom 2"
        final = await client.final_of(await client.submit(modal, "a bird in a room --ar 1:1 --zoom 1.5"))
        assert final["content"].startswith("**a bird in a room --ar 1:1 --zoom 1.5** - Zoom Out by <@")
        assert final["message_reference"]["message_id"] == single["id"]


@pytest.mark.parametrize("typed", ["a bird", "a bird --zoom 3", "a bird --zoom wide"])
async def test_a_custom_zoom_outside_one_to_two_is_refused(simulate, typed):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "a bird")
        nonce = await client.click(single, "Custom Zoom")
        modal = (await client.frame("INTERACTION_MODAL_CREATE", lambda d: d["nonce"] == nonce))["d"]
        embed = (await answer_to(client, await client.submit(modal, typed)))["embeds"][0]
        assert embed["title"] == "Invalid parameter"
        assert "--zoom" in embed["description"]


async def test_make_square_is_there_for_a_wide_picture_only(simulate):
    async with simulate() as it, it.client() as client:
        wide = await single_of(client, "a bird --ar 3:2 --v 6.1")
        final = await client.final_of(await client.click(wide, "Make Square"))
        assert "**a bird --v 6.1 --ar 1:1** - Zoom Out by <@" in final["content"]
        assert final["attachments"][0]["width"] == final["attachments"][0]["height"]
        square = await single_of(client, "a bird --v 6.1")
        assert "Make Square" not in [b.get("label") for b in buttons(square)]


async def test_vary_says_how_strongly(simulate):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "a bird")
        for label, word in (("Vary (Strong)", "Strong"), ("Vary (Subtle)", "Subtle")):
            nonce = await client.click(single, label)
            final = await client.final_of(nonce)
            assert f"** - Variations ({word}) by <@" in final["content"]
            start = (await answer_to(client, nonce))["content"]
            assert start.startswith("Making variations for image #1 with prompt **a bird** - <@")


async def test_a_pressed_button_turns_blue_on_its_message_and_the_others_stay(simulate):
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "a bird")
        for label in ("Vary (Strong)", "Zoom Out 2x"):
            await client.final_of(await client.click(single, label))
        told = [d for d in client.of("MESSAGE_UPDATE") if d["id"] == single["id"]]
        assert [[b["style"] for b in buttons(d)].count(1) for d in told] == [1, 2]
        last = (await client.http.get(f"/channels/{single['channel_id']}/messages/{single['id']}")).json()
        assert {b["label"] for b in buttons(last) if b["style"] == 1} == {"Vary (Strong)", "Zoom Out 2x"}


# films


async def test_animate_goes_through_its_steps_to_a_moving_picture(simulate):
    async with simulate(timing={"job_ms": 900, "progress_events": 9}, picture_size=128) as it, it.client() as client:
        single = await single_of(client, "a bird --ar 1:1 --v 7 --no frame --style raw")
        nonce = await client.click(single, "Animate (High motion)")
        start = await answer_to(client, nonce)
        assert (start["content"], start["components"], start["flags"]) == ("Animating...", [], 64)
        final = await client.final_of(nonce)
        edits = client.of("MESSAGE_UPDATE", lambda d: d["id"] == start["id"])
        words = "**a bird --raw --motion high --video 1 --aspect 1:1** - "
        user = client.account["user_id"]
        assert edits[0]["content"] == f"Creating video with prompt {words}<@{user}> (Waiting to start)"
        assert re.fullmatch(re.escape(words) + rf"<@{user}> \(\d+%\) \(fast\)", edits[1]["content"])
        assert not any(d["components"] for d in edits)
        steps = [d["attachments"] for d in edits if d["attachments"]]
        assert steps
        job = (await it.rows("job", nonce=nonce, state="finished"))[0]
        for attachments in steps:
            step = re.search(r"_step_(\d+)", attachments[0]["filename"])[1]
            assert [a["filename"] for a in attachments] == [f"{job['job']}_{n}_step_{step}.jpeg" for n in range(4)]
            assert all("/ephemeral-attachments/" in a["url"] for a in attachments)
        assert Image.open(io.BytesIO(await bytes_of(steps[0][0]))).format == "JPEG"
        assert final["content"].startswith(f"{words}<@{user}> [(Open on website")
        attachment = final["attachments"][0]
        assert attachment["filename"].endswith(f"_{job['job']}.webp")
        film = Image.open(io.BytesIO(await bytes_of(attachment)))
        assert film.format == "WEBP"
        assert film.n_frames > 1
        assert film.size == (attachment["width"], attachment["height"])


async def test_one_film_of_four_is_an_mp4_that_can_be_extended(simulate):
    async with simulate(picture_size=128) as it, it.client() as client:
        film = await client.final_of(await client.click(await single_of(client, "a bird"), "Animate (Low motion)"))
        assert "--motion low --video 1 --aspect 1:1**" in film["content"]
        clip = await client.final_of(await client.click(film, "U3"))
        assert "** - Image #3 <@" in clip["content"]
        attachment = clip["attachments"][0]
        assert attachment["content_type"] == "video/mp4"
        assert attachment["filename"].endswith(".mp4")
        data = await bytes_of(attachment)
        assert boxes(data)[:2] == ["ftyp", "mdat"]
        assert "moov" in boxes(data)
        assert UUID.search(attachment["filename"])[0].encode() in data
        uuid = UUID.search(attachment["filename"])[0]
        assert [b.get("custom_id") for b in buttons(clip)][:2] == [
            f"MJ::JOB::animate_high_extend::1::{uuid}",
            f"MJ::JOB::animate_low_extend::1::{uuid}",
        ]
        longer = await client.final_of(await client.click(clip, "Extend (High)"))
        assert len(buttons(longer)) == 6
        again = await client.final_of(await client.click(film, "🔄"))
        assert again["content"].partition(" [")[0] == film["content"].partition(" [")[0]


def boxes(data):
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append(data[at + 4 : at + 8].decode())
        at += size
    assert at == len(data)
    return found


async def test_a_video_prompt_of_one_has_one_button_to_choose_it(simulate):
    async with simulate() as it, it.client() as client:
        film = await client.finished("https://example.com/a.png waves --motion low --bs 1 --video 1")
        assert re.match(r"\*\*<https://s.mj.run/\S{11}> waves --motion low --bs 1 --video 1\*\* - <@", film["content"])
        assert [b.get("label") for b in buttons(film)] == ["U1", None, "\u200b"]


async def test_a_film_takes_a_slot_and_choosing_one_does_not(simulate):
    async with simulate(timing={"job_ms": 400, "first_ms": 5}) as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"concurrency": 1, "queue": 0})
        single = await single_of(client, "a bird")
        film = await client.final_of(await client.click(single, "Animate (High motion)"))
        await answer_to(client, await client.click(single, "Animate (Low motion)"))
        refused = await answer_to(client, await client.click(single, "Zoom Out 2x"))
        assert refused["embeds"][0]["title"] == "Queue full"
        assert "Image #2" in (await client.final_of(await client.click(film, "U2")))["content"]


# replies, cancelling, unknown ones


async def test_a_heart_is_answered_in_words(simulate):
    wanted = next(e for e in EVENTS if "rated" in e["content"])["content"]
    async with simulate() as it, it.client() as client:
        single = await single_of(client, "a bird")
        answer = await answer_to(client, await client.click(single, "❤️"))
        account = client.account
        where = f"{account['guild_id']}/{account['channel_id']}/{single['id']}"
        assert answer["content"] == re.sub(r"\d+/\d+/\d+", where, wanted)
        assert answer["message_reference"]["message_id"] == single["id"]
        assert not answer["attachments"]


@pytest.mark.parametrize("vanishes", [False, True])
async def test_a_cancelled_button_job_says_so_or_is_gone(simulate, vanishes):
    async with simulate(timing={"job_ms": 30_000, "first_ms": 5}) as it, it.client() as client:
        await it.control.put("/timing", json={"job_ms": 50})
        single = await single_of(client, "a bird")
        await it.control.put("/timing", json={"job_ms": 30_000})
        if vanishes:
            await it.order("cancel_vanishes", match="pan_left")
        nonce = await client.click(single, "⬅️")
        progress = await answer_to(client, nonce)
        await client.click(progress, "Cancel Job")
        if vanishes:
            await client.frame("MESSAGE_DELETE", lambda d: d["id"] == progress["id"])
        else:
            stopped = await client.frame(
                "MESSAGE_UPDATE", lambda d: d["id"] == progress["id"] and "(Stopped)" in d["content"]
            )
            assert "** - Pan Left by <@" in stopped["d"]["content"]
        row = (await it.rows("job", nonce=nonce, state="cancelled"))[0]
        assert (row["verb"], row["clicked"]) == ("pan_left", single["id"])


async def test_a_button_that_nobody_has_seen_is_carried_and_fails_when_pressed(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("unknown_button", custom_id="MJ::JOB::sparkle::1::x", label="Sparkle")
        grid = await client.finished("a bird")
        assert len(buttons(grid)) == 11
        nonce = await client.click(grid, "Sparkle")
        failed = (await client.frame("INTERACTION_FAILURE"))["d"]
        assert (failed["nonce"], failed["reason_code"]) == (nonce, 2)


async def test_the_ledger_tells_of_every_job_what_it_was(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"mode": "turbo"})
        single = await single_of(client, "a bird")
        nonce = await client.click(single, "Zoom Out 1.5x")
        await client.final_of(nonce)
        row = (await it.rows("job", nonce=nonce, state="finished"))[0]
        assert row["verb"] == "zoom"
        assert row["clicked"] == single["id"]
        assert row["custom_id"].startswith("MJ::Outpaint::75::1::")
        assert (row["prompt"], row["mode"], row["remix"]) == ("a bird", "turbo", None)


async def test_the_niji_bots_buttons_are_answered_by_the_niji_bot(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.final_of(await client.imagine("harbor", application_id=NIJI))
        body = await client.click_body(grid, button(grid, "U1")["custom_id"], application_id=NIJI)
        assert (await client.post(body)).status_code == 204
        single = await client.final_of(body["nonce"])
        assert single["author"]["id"] == single["application_id"] == NIJI
        assert button(single, "Upscale (Subtle)")["custom_id"].startswith("MJ::JOB::upsample_v7_2x_subtle::1::")
        assert "Redo Upscale (Subtle)" not in [b.get("label") for b in buttons(single)]
        body = await client.click_body(single, button(single, "Custom Zoom")["custom_id"], application_id=NIJI)
        await client.post(body)
        modal = (await client.frame("INTERACTION_MODAL_CREATE"))["d"]
        assert modal["application"]["id"] == NIJI
        wrong = await client.click_body(single, button(single, "❤️")["custom_id"])
        assert (await client.post(wrong)).status_code == 400
