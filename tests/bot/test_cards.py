"""How jobs look as cards: what was looked at once and found good stays so, as an embed and as Components V2."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot import buttons
from bot.cards import bar, draw, parted, quoted
from bot.payloads import embed_of, layout_of, rows_of
from bot.texts import TEXTS
from engine import Action, ActionKind, Failure, FailureReason, JobState, Outlook, Waiting
from engine.model.reasons import NEVER_SENT, NEW_RULE, TIME_OVER
from tests.bot.jobs_shown import SHOWN, component, grid_components, job, over, result, single_components, told

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("name", SHOWN)
async def test_a_card_looks_as_it_was_found_good(name):
    """`EASEL_GOLDENS=write` writes them anew, to be looked at."""
    shown, beside = SHOWN[name]
    card = draw(shown, beside)
    made = {
        "embed": embed_of(card),
        "components": rows_of(card.rows, shown.id),
        "layout": layout_of(card, shown.id),
    }
    golden = GOLDENS / f"{name}.json"
    if os.environ.get("EASEL_GOLDENS") == "write":
        golden.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    assert made == json.loads(golden.read_text())


async def test_both_layouts_say_the_same_and_have_the_same_buttons():
    def ids(components):
        for each in components:
            if "custom_id" in each:
                yield each["custom_id"]
            yield from ids(each.get("components", ()))

    for shown, beside in SHOWN.values():
        card = draw(shown, beside)
        layout = layout_of(card, shown.id)
        assert list(ids(rows_of(card.rows, shown.id))) == list(ids(layout))
        said = json.dumps(layout, ensure_ascii=False)
        for name, value in card.fields:
            assert json.dumps(f"**{name}** {value}", ensure_ascii=False)[1:-1] in said


def test_words_of_others_call_nobody_and_format_nothing():
    assert "@everyone" not in quoted("@everyone")
    assert quoted("**bold** <@12345678901234567>") == "\\*\\*bold\\*\\* <@\u200b12345678901234567>"


@pytest.mark.parametrize(
    ("prompt", "words", "parameters"),
    [
        ("a fox --ar 16:9 --v 7", "a fox", "--ar 16:9 --v 7"),
        ("a fox", "a fox", ""),
        ("--ar 1:1", "", "--ar 1:1"),
        ("well -- known, semi--plain", "well -- known, semi--plain", ""),
    ],
)
def test_a_prompt_is_parted_into_words_and_parameters(prompt, words, parameters):
    assert parted(prompt) == (words, parameters)


def test_the_bar_is_full_at_a_hundred_percent():
    assert bar(0) == "▱" * 12
    assert bar(50) == "▰" * 6 + "▱" * 6
    assert bar(100) == "▰" * 12


def deeds(shown):
    return [[button.deed for button in row] for row in buttons.rows_of(shown, "en")]


def test_a_grid_offers_what_it_carries_and_easels_own():
    assert deeds(over(result=result(grid_components()))) == [
        ["upscale_1", "upscale_2", "upscale_3", "upscale_4", "reroll"],
        ["variation_1", "variation_2", "variation_3", "variation_4"],
        ["edit", "quarters", "upscale_all", "seed", "delete"],
    ]


def test_a_button_that_no_action_names_is_pressed_by_its_place():
    shown = over(action=Action(ActionKind.UPSCALE, 1), result=result(single_components()))
    assert deeds(shown)[0] == ["upsample_v7_2x_subtle", "press_1"]
    assert buttons.component_of(shown, "press_1").label == "New"
    assert buttons.component_of(shown, "press_0") is None


def test_more_rows_than_discord_takes_are_closed_up_in_their_order():
    many = tuple(component(str(n), f"MJ::JOB::new::{n}", n, 0) for n in range(9))
    rows = deeds(over(result=result(many)))
    assert len(rows) <= 5
    assert [deed for row in rows for deed in row][:9] == [f"press_{n}" for n in range(9)]


def test_groups_of_buttons_that_share_rows_stay_whole():
    sizes = (2, 3, 3, 4, 2, 1)
    many = tuple(
        component(f"{row}", f"MJ::JOB::new::{row}{column}", row, column)
        for row, size in enumerate(sizes)
        for column in range(size)
    )
    shown = buttons.rows_of(over(result=result(many)), "en")
    assert [[button.label for button in row] for row in shown] == [
        [*"00111"], [*"222"], [*"3333"], [*"445"], ["Edit and run again", "All four", "Show seed", "Delete"],
    ]  # fmt: skip


def test_a_servers_own_emoji_is_left_out_because_discord_refuses_it():
    own = replace(component("Upscale (Subtle)", "MJ::JOB::new::0", 0, 0), emoji="upscale_1")
    bare = replace(component("", "MJ::JOB::new::1", 0, 1), emoji="upscale_1")
    arrow = replace(component("", "MJ::JOB::new::2", 0, 2), emoji="⬅️")
    shown = buttons.rows_of(over(result=result((own, bare, arrow))), "en")[0]
    assert [(button.label, button.emoji) for button in shown] == [
        ("Upscale (Subtle)", None), ("upscale_1", None), (None, "⬅️"),
    ]  # fmt: skip


def test_links_and_disabled_buttons_are_left_out():
    link = component("Web", None, 0, 0)
    assert "press_0" not in str(deeds(over(result=result((link,)))))


def test_a_job_that_runs_can_be_cancelled_once():
    assert deeds(job()) == [["cancel"]]
    assert deeds(job(cancel_asked=True)) == []


def test_a_job_that_failed_can_be_edited_and_run_again():
    assert deeds(over(JobState.FAILED)) == [["edit"]]


def test_an_answer_in_words_has_no_buttons():
    assert deeds(over(action=Action(ActionKind.SEED), result=result())) == []


def lines_of(failure, language):
    """What a card of a failed job says beside the prompt."""
    return draw(over(JobState.FAILED, failure=failure), replace(told(), language=language)).words.splitlines()[1:]


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_why_a_job_failed_is_told_in_the_readers_language_and_words_of_others_are_quoted(language):
    for reason in FailureReason:
        said = TEXTS[language][f"failed.{reason.value}"]
        assert lines_of(Failure(reason, "Midjourney's *own* words"), language) == [
            said,
            "-# Midjourney's \\*own\\* words",
        ]
        assert lines_of(Failure(reason, ""), language) == [said]
    for why in Waiting:
        waited = Failure(FailureReason.NOT_SENT, NEVER_SENT + why)
        own = TEXTS[language][f"waiting.{why.name.lower()}"]
        assert lines_of(waited, language) == [TEXTS[language]["failed.not_sent"], f"-# {own}"]
    assert len(lines_of(Failure(FailureReason.NOT_SENT, NEVER_SENT + TIME_OVER), language)) == 1
    assert lines_of(Failure(FailureReason.BANNED, NEW_RULE + '"wolf"'), language)[1] == '-# "wolf"'


@pytest.mark.parametrize("why", Waiting)
def test_why_a_job_waits_is_told_in_the_readers_language(why):
    outlook = Outlook(ahead=0, waits_because=why, waits_seconds=None, takes_seconds=None, running_since=None)
    shown = draw(job(state=JobState.QUEUED), replace(told(), language="de", outlook=outlook))
    assert f"-# {TEXTS['de'][f'waiting.{why.name.lower()}']}" in shown.words.splitlines()
