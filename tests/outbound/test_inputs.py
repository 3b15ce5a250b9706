"""What users hand in: fetched from where it may be, within limits, and kept whole or not at all."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import os
import struct
import time
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from engine.model.errors import InvalidInput, NotFound, Unavailable
from engine.outbound import inputs as under_test
from engine.outbound.inputs import FolderInputs
from tests.fakes.pictures import drawn
from tests.outbound.conftest import TLS
from tests.outbound.picture_host import PictureHost, ok, status

PICTURE = drawn("PNG", (40, 30))


@pytest.fixture
async def inputs(tmp_path, host):
    opened = FolderInputs(tmp_path / "inputs", tls=TLS, hosts=host.hosts, most_bytes=100_000)
    yield opened
    await opened.close()


def files(inputs: FolderInputs) -> list[str]:
    return sorted(path.name for path in inputs.folder.iterdir())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(side: int) -> bytes:
    """A PNG of one colour that says it is that large."""
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def webp_bomb(side: int) -> bytes:
    """An animated WebP's canvas of that size, and nothing on it."""
    body = struct.pack("<I", 10) + b"\x02\0\0\0" + (side - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 4 + 4 + len(body)) + b"WEBPVP8X" + body


def gif_bomb(side: int) -> bytes:
    """A GIF of that size with an empty frame."""
    screen = struct.pack("<HHBBB", side, side, 0, 0, 0)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x08\x01\x00\x00"
    return b"GIF89a" + screen + frame + b"\x3b"


def jpeg_bomb(side: int) -> bytes:
    head = drawn("JPEG")
    at = head.index(b"\xff\xc0") + 5
    return head[:at] + struct.pack(">HH", side, side) + head[at + 4 :]


async def test_a_kept_picture_is_only_its_users(inputs):
    name = await inputs.keep(PICTURE)
    assert files(inputs) == [name]
    assert (inputs.folder / name).stat().st_mode & 0o777 == 0o600
    assert inputs.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("bomb", [png_bomb, webp_bomb, gif_bomb, jpeg_bomb])
@pytest.mark.parametrize("side", [8_001, 10_000, 65_000])
async def test_more_pixels_than_are_ever_decoded_are_refused(inputs, bomb, side):
    with pytest.raises(InvalidInput, match=r"image has .*more than 64 megapixels") as raised:
        await inputs.keep(bomb(side))
    assert "at most 64 megapixels" in raised.value.allowed
    assert files(inputs) == []


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n and no more", b"no picture"])
async def test_what_is_no_picture_is_told_what_may_come(inputs, content):
    for field, allowed in (("image", "PNG, JPEG, WebP or GIF"), ("mask", "PNG or WebP")):
        with pytest.raises(InvalidInput) as raised:
            await inputs.keep(content, field=field)
        assert (raised.value.field, raised.value.allowed) == (field, f"{allowed} of at most 64 megapixels")


async def test_more_bytes_than_are_taken_are_refused(inputs):
    with pytest.raises(InvalidInput, match=r"^mask has 100001 bytes or more \(allowed: at most 100000 bytes\)"):
        await inputs.keep(PICTURE + bytes(100_001 - len(PICTURE)), field="mask")


async def test_the_same_picture_at_once_leaves_one_file(inputs):
    names = await asyncio.gather(*(inputs.keep(PICTURE) for _ in range(10)))
    assert files(inputs) == [names[0]]
    assert await inputs.read(names[0]) == PICTURE


async def test_what_is_handed_in_again_counts_from_then(inputs):
    name = await inputs.keep(PICTURE)
    os.utime(inputs.folder / name, (time.time() - 7200,) * 2)
    await inputs.keep(PICTURE)
    assert await inputs.sweep([], datetime.now(UTC) - timedelta(hours=1)) == 0
    assert files(inputs) == [name]


async def test_sweeping_leaves_other_files_alone_and_takes_what_a_crash_left(inputs):
    old, young, strange = (inputs.folder / name for name in (".a.1.part", ".a.2.part", "README"))
    for path in (old, young, strange):
        path.write_bytes(b"x")
        os.utime(path, (time.time() - 7200,) * 2 if path is not young else None)
    assert await inputs.sweep([], datetime.now(UTC) + timedelta(days=1)) == 0
    assert sorted(inputs.folder.iterdir()) == sorted([young, strange])


async def test_a_link_in_the_folder_is_not_followed(inputs, tmp_path):
    (tmp_path / "secret.key").write_text("secret")
    name = "0" * 64 + ".png"
    (inputs.folder / name).symlink_to(tmp_path / "secret.key")
    with pytest.raises(NotFound):
        await inputs.read(name)


async def test_a_full_disk_is_unavailable_and_leaves_nothing(inputs, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        await inputs.keep(PICTURE)
    assert files(inputs) == []


# --- addresses ---


async def test_a_listed_place_is_fetched_from(inputs, host):
    host.answers["/a.png"] = ok(PICTURE, "Content-Type: text/html")
    assert await inputs.fetch(f"http://{host.place}/a.png") == PICTURE
    assert files(inputs) == []


async def test_a_place_listed_with_the_call_is_fetched_from(tmp_path, host):
    inputs = FolderInputs(tmp_path / "own", tls=TLS)
    host.answers["/a.png"] = ok(PICTURE)
    assert await inputs.fetch(f"http://{host.place}/a.png", host.hosts) == PICTURE
    await inputs.close()


async def test_the_operators_own_network_is_not_called(tmp_path, host):
    inputs = FolderInputs(tmp_path / "own", tls=TLS)
    for name in (host.place, f"localhost:{host.port}", f"127.1:{host.port}", f"[::ffff:127.0.0.1]:{host.port}"):
        with pytest.raises(InvalidInput, match="not on the public internet"):
            await inputs.fetch(f"http://{name}/a.png")
    assert host.asked == []
    await inputs.close()


async def test_a_network_that_the_operator_lists_is_called_and_where_it_redirects_to_is_not(tmp_path, host):
    loopback = (ipaddress.ip_network("127.0.0.0/8"),)
    inputs = FolderInputs(tmp_path / "own", tls=TLS, networks=loopback)
    host.answers["/a.png"] = ok(PICTURE)
    host.answers["/b.png"] = status("307 Temporary Redirect", f"Location: http://{host.place}/a.png")
    assert await inputs.fetch(f"http://{host.place}/a.png") == PICTURE
    with pytest.raises(InvalidInput, match="leads elsewhere"):
        await inputs.fetch(f"http://{host.place}/b.png")
    assert host.asked == ["/a.png", "/b.png"]
    await inputs.close()


async def test_a_redirect_is_not_followed(inputs, host):
    host.answers["/a.png"] = status("302 Found", f"Location: http://{host.place}/b.png")
    with pytest.raises(InvalidInput, match="leads elsewhere"):
        await inputs.fetch(f"http://{host.place}/a.png")
    assert host.asked == ["/a.png"]


@pytest.mark.parametrize("line", ["404 Not Found", "403 Forbidden", "410 Gone", "204 No Content"])
async def test_an_address_without_a_picture_is_the_users_mistake(inputs, host, line):
    host.answers["/a.png"] = status(line)
    with pytest.raises(InvalidInput, match=f"^images cannot be fetched: its address answers {line[:3]}"):
        await inputs.fetch(f"http://{host.place}/a.png", field="images")


@pytest.mark.parametrize(
    "answer",
    [status("500 Oops"), status("503 Later"), status("429 Slowly"), ok(PICTURE)[:-1], b"nonsense\r\n\r\n", b""],
    ids=["500", "503", "429", "cut off", "no HTTP", "nothing"],
)
async def test_what_may_work_later_is_unavailable(inputs, host, answer):
    host.answers["/a.png"] = answer
    with pytest.raises(Unavailable):
        await inputs.fetch(f"http://{host.place}/a.png")


async def test_what_lies_there_has_to_be_a_picture(inputs, host):
    host.answers["/a.png"] = ok(b"<html>not here</html>", "Content-Type: image/png")
    with pytest.raises(InvalidInput, match="is no PNG, JPEG, WebP or GIF"):
        await inputs.fetch(f"http://{host.place}/a.png")


@pytest.mark.parametrize(
    "answer",
    [ok(PICTURE + bytes(100_000)), b"HTTP/1.1 200 OK\r\n\r\n" + PICTURE + bytes(100_000)],
    ids=["declared", "undeclared"],
)
async def test_what_is_too_large_is_refused(inputs, host, answer):
    host.answers["/a.png"] = answer
    with pytest.raises(InvalidInput, match="at most 100000 bytes"):
        await inputs.fetch(f"http://{host.place}/a.png")


async def test_a_source_that_never_ends_is_given_up(inputs, host, monkeypatch):
    monkeypatch.setattr(under_test, "FETCH_SECONDS", 0.2)
    host.answers["/a.png"] = None
    with pytest.raises(Unavailable, match=r"did not arrive within 0\.2 seconds"):
        await inputs.fetch(f"http://{host.place}/a.png")


async def test_a_source_that_cannot_be_reached_is_unavailable(inputs):
    async with PictureHost().running() as gone:
        address, hosts = f"http://{gone.place}/a.png", gone.hosts
    with pytest.raises(Unavailable, match="ConnectError"):
        await inputs.fetch(address, hosts)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("data:image/png;base64", "comma"),
        ("data:image/png;base64,####", "no base64"),
        ("data:image/png;base64,AAA", "no base64"),
        ("data:,hello", "is no PNG"),
        ("data:image/png;base64," + base64.b64encode(bytes(100_001)).decode(), "100001 bytes"),
        ("data:image/png;base64," + "A" * 400_004, "allowed: at most 100000 bytes"),
        ("DATA:image/png,", "is no PNG"),
    ],
    ids=["no comma", "no base64", "no padding", "text", "too large", "far too large", "empty"],
)
async def test_a_data_address_that_holds_no_picture_is_refused(inputs, address, problem):
    with pytest.raises(InvalidInput, match=problem) as raised:
        await inputs.fetch(address)
    assert len(str(raised.value)) < 300


async def test_a_data_address_may_be_escaped_and_folded(inputs):
    folded = base64.encodebytes(PICTURE).decode().replace("\n", "%0A").replace("+", "%2B")
    assert await inputs.fetch("data:image/png;charset=utf-8;BASE64," + folded) == PICTURE
    assert await inputs.fetch("data:image/png," + "".join(f"%{byte:02x}" for byte in PICTURE)) == PICTURE
