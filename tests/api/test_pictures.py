"""Pictures without a key: the copy, the source before it, and patience in between."""

from __future__ import annotations

import asyncio
import contextlib

import httpx
import pytest

from engine.model.errors import NotFound, Refused, Unavailable
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
    assert answer.json()["error"]["code"] == "unavailable"


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


@pytest.fixture
def quartered(engine, tmp_path):
    engine.put_picture()
    for number in (1, 2, 3, 4):
        path = tmp_path / f"{PICTURE_KEY}_{number}.webp"
        path.write_bytes(WEBP + bytes([number]))
        engine.quarters[PICTURE_KEY, number] = path
    return tmp_path


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("ending", ["", ".webp", ".png"])
async def test_a_single_image_is_served_like_a_copy(anonymous, quartered, number, ending):
    address = f"/pictures/{PICTURE_KEY}/{number}{ending}"
    answer = await anonymous.get(address)
    assert (answer.status_code, answer.content) == (200, WEBP + bytes([number]))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    head = await anonymous.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == answer.headers["ETag"]
    part = await anonymous.get(address, headers={"Range": "bytes=8-11"})
    assert (part.status_code, part.content) == (206, b"WEBP")


@pytest.mark.parametrize("number", ["0", "5", "11", "1.webp.html", "one", "%31%00", "1/2", "", "..", "١", "1%0a"])
async def test_there_are_no_other_single_images(anonymous, quartered, number):
    for method in ("GET", "HEAD"):
        assert (await anonymous.request(method, f"/pictures/{PICTURE_KEY}/{number}")).status_code == 404


@pytest.mark.parametrize("key", ["0" * 32, PICTURE_KEY.upper(), PICTURE_KEY + ".webp", "..", PICTURE_KEY[1:]])
async def test_a_single_image_of_no_picture_is_not_found(anonymous, quartered, key):
    assert (await anonymous.get(f"/pictures/{key}/1")).status_code == 404


async def test_a_picture_without_single_images_says_why(anonymous, engine):
    engine.put_picture()
    engine.quarters[PICTURE_KEY, 1] = NotFound("the picture has no single images: it is animated")
    answer = await anonymous.get(f"/pictures/{PICTURE_KEY}/1")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "the picture has no single images: it is animated"


async def test_a_reader_waits_until_the_single_image_is_cut(anonymous, engine, tmp_path):
    engine.put_picture()
    engine.quarters[PICTURE_KEY, 2] = Unavailable("no connection")
    reading = asyncio.create_task(anonymous.get(f"/pictures/{PICTURE_KEY}/2"))
    await asyncio.sleep(0.1)
    assert not reading.done()
    path = tmp_path / f"{PICTURE_KEY}_2.png"
    path.write_bytes(b"cut")
    engine.quarters[PICTURE_KEY, 2] = path
    answer = await reading
    assert (answer.content, answer.headers["Content-Type"]) == (b"cut", "image/png")


async def test_patience_for_a_single_image_ends_too(serve, engine):
    server = await serve(picture_wait_seconds=0.2)
    engine.put_picture()
    engine.quarters[PICTURE_KEY, 1] = Unavailable("no connection")
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{server.port}/pictures/{PICTURE_KEY}/1")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


async def test_the_document_tells_of_single_images(anonymous):
    document = (await anonymous.get("/openapi.json")).json()
    told = document["paths"]["/pictures/{key}/{number}"]
    assert set(told) == {"get"}
    assert set(told["get"]["responses"]) == {"200", "404", "503"}
    in_path = [parameter["name"] for parameter in told["get"]["parameters"] if parameter["in"] == "path"]
    assert in_path == ["key", "number"]
    assert "security" not in told["get"]


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
