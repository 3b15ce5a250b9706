"""/blend, /describe, /shorten and /show, pictures in prompts, and Niji: each answer in the order of the wire."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.simulator.raw_client import button, buttons

NIJI = "1022952195194359889"
LOADING = 128
WIRE = Path(__file__).parents[1] / "wire"
KNOWN = json.loads((WIRE / "describe-shorten-seed.synthetic.json").read_text())
ORDERS = json.loads((WIRE / "requests-slash-commands.json").read_text())


def picture(colour, size=(30, 20)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


async def with_files(client, name, colours, options=(), *, size=(30, 20), **more):
    """A command body with one uploaded picture for each colour."""
    keys = [await client.upload(f"{colour}.png", picture(colour, size)) for colour in colours]
    names = [f"image{n}" for n in range(1, len(keys) + 1)] if name == "blend" else ["image"]
    images = [{"type": 11, "name": name, "value": n} for n, name in enumerate(names)]
    body = await client.slash_body(name, [*images, *options], **more)
    body["data"]["attachments"] = [
        {"id": str(n), "filename": key.split("/")[1], "uploaded_filename": key} for n, key in enumerate(keys)
    ]
    return body


async def first_of(client, body):
    answer = await client.post(body)
    assert answer.status_code == 204, answer.text
    return (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == body["nonce"]))["d"]


async def filled(client, body):
    """The edit that ends a deferred answer."""
    first = await first_of(client, body)
    assert (first["flags"], first["content"], first["embeds"]) == (LOADING, "", [])
    edit = (await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == first["id"] and d["embeds"]))["d"]
    assert edit["flags"] == 0
    assert "nonce" not in edit
    return edit


async def slash(client, name, option=None, value=None, **more):
    given = [] if option is None else [{"type": 3, "name": option, "value": value}]
    return await client.slash_body(name, given, **more)


# blend


async def test_a_blend_is_deferred_and_then_a_grid_whose_prompt_is_the_links(simulate):
    async with simulate() as it, it.client() as client:
        dimensions = {"type": 3, "name": "dimensions", "value": "--ar 3:2"}
        body = await with_files(client, "blend", ["navy", "teal"], [dimensions])
        assert set(body["data"]) == set(ORDERS["blend"]["data"])
        first = await first_of(client, body)
        assert (first["flags"], first["content"]) == (LOADING, "")
        assert first["interaction_metadata"]["name"] == "blend"
        final = await client.final_of(body["nonce"])
        link = r"<https://s\.mj\.run/[\w-]{11}>"
        assert re.match(rf"\*\*{link} {link} --ar 3:2\*\* - <@\d+> ", final["content"])
        assert final["attachments"][0]["width"] > final["attachments"][0]["height"]
        edits = client.of("MESSAGE_UPDATE", lambda d: d["id"] == first["id"])
        assert edits[0]["content"].endswith("(Waiting to start)")
        assert not any(edit["flags"] & LOADING for edit in edits)
        assert len([b for b in buttons(final) if b.get("label", "").startswith("U")]) == 4
        [row] = await it.rows("command", name="blend")
        assert [file["filename"] for file in row["attachments"]] == ["navy.png", "teal.png"]
        assert row["attachments"][0]["length"] == len(picture("navy"))


async def test_a_blend_takes_two_to_five_different_pictures(simulate):
    async with simulate() as it, it.client() as client:
        body = await with_files(client, "blend", ["navy", "teal", "gold", "red", "pink"])
        await first_of(client, body)
        assert (await client.final_of(body["nonce"]))["content"].count("https://s.mj.run/") == 5
        assert (await client.post(await with_files(client, "blend", ["navy"]))).json()["code"] == 50035
        twice = await with_files(client, "blend", ["navy", "navy"])
        assert (await filled(client, twice))["embeds"][0]["title"] == "Duplicate images detected"
        odd = await with_files(
            client, "blend", ["navy", "teal"], [{"type": 3, "name": "dimensions", "value": "--ar 16:9"}]
        )
        assert (await client.post(odd)).json()["code"] == 50035


async def test_files_inside_a_form_serve_as_well(simulate):
    async with simulate() as it, it.client() as client:
        body = await with_files(client, "describe", ["navy"])
        body["data"]["attachments"] = [{"id": "0", "filename": "a.png"}]
        form = {"payload_json": (None, json.dumps(body)), "files[0]": ("a.png", picture("navy"), "image/png")}
        assert (await client.http.post("/interactions", files=form)).status_code == 204
        edit = await client.frame("MESSAGE_UPDATE", lambda d: d["embeds"])
        assert "/a.png?" in edit["d"]["embeds"][0]["image"]["url"]


async def test_an_attachment_that_was_not_uploaded_is_refused(simulate):
    async with simulate() as it, it.client() as client:
        body = await with_files(client, "describe", ["navy"])
        body["data"]["attachments"][0]["uploaded_filename"] = "00000000-0000-4000-8000-000000000000/a.png"
        assert (await client.post(body)).json()["code"] == 50035
        body["data"]["attachments"] = []
        assert (await client.post({**body, "nonce": "5"})).json()["code"] == 50035


# describe


async def test_describe_fills_its_message_with_four_prompts_and_their_buttons(simulate):
    known = KNOWN["describe_update"]["d"]
    async with simulate() as it, it.client() as client:
        edit = await filled(client, await with_files(client, "describe", ["navy"]))
        assert set(known) <= set(edit)
        [embed], [sample] = edit["embeds"], known["embeds"]
        assert set(sample) <= set(embed)
        lines = embed["description"].split("\n\n")
        assert [line[:3] for line in lines] == ["1️⃣", "2️⃣", "3️⃣", "4️⃣"]
        assert all(line.endswith("--ar 3:2") for line in lines)
        assert "/ephemeral-attachments/1092492867185950852/" in embed["image"]["url"]
        assert (embed["image"]["width"], embed["image"]["height"]) == (30, 20)
        ids = [[b["custom_id"] for b in row["components"]] for row in edit["components"]]
        assert ids == [[b["custom_id"] for b in row["components"]] for row in known["components"]]
        async with httpx.AsyncClient() as anyone:
            assert (await anyone.get(embed["image"]["url"])).content == picture("navy")


async def test_describe_reads_a_link_or_says_that_it_cannot(simulate):
    async with simulate() as it, it.client() as client:
        edit = await filled(client, await slash(client, "describe", "link", "https://example.com/a.png"))
        assert edit["embeds"][0]["image"]["url"] == "https://example.com/a.png"
        edit = await filled(client, await slash(client, "describe", "link", "https://unreachable.example/a.png"))
        assert edit["embeds"][0]["title"] == "Invalid link"
        assert edit["components"] == []
        edit = await filled(client, await slash(client, "describe"))
        assert edit["embeds"][0]["title"] == "Invalid request"


async def test_a_described_prompt_can_be_imagined(simulate):
    async with simulate() as it, it.client() as client:
        edit = await filled(client, await with_files(client, "describe", ["navy"]))
        nonce = await client.click(edit, "MJ::Job::PicReader::2")
        modal = (await client.frame("INTERACTION_MODAL_CREATE", lambda d: d["nonce"] == nonce))["d"]
        value = modal["components"][0]["components"][0]["value"]
        assert f"2️⃣ {value}" in edit["embeds"][0]["description"]
        final = await client.final_of(await client.submit(modal, value))
        assert final["content"].startswith(f"**{value}** - ")


# shorten


async def test_shorten_marks_the_tokens_and_offers_shorter_prompts(simulate):
    known = KNOWN["shorten_update"]["d"]
    async with simulate() as it, it.client() as client:
        words = "a very quiet harbor with stuff at dusk and the long shadows of old wooden boats --ar 3:2"
        edit = await filled(client, await slash(client, "shorten", "prompt", words))
        assert set(known) <= set(edit)
        [embed], [sample] = edit["embeds"], known["embeds"]
        assert set(embed) == set(sample)
        assert embed["footer"] == sample["footer"]
        tokens, shorter = re.fullmatch(
            r"## Important tokens\n(.+)\n## Shortened prompts\n(.+)", embed["description"], re.DOTALL
        ).groups()
        assert re.search(r"\*\*\w+\*\*", tokens)
        assert "~~stuff~~" in tokens
        lengths = [len(line) for line in shorter.split("\n")]
        assert len(lengths) == 5
        assert lengths == sorted(lengths, reverse=True)
        assert [b["custom_id"] for b in buttons(edit)] == [
            b["custom_id"] for row in known["components"] for b in row["components"]
        ]
        one = await filled(client, await slash(client, "shorten", "prompt", "harbor"))
        assert len(buttons(one)) == 1


# show


@pytest.mark.parametrize("in_place", [0.0, 1.0])
async def test_show_brings_a_finished_job_again_with_buttons_that_work(simulate, in_place):
    async with simulate(show_in_place=in_place) as it, it.client() as client:
        final = await client.finished("a lighthouse")
        uuid = button(final, "U1")["custom_id"].split("::")[-1]
        dm = client.account["dm_channel_id"]
        for place in ({}, {"guild_id": None, "channel_id": dm}):
            body = await slash(client, "show", "job_id", uuid, **place)
            first = await first_of(client, body)
            assert first["content"] == "Displaying..."

            def is_copy(d, first=first):
                return d["attachments"] and d["interaction_metadata"]["id"] == first["interaction_metadata"]["id"]

            copy = (await client.frame("MESSAGE_UPDATE" if in_place else "MESSAGE_CREATE", is_copy))["d"]
            assert (copy["id"] == first["id"]) == bool(in_place)
            assert copy["content"] == final["content"]
            assert copy["channel_id"] == body["channel_id"]
            assert [b.get("custom_id") for b in buttons(copy)] == [b.get("custom_id") for b in buttons(final)]
            click = await client.click_body(copy, button(copy, "U3")["custom_id"], **place)
            assert (await client.post(click)).status_code == 204
            single = await client.final_of(click["nonce"])
            assert single["channel_id"] == body["channel_id"]
            async with httpx.AsyncClient() as anyone:
                [old], [new] = final["attachments"], copy["attachments"]
                assert (await anyone.get(old["url"])).content == (await anyone.get(new["url"])).content


async def test_show_of_an_unknown_or_foreign_job_names_the_id_without_a_nonce(simulate):
    async with simulate(accounts=2) as it, it.client() as client, it.client(1) as other:
        final = await client.finished("a lighthouse")
        uuid = button(final, "U1")["custom_id"].split("::")[-1]
        for who, wanted in ((other, uuid), (client, "11111111-1111-4111-8111-111111111111")):
            assert (await who.post(await slash(who, "show", "job_id", wanted))).status_code == 204
            said = (await who.frame("MESSAGE_CREATE", lambda d: d["embeds"]))["d"]
            assert wanted in said["embeds"][0]["description"]
            assert "nonce" not in said


# pictures in prompts


async def test_a_picture_of_our_own_cdn_is_read_while_its_signature_holds(simulate):
    async with simulate(timing={"cdn_ms": 60_000}) as it, it.client() as client:
        key = await client.upload("a.png", picture("navy"))
        made = (await client.write(attachments=[{"id": "0", "filename": "a.png", "uploaded_filename": key}])).json()
        url = made["attachments"][0]["url"]
        final = await client.finished(f"{url} a lighthouse")
        assert re.match(r"\*\*<https://s\.mj\.run/[\w-]{11}> a lighthouse\*\* - ", final["content"])
        await it.control.put("/clock", json={"skew_ms": 61_000})
        assert await refusal(client, f"{url} a lighthouse") == "Invalid link"


async def refusal(client, prompt):
    nonce = await client.imagine(prompt)
    said = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]
    assert said["flags"] == 64
    assert said["embeds"][0]["footer"]["text"] == f"/imagine {prompt}"
    return said["embeds"][0]["title"]


@pytest.mark.parametrize(
    "url",
    [
        "https://unreachable.example/a.png",
        "http://127.0.0.1:1/a.png",
        "http://10.0.0.7/a.png",
        "http://localhost/a.png",
        "https://example.com/a.null",
    ],
)
async def test_a_picture_that_cannot_be_read_is_an_invalid_link(simulate, url):
    async with simulate() as it, it.client() as client:
        assert await refusal(client, f"{url} a lighthouse") == "Invalid link"
        [row] = await it.rows("fetch")
        assert (row["url"], row["decision"]) == (url, "failed")


# niji


async def test_niji_speaks_the_same_words_as_its_own_user(simulate):
    async with simulate() as it, it.client() as client:
        body = await slash(client, "imagine", "prompt", "a lighthouse", application_id=NIJI)
        assert {key: body["data"][key] for key in ("id", "version")} == {
            key: ORDERS["niji_imagine"]["data"][key] for key in ("id", "version")
        }
        first = await first_of(client, body)
        final = await client.final_of(body["nonce"])
        for message in (first, final):
            assert message["author"]["id"] == message["application_id"] == NIJI
        click = await client.click_body(final, button(final, "U1")["custom_id"])
        assert (await client.post(click)).json()["code"] == 10002
        click |= {"application_id": NIJI, "nonce": "9"}
        assert (await client.post(click)).status_code == 204
        assert (await client.final_of("9"))["author"]["id"] == NIJI


async def test_niji_has_its_own_index_and_its_own_dm(simulate):
    async with simulate() as it, it.client() as client:
        index = (await client.http.get(f"/applications/{NIJI}/application-command-index")).json()
        assert {c["application_id"] for c in index["application_commands"]} == {NIJI}
        dm = (await client.http.post("/users/@me/channels", json={"recipients": [NIJI]})).json()
        assert (await client.frame("CHANNEL_CREATE"))["d"]["id"] == dm["id"]
        listed = (await client.http.get("/users/@me/channels")).json()
        assert [c["recipients"][0]["id"] for c in listed] == ["936929561302675456", NIJI]
        assert (await client.http.get(f"/channels/{dm['id']}/application-command-index")).json() == index
        place = {"guild_id": None, "channel_id": dm["id"]}
        wrong = await slash(client, "imagine", "prompt", "a lighthouse", **place)
        assert (await client.post(wrong)).json()["code"] == 10005
        body = await slash(client, "info", application_id=NIJI, **place)
        assert (await first_of(client, body))["author"]["id"] == NIJI


async def test_one_command_of_one_bot_is_redeployed_alone(simulate):
    async with simulate() as it, it.client() as client:
        shown, imagined = await slash(client, "info"), await client.imagine_body("a lighthouse")
        await it.control.post("/commands/redeploy", json={"application": "936929561302675456", "name": "info"})
        assert (await client.post(shown)).json()["code"] == 50035
        assert (await client.post(imagined)).status_code == 204
        client._index = None
        await first_of(client, await slash(client, "info"))
        assert (await it.control.post("/commands/redeploy", json={"name": "nothing"})).status_code == 400
