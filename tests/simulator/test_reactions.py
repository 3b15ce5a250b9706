"""What reactions are answered with: the DM with seed and single pictures, cancelling, deleting, and their events."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image

KNOWN = json.loads((Path(__file__).parents[1] / "wire" / "describe-shorten-seed.synthetic.json").read_text())
SEED = re.compile(
    r"\*\*(?P<p>.+)\*\* - <@(\d+)> \((.+)\)\n\*\*Job ID\*\*: (?P<uuid>[0-9a-f-]{36})\n\*\*seed\*\* (?P<seed>\d+)"
)


async def letter(client):
    dm = client.account["dm_channel_id"]
    return (await client.frame("MESSAGE_CREATE", lambda d: d["channel_id"] == dm))["d"]


async def test_an_envelope_on_a_grid_brings_seed_job_and_four_single_pictures_by_dm(simulate):
    assert SEED.fullmatch(KNOWN["seed_dm"]["d"]["content"])
    async with simulate() as it, it.client() as client:
        final = await client.finished("a quiet harbor --ar 3:2 --seed 4711")
        assert (await client.react(final, "✉️")).status_code == 204
        got = await letter(client)
        said = SEED.fullmatch(got["content"])
        assert said["p"] == "a quiet harbor --ar 3:2 --seed 4711"
        assert said["seed"] == "4711"
        assert said["uuid"] in final["attachments"][0]["filename"]
        assert set(KNOWN["seed_dm"]["d"]) <= set(got)
        assert got["channel_type"] == 1
        assert "nonce" not in got
        assert [a["filename"] for a in got["attachments"]] == [f"{said['uuid']}_0_{n}.png" for n in range(4)]
        async with httpx.AsyncClient() as anyone:
            sizes = {Image.open(io.BytesIO((await anyone.get(a["url"])).content)).size for a in got["attachments"]}
        assert sizes == {(got["attachments"][0]["width"], got["attachments"][0]["height"])}
        dm = (await client.http.get(f"/channels/{client.account['dm_channel_id']}/messages")).json()
        assert [m["id"] for m in dm] == [got["id"]]


async def test_a_single_picture_comes_alone(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("a quiet harbor")
        single = await client.final_of(await client.click(grid, "U2"))
        await client.react(single, "✉️")
        assert len((await letter(client))["attachments"]) == 1


async def test_a_dm_that_was_not_open_is_announced_first(simulate):
    async with simulate() as it:
        await it.control.put("/accounts/a1", json={"dm_open": False})
        async with it.client() as client:
            assert client.ready["private_channels"] == []
            assert (await client.http.get("/users/@me/channels")).json() == []
            final = await client.finished("a quiet harbor")
            await client.react(final, "✉️")
            created = (await client.frame("CHANNEL_CREATE"))["d"]
            got = await letter(client)
            assert created["id"] == got["channel_id"]
            names = [f["t"] for f in client.frames if f["t"]]
            assert names.index("CHANNEL_CREATE") < len(names) - 1 - names[::-1].index("MESSAGE_CREATE")


async def test_with_auto_dm_every_result_comes_without_being_asked_for(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"auto_dm": True})
        final = await client.finished("a quiet harbor")
        assert SEED.fullmatch((await letter(client))["content"])["uuid"] in final["attachments"][0]["filename"]


async def test_who_takes_no_dms_gets_none(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"dms": False})
        final = await client.finished("a quiet harbor")
        await client.react(final, "✉️")
        while not (rows := await it.rows("letter")):
            await client.http.get("/users/@me")
        assert rows[0]["decision"] == "refused 403/50007"


async def test_the_message_command_sends_the_same_letter(simulate):
    async with simulate() as it, it.client() as client:
        final = await client.finished("a quiet harbor")
        command = await client.command("DM Results")
        data = {key: command[key] for key in ("version", "id", "name", "type")}
        body = await client.body(2, {**data, "target_id": final["id"], "options": [], "attachments": []})
        assert (await client.post(body)).status_code == 204
        assert SEED.fullmatch((await letter(client))["content"])
        said = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == body["nonce"]))["d"]
        about = said["interaction_metadata"]
        assert (about["command_type"], about["target_message_id"]) == (3, final["id"])
        missing = await client.body(2, {**data, "target_id": "1", "options": [], "attachments": []})
        assert (await client.post(missing)).json()["code"] == 10008


async def test_a_cross_on_a_running_job_cancels_it_and_on_a_finished_one_deletes_it(simulate):
    async with simulate(timing={"job_ms": 5000}) as it, it.client() as client:
        nonce = await client.imagine("a quiet harbor")
        progress = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]
        await client.react(progress, "❌")
        stopped = await client.frame("MESSAGE_UPDATE", lambda d: "(Stopped)" in d["content"])
        assert stopped["d"]["id"] == progress["id"]
        assert len(await it.rows("job", state="cancelled")) == 1
    async with simulate() as it, it.client() as client:
        final = await client.finished("a quiet harbor")
        await client.react(final, "❌")
        await client.frame("MESSAGE_DELETE", lambda d: d["id"] == final["id"])
        assert final["id"] not in [m["id"] for m in await client.history()]


async def test_another_persons_job_is_not_touched_by_reactions(simulate):
    async with simulate() as it, it.client() as client:
        place = {"guild_id": client.account["guild_id"], "channel_id": client.account["channel_id"]}
        it.accounts.append((await it.control.post("/accounts", json=place)).json())
        async with it.client(1) as other:
            final = await client.finished("a quiet harbor")
            await other.react(final, "❌")
            await other.react(final, "✉️")
            await client.react(final, "✉️")
            await letter(client)
            assert [row["account"] for row in await it.rows("letter")] == ["a1"]
            assert final["id"] in [m["id"] for m in await client.history()]


@pytest.mark.parametrize("capabilities", [16125, 16125 & ~(1 << 13)])
async def test_a_reaction_is_told_in_the_form_that_the_capabilities_ask_for(simulate, capabilities):
    async with simulate() as it, it.client(capabilities=capabilities) as client:
        made = (await client.write("hello")).json()
        await client.react(made, "👍")
        if capabilities & 1 << 13:
            told = (await client.frame("MESSAGE_REACTION_ADD_MANY"))["d"]
            assert told["reactions"] == [{"users": [client.account["user_id"]], "emoji": {"id": None, "name": "👍"}}]
        else:
            told = (await client.frame("MESSAGE_REACTION_ADD"))["d"]
            assert (told["user_id"], told["emoji"]["name"]) == (client.account["user_id"], "👍")
        assert told["message_id"] == made["id"]
        await client.react(made, "👍", "DELETE")
        assert (await client.frame("MESSAGE_REACTION_REMOVE"))["d"]["message_id"] == made["id"]


async def test_a_cancel_job_message_command_stops_an_imagine(simulate):
    async with simulate(timing={"job_ms": 5000}) as it, it.client() as client:
        nonce = await client.imagine("a quiet harbor")
        progress = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]
        command = await client.command("Cancel Job")
        data = {key: command[key] for key in ("version", "id", "name", "type")}
        body = await client.body(2, {**data, "target_id": progress["id"], "options": [], "attachments": []})
        assert (await client.post(body)).status_code == 204
        await client.frame("MESSAGE_UPDATE", lambda d: "(Stopped)" in d["content"])
        assert not [b for row in progress["components"] for b in row["components"]]
