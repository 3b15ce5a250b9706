"""Copies over real sockets: whole or not at all, only from where they may come, only what is a picture."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import aclosing

import pytest

from engine.model.errors import Refused, Unavailable
from engine.outbound import images as under_test
from engine.outbound.images import HttpImages
from engine.outbound.pixels import kind_of
from tests.outbound.conftest import TLS
from tests.outbound.picture_host import KEY, PNG, PictureHost, ok, status


def files(images: HttpImages) -> list[str]:
    return sorted(path.name for path in images.folder.iterdir())


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n0000", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpg"),
        (b"GIF89a\x01\x00", "gif"),
        (b"GIF87a\x01\x00", "gif"),
        (b"\x00\x00\x00\x18ftypisom", "mp4"),
        (b"<!DOCTYPE html>", None),
        (b"<svg xmlns='http", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
async def test_a_pictures_kind_is_in_its_first_bytes(images, host, head, kind):
    assert kind_of(head) == kind
    if kind is not None:
        host.answers["/a.png"] = ok(head, "Content-Type: text/html")
        assert await images.copy(host.copy(), host.hosts) == f"{KEY}.{kind}"


async def test_a_copy_has_all_the_bytes_and_nothing_else_is_left(images, host):
    host.answers["/a.png"] = ok(PNG)
    name = await images.copy(host.copy(), host.hosts)
    assert files(images) == [name] == [f"{KEY}.png"]
    path = images.path(name)
    assert path.read_bytes() == PNG
    assert path.stat().st_mode & 0o077 == 0


async def test_a_copy_that_is_there_is_not_fetched_again(images, host):
    host.answers["/a.png"] = ok(PNG)
    assert await images.copy(host.copy(), host.hosts) == await images.copy(host.copy(), host.hosts)
    assert host.asked == ["/a.png"]


async def test_two_copies_at_once_leave_one_whole_file(images, host):
    host.answers["/a.png"] = ok(PNG)
    names = await asyncio.gather(*(images.copy(host.copy(), host.hosts) for _ in range(5)))
    assert set(names) == {f"{KEY}.png"}
    assert files(images) == [f"{KEY}.png"]
    assert images.path(names[0]).read_bytes() == PNG


@pytest.mark.parametrize("line", ["404 Not Found", "403 Forbidden", "410 Gone", "401 Unauthorized"])
async def test_what_is_gone_is_refused_for_good(images, host, line):
    host.answers["/a.png"] = status(line)
    with pytest.raises(Refused, match="gone"):
        await images.copy(host.copy(), host.hosts)
    with pytest.raises(Refused, match="gone"):
        await anext(images.open(host.copy(), host.hosts))
    assert files(images) == []


@pytest.mark.parametrize(
    "answer",
    [
        status("500 Oops"),
        status("502 Bad Gateway"),
        status("204 No Content"),
        status("416 Range"),
        ok(b""),
        ok(PNG)[:-1],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n" + PNG[:16] + b"\r\n",
        b"HTTP/1.1 200 OK\r\nConte",
        b"nonsense\r\n\r\n",
        b"",
    ],
    ids=["500", "502", "no content", "416", "empty", "cut off", "cut off chunked", "half a head", "no HTTP", "nothing"],
)
async def test_what_may_work_later_is_unavailable_and_leaves_nothing(images, host, answer):
    host.answers["/a.png"] = answer
    with pytest.raises(Unavailable):
        await images.copy(host.copy(), host.hosts)
    assert files(images) == []


@pytest.mark.parametrize(("header", "seconds"), [("17", 17), ("999999", 3600), ("soon", 5), ("-3", 5)])
async def test_a_source_that_says_when_is_believed_within_reason(images, host, header, seconds):
    host.answers["/a.png"] = status("429 Too Many Requests", f"Retry-After: {header}")
    with pytest.raises(Unavailable) as raised:
        await images.copy(host.copy(), host.hosts)
    assert raised.value.retry_after == seconds


async def test_a_source_that_cannot_be_reached_is_unavailable(images):
    async with PictureHost().running() as gone:
        copy, hosts = gone.copy(), gone.hosts
    with pytest.raises(Unavailable, match="ConnectError"):
        await images.copy(copy, hosts)


async def test_a_source_that_never_answers_is_given_up(images, host, monkeypatch):
    monkeypatch.setattr(under_test, "COPY_SECONDS", 0.2)
    host.answers["/a.png"] = None
    with pytest.raises(Unavailable):
        await images.copy(host.copy(), host.hosts)


@pytest.mark.parametrize(
    "answer",
    [
        ok(PNG + bytes(1_000_000)),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\n\r\n" + PNG + bytes(1_000_000),
    ],
    ids=["declared", "declared only", "undeclared"],
)
async def test_what_is_too_large_is_refused_and_leaves_nothing(images, host, answer):
    host.answers["/a.png"] = answer
    with pytest.raises(Refused, match="too large"):
        await images.copy(host.copy(), host.hosts)
    assert files(images) == []


async def test_what_is_no_picture_is_refused(images, host):
    host.answers["/a.png"] = ok(b"<html>not here</html>", "Content-Type: image/png")
    with pytest.raises(Refused, match="no picture"):
        await images.copy(host.copy(), host.hosts)
    with pytest.raises(Refused, match="no picture"):
        await anext(images.open(host.copy(), host.hosts))
    assert files(images) == []


async def test_an_address_that_is_not_listed_is_never_called(images, host):
    host.answers["/a.png"] = ok(PNG)
    with pytest.raises(Refused, match="not fetched"):
        await images.copy(host.copy(), frozenset({"cdn.discordapp.com"}))
    with pytest.raises(Refused, match="not fetched"):
        await anext(images.open(host.copy(), frozenset()))
    assert host.asked == []


async def test_a_redirect_within_the_place_is_followed(images, host):
    host.answers["/a.png"] = status("302 Found", "Location: /b.png")
    host.answers["/b.png"] = ok(PNG)
    assert await images.copy(host.copy(), host.hosts) == f"{KEY}.png"


async def test_a_redirect_to_another_place_is_not_followed(images, host):
    async with PictureHost().running() as other:
        other.answers["/a.png"] = ok(PNG)
        host.answers["/a.png"] = status("302 Found", f"Location: http://{other.place}/a.png")
        with pytest.raises(Refused, match="elsewhere"):
            await images.copy(host.copy(), host.hosts | other.hosts)
        assert other.asked == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[", "/a.png", ""])
async def test_a_redirect_that_leads_nowhere_is_refused(images, host, location):
    host.answers["/a.png"] = status("302 Found", f"Location: {location}")
    with pytest.raises(Refused):
        await images.copy(host.copy(), host.hosts)


async def test_a_proxy_of_the_environment_is_not_used(host, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    host.answers["/a.png"] = ok(PNG)
    images = HttpImages(tmp_path / "own", tls=TLS)
    assert await images.copy(host.copy(), host.hosts) == f"{KEY}.png"
    await images.close()


async def test_a_cancelled_copy_leaves_nothing(images, host):
    host.answers["/a.png"] = ok(PNG)[:-1].replace(b"Content-Length: ", b"Content-Length: 9")
    copying = asyncio.create_task(images.copy(host.copy(), host.hosts))
    while not host.asked:  # noqa: ASYNC110 - a socket has no event for it
        await asyncio.sleep(0.01)
    copying.cancel()
    await asyncio.wait({copying})
    assert files(images) == []


async def test_a_full_disk_is_unavailable(images, host, monkeypatch):
    host.answers["/a.png"] = ok(PNG)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        await images.copy(host.copy(), host.hosts)
    assert files(images) == []


def test_only_old_parts_are_swept_away(tmp_path):
    old, young, picture = tmp_path / ".k.1.part", tmp_path / ".k.2.part", tmp_path / f"{KEY}.png"
    for path in (old, young, picture):
        path.write_bytes(b"x")
        os.utime(path, (time.time() - 7200,) * 2 if path is not young else None)
    HttpImages(tmp_path, tls=TLS)
    assert sorted(tmp_path.iterdir()) == sorted([young, picture])


@pytest.mark.parametrize("key", ["../../evil", "a/b", "", "a.b", "x" * 65])
async def test_a_key_never_leaves_the_folder(images, host, key):
    host.answers["/a.png"] = ok(PNG)
    with pytest.raises(Refused):
        await images.copy(host.copy(key=key), host.hosts)


async def test_a_reader_who_stops_early_closes_the_connection(images, host):
    host.answers["/a.png"] = ok(PNG)
    async with aclosing(images.open(host.copy(), host.hosts)) as chunks:
        assert kind_of(await anext(chunks)) == "png"
    host.answers["/b.png"] = ok(PNG)
    assert await images.copy(host.copy("/b.png"), host.hosts)
