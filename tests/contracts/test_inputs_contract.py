"""What every ports.Inputs promises."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from engine.model.errors import InvalidInput, NotFound
from tests.contracts.inputs_kinds import INPUTS, opened
from tests.fakes.pictures import drawn

LATER = timedelta(minutes=1)


@pytest.fixture(params=INPUTS)
async def inputs(request, tmp_path):
    async with opened(request.param, tmp_path / "inputs") as inputs:
        yield inputs


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif")])
async def test_what_is_handed_in_comes_back_byte_for_byte(inputs, kind, suffix):
    content = drawn(kind, (13, 7))
    name = await inputs.keep(content)
    assert name == f"{hashlib.sha256(content).hexdigest()}.{suffix}"
    assert await inputs.read(name) == content
    assert await inputs.size(name) == (13, 7)


async def test_the_same_bytes_have_the_same_name(inputs):
    assert await inputs.keep(drawn()) == await inputs.keep(drawn())
    assert await inputs.keep(drawn()) != await inputs.keep(drawn(colour=(1, 2, 3)))


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"%PDF-1.7 and more of it", b"\x00\x00\x00\x18ftypisom" + bytes(99)]
)
async def test_what_is_no_still_picture_is_refused_by_its_fields_name(inputs, content):
    with pytest.raises(InvalidInput, match=r"^mask is no PNG, JPEG, WebP or GIF"):
        await inputs.keep(content, field="mask")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_head_without_a_picture_is_refused(inputs, kind):
    with pytest.raises(InvalidInput, match="damaged"):
        await inputs.keep(drawn(kind)[:14])


async def test_a_name_that_was_never_given_is_not_found(inputs):
    for name in ("", "..", "../secret.key", "0" * 64 + ".png", "a/b.png"):
        with pytest.raises(NotFound):
            await inputs.read(name)
        with pytest.raises(NotFound):
            await inputs.size(name)


async def test_a_data_address_is_decoded(inputs):
    content = drawn("WEBP")
    assert await inputs.fetch("data:image/webp;base64," + base64.b64encode(content).decode()) == content


async def test_what_a_data_address_holds_has_to_be_a_picture(inputs):
    with pytest.raises(InvalidInput, match="image is no PNG"):
        await inputs.fetch("data:image/png;base64," + base64.b64encode(b"hello, world").decode())


async def test_only_web_and_data_addresses_are_fetched(inputs):
    for address in ("file:///etc/hostname", "ftp://example.com/a.png", "a.png", ""):
        with pytest.raises(InvalidInput, match=r"^image cannot be fetched"):
            await inputs.fetch(address)


async def test_sweeping_removes_what_is_old_and_not_wanted(inputs):
    wanted, unwanted = await inputs.keep(drawn(colour=(1, 1, 1))), await inputs.keep(drawn(colour=(2, 2, 2)))
    now = datetime.now(UTC)
    assert await inputs.sweep([wanted], now - LATER) == 0
    assert await inputs.read(unwanted)
    assert await inputs.sweep([wanted], now + LATER) == 1
    assert await inputs.read(wanted)
    with pytest.raises(NotFound):
        await inputs.read(unwanted)


async def test_what_was_swept_away_can_be_handed_in_again(inputs):
    name = await inputs.keep(drawn())
    assert await inputs.sweep([], datetime.now(UTC) + LATER) == 1
    assert await inputs.keep(drawn()) == name
    assert await inputs.read(name) == drawn()
