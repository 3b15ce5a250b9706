"""What every ports.Images promises."""

from __future__ import annotations

import io
from contextlib import aclosing

import pytest
from PIL import Image

from engine.model.errors import NotFound, Refused, Unavailable
from tests.contracts.images_kinds import IMAGES, opened
from tests.fakes.pictures import QUARTER_COLOURS, drawn_grid
from tests.outbound.picture_host import KEY, PNG, PictureHost, ok, status


@pytest.fixture(params=IMAGES)
async def images(request, tmp_path):
    async with opened(request.param, tmp_path / "pictures") as images:
        yield images


@pytest.fixture
async def host():
    async with PictureHost().running() as running:
        running.answers = {"/a.png": ok(PNG), "/gone": status("404 Not Found"), "/later": status("503 Later")}
        yield running


async def test_what_was_copied_lies_under_the_name_it_was_given(images, host):
    name = await images.copy(host.copy(), host.hosts)
    assert KEY in name
    assert images.path(name).read_bytes() == PNG


async def test_copying_twice_gives_the_same_name(images, host):
    assert await images.copy(host.copy(), host.hosts) == await images.copy(host.copy(), host.hosts)


async def test_the_source_can_be_read_without_a_copy(images, host):
    async with aclosing(images.open(host.copy(), host.hosts)) as chunks:
        assert b"".join([chunk async for chunk in chunks]) == PNG
    assert images.path(f"{KEY}.png") is None


@pytest.mark.parametrize(("path", "error"), [("/gone", Refused), ("/later", Unavailable)])
async def test_gone_and_later_are_told_apart_before_the_first_byte(images, host, path, error):
    with pytest.raises(error):
        await images.copy(host.copy(path), host.hosts)
    with pytest.raises(error):
        await anext(images.open(host.copy(path), host.hosts))


async def test_an_address_that_is_not_listed_is_refused_and_not_called(images, host):
    with pytest.raises(Refused):
        await images.copy(host.copy(), frozenset({"cdn.discordapp.com"}))
    with pytest.raises(Refused):
        await anext(images.open(host.copy(), frozenset()))
    assert host.asked == []


@pytest.mark.parametrize("name", ["", ".", "..", "../first.key", "/etc/passwd", f"{KEY}.png", "a\0.png", ".a.part"])
async def test_a_name_that_no_copy_has_leads_nowhere(images, tmp_path, name):
    (tmp_path / "first.key").write_text("secret")
    assert images.path(name) is None


async def test_a_grids_four_single_images_are_cut_from_it_and_kept(images, host):
    host.answers["/grid.png"] = ok(drawn_grid("PNG", (33, 21)))
    paths = [await images.quarter(host.copy("/grid.png"), number, host.hosts) for number in (1, 2, 3, 4)]
    for path, colour in zip(paths, QUARTER_COLOURS, strict=True):
        with Image.open(path) as quarter:
            assert quarter.size == (16, 10)
            assert quarter.convert("RGB").getcolors() == [(160, colour)]
        assert images.path(path.name) == path


async def test_a_preview_is_a_small_jpeg_of_the_whole_picture_with_or_without_a_copy(images, host):
    host.answers["/grid.png"] = ok(drawn_grid("PNG", (3300, 2100)))
    unkept = await images.preview(host.copy("/grid.png"), host.hosts)
    await images.copy(host.copy("/grid.png"), host.hosts)
    assert await images.preview(host.copy("/grid.png"), frozenset()) == unkept
    with Image.open(io.BytesIO(unkept)) as preview:
        assert (preview.format, preview.size) == ("JPEG", (1600, 1018))
    assert len(unkept) < 1 << 20


@pytest.mark.parametrize(("path", "error"), [("/gone", NotFound), ("/film", NotFound), ("/later", Unavailable)])
async def test_what_has_no_preview_and_what_has_none_yet(images, host, path, error):
    host.answers["/film"] = ok(b"\0\0\0\x18ftypmp42" + b"\0" * 50)
    with pytest.raises(error):
        await images.preview(host.copy(path), host.hosts)


@pytest.mark.parametrize(("path", "error"), [("/gone", NotFound), ("/a.png", NotFound), ("/later", Unavailable)])
async def test_a_single_image_that_is_not_there_and_one_that_is_not_there_yet(images, host, path, error):
    with pytest.raises(error):
        await images.quarter(host.copy(path), 1, host.hosts)


async def test_a_discarded_copy_is_gone_with_what_was_cut_from_it(images, host):
    host.answers["/grid.png"] = ok(drawn_grid("PNG", (33, 21)))
    name = await images.copy(host.copy("/grid.png"), host.hosts)
    quarter = await images.quarter(host.copy("/grid.png"), 2, host.hosts)
    await images.discard(name)
    assert [images.path(each) for each in (name, quarter.name)] == [None, None]
    await images.discard(name)


@pytest.mark.parametrize("name", ["", "..", "../first.key", "a/b.png", ".png"])
async def test_nothing_outside_is_discarded(images, tmp_path, name):
    (tmp_path / "first.key").write_text("secret")
    await images.discard(name)
    assert (tmp_path / "first.key").exists()


async def test_free_bytes_are_told(images):
    assert images.free() > 0
