"""The fields of ImaginePro's other calls: what they may hold, and what is said when they do not."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import pytest

from engine.api.bodies import Fields, _form
from engine.api.imaginepro import schemas
from engine.model.errors import InvalidInput, NotFound

JOB = "d15c1541-229a-442b-9873-d3494dede12a"
A, B = "https://example.com/a.png", "https://example.com/b.png"


def said(**values):
    return Fields(values, spelled=False)


def form(**values):
    return Fields(values, spelled=True)


def gathered(*urls):
    """As `urls=...&urls=...` comes."""
    return _form(urlencode({"urls": urls}, doseq=True).encode())


def test_describe_takes_an_address_or_a_picture_in_one():
    assert schemas.read_describe(said(url=A)).urls == (A,)
    assert schemas.read_describe(said(url="data:image/png;base64,AAAA")).urls == ("data:image/png;base64,AAAA",)


def test_a_mask_may_be_broken_into_lines_as_base64_often_is():
    mask = bytes(range(256)) * 2
    lined = base64.encodebytes(mask).decode().replace("\n", "\r\n")
    for text in (lined, f"data:image/png;base64,{lined}"):
        assert schemas.read_press(said(messageId=JOB, button="Vary (Region)", mask=text)).mask == mask
    with pytest.raises(InvalidInput) as caught:
        schemas.read_press(said(messageId=JOB, button="Vary (Region)", mask="AA AA"))
    assert caught.value.field == "mask"


@pytest.mark.parametrize(
    "fields", [said(urls=[A, B]), form(urls=f'["{A}", "{B}"]'), form(urls=f"{A}\n{B}"), gathered(A, B)]
)
def test_blend_takes_a_list_which_a_form_spells_out(fields):
    assert schemas.read_blend(fields).urls == (A, B)


@pytest.mark.parametrize(
    ("read", "fields", "field"),
    [
        (schemas.read_describe, said(), "url"),
        (schemas.read_describe, said(url="ftp://example.com/a.png"), "url"),
        (schemas.read_blend, said(), "urls"),
        (schemas.read_blend, said(urls=[]), "urls"),
        (schemas.read_blend, said(urls=A), "urls"),
        (schemas.read_blend, said(urls=[A, 5]), "urls"),
        (schemas.read_blend, said(urls=[A, "no address"]), "urls"),
        (schemas.read_blend, said(urls=[A] * 6), "urls"),
        (schemas.read_command, said(), "cmd"),
        (schemas.read_command, said(cmd="explode"), "cmd"),
        (schemas.read_command, said(cmd="info", tokenId="one"), "tokenId"),
        (schemas.read_video, said(prompt="it moves"), "startFrameUrl"),
        (schemas.read_video, said(startFrameUrl="a fox"), "startFrameUrl"),
        (schemas.read_video, said(startFrameUrl=A, endFrameUrl="a hen"), "endFrameUrl"),
        (schemas.read_extension, said(messageId=JOB), "index"),
        (schemas.read_extension, said(messageId=JOB, index=4), "index"),
        (schemas.read_extension, said(messageId=JOB, index=0, animateMode="wild"), "animateMode"),
        (schemas.read_switch, said(), "isActive"),
        (schemas.read_switch, said(isActive="string"), "isActive"),
        (schemas.read_page, form(page="0"), "page"),
        (schemas.read_page, form(size="101"), "size"),
        (schemas.read_imagine, said(prompt="a fox", timeout=9), "timeout"),
        (schemas.read_imagine, said(prompt="a fox", timeout=901), "timeout"),
        (schemas.read_imagine, said(prompt="a fox", disableCdn="yes"), "disableCdn"),
        (schemas.read_imagine, said(prompt="a fox", allowPermutations=1), "allowPermutations"),
    ],
)
def test_what_is_wrong_is_named(read, fields, field):
    with pytest.raises(InvalidInput) as refused:
        read(fields)
    assert refused.value.field == field


def test_a_command_has_two_names_for_its_word_and_two_kinds_of_id():
    for fields in (said(cmd="relax", tokenId=7), said(command="/RELAX", tokenId="7"), form(cmd="relax", tokenId="7")):
        command = schemas.read_command(fields)
        assert (command.name, command.account_id) == ("relax", 7)


@pytest.mark.parametrize(("value", "wanted"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_a_toggle_takes_a_boolean_and_its_spelling(value, wanted):
    assert schemas.read_switch(said(isActive=value)) is wanted


def test_a_video_is_its_first_picture_its_words_and_its_last_picture():
    video = schemas.read_video(said(prompt="the fox runs", startFrameUrl=A, endFrameUrl=B))
    assert video.prompt == f"{A} the fox runs --video 1 --end {B}"
    assert schemas.read_video(said(startFrameUrl=A)).prompt == f"{A} --video 1"


def test_an_extension_names_its_video_and_its_motion():
    extension = schemas.read_extension(said(message_id=JOB, index=3, animateMode="high", prompt="on"))
    assert (extension.message_id, extension.index, extension.motion, extension.prompt) == (JOB, 3, "high", "on")
    assert schemas.read_extension(said(messageId=JOB, index=0)).motion == "low"
    with pytest.raises(NotFound):
        schemas.read_extension(said(messageId="not an id", index=0))


def test_a_history_has_pages_of_ten():
    assert schemas.read_page(form()) == (1, 10)
    assert schemas.read_page(form(page="3", size="25")) == (3, 25)


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (schemas.read_blend, {"urls": [A, B]}),
        (schemas.read_command, {"cmd": "info", "tokenId": "7"}),
        (schemas.read_switch, {"isActive": "true"}),
        (schemas.read_common, {"webhookOverride": "none"}),
        (schemas.read_common, {"webhookOverride": A}),
    ],
)
def test_what_is_obeyed_is_not_told_as_ignored(read, body):
    fields = said(**body, colour="red")
    read(fields)
    assert fields.ignored == ["colour"]
