"""Our own picture addresses are read without HTTP: the whole picture, or the single image that the address names."""

from __future__ import annotations

import pytest

from engine.core.ownpictures import OwnPictures
from engine.model.errors import InvalidInput, NotFound
from engine.model.jobs import Attachment, Picture
from engine.ports import PictureCopy

KEY = "0123456789abcdef0123456789abcdef"
HOSTS = frozenset({"cdn.discordapp.com"})


class OnePicture:
    """A store that knows one picture."""

    def __init__(self, filename: str | None) -> None:
        self.copy = PictureCopy(
            Picture(KEY, Attachment("1", "a.webp", "https://x/a")), "job", 1, filename, failed=False
        )

    async def picture(self, key):
        return self.copy if key == KEY else None


class CutImages:
    """A folder with one copy and its single images; the source holds other bytes."""

    def __init__(self, folder) -> None:
        self.folder = folder
        (folder / f"{KEY}.webp").write_bytes(b"grid")

    def path(self, filename):
        return self.folder / filename

    async def open(self, copy, hosts):
        assert hosts == HOSTS
        yield b"from "
        yield b"the source"

    async def quarter(self, copy, number, hosts):
        assert hosts == HOSTS
        if number == 4:
            raise NotFound("the picture has no single images")
        path = self.folder / f"{KEY}_{number}.webp"
        path.write_bytes(b"quarter %d" % number)
        return path


def own(tmp_path, filename=f"{KEY}.webp"):
    return OwnPictures(OnePicture(filename), CutImages(tmp_path), "https://easel.example/studio/", lambda: HOSTS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (KEY, b"grid"),
        (f"{KEY}.webp", b"grid"),
        (f"{KEY}.png?size=9", b"grid"),
        (f"{KEY}/1", b"quarter 1"),
        (f"{KEY}/3.webp", b"quarter 3"),
    ],
)
async def test_the_bytes_are_those_that_the_address_names(tmp_path, name, content):
    assert await own(tmp_path).read(f"https://Easel.example/studio/pictures/{name}") == content


@pytest.mark.parametrize("place", ["easel.example:443", "easel.example.", "EASEL.example.:443"])
async def test_another_spelling_of_our_address_is_ours(tmp_path, place):
    address = f"https://{place}/studio/pictures/{KEY}.webp"
    assert own(tmp_path).has(address)
    assert await own(tmp_path).read(address) == b"grid"


async def test_without_a_copy_they_come_from_the_source(tmp_path):
    assert await own(tmp_path, None).read(f"https://easel.example/studio/pictures/{KEY}.webp") == b"from the source"


async def test_a_single_image_that_cannot_be_cut_is_refused(tmp_path):
    with pytest.raises(NotFound):
        await own(tmp_path).read(f"https://easel.example/studio/pictures/{KEY}/4")


@pytest.mark.parametrize("name", ["0" * 32 + ".webp", f"{KEY}/5", f"{KEY}/1/2", f"{KEY}x", ""])
async def test_a_picture_of_ours_that_is_not_there_is_refused_by_the_name_of_its_field(tmp_path, name):
    address = f"https://easel.example/studio/pictures/{name}"
    for found in (own(tmp_path).check, own(tmp_path).read):
        with pytest.raises(InvalidInput, match="not there") as refused:
            await found(address, "urls")
        assert refused.value.field == "urls"
    await own(tmp_path).check(f"https://easel.example/studio/pictures/{KEY}/2", "urls")


@pytest.mark.parametrize(
    "address",
    [
        f"https://elsewhere.example/studio/pictures/{KEY}.webp",
        f"https://easel.example/pictures/{KEY}.webp",
        f"https://easel.example/studio/{KEY}.webp",
    ],
)
async def test_every_other_address_is_none_of_ours(tmp_path, address):
    await own(tmp_path).check(address, "image")
    assert await own(tmp_path).read(address) is None
