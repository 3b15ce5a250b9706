"""Pictures without a key: the copy, the source before it, and patience in between."""

from __future__ import annotations

import asyncio
import contextlib

import httpx
import pytest

from engine.model.errors import Refused, Unavailable
from tests.api.fake_engine import KEY, PICTURE_KEY

WEBP = b"RIFF\x04\x00\x00\x00WEBP" + bytes(100_000)


@pytest.fixture
def anonymous(client):
    del client.headers["Authorization"]
    return client


@pytest.fixture
def copied(engine, tmp_path):
    engine.put_picture()
    path = tmp_path / f"{PICTURE_KEY}.webp"
    path.write_bytes(WEBP)
    engine.files[PICTURE_KEY] = path
    return path


@pytest.mark.parametrize("name", [PICTURE_KEY, f"{PICTURE_KEY}.webp", f"{PICTURE_KEY}.png"])
async def test_a_copy_is_served_for_ever_as_what_it_is(anonymous, copied, name):
    answer = await anonymous.get(f"/pictures/{name}")
    assert answer.status_code == 200
    assert answer.content == WEBP
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"]


async def test_a_part_of_a_copy_can_be_asked_for(anonymous, copied):
    answer = await anonymous.get(f"/pictures/{PICTURE_KEY}.webp", headers={"Range": "bytes=8-11"})
    assert (answer.status_code, answer.content) == (206, b"WEBP")


async def test_head_says_the_same_without_the_bytes(anonymous, copied):
    answer = await anonymous.head(f"/pictures/{PICTURE_KEY}.webp")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(WEBP))
    assert answer.headers["Content-Type"] == "image/webp"


async def test_before_the_copy_the_source_is_passed_on_and_not_cached(anonymous, engine):
    engine.put_picture("fox.png")
    engine.sources[PICTURE_KEY] = [b"first ", b"second"]
    answer = await anonymous.get(f"/pictures/{PICTURE_KEY}.png")
    assert (answer.status_code, answer.content) == (200, b"first second")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await anonymous.head(f"/pictures/{PICTURE_KEY}.png")).content == b""
    assert engine.sources_open == 0


async def test_a_source_never_chooses_its_content_type(anonymous, engine):
    engine.put_picture("fox.html")
    engine.sources[PICTURE_KEY] = [b"<script>"]
    answer = await anonymous.get(f"/pictures/{PICTURE_KEY}")
    assert answer.headers["Content-Type"] == "image/webp"  # what Discord called it; html is no picture
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_reader_waits_until_the_copy_is_there(anonymous, engine, tmp_path):
    engine.put_picture()
    engine.sources[PICTURE_KEY] = Unavailable("no connection")
    reading = asyncio.create_task(anonymous.get(f"/pictures/{PICTURE_KEY}"))
    await asyncio.sleep(0.1)
    assert not reading.done()
    path = tmp_path / f"{PICTURE_KEY}.webp"
    path.write_bytes(WEBP)
    engine.files[PICTURE_KEY] = path
    assert (await reading).content == WEBP


@pytest.mark.parametrize("source", [Unavailable("no connection"), []], ids=["unreachable", "empty"])
async def test_patience_ends_with_a_503_that_says_when_to_come_back(serve, engine, source):
    server = await serve(picture_wait_seconds=0.2)
    engine.put_picture()
    engine.sources[PICTURE_KEY] = source
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{server.port}/pictures/{PICTURE_KEY}")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["statusCode"] == 503


async def test_a_file_that_vanished_is_read_from_its_source(anonymous, engine, copied):
    copied.unlink()
    engine.sources[PICTURE_KEY] = [b"again"]
    assert (await anonymous.get(f"/pictures/{PICTURE_KEY}")).content == b"again"


async def test_a_picture_that_is_gone_is_not_found(anonymous, engine):
    engine.put_picture(failed=True)
    engine.sources[PICTURE_KEY] = Refused("gone")
    answer = await anonymous.get(f"/pictures/{PICTURE_KEY}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32,
        PICTURE_KEY[:-1],
        PICTURE_KEY.upper(),
        PICTURE_KEY + ".webp.html",
        PICTURE_KEY + "%00.webp",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/first.key",
        "../first.key",
        "",
        "a/b",
    ],
)
async def test_every_other_name_is_not_found(anonymous, copied, name):
    for method in ("GET", "HEAD"):
        assert (await anonymous.request(method, f"/pictures/{name}")).status_code == 404


async def test_when_the_reader_leaves_the_source_is_closed(serve, engine):
    server = await serve()
    engine.put_picture()
    engine.sources[PICTURE_KEY] = [b"x" * 1000] * 1000
    engine.source_pause = 0.02
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET /pictures/{PICTURE_KEY} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await reader.readuntil(b"x" * 1000)
    assert engine.sources_open == 1
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    async with asyncio.timeout(5):
        while engine.sources_open:  # noqa: ASYNC110 - the fake has no event for it
            await asyncio.sleep(0.01)


async def test_a_key_does_no_harm(client, copied):
    assert client.headers["Authorization"].endswith(KEY)
    assert (await client.get(f"/pictures/{PICTURE_KEY}")).status_code == 200
