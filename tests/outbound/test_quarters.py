"""Single images of a grid: its own pixels, cut once, out of whatever is at hand."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from dataclasses import replace

import pytest
from PIL import Image

from engine.model.errors import NotFound, Refused, Unavailable
from engine.outbound import images as under_test
from engine.outbound.quarters import cut
from tests.fakes.pictures import QUARTER_COLOURS, drawn, drawn_grid, encoded, moving
from tests.outbound.picture_host import KEY, ok, status

NUMBERS = [1, 2, 3, 4]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def colours(content: bytes) -> set[tuple[int, ...]]:
    return {colour for _, colour in opened(content).convert("RGB").getcolors()}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("size", [(64, 64), (65, 41), (2, 2), (3, 2)], ids=str)
def test_a_quarter_has_its_own_pixels_and_no_other(kind, size, number):
    suffix, content = cut(drawn_grid(kind, size, **({"lossless": True} if kind == "WEBP" else {})), number)
    assert suffix == kind.lower()
    assert opened(content).format == kind
    assert opened(content).size == (size[0] // 2, size[1] // 2)
    assert colours(content) == {QUARTER_COLOURS[number - 1]}


@pytest.mark.parametrize("kind", ["WEBP", "JPEG", "PNG", "GIF"])
def test_nothing_is_lost_when_a_quarter_is_encoded(kind):
    grid = Image.effect_noise((64, 48), 80).convert("P" if kind == "GIF" else "RGB")
    content = encoded(grid, kind)
    suffix, quarter = cut(content, 4)
    assert suffix == ("webp" if kind == "WEBP" else "png")
    expected = opened(content).convert("RGB").crop((32, 24, 64, 48))
    assert opened(quarter).convert("RGB").tobytes() == expected.tobytes()


def test_what_is_see_through_stays_so():
    grid = Image.new("RGBA", (8, 8), (255, 0, 0, 77))
    for kind in ("PNG", "WEBP"):
        assert opened(cut(encoded(grid, kind), 2)[1]).getpixel((0, 0))[3] == 77


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (moving("GIF"), "is animated"),
        (moving("WEBP"), "is animated"),
        (moving("PNG"), "is animated"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(100), "is no PNG"),
        (drawn("PNG", (1, 9)), "has only 1x9 pixels"),
        (drawn("PNG", (9, 1)), "has only 9x1 pixels"),
        (drawn_grid("PNG", (640, 640))[:-40], "damaged"),
        (drawn_grid("WEBP", (640, 640))[:200], "damaged"),
        (b"", "is no PNG"),
    ],
    ids=["gif", "webp", "apng", "video", "narrow", "flat", "cut off png", "cut off webp", "nothing"],
)
def test_what_has_no_single_images_says_why(content, problem, number):
    with pytest.raises(Refused, match=problem):
        cut(content, number)


# --- kept in the folder ---


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_quarter_lies_beside_the_copy_it_was_cut_from(images, host, number):
    host.answers["/a.png"] = ok(drawn_grid())
    name = await images.copy(host.copy(), host.hosts)
    path = await images.quarter(replace(host.copy(), filename=name), number, frozenset())
    assert path == images.folder / f"{KEY}_{number}.png"
    assert colours(path.read_bytes()) == {QUARTER_COLOURS[number - 1]}
    assert path.stat().st_mode & 0o777 == 0o600
    assert images.path(path.name) == path
    assert host.asked == ["/a.png"]


async def test_a_copy_that_the_store_does_not_know_of_yet_is_used(images, host):
    host.answers["/a.png"] = ok(drawn_grid())
    await images.copy(host.copy(), host.hosts)
    assert await images.quarter(host.copy(), 1, host.hosts)
    assert host.asked == ["/a.png"]


async def test_without_a_copy_the_source_is_cut_and_no_copy_is_left(images, host):
    host.answers["/a.png"] = ok(drawn_grid("WEBP"))
    path = await images.quarter(host.copy(), 3, host.hosts)
    assert [file.name for file in images.folder.iterdir()] == [path.name] == [f"{KEY}_3.webp"]


async def test_a_quarter_is_cut_once_whoever_asks(images, host, monkeypatch):
    cuts, most = [], []

    def counted(content, number):
        cuts.append(number)
        most.append(sum(thread.name.startswith("quarters") for thread in threading.enumerate()))
        return cut(content, number)

    monkeypatch.setattr(under_test, "cut", counted)
    host.answers["/a.png"] = ok(drawn_grid())
    await images.copy(host.copy(), host.hosts)
    paths = await asyncio.gather(*(images.quarter(host.copy(), n, host.hosts) for n in NUMBERS * 5))
    assert len(set(paths)) == 4
    assert sorted(cuts) == NUMBERS
    assert set(most) == {1}
    await images.quarter(host.copy(), 1, host.hosts)
    assert sorted(cuts) == NUMBERS


async def test_a_quarter_outlives_its_source_and_its_copy(images, host):
    host.answers["/a.png"] = ok(drawn_grid())
    path = await images.quarter(host.copy(), 2, host.hosts)
    host.answers["/a.png"] = status("404 Not Found")
    assert await images.quarter(host.copy(), 2, host.hosts) == path
    with pytest.raises(NotFound, match="gone from its source"):
        await images.quarter(host.copy(), 1, host.hosts)


@pytest.mark.parametrize("number", [0, 5, -1, 10])
async def test_there_are_four_single_images_and_no_more(images, host, number):
    with pytest.raises(NotFound, match=f"1 to 4, no {number}"):
        await images.quarter(host.copy(), number, host.hosts)
    assert host.asked == []


@pytest.mark.parametrize("key", ["../../evil", "a/b", "", "a.b"])
async def test_a_key_never_leaves_the_folder(images, host, key):
    with pytest.raises(NotFound):
        await images.quarter(host.copy(key=key), 1, host.hosts)
    assert host.asked == []


async def test_a_video_has_no_single_images(images, host):
    host.answers["/a.png"] = ok(moving("WEBP"))
    with pytest.raises(NotFound, match="the picture has no single images: it is animated"):
        await images.quarter(host.copy(), 1, host.hosts)
    assert list(images.folder.iterdir()) == []


async def test_a_source_that_may_work_later_is_unavailable(images, host, monkeypatch):
    host.answers["/a.png"] = status("503 Later")
    with pytest.raises(Unavailable):
        await images.quarter(host.copy(), 1, host.hosts)
    monkeypatch.setattr(under_test, "COPY_SECONDS", 0.2)
    host.answers["/a.png"] = None
    with pytest.raises(Unavailable, match="did not arrive"):
        await images.quarter(host.copy(), 1, host.hosts)


async def test_an_address_that_is_not_listed_is_never_called(images, host):
    with pytest.raises(NotFound):
        await images.quarter(host.copy(), 1, frozenset())
    assert host.asked == []


async def test_a_full_disk_is_unavailable_and_leaves_nothing(images, host, monkeypatch):
    host.answers["/a.png"] = ok(drawn_grid())

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        await images.quarter(host.copy(), 1, host.hosts)
    assert list(images.folder.iterdir()) == []
