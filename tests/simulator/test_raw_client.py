"""The wire against its captures: a client without any Easel import, the simulator as another process."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import httpx
import pytest

from tests.simulator.raw_client import MIDJOURNEY, RawClient, button, buttons

WIRE = Path(__file__).parents[1] / "wire"
ROOT = Path(__file__).parents[2]
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def wire(name):
    return json.loads((WIRE / name).read_text())


CAPTURE = wire("capture-2026-06-v7-session.json")["events"]
FRAMES = wire("gateway-frames.json")
EVENTS = wire("gateway-interaction-events.json")


def captured(part, kind="MESSAGE_CREATE"):
    return next(e for e in CAPTURE if part in e["content"] and e["event_derived"] == kind)


def shaped_like(sample, real, path="frame"):
    """Every key of the sample is there with the same JSON type; null in the sample says nothing."""
    if sample is None:
        return
    if isinstance(sample, float | int) and not isinstance(sample, bool):
        assert isinstance(real, float | int), path
        return
    assert type(real) is type(sample), f"{path}: {real!r} is not like {sample!r}"
    if isinstance(sample, dict):
        for key, value in sample.items():
            assert key in real, f"{path}.{key} is missing"
            shaped_like(value, real[key], f"{path}.{key}")
    if isinstance(sample, list) and sample and real:
        shaped_like(sample[0], real[0], f"{path}[0]")


def as_pattern(text, **named):
    """A captured content line as a pattern for ours."""
    pattern = UUID.join(re.escape(part) for part in re.split(UUID, text))
    for old, new in named.items():
        pattern = pattern.replace(re.escape(old), new)
    return pattern


def flat(message):
    """Components in the form of the capture's components_flat."""
    uuid = re.compile(UUID)
    return [
        (b["type"], uuid.sub("UUID", b["custom_id"]) if "custom_id" in b else None, b.get("label"), b["style"])
        for b in buttons(message)
    ]


def flat_captured(event):
    uuid = re.compile(UUID)
    return [
        (b["type"], b["custom_id"] and uuid.sub("UUID", b["custom_id"]), b["label"], b["style"])
        for b in event["components_flat"]
    ]


@pytest.fixture
async def outside(tmp_path):
    """The simulator as its own process; its first line says where it is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.simulator", "--state-dir", str(tmp_path), "--speed", "100",
        "--accounts", "2", "--picture-size", "256",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    yield ready
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_session_frames_have_the_keys_and_types_of_the_wire_samples(outside):
    async with RawClient(outside["api_url"], outside["accounts"][0]) as client:
        hello = client.frames[0]
        shaped_like(FRAMES["hello"], hello)
        ready = next(f for f in client.frames if f["t"] == "READY")
        shaped_like(FRAMES["ready_minimal"], ready)
        assert ready["s"] == 1
        assert ready["d"]["resume_gateway_url"] != outside["gateway_url"]
        account = outside["accounts"][0]
        assert ready["d"]["user"]["id"] == account["user_id"]
        assert ready["d"]["guilds"][0]["channels"][0]["id"] == account["channel_id"]
        assert ready["d"]["private_channels"][0]["recipient_ids"] == [MIDJOURNEY]
        shaped_like(FRAMES["ready_supplemental"], next(f for f in client.frames if f["t"] == "READY_SUPPLEMENTAL"))
        await client.send(1, 2)
        assert await client.frame(op=11) == FRAMES["heartbeat_ack"]


async def imagined(client, prompt="a classic 2000s mobile game scene come alive as 3D sprites"):
    """The first message and the final of an imagine, once its progress message is deleted."""
    nonce = await client.imagine(prompt)
    final = await client.final_of(nonce)
    start = client.of("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce)[0]
    await client.frame("MESSAGE_DELETE", lambda d: d["id"] == start["id"])
    return nonce, start, final


def naming(client):
    return {"<@300000000000000001>": f"<@{client.account['user_id']}>"}


async def test_an_imagine_is_acknowledged_as_the_wire_samples_say(outside):
    async with RawClient(outside["api_url"], outside["accounts"][0]) as client:
        nonce, start, _ = await imagined(client)
        created = await client.frame("INTERACTION_CREATE")
        shaped_like(EVENTS["create"], created)
        assert set(created["d"]) == set(EVENTS["create"]["d"])
        succeeded = await client.frame("INTERACTION_SUCCESS")
        shaped_like(EVENTS["success"], succeeded)
        assert created["d"]["nonce"] == succeeded["d"]["nonce"] == nonce
        assert start["interaction_metadata"]["id"] == created["d"]["id"] == start["interaction"]["id"]
        assert start["interaction_metadata"]["user"]["id"] == client.account["user_id"]


async def test_the_progress_of_an_imagine_looks_like_the_capture(outside):
    async with RawClient(outside["api_url"], outside["accounts"][0]) as client:
        _, start, _ = await imagined(client)
        assert re.fullmatch(as_pattern(captured("(Waiting to start)")["content"], **naming(client)), start["content"])
        assert (start["type"], start["flags"], start["components"]) == (20, 0, [])
        assert start["guild_id"] == client.account["guild_id"]
        assert start["member"]
        edits = client.of("MESSAGE_UPDATE", lambda d: d["id"] == start["id"])
        assert 3 <= len(edits) <= 10
        sample = captured("(20%)", "MESSAGE_UPDATE")["content"]
        line = as_pattern(sample, **naming(client), **{"(20%)": r"\((\d+)%\)"})
        percents = [int(re.fullmatch(line, edit["content"])[1]) for edit in edits]
        assert percents == sorted(percents)
        kind = captured("(35%)", "MESSAGE_UPDATE")["attachments"][0]["content_type"]
        for attachment in (a for edit in edits for a in edit["attachments"]):
            assert re.fullmatch(UUID + "_grid_0.webp", attachment["filename"])
            assert "/attachments/" in attachment["url"]
            assert attachment["content_type"] == kind


async def test_the_final_grid_looks_like_the_capture(outside):
    async with RawClient(outside["api_url"], outside["accounts"][0]) as client:
        _, start, final = await imagined(client)
        grid = captured("[(Open on website")
        assert re.fullmatch(as_pattern(grid["content"], **naming(client)), final["content"])
        assert final["id"] != start["id"]
        assert final["message_reference"]["message_id"] == start["id"]
        assert flat(final) == flat_captured(grid)
        assert [len(row["components"]) for row in final["components"]] == [5, 5]
        uuid = re.search(UUID, final["content"])[0]
        link = buttons(final)[-1]
        assert link["url"] == f"https://www.midjourney.com/jobs/{uuid}"
        assert "custom_id" not in link
        attachment = final["attachments"][0]
        expected = grid["attachments"][0]["filename"].replace("exampleuser", client.account["name"])
        assert re.sub(UUID, "UUID", attachment["filename"]) == re.sub(UUID, "UUID", expected)
        assert attachment["filename"].endswith(f"_{uuid}.webp")
        assert set(grid["attachments"][0]) - {"duration"} <= set(attachment)
        assert (final["author"]["id"], final["author"]["bot"]) == (MIDJOURNEY, True)


async def test_u1_looks_like_the_capture(outside):
    async with RawClient(outside["api_url"], outside["accounts"][0]) as client:
        _, _, grid = await imagined(client)
        nonce = await client.click(grid, "U1")
        single = await client.final_of(nonce)
        progress = client.of("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce)[0]
        begun = captured("Upscaling image #1 with **a classic")
        assert re.fullmatch(as_pattern(begun["content"], **naming(client)), progress["content"])
        assert progress["flags"] == 64
        assert not {"guild_id", "member"} & set(progress)
        assert flat(progress) == flat_captured(begun)
        assert progress["message_reference"]["message_id"] == grid["id"]
        edited = (await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == grid["id"]))["d"]
        assert [b["style"] for b in buttons(edited)] == [1, 2, 2, 2, 2, 2, 2, 2, 2, 5]
        sample = next(e for e in CAPTURE if e["content"].startswith("**a classic") and "- Image #1 <@" in e["content"])
        assert re.fullmatch(as_pattern(sample["content"], **naming(client)), single["content"])
        assert flat(single) == flat_captured(sample)
        assert single["message_reference"]["message_id"] == grid["id"]
        assert single["interaction_metadata"]["interacted_message_id"] == grid["id"]
        expected = sample["attachments"][0]["filename"].replace("exampleuser", client.account["name"])
        assert re.sub(UUID, "UUID", single["attachments"][0]["filename"]) == re.sub(UUID, "UUID", expected)
        assert re.search(UUID, grid["content"])[0] not in single["attachments"][0]["filename"]
        assert button(single, "Vary (Strong)")["emoji"] == {"name": "🪄"}


async def test_pictures_are_real_and_only_signed_urls_open_them(outside):
    async with RawClient(outside["api_url"], outside["accounts"][0]) as client, httpx.AsyncClient() as http:
        final = await client.finished("a quiet harbor --ar 16:9")
        attachment = final["attachments"][0]
        answer = await http.get(attachment["url"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/webp"
        assert len(answer.content) == attachment["size"]
        assert answer.content[:4] == b"RIFF"
        bare = attachment["url"].split("?")[0]
        for url in (bare, bare + "?ex=ffffffff&is=0&hm=00&", attachment["url"].replace("hm=", "hm=0")):
            refused = await http.get(url)
            assert (refused.status_code, refused.text) == (404, "This content is no longer available.")
        refreshed = await client.http.post("/attachments/refresh-urls", json={"attachment_urls": [bare]})
        entry = refreshed.json()["refreshed_urls"][0]
        assert entry["original"] == bare
        assert (await http.get(entry["refreshed"])).content == answer.content


async def test_the_same_action_on_two_accounts_stays_apart(outside):
    first, second = outside["accounts"]
    async with RawClient(outside["api_url"], first) as one, RawClient(outside["api_url"], second) as two:
        mine, other = await asyncio.gather(one.finished("the same words"), two.finished("the same words"))
        assert mine["channel_id"] != other["channel_id"]
        assert mine["attachments"][0]["filename"] != other["attachments"][0]["filename"]
        assert not one.of("MESSAGE_CREATE", lambda d: d["channel_id"] == second["channel_id"])
