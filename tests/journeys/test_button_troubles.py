"""Buttons in trouble: cancelled by the red button, refused for haste, never heard of, not there."""

from __future__ import annotations

import pytest

from tests.journeys.studio import Studio

pytestmark = [pytest.mark.timeout(120)]

OLD = "a red fox"
LONG = {"job_ms": 3000}
SETTINGS = {"LIMIT_FIRST_MESSAGE": 2, "LIMIT_FAST": 5, "LIMIT_QUIET": 2, "LIMIT_FINAL_AFTER_DELETE": 1}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    studio = Studio(tmp_path_factory.mktemp("troubles"), {"one": {}}, **SETTINGS)
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def single(studio):
    return studio["one"].made(OLD, "U1")


@pytest.fixture
def slowly(studio):
    """Jobs take long enough to be cancelled."""
    studio.simulator.timing(**LONG)
    yield
    studio.simulator.timing(job_ms=250)


def seen(studio, job_id: str) -> dict:
    """The job as it started at Midjourney."""
    studio.until(lambda: studio.ledger().steps_of(job_id, "started"), "it started")
    return studio.ledger().steps_of(job_id, "started")[0]


def cancels(studio) -> list[dict]:
    posts = studio.ledger().posts
    return [row for row in posts if (row["custom_id"] or "").startswith("MJ::CancelJob::")]


@pytest.mark.usefixtures("slowly")
@pytest.mark.parametrize("vanishes", [False, True], ids=["says that it stopped", "vanishes"])
@pytest.mark.parametrize("label", ["Vary (Strong)", "⬅️"])
def test_a_pressed_job_is_cancelled_by_its_own_red_button(label, vanishes, studio, single):
    room = studio["one"]
    if vanishes:
        studio.simulator.order("cancel_vanishes", account=room.account["id"])
    job_id = room.press(single, label)
    started = seen(studio, job_id)
    answer = room.http.post("/api/v1/midjourney/button", json={"messageId": job_id, "button": "Cancel Job"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "createdAt"}
    (job,) = room.over([job_id])
    assert job["state"] == "CANCELLED"
    assert job["cancel_asked"]
    (row,) = studio.ledger().steps_of(job_id, "cancelled")
    assert row["job"] == started["job"]
    red = [each for each in cancels(studio) if each["custom_id"].endswith(started["job"])]
    assert [(each["clicked"], each["decision"]) for each in red] == [(started["progress"], "accepted")]
    assert not studio.ledger().steps_of(job_id, "finished")


@pytest.mark.usefixtures("slowly")
def test_a_cancelled_job_frees_its_slot_and_harms_no_other(studio, single):
    room = studio["one"]
    kept, dropped = room.press(single, "Vary (Subtle)"), room.press(single, "Vary (Strong)")
    seen(studio, kept), seen(studio, dropped)
    studio.simulator.timing(job_ms=250)
    room.http.post("/api/v1/midjourney/button", json={"messageId": dropped, "button": "Cancel Job"}).raise_for_status()
    (after,) = room.over([dropped])
    assert after["state"] == "CANCELLED"
    (job,) = room.done([kept])
    assert room.shown(job) == studio.ledger().drawn_for(kept)["picture"]


@pytest.mark.usefixtures("slowly")
@pytest.mark.parametrize("when", ["SENT", "RUNNING"])
def test_a_film_cannot_be_stopped_and_that_is_said(when, studio, single):
    room = studio["one"]
    job_id = room.press(single, "Animate (Low motion)")
    studio.until(lambda: room.job(job_id)["state"] in (when, "RUNNING"), "it was sent")
    status, words = room.refused(job_id, "Cancel Job")
    assert status == 409
    assert "Midjourney offers no way to stop it (animate_low)" in words
    (job,) = room.done([job_id])
    assert job["cancel_asked"] is False


def test_what_is_finished_cannot_be_cancelled(studio, single):
    before = len(cancels(studio))
    status, words = studio["one"].refused(single, "Cancel Job")
    assert status == 409
    assert "cannot be cancelled" in words
    assert len(cancels(studio)) == before


def test_a_press_in_haste_is_told_to_slow_down_and_can_be_pressed_again(studio):
    room = studio["one"]
    grid = room.made(OLD)
    studio.simulator.order("slow_down", account=room.account["id"])
    (job,) = room.over([room.press(grid, "U4")])
    assert job["state"] == "FAILED"
    assert "Slow Down" in job["failure"]["detail"]
    (refused,) = studio.ledger().steps_of(job["id"], "refused")
    assert refused["decision"] == "slow_down"
    again = room.press(grid, "U4")
    assert again != job["id"]
    (done,) = room.done([again])
    assert room.shown(done) == studio.ledger().drawn_for(again)["picture"]


def offering(studio, room, custom_id: str) -> str:
    """A grid that carries a button nobody has seen before."""
    studio.simulator.order("unknown_button", account=room.account["id"], label="Sparkle", custom_id=custom_id)
    (grid,) = room.done([room.imagine(OLD)])
    assert "Sparkle" in [each["label"] for each in grid["result"]["buttons"]]
    return grid["id"]


def test_a_button_that_only_midjourney_knows_is_pressed_as_it_is(studio, single):
    room = studio["one"]
    uuid = studio.ledger().drawn_for(single)["job"]
    custom_id = f"MJ::JOB::upsample_v9_sparkle::1::{uuid}::SOLO"
    grid = offering(studio, room, custom_id)
    (job,) = room.done([room.press(grid, "Sparkle")])
    click, drawn = studio.ledger().click_of(job["id"]), studio.ledger().drawn_for(job["id"])
    assert (click["custom_id"], click["clicked"]) == (custom_id, studio.ledger().drawn_for(grid)["message"])
    assert (job["action"], job["parent_id"]) == ("press", grid)
    assert room.shown(job) == drawn["picture"]


def test_a_button_that_midjourney_does_not_answer_stays_an_open_question(studio):
    room = studio["one"]
    grid = offering(studio, room, "MJ::JOB::sparkle::1")
    job_id = room.press(grid, "Sparkle")
    (job,) = room.over([job_id])
    assert (job["state"], job["failure"]) == ("NEEDS_ATTENTION", None)
    assert "deadline" in job["note"]
    assert studio.ledger().click_of(job_id)["custom_id"] == "MJ::JOB::sparkle::1"


def test_a_button_that_the_picture_does_not_have_is_refused_with_those_that_it_has(studio, single):
    before = len(studio.ledger().posts)
    status, words = studio["one"].refused(single, "Make Square")
    assert status in (400, 409, 422)
    assert "Make Square" in words
    assert "Vary (Subtle)" in words
    assert len(studio.ledger().posts) == before


def test_nothing_but_cancels_is_sent_that_no_job_asked_for(studio, single):
    ledger = studio.ledger()
    ours = {nonce for used in ledger.nonces.values() for nonce in used}
    strangers = [row for row in ledger.posts if row["nonce"] not in ours]
    assert strangers == cancels(studio)
