"""The status object of ImaginePro: bodies as they were recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.api.imaginepro.translate import batch_body, buttons, made_body, spelled, status_body
from engine.model.actions import Action, ActionKind
from engine.model.details import AccountInfo, Details
from engine.model.jobs import Failure, FailureReason, JobState, Result
from tests.api.fake_engine import PICTURE_KEY, START, grid_result, job

AFTER = START + timedelta(seconds=1)
REFUSED = Failure(FailureReason.CONTENT, "Banned prompt: gore")


def test_a_job_in_progress_has_the_recorded_keys_and_a_ref_and_no_null():
    body = status_body(job(id="2346e0bc-0000-4000-8000-000000000000", state=JobState.RUNNING, percent=31), "x")
    assert body == {
        "prompt": "a red fox",
        "status": "PROCESSING",
        "progress": 31,
        "messageId": "2346e0bc-0000-4000-8000-000000000000",
        "createdAt": "2026-01-15T12:00:00+00:00",
        "updatedAt": "2026-01-15T12:00:02+00:00",
        "ref": "",
    }


def test_a_finished_job_has_its_picture_its_source_and_its_buttons():
    done = job(state=JobState.DONE, result=grid_result(), ref="order 7", percent=93)
    body = status_body(done, "http://easel.test/")
    uri = f"http://easel.test/pictures/{PICTURE_KEY}.webp"
    assert body["progress"] == 100
    assert body["uri"] == uri
    assert body["images"] == [f"http://easel.test/pictures/{PICTURE_KEY}/{number}.webp" for number in range(1, 5)]
    assert body["originalUrl"] == "https://cdn.discordapp.com/attachments/1/2/someone_a_red_fox.webp?ex=1&is=2&hm=3"
    assert body["buttons"] == ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
    assert body["ref"] == "order 7"
    assert not {"originatingMessageId", "error"} & set(body)


def test_without_the_cdn_the_picture_is_discords_own_link():
    done = job(state=JobState.DONE, result=grid_result(), source_links=True)
    body = status_body(done, "http://easel.test")
    assert body["uri"] == body["originalUrl"] == done.result.pictures[0].attachment.url
    assert body["images"] == [f"http://easel.test/pictures/{PICTURE_KEY}/{number}.webp" for number in range(1, 5)]


def test_without_the_cdn_a_single_picture_is_discords_own_link_in_its_images_too():
    upscale = Action(ActionKind.UPSCALE, 1)
    done = job(state=JobState.DONE, result=grid_result(), source_links=True, action=upscale)
    body = status_body(done, "http://easel.test")
    assert body["images"] == [body["uri"]] == [done.result.pictures[0].attachment.url]
    assert status_body(replace(done, source_links=False), "x")["images"] == [f"x/pictures/{PICTURE_KEY}.webp"]


def test_a_description_has_its_four_texts_and_all_of_them_in_its_prompt():
    texts = ("one", "two", "three", "four")
    said = Result("1", "2", 0, "", (), (), details=Details(texts=texts))
    body = status_body(job(state=JobState.DONE, result=said, action=Action(ActionKind.DESCRIBE), prompt=""), "x")
    assert (body["content"], body["prompt"]) == (list(texts), "one\ntwo\nthree\nfour")


def test_a_command_has_its_reply_as_text_and_info_the_figures_beside_it():
    done = Result("1", "2", 0, "", (), (), details=Details(notice="Done! Your jobs now use relax mode"))
    relax = job(state=JobState.DONE, result=done, action=Action(ActionKind.SPEED, None, "relax"))
    assert status_body(relax, "x")["content"] == "Done! Your jobs now use relax mode"
    lines = (("Job Mode", "Fast"), ("Relaxed Usage", "19 images (0.29 hours)"), ("Running Jobs", "None"))
    told = Result("1", "2", 0, "", (), (), details=Details(info=AccountInfo(lines=lines)))
    body = status_body(job(state=JobState.DONE, result=told, action=Action(ActionKind.INFO)), "x")
    assert body["content"] == "Job Mode: Fast\nRelaxed Usage: 19 images (0.29 hours)\nRunning Jobs: None"
    assert (body["info"]["jobMode"], body["info"]["runningJobs"], body["info"]["subscription"]) == ("Fast", "None", "")
    assert body["info"]["relaxedUsage"] == body["info"]["relaxedUsuage"] == "19 images (0.29 hours)"


def test_videos_have_their_addresses_and_numbers():
    done = grid_result(filename="fox.mp4")
    body = status_body(job(state=JobState.DONE, result=done, action=Action(ActionKind.ANIMATE, None, "low")), "x")
    assert body["videoUrl"] == body["uri"] == body["images"][0]
    assert body["results"] == [{"url": body["uri"], "index": 0}]


def test_a_row_of_the_history_is_all_text():
    pressed = job(state=JobState.DONE, result=grid_result(), action=Action(ActionKind.PAN, None, "left"), parent_id="p")
    assert made_body(pressed, "x") == {
        "id": pressed.id,
        "type": "pan",
        "button": "⬅️",
        "prompt": "a red fox",
        "uri": f"x/pictures/{PICTURE_KEY}.webp",
        "createdAt": "2026-01-15T12:00:00+00:00",
    }
    assert made_body(job(state=JobState.DONE, result=grid_result()), "x")["button"] == ""


def test_a_buttons_result_names_the_job_it_came_from():
    body = status_body(job(parent_id="the parent", action=Action(ActionKind.UPSCALE, 2)), "x")
    assert body["originatingMessageId"] == "the parent"


def test_a_failed_job_says_why_and_has_no_picture():
    body = status_body(job(state=JobState.FAILED, failure=REFUSED), "x")
    assert body["error"] == "Banned prompt: gore"
    assert not {"uri", "images", "originalUrl", "buttons"} & set(body)


def test_a_result_without_pictures_lists_none():
    body = status_body(job(state=JobState.DONE, result=Result("1", "2", 0, "", (), ())), "x")
    assert body["images"] == []
    assert "uri" not in body


@pytest.mark.parametrize(
    ("name", "expected"),
    [("⬅️", "⬅️"), ("⬅", "⬅️"), ("⬆", "⬆️"), ("🔄", "🔄"), ("U1", "U1"), ("Zoom Out 2x", "Zoom Out 2x")],
)
def test_labels_are_spelled_as_the_service_spells_them(name, expected):
    assert spelled(name) == expected


def test_links_and_disabled_buttons_are_no_buttons():
    components = grid_result().components
    disabled = tuple(replace(component, disabled=component.label == "U1") for component in components)
    assert buttons(disabled)[0] == "U2"
    assert "Web" not in buttons(components)


def test_times_can_be_read_by_the_standard_library():
    body = status_body(job(), "x")
    assert datetime.fromisoformat(str(body["createdAt"])) == START.replace(microsecond=0)


# --- requests of several jobs ---


def test_a_request_of_several_jobs_shows_the_first_and_lists_all():
    first = job(state=JobState.DONE, percent=100, result=grid_result(), prompt="a red fox")
    second = job(state=JobState.RUNNING, percent=40, prompt="a blue fox", updated_at=AFTER + timedelta(minutes=1))
    body = batch_body([first, second], "a {red, blue} fox", "http://easel.test")
    assert (body["messageId"], body["prompt"]) == (first.id, "a {red, blue} fox")
    assert (body["status"], body["progress"], "error" in body) == ("PROCESSING", 70, False)
    assert [(each["messageId"], each["prompt"], each["status"]) for each in body["jobs"]] == [
        (first.id, "a red fox", "DONE"),
        (second.id, "a blue fox", "PROCESSING"),
    ]
    assert body["updatedAt"] == body["jobs"][1]["updatedAt"]
    assert body["uri"] == body["jobs"][0]["uri"]


def test_where_the_first_failed_the_pictures_are_those_of_the_one_that_succeeded():
    jobs = [job(state=JobState.FAILED, failure=REFUSED), job(state=JobState.DONE, result=grid_result())]
    body = batch_body(jobs, "a {sour, red} fox", "http://easel.test")
    assert (body["status"], body["progress"], "error" in body) == ("DONE", 100, False)
    assert (body["uri"], body["buttons"]) == (body["jobs"][1]["uri"], [])
    assert body["jobs"][0]["error"] == "Banned prompt: gore"


def test_a_request_of_which_nothing_succeeded_says_what_the_first_said():
    jobs = [job(state=JobState.FAILED, failure=REFUSED), job(state=JobState.CANCELLED)]
    body = batch_body(jobs, "a fox --repeat 2", "http://easel.test")
    assert (body["status"], body["error"]) == ("FAIL", "Banned prompt: gore")
