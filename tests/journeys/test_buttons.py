"""Every button of pictures and films, pressed over HTTP, Remix off; what it did is read in the simulator's ledger."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from engine.model.actions import ActionKind
from engine.model.catalogue import CATALOGUE, action_named, entry_of
from engine.model.entries import Makes
from tests.journeys.studio import Studio
from tests.journeys.works import PROMPTS, WORKS, root_of

pytestmark = [pytest.mark.timeout(180)]

ELSEWHERE = {ActionKind.VARY_REGION, ActionKind.DESCRIBE_IMAGINE, ActionKind.DESCRIBE_AGAIN, ActionKind.SHORTEN_IMAGINE}
"""Pressed in test_region_buttons and test_answer_buttons."""
NEVER_OFFERED = {f"extend_{motion}_{n}" for motion in ("high", "low") for n in (2, 3, 4)}
"""A film on its own is always the first of its message; where Midjourney offers another, it is pressed below."""
AS_BEFORE = {"upscale", "variation_strong", "variation_subtle", "reroll"}
"""What keeps the parent's prompt as it is."""


class Pressed:
    """Everything of `works`, done in waves: what is made first is what later buttons stand under."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        room = self.room = studio["pictures"]
        self.ids = {name: room.imagine(prompt) for name, prompt in PROMPTS.items()}
        self.jobs = dict(zip(self.ids, room.done(self.ids.values()), strict=True))
        while wave := [name for name, work in WORKS.items() if name not in self.ids and work.of in self.ids]:
            begun = {name: room.press(self.ids[WORKS[name].of], WORKS[name].label) for name in wave}
            self.jobs |= zip(begun, room.done(begun.values()), strict=True)
            self.ids |= begun
        favourites = {name: room.press(self.ids[name], "❤️") for name in ("U1", "film 1")}
        self.favourites = dict(zip(favourites, room.done(favourites.values()), strict=True))
        self.second_tries = {name: room.press(self.ids[WORKS[name].of], WORKS[name].label) for name in ("U3", "film 3")}
        self.ledger = studio.ledger()


@pytest.fixture(scope="module")
def pressed(tmp_path_factory):
    studio = Studio(tmp_path_factory.mktemp("buttons"), {"pictures": {}})
    yield Pressed(studio)
    studio.stop()


def test_no_button_of_the_catalogue_is_left_out():
    buttons = {
        entry.action for entry in CATALOGUE if entry.custom_id is not None and entry.action.kind not in ELSEWHERE
    }
    here = {work.action for work in WORKS.values()} | NEVER_OFFERED | {"favourite"}
    assert {action.name for action in buttons} == here


@pytest.mark.parametrize("name", WORKS)
def test_a_button_is_pressed_once_on_the_message_that_carries_it_with_its_own_id(name, pressed):
    work = WORKS[name]
    click = pressed.ledger.click_of(pressed.ids[name])
    parent = pressed.ledger.drawn_for(pressed.ids[work.of])
    assert click["clicked"] == parent["message"]
    template = entry_of(action_named(work.action)).custom_id
    assert click["custom_id"] == template.replace("{uuid}", parent["job"])


@pytest.mark.parametrize("name", WORKS)
def test_a_button_makes_what_it_says(name, pressed):
    work, job = WORKS[name], pressed.jobs[name]
    drawn, parent = (pressed.ledger.drawn_for(pressed.ids[each]) for each in (name, work.of))
    assert job["action"] == work.action
    assert (drawn["verb"], drawn["index"]) == (work.verb, work.index)
    if work.verb in AS_BEFORE:
        assert drawn["prompt"] == parent["prompt"]
    assert job["result"]["uuid"] == drawn["job"]
    assert not job["prompt_ignored"]


@pytest.mark.parametrize("name", WORKS)
def test_a_child_knows_its_parent_and_its_root(name, pressed):
    job = pressed.jobs[name]
    assert (job["parent_id"], job["root_id"]) == (pressed.ids[WORKS[name].of], pressed.ids[root_of(name)])


@pytest.mark.parametrize("name", [*PROMPTS, *WORKS])
def test_a_result_shows_its_own_picture_and_says_its_kind_and_size(name, pressed):
    job, drawn = pressed.jobs[name], pressed.ledger.drawn_for(pressed.ids[name])
    assert pressed.room.shown(job) == drawn["picture"]
    picture = job["result"]["pictures"][0]
    content = pressed.room.http.get(picture["uri"]).content
    assert picture["size"] == len(content)
    film = name in WORKS and WORKS[name].makes_film
    if film and picture["content_type"] == "video/mp4":
        assert content[4:8] == b"ftyp"
        assert picture["width"] % 16 == picture["height"] % 16 == 0
        return
    with Image.open(io.BytesIO(content)) as opened:
        assert (picture["width"], picture["height"]) == opened.size
        assert picture["content_type"] == Image.MIME[opened.format]
    assert picture["filename"].endswith(f".{picture['content_type'].partition('/')[2]}")


def test_grids_alone_offer_quarters(pressed):
    for name, job in pressed.jobs.items():
        makes = Makes.GRID if name in PROMPTS else entry_of(action_named(WORKS[name].action)).makes
        quarters = job["result"]["pictures"][0]["quarters"]
        assert (quarters is not None) == (makes is Makes.GRID), name


def test_a_square_comes_of_a_wide_picture(pressed):
    shape = {name: pressed.jobs[name]["result"]["pictures"][0] for name in ("wide single of 6.1", "make square")}
    assert shape["wide single of 6.1"]["width"] > shape["wide single of 6.1"]["height"]
    assert shape["make square"]["width"] == shape["make square"]["height"]


def test_a_custom_zoom_without_words_takes_the_form_as_it_came(pressed):
    form = pressed.ledger.form_of(pressed.ids["custom zoom"])
    assert form["custom_id"].startswith("MJ::OutpaintCustomZoomModal::")
    assert pressed.ledger.drawn_for(pressed.ids["custom zoom"])["remix"] == "a red fox --ar 1:1 --zoom 2"


def test_without_remix_no_other_button_asks_back(pressed):
    assert [name for name in WORKS if pressed.ledger.form_of(pressed.ids[name])] == ["custom zoom"]


@pytest.mark.parametrize("name", ["U1", "film 1"])
def test_a_heart_is_answered_in_words_and_makes_no_picture(name, pressed):
    job = pressed.favourites[name]
    assert (job["action"], job["parent_id"], job["result"]["pictures"]) == ("favourite", pressed.ids[name], [])
    click = pressed.ledger.click_of(job["id"])
    parent = pressed.ledger.drawn_for(pressed.ids[name])
    assert (click["clicked"], click["custom_id"]) == (parent["message"], f"MJ::BOOKMARK::{parent['job']}")
    assert pressed.ledger.steps_of(job["id"], "started") == []


@pytest.mark.parametrize("name", ["U3", "film 3"])
def test_a_second_press_on_the_same_cell_shows_what_is_there(name, pressed):
    assert pressed.second_tries[name] == pressed.ids[name]
    custom_id = pressed.ledger.click_of(pressed.ids[name])["custom_id"]
    assert sum(row["custom_id"] == custom_id for row in pressed.ledger.posts) == 1


def test_nothing_is_sent_twice_and_nothing_that_no_job_asked_for(pressed):
    pressed.ledger.assert_nothing_sent_twice_or_by_nobody()


@pytest.mark.parametrize("action", sorted(NEVER_OFFERED))
def test_a_film_is_extended_by_the_number_that_its_button_says(action, pressed):
    room, entry = pressed.room, entry_of(action_named(action))
    given = {"custom_id": entry.custom_id, "label": entry.labels[0]}
    pressed.studio.simulator.order("unknown_button", account=room.account["id"], **given)
    film = room.press(pressed.ids["U1"], "Animate (Low motion)")
    room.done([film])
    (job,) = room.done([room.press(film, entry.labels[0])])
    ledger = pressed.studio.ledger()
    drawn, parent = ledger.drawn_for(job["id"]), ledger.drawn_for(film)
    assert (job["action"], job["parent_id"], job["result"]["uuid"]) == (action, film, drawn["job"])
    assert (drawn["verb"], drawn["index"]) == (f"extend_{entry.action.choice}", entry.action.index)
    assert drawn["custom_id"] == entry.custom_id.replace("{uuid}", parent["job"])
    assert room.shown(job) == drawn["picture"]
