"""The text grammar against the captures: rewriting, slugs, buttons."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.model.prompts.table import PARAMETERS
from engine.simulator import components, grammar, results
from engine.simulator.art import motif_of

EVENTS = json.loads((Path(__file__).parents[1] / "wire" / "capture-2026-06-v7-session.json").read_text())["events"]


def read(prompt):
    return grammar.read(prompt, lambda _: "https://s.mj.run/AbCdEfGhIjK")


@pytest.mark.parametrize(
    ("typed", "echoed"),
    [
        ("a red fox", "a red fox"),
        ("a  red\nfox ", "a red fox"),
        ("“a fox’s” den", '"a fox\'s" den'),
        ("fox --v 7", "fox --v 7.0"),
        ("fox --version 6.1", "fox --v 6.1"),
        ("fox --style raw --ar 1:1", "fox --ar 1:1 --raw"),
        ("fox --aspect 16:9", "fox --ar 16:9"),
        ("--ar 16:9 a red fox --s 250", "a red fox --ar 16:9 --stylize 250"),
        ("fox --fast", "fox"),
        ("fox --no red, drop shadow, frame --v 7", "fox --no red, drop shadow, frame --v 7.0"),
        ("https://example.com/a.png a fox", "<https://s.mj.run/AbCdEfGhIjK> a fox"),
        (
            "a bird, clean transparent background --ar 1:1 --v 7 --no scenery, frame --style raw",
            "a bird, clean transparent background --ar 1:1 --v 7.0 --no scenery, frame --raw",
        ),
        ("two **bold** words - and a dash", "two **bold** words - and a dash"),
    ],
)
def test_a_prompt_is_echoed_as_midjourney_writes_it(typed, echoed):
    assert read(typed).prompt == echoed
    assert read(echoed).prompt == echoed


def test_what_a_prompt_says_is_read_out_of_it():
    echo = read("fox --ar 16:9 --seed 7 --relax")
    assert (echo.words, echo.ratio, echo.seed, echo.mode) == ("fox", (16, 9), 7, "relaxed")
    assert read("fox --turbo").mode == "turbo"
    assert read("fox —ar 1:1").complaint[0] == "Invalid parameter"
    assert read("x --unheard of").complaint[1] == "Unrecognized parameter(s): --unheard"
    assert read("a well-known – dash").complaint is None


def test_slugs_are_cut_as_in_the_capture():
    finals = [
        (re.search(r"\*\*(.*)\*\*", e["content"])[1], a["filename"])
        for e in EVENTS
        for a in e["attachments"]
        if a["filename"].startswith("exampleuser_a_")
    ]
    assert finals
    for prompt, filename in finals:
        uuid = filename.rsplit(".", 1)[0][-36:]
        assert grammar.file_stem("exampleuser", read(prompt).words, uuid) == filename.rsplit(".", 1)[0]


def test_a_press_marks_its_button_once():
    rows = results.grid("11111111-1111-4111-8111-111111111111")
    custom_id = rows[0]["components"][0]["custom_id"]
    assert components.press(rows, custom_id)
    assert not components.press(rows, custom_id)
    assert components.carries(rows, custom_id)["style"] == 1
    assert components.carries(rows, "MJ::JOB::upsample::9::x") is None


def test_words_choose_the_motif():
    assert motif_of("a quiet harbor at dusk") == "sea"
    assert motif_of("a Red Fox") == "mountains"
    assert motif_of("qqq") == motif_of("qqq")


@pytest.mark.parametrize("name", [name for row in PARAMETERS for name in row.names])
def test_it_knows_the_parameters_that_easel_lets_through_and_in_lower_case_alone(name):
    value = next(row.example for row in PARAMETERS if name in row.names)
    assert read(f"a fox --{name} {value}").complaint is None
    title, words = read(f"a fox --{name.upper()} {value}").complaint
    assert (title, words) == ("Invalid parameter", f"Unrecognized parameter(s): --{name.upper()}")
