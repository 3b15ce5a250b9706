"""What the two services call each action, against what their own pages list."""

from __future__ import annotations

import pytest

from engine.model.actions import ActionKind
from engine.model.actions_page import page
from engine.model.catalogue import CATALOGUE, action_named, actions_of_userapi, entry_of, same_label
from engine.model.entries import Asks

IMAGINEPRO_LABELS = [
    *("U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4", "🔄", "⬅️", "➡️", "⬆️", "⬇️"),
    *("Zoom Out 2x", "Zoom Out 1.5x", "Vary (Strong)", "Vary (Subtle)", "Vary (Region)", "Make Square"),
    *("Upscale (2x)", "Upscale (4x)", "Redo Upscale (2x)", "Redo Upscale (4x)"),
    *("Upscale (Creative)", "Upscale (Subtle)"),
]
"""The service's list of buttons, but for Cancel Job, which is no action."""

USERAPI = [
    ("imagine", None, "imagine"),
    ("describe", None, "describe"),
    ("blend", None, "blend"),
    ("upscale", 1, "upscale_1 video_upscale_1 describe_imagine_1"),
    ("upscale", 4, "upscale_4 video_upscale_4 describe_imagine_4"),
    ("upsample", "v5_2x", "upsample_v5_2x"),
    ("upsample", "v5_4x", "upsample_v5_4x"),
    ("upsample", "v6_2x_subtle", "upsample_v6_2x_subtle"),
    ("upsample", "v6_2x_creative", "upsample_v6_2x_creative"),
    ("upsample", "v6r1_2x_subtle", "upsample_v6r1_2x_subtle"),
    ("upsample", "v6r1_2x_creative", "upsample_v6r1_2x_creative"),
    ("upsample", "v7_2x_subtle", "upsample_v7_2x_subtle"),
    ("upsample", "v7_2x_creative", "upsample_v7_2x_creative"),
    ("upsample", "subtle", "upsample_v6_2x_subtle upsample_v6r1_2x_subtle upsample_v7_2x_subtle"),
    ("upsample", "creative", "upsample_v6_2x_creative upsample_v6r1_2x_creative upsample_v7_2x_creative"),
    ("variation", 1, "variation_1 describe_imagine_1"),
    ("variation", 4, "variation_4 describe_imagine_4"),
    ("vary_subtle", None, "vary_subtle"),
    ("vary_strong", None, "vary_strong"),
    ("inpaint", None, "vary_region"),
    ("reroll", None, "reroll describe_again"),
    ("zoom", 50, "zoom_out_2x"),
    ("zoom", 75, "zoom_out_1.5x"),
    ("zoom", None, "custom_zoom"),
    ("pan", "left", "pan_left"),
    ("pan", "right", "pan_right"),
    ("pan", "up", "pan_up"),
    ("pan", "down", "pan_down"),
    ("animate", "high", "animate_high"),
    ("animate", "low", "animate_low"),
    ("seed", None, "seed"),
    ("info", None, "info"),
    ("prefer", "remix", "remix"),
    ("speed", "relax", "speed_relax"),
    ("speed", "fast", "speed_fast"),
    ("speed", "turbo", "speed_turbo"),
]


@pytest.mark.parametrize("label", IMAGINEPRO_LABELS)
def test_every_button_that_imaginepro_lists_is_named(label):
    named = [name for entry in CATALOGUE for name in entry.imaginepro if name.word == "button"]
    assert any(same_label(str(name.choice), label) for name in named)


def test_every_command_that_imaginepro_takes_is_named_but_for_cancel():
    commands = {name.choice for entry in CATALOGUE for name in entry.imaginepro if name.word == "commands"}
    assert commands == {"info", "relax", "fast", "turbo", "remix"}


@pytest.mark.parametrize(("task", "choice", "names"), USERAPI)
def test_a_type_and_choice_of_userapi_stand_for_these_actions(task, choice, names):
    assert [action.name for action in actions_of_userapi(task, choice)] == names.split()


@pytest.mark.parametrize(
    ("task", "choice"),
    [
        ("upscale", 5),
        ("upscale", None),
        ("upscale", "subtle"),
        ("zoom", 100),
        ("pan", "north"),
        ("upsample", "max"),
        ("upsample", "2x"),
        ("upsample", ""),
        ("animate", "subtle"),
        ("prefer", "suffix"),
        ("imagine", 1),
        ("dance", None),
    ],
)
def test_what_userapi_does_not_have_stands_for_nothing(task, choice):
    assert actions_of_userapi(task, choice) == ()


def test_userapis_names_are_all_in_its_list():
    listed = {(task, choice) for task, choice, _ in USERAPI} | {
        (task, n) for task in ("upscale", "variation") for n in (2, 3)
    }
    assert {tuple(name) for entry in CATALOGUE for name in entry.userapi} <= listed


def test_a_form_is_named_wherever_midjourney_asks_back():
    for entry in CATALOGUE:
        if entry.action.kind is not ActionKind.PRESS:
            assert (entry.form is not None) == (entry.asks is not Asks.NEVER), entry.action.name
    assert entry_of(action_named("pan_up")).form == "MJ::PanModal::up::{uuid}::{number}"


def test_every_action_stands_on_the_page_once_with_all_its_names():
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) == len({(entry.action.kind, entry.action.choice) for entry in CATALOGUE})
    told = page()
    for entry in CATALOGUE:
        if entry.action.index in (None, 1):
            assert f"`{entry.action.name}`" in told
            assert all(f"`{label}`" in told for label in entry.labels)
