"""A file's way into Discord: a reserved place, raw bytes, a message or a command, and a signed address."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import httpx
import pytest
from PIL import Image

MISC = json.loads((Path(__file__).parents[1] / "wire" / "requests-rest-misc.json").read_text())


def picture(colour="navy", size=(30, 20)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


async def reserve(client, *files):
    return await client.http.post(f"/channels/{client.account['channel_id']}/attachments", json={"files": list(files)})


async def test_the_answer_to_a_reservation_has_the_keys_of_the_wire(simulate):
    async with simulate() as it, it.client() as client:
        sample = MISC["create_attachments"]
        answer = (await reserve(client, *sample["body"]["files"])).json()
        assert set(answer) == set(sample["response"])
        [place], [known] = answer["attachments"], sample["response"]["attachments"]
        assert set(place) == set(known)
        assert place["upload_filename"].split("/")[1] == "a.png"
        assert place["upload_url"].startswith(it.simulator.cdn_url)


async def test_uploaded_bytes_become_a_signed_attachment_of_a_message_and_are_kept(simulate):
    data = picture()
    async with simulate() as it, it.client() as client:
        key = await client.upload("a.png", data)
        answer = await client.write(
            nonce="1496400000000000003", attachments=[{"id": "0", "filename": "a.png", "uploaded_filename": key}]
        )
        made = answer.json()
        [attachment] = made["attachments"]
        [known] = MISC["create_message_with_upload"]["response_excerpt"]["attachments"]
        assert set(known) <= set(attachment)
        assert (attachment["width"], attachment["height"], attachment["size"]) == (30, 20, len(data))
        told = (await client.frame("MESSAGE_CREATE", lambda d: d["id"] == made["id"]))["d"]
        assert told["nonce"] == made["nonce"] == "1496400000000000003"
        assert told["author"]["id"] == client.account["user_id"]
        async with httpx.AsyncClient() as anyone:
            assert (await anyone.get(attachment["url"])).content == data
            assert (await anyone.get(attachment["proxy_url"], params={"width": 10})).status_code == 404
            assert (await anyone.get(attachment["proxy_url"] + "format=webp&width=64")).content == data
            assert (await anyone.get(attachment["url"].split("?")[0])).text == "This content is no longer available."
        digest = hashlib.sha256(data).hexdigest()
        [row] = await it.rows("upload", state="used")
        assert (row["sha256"], row["length"], row["used"]) == (digest, len(data), f"message {made['id']}")
        assert (await it.control.get(f"/files/{digest}")).content == data
        [place] = (await it.control.get("/uploads")).json()["uploads"]
        assert place["used"] == [f"message {made['id']}"]


async def test_an_address_expires_on_the_clock_and_a_fetch_signs_it_anew(simulate):
    data = picture()
    async with simulate(timing={"cdn_ms": 60_000}) as it, it.client() as client, httpx.AsyncClient() as anyone:
        key = await client.upload("a.png", data)
        made = (await client.write(attachments=[{"id": "0", "filename": "a.png", "uploaded_filename": key}])).json()
        old = made["attachments"][0]["url"]
        await it.control.put("/clock", json={"skew_ms": 61_000})
        assert (await anyone.get(old)).status_code == 404
        again = (await client.http.get(f"/channels/{made['channel_id']}/messages/{made['id']}")).json()
        assert (await anyone.get(again["attachments"][0]["url"])).content == data
        fresh = await client.http.post("/attachments/refresh-urls", json={"attachment_urls": [old]})
        assert (await anyone.get(fresh.json()["refreshed_urls"][0]["refreshed"])).content == data


async def test_the_storage_opens_only_to_its_own_address_in_time_and_without_a_token(simulate):
    async with simulate() as it, it.client() as client, httpx.AsyncClient() as storage:
        [place] = (await reserve(client, {"filename": "a.png", "file_size": 3, "id": "0"})).json()["attachments"]
        url = place["upload_url"]
        assert (await storage.put(url[:-1] + "x", content=b"abc")).status_code == 403
        assert (await storage.put(url.split("?")[0], content=b"abc")).status_code == 403
        assert (await storage.put(url, content=b"abc", headers={"Authorization": "secret"})).status_code == 401
        await it.control.put("/clock", json={"skew_ms": 16 * 60_000})
        assert (await storage.put(url, content=b"abc")).status_code == 403
        await it.control.put("/clock", json={"skew_ms": 0})
        assert (await storage.put(url, content=b"abc")).status_code == 200


async def test_sizes_and_counts_have_limits(simulate):
    async with simulate(upload_limit=1000) as it, it.client() as client, httpx.AsyncClient() as storage:
        large = await reserve(client, {"filename": "a.png", "file_size": 1001, "id": "0"})
        assert (large.status_code, large.json()) == (413, {"message": "Request entity too large", "code": 40005})
        one = {"filename": "a.png", "file_size": 3, "id": "0"}
        assert (await reserve(client, *[one] * 11)).json()["code"] == 50035
        assert (await reserve(client)).json()["code"] == 50035
        [place] = (await reserve(client, one)).json()["attachments"]
        assert (await storage.put(place["upload_url"], content=b"x" * 1001)).status_code == 413


async def test_only_the_own_unused_upload_can_be_used_or_deleted(simulate):
    async with simulate(accounts=2) as it, it.client() as client, it.client(1) as other:
        key = await client.upload("a.png", picture())
        attachments = [{"id": "0", "filename": "a.png", "uploaded_filename": key}]
        assert (await other.write(attachments=attachments)).json()["code"] == 50035
        assert (await other.http.delete(f"/attachments/{key}")).status_code == 404
        assert (await client.http.delete(f"/attachments/{key}")).status_code == 204
        assert (await client.write(attachments=attachments)).json()["code"] == 50035
        key = await client.upload("a.png", picture())
        await client.write(attachments=[{"id": "0", "filename": "a.png", "uploaded_filename": key}])
        assert (await client.http.delete(f"/attachments/{key}")).status_code == 404


async def test_a_message_in_a_form_brings_its_files_along(simulate):
    data = picture()
    async with simulate() as it, it.client() as client:
        words = {"content": "look", "attachments": [{"id": "0", "filename": "b.png"}]}
        answer = await client.http.post(
            f"/channels/{client.account['channel_id']}/messages",
            data={"payload_json": json.dumps(words)},
            files={"files[0]": ("b.png", data, "image/png")},
        )
        [attachment] = answer.json()["attachments"]
        async with httpx.AsyncClient() as anyone:
            assert (await anyone.get(attachment["url"])).content == data


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "x" * 2001}, 50035),
        ({"content": " "}, 50006),
        ({"content": "x", "nonce": "1" * 26}, 50035),
        ({"attachments": [{"id": "0", "filename": "a.png", "uploaded_filename": "no/such"}]}, 50035),
    ],
)
async def test_a_message_that_cannot_be_is_refused(simulate, body, code):
    async with simulate() as it, it.client() as client:
        answer = await client.write(**{"content": "", **body})
        assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_repeated_nonce_keeps_one_message_and_only_its_writer_deletes_it(simulate):
    async with simulate() as it, it.client() as client:
        first, second = [(await client.write("hello", nonce="77")).json() for _ in range(2)]
        assert first["id"] == second["id"]
        assert [m["id"] for m in await client.history()] == [first["id"]]
        path = f"/channels/{first['channel_id']}/messages/{first['id']}"
        assert (await client.http.post(f"{path}/ack", json={"token": None, "last_viewed": 3496})).status_code == 200
        assert (await client.http.delete(path)).status_code == 204
        await client.frame("MESSAGE_DELETE", lambda d: d["id"] == first["id"])
        final = await client.finished("a lighthouse")
        refused = await client.http.delete(f"/channels/{final['channel_id']}/messages/{final['id']}")
        assert refused.json()["code"] == 50013


async def test_uploads_survive_a_restart(simulate):
    data = picture()
    async with simulate() as it, it.client() as client:
        key = await client.upload("a.png", data)
        token = client.account["token"]
    async with simulate() as it, it.client() as client:
        assert client.account["token"] == token
        made = await client.write(attachments=[{"id": "0", "filename": "a.png", "uploaded_filename": key}])
        assert made.status_code == 200, made.text
        assert made.json()["attachments"][0]["size"] == len(data)
