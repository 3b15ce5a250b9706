"""Buttons that open a form with Remix on: with words of ours and without, with Remix off, and where it is not so."""

from __future__ import annotations

import pytest

from tests.journeys.studio import Studio

pytestmark = [pytest.mark.timeout(120)]

WORDS = "a blue owl"
ON_A_GRID = {"V2": "RemixModal", "🔄": "ImagineModal"}
ON_A_SINGLE = {
    "Vary (Subtle)": "RemixModal",
    "Vary (Strong)": "RemixModal",
    "Zoom Out 2x": "OutpaintModal",
    "Zoom Out 1.5x": "OutpaintModal",
    "⬅️": "PanModal",
    "➡️": "PanModal",
    "⬆️": "PanModal",
    "⬇️": "PanModal",
    "Animate (High motion)": "AnimateModal",
    "Animate (Low motion)": "AnimateModal",
}
ON_A_FILM = {"Extend (High)": "AnimateModal", "Extend (Low)": "AnimateModal"}
FORMS = {**ON_A_GRID, **ON_A_SINGLE, **ON_A_FILM}
CUSTOM_ZOOM = "Custom Zoom"
ZOOMED = "a blue owl --ar 1:1 --zoom 1.7"
OLD = "a red fox"
ROOMS = {
    "on": {"remix": True},
    "hasty": {"remix": True},
    "off": {},
    "surprised": {},
    "surprised-too": {},
    "unanswered": {},
}


class Remixed:
    """Every button that asks back, in a room with Remix on: once with words of ours and once without."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        room = self.room = studio["on"]
        grid = room.imagine(OLD)
        room.done([grid])
        single = room.press(grid, "U1")
        room.done([single])
        film = room.press(single, "Animate (Low motion)")
        room.done([film])
        clip = room.press(film, "U1")
        room.done([clip])
        self.parents = dict.fromkeys(ON_A_GRID, grid) | dict.fromkeys(ON_A_SINGLE, single)
        self.parents |= dict.fromkeys(ON_A_FILM, clip) | {CUSTOM_ZOOM: single}
        self.with_words = {label: room.press(self.parents[label], label, prompt=WORDS) for label in FORMS}
        self.with_words[CUSTOM_ZOOM] = room.press(single, CUSTOM_ZOOM, prompt=ZOOMED)
        self.without = {label: room.press(self.parents[label], label) for label in (*FORMS, CUSTOM_ZOOM)}
        ids = [*self.with_words.values(), *self.without.values()]
        self.jobs = {job["id"]: job for job in room.done(ids)}
        self.ledger = studio.ledger()


def sent_since(studio: Studio, before: int) -> list[str | None]:
    """The commands that were posted since then, by name; None for a press or a form."""
    rows = studio.simulator.ledger("request")[before:]
    return [row["name"] for row in rows if row.get("type") is not None]


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    studio = Studio(tmp_path_factory.mktemp("remix"), ROOMS)
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def remixed(studio):
    return Remixed(studio)


@pytest.mark.parametrize("label", [*FORMS, CUSTOM_ZOOM])
def test_words_given_with_a_button_are_what_midjourney_is_told(label, remixed):
    job_id = remixed.with_words[label]
    words = ZOOMED if label == CUSTOM_ZOOM else WORDS
    drawn, form = remixed.ledger.drawn_for(job_id), remixed.ledger.form_of(job_id)
    assert form["custom_id"].startswith(f"MJ::{FORMS.get(label, 'OutpaintCustomZoomModal')}::")
    assert drawn["remix"].startswith(words)
    assert drawn["nonce"] == form["nonce"] != remixed.ledger.click_of(job_id)["nonce"]
    job = remixed.jobs[job_id]
    assert (job["prompt"], job["prompt_ignored"], job["parent_id"]) == (words, False, remixed.parents[label])
    assert remixed.room.shown(job) == drawn["picture"]


@pytest.mark.parametrize("label", [*FORMS, CUSTOM_ZOOM])
def test_a_form_for_which_there_are_no_words_is_handed_in_as_it_came(label, remixed):
    job_id = remixed.without[label]
    drawn = remixed.ledger.drawn_for(job_id)
    assert remixed.ledger.form_of(job_id) is not None
    assert drawn["remix"].startswith(OLD)
    assert drawn["clicked"] == remixed.ledger.drawn_for(remixed.parents[label])["message"]
    assert remixed.room.shown(remixed.jobs[job_id]) == drawn["picture"]


def test_remix_is_known_from_what_was_seen(remixed):
    assert remixed.studio.facts("on")["remix"] is True


def test_upscales_open_no_form_and_take_no_words(remixed):
    status, words = remixed.room.refused(remixed.parents["V2"], "U2", prompt=WORDS)
    assert status == 400
    assert "prompt" in words
    assert remixed.ledger.form_of(remixed.parents["Zoom Out 2x"]) is None


def test_nothing_is_sent_twice_and_nothing_that_no_job_asked_for(remixed):
    # the settings were read once, before the first words
    remixed.ledger.assert_nothing_sent_twice_or_by_nobody("settings", account=remixed.room.account)


def test_words_are_not_pressed_with_remix_found_off_and_refused_from_then_on(studio):
    room = studio["off"]
    grid = room.made(OLD)
    before = len(studio.simulator.ledger("request"))
    assert studio.facts("off").get("remix") is None
    (job,) = room.over([room.press(grid, "V1", prompt=WORDS)])
    assert (job["state"], job["failure"]["reason"]) == ("FAILED", "prompt")
    assert "Remix is off" in job["failure"]["detail"]
    assert sent_since(studio, before) == ["settings"]
    assert studio.facts("off")["remix"] is False
    status, words = room.refused(grid, "V2", prompt=WORDS)
    assert status == 409
    assert "Remix is off" in words
    room.done([room.press(grid, "V2")])
    clicks = [row for row in studio.simulator.ledger("request")[before:] if row.get("type") == 3]
    assert [row["custom_id"].split("::")[2:4] for row in clicks] == [["variation", "2"]]


def test_words_that_meet_no_form_are_told_of_when_the_settings_are_not_understood(studio):
    room = studio["unanswered"]
    grid = room.made(OLD)
    before = len(studio.simulator.ledger("request"))
    studio.simulator.order("content", account=room.account["id"], params={"text": "Ask me later"})
    (job,) = room.done([room.press(grid, "V1", prompt=WORDS)])
    assert sent_since(studio, before) == ["settings", None]
    ledger = studio.ledger()
    assert ledger.form_of(job["id"]) is None
    assert ledger.drawn_for(job["id"])["prompt"] == OLD
    assert job["prompt_ignored"]
    assert not studio.simulator.orders()


@pytest.mark.parametrize("words", [WORDS, None])
def test_a_form_that_nobody_expects_is_filled_in(words, studio):
    room = studio["surprised" if words else "surprised-too"]  # a form tells that Remix is on
    grid = room.made(OLD)
    studio.simulator.order("unexpected_modal", account=room.account["id"], match="variation::3")
    if words is not None:
        studio.simulator.order("content", account=room.account["id"], params={"text": "Ask me later"})
    (job,) = room.done([room.press(grid, "V3", prompt=words)])
    ledger = studio.ledger()
    assert ledger.form_of(job["id"])["custom_id"].startswith("MJ::RemixModal::")
    assert ledger.drawn_for(job["id"])["remix"] == (words or OLD)
    assert not job["prompt_ignored"]
    assert not studio.simulator.orders()


@pytest.mark.parametrize(("label", "custom_id"), [("V4", "variation::4"), (CUSTOM_ZOOM, "CustomZoom")])
def test_a_result_that_comes_instead_of_the_form_is_taken_and_marked(label, custom_id, studio):
    room = studio["hasty"]
    parent = room.made(OLD) if label == "V4" else room.made(OLD, "U2")
    studio.simulator.order("no_modal", account=room.account["id"], match=custom_id)
    (job,) = room.done([room.press(parent, label, prompt=ZOOMED if label == CUSTOM_ZOOM else WORDS)])
    ledger = studio.ledger()
    assert ledger.form_of(job["id"]) is None
    assert job["prompt_ignored"]
    assert room.shown(job) == ledger.drawn_for(job["id"])["picture"]
    assert not studio.simulator.orders()
