"""Bodies that are forms: a name that comes several times, and fields that are lists."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from engine.api.bodies import Fields, _form
from engine.api.imaginepro import schemas as imaginepro
from engine.api.imaginepro.words import read_words
from engine.api.native.reading import texts
from engine.api.native.rules import _texts
from engine.api.userapi import schemas as userapi
from engine.model.errors import InvalidInput

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
A, B = "https://example.com/a.png", "https://example.com/b.jpg"


def form(*pairs: tuple[str, str]) -> Fields:
    return _form(urlencode(pairs).encode())


async def test_of_a_repeated_field_the_last_counts(client, engine):
    answer = await client.post("/api/v1/nova/imagine", content=b"prompt=a&prompt=b&ref=1&ref=2", headers=FORM)
    job = engine.jobs[answer.json()["messageId"]]
    assert (job.prompt, job.ref) == ("b", "2")


async def test_of_a_repeated_part_the_last_counts(client, engine):
    parts = [("prompt", (None, "a")), ("prompt", (None, "b"))]
    answer = await client.post("/api/v1/nova/imagine", files=parts)
    assert engine.jobs[answer.json()["messageId"]].prompt == "b"


def test_of_a_repeated_number_the_last_counts():
    assert form(("timeout", "10"), ("timeout", "20")).whole("timeout", 1, 30) == 20


@pytest.mark.parametrize("pairs", [[("words", "a"), ("words", "b")], [("words", "a\n\nb")], [("words", "a\r\nb\n")]])
def test_a_list_is_all_that_comes_under_its_name_one_a_line(pairs):
    fields = form(*pairs)
    assert texts(fields, "words", 10) == ["a", "b"]
    assert _texts(fields, "words") == ("a", "b")
    assert fields.ignored == []
    assert read_words(form(*(("banWords", text) for _, text in pairs))) == ["a", "b"]


def test_userapis_blend_takes_its_pictures_as_json():
    fields = form(("urls", json.dumps([{"url": A}, {"url": B, "ext": "png"}])))
    assert [(each.url, each.ext) for each in userapi.blended_of(fields)] == [(A, "png"), (B, "png")]
    assert fields.ignored == []


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("", "urls", "is required"),
        ("https://example.com/a.png", "urls", "must be a list"),
        ('{"url": "https://example.com/a.png"}', "urls", "must be a list"),
        ("[{", "urls", "must be a list"),
        ("[NaN]", "urls", "must be a list"),
        ("[" * 100_000, "urls", "must be a list"),
        ("[5]", "urls[0]", "must be an object"),
        ('[{"ext": "png"}]', "urls[0].url", "is required"),
    ],
)
def test_what_is_no_list_of_pictures_is_refused(text, field, problem):
    with pytest.raises(InvalidInput) as refused:
        userapi.blended_of(form(("urls", text)))
    assert (refused.value.field, refused.value.problem) == (field, problem)


@pytest.mark.parametrize("text", ["[{", "[" * 100_000])
def test_imaginepros_blend_refuses_what_is_no_json(text):
    with pytest.raises(InvalidInput) as refused:
        imaginepro.read_blend(form(("urls", text)))
    assert refused.value.field == "urls"


def test_json_in_a_text_is_not_read_where_the_body_is_json_itself():
    with pytest.raises(InvalidInput):
        userapi.blended_of(Fields({"urls": json.dumps([{"url": A}])}, spelled=False))
