"""A job as a UserAPI task: words of every type in every stage, and a type for every action there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.api.states import Stage
from engine.api.userapi.echo import NOTHING, Blended, Echo, read, written
from engine.api.userapi.translate import Known, named, next_actions, status_word, task_body
from engine.model.actions import Action, ActionKind
from engine.model.catalogue import CATALOGUE
from engine.model.jobs import Attachment, Failure, FailureReason, JobState, Origin, Request
from engine.model.labels import Label
from tests.api.fake_engine import START, grid_result, job

TYPES = {
    "imagine",
    "describe",
    "upscale",
    "upsample",
    "variation",
    "vary_subtle",
    "vary_strong",
    "inpaint",
    "blend",
    "reroll",
    "zoom",
    "pan",
    "seed",
    "animate",
    "info",
    "prefer",
    "speed",
}
NO_PROGRESS = {"upscale", "variation", "describe", "seed", "info", "prefer", "speed"}
NO_WAITING = {"info", "prefer", "speed"}


def known(a_job, files=(), **origin) -> Known:
    given = Origin(workspace_id="ws", requester="key:7", dialect="userapi", **origin)
    request = Request(id=a_job.id, origin=given, action=a_job.action, prompt=a_job.prompt, created_at=START)
    return Known(request=request, account_hash="an account", files=files, public_url="http://easel.test")


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_type_shows_the_stages_that_it_has(kind):
    words = {stage: status_word(kind, stage) for stage in Stage}
    assert (words[Stage.QUEUED], words[Stage.SENT]) == ("sent", "sent")
    assert (words[Stage.DONE], words[Stage.FAILED]) == ("done", "error")
    assert words[Stage.WAITING] == ("sent" if kind in NO_WAITING else "waiting")
    assert words[Stage.PROGRESS] == ("sent" if kind in NO_WAITING else "waiting" if kind in NO_PROGRESS else "progress")


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.action.name)
def test_every_action_has_a_type_whoever_asked_for_it(entry):
    kind, _ = named(job(action=entry.action), NOTHING)
    assert kind in TYPES


@pytest.mark.parametrize(
    ("kind", "type_", "key"),
    [(ActionKind.FLUX_IMAGINE, "imagine", "prompt"), (ActionKind.FACE_SWAP, "blend", "urls")],
)
def test_what_another_service_makes_has_the_type_that_is_nearest(kind, type_, key):
    body = task_body(job(action=Action(kind)), known(job(action=Action(kind))))
    assert (body["type"], key in body) == (type_, True)


def test_a_follow_up_that_the_prefilter_refused_has_its_labels_too():
    refused = job(action=Action(ActionKind.REROLL), state=JobState.FAILED, labels=(Label.INSULT,))
    assert task_body(refused, known(refused))["prefilter_result"] == ["INSULT"]
    taken = job(action=Action(ActionKind.REROLL))
    assert "prefilter_result" not in task_body(taken, known(taken))


def test_a_choice_is_repeated_as_it_was_sent():
    a_job = job(action=Action(ActionKind.UPSAMPLE, None, "v7_2x_subtle"))
    assert named(a_job, NOTHING) == ("upsample", "v7_2x_subtle")
    assert named(a_job, Echo("upsample", "subtle")) == ("upsample", "subtle")
    assert named(job(action=Action(ActionKind.DESCRIBE_IMAGINE, 2)), Echo("variation", 2)) == ("variation", 2)


def test_next_actions_are_the_buttons_in_their_order_and_the_seed():
    result = grid_result()
    told = [
        {"type": "upscale", "choices": [1, 2, 3, 4]},
        {"type": "reroll"},
        {"type": "variation", "choices": [1, 2, 3, 4]},
    ]
    assert next_actions(result, seed=True) == [*told, {"type": "seed"}]
    assert next_actions(result, seed=False) == told
    assert next_actions(replace(result, uuid=None), seed=True) == told
    greyed = replace(result, components=tuple(replace(each, disabled=True) for each in result.components))
    assert next_actions(greyed, seed=False) == []


def test_a_running_task_says_how_far_it_is_and_an_ended_one_why():
    running = job(state=JobState.RUNNING, percent=31)
    body = task_body(running, known(running))
    assert (body["status"], body["progress"], body["result"], body["status_reason"]) == ("progress", 31, None, None)
    assert "next_actions" not in body
    failed = job(
        state=JobState.FAILED,
        failure=Failure(FailureReason.PREFILTERED, "words that are not wanted"),
        labels=(Label.PROFANITY,),
    )
    body = task_body(failed, known(failed))
    assert (body["status"], body["status_reason"]) == ("error", "words that are not wanted")
    assert (body["prefilter_result"], body["progress"]) == (["PROFANITY"], 0)


def test_a_given_up_task_is_an_error_until_its_picture_comes():
    lost = job(state=JobState.NEEDS_ATTENTION, note="no answer")
    assert task_body(lost, known(lost))["status"] == "waiting"
    given_up = replace(lost, given_up=True)
    body = task_body(given_up, known(given_up))
    assert (body["status"], body["status_reason"]) == ("error", "outcome unknown: no answer")
    late = replace(given_up, state=JobState.DONE, note=None, result=grid_result())
    body = task_body(late, known(late, [picture.attachment for picture in late.result.pictures]))
    assert (body["status"], body["progress"], body["status_reason"]) == ("done", 100, None)


def test_a_picture_has_our_address_and_discords_fresh_one():
    done = job(state=JobState.DONE, result=grid_result())
    fresh = Attachment("9", "a.webp", "https://cdn/a?ex=1", "https://media/a?ex=1", None, 2048, 2048, 7)
    result = task_body(done, known(done, [fresh]))["result"]
    assert result == {
        "url": f"http://easel.test/pictures/{done.result.pictures[0].key}.webp",
        "proxy_url": "https://media/a?ex=1",
        "filename": "a.webp",
        "content_type": "image/webp",
        "width": 2048,
        "height": 2048,
        "size": 7,
    }


def test_an_echo_is_written_only_where_there_is_something_to_repeat():
    assert written(NOTHING) is None
    assert read(None) == NOTHING
    echo = Echo("blend", None, (Blended("https://a.b/c", "jpg"),), "https://a.b/hook", "result")
    assert read(written(echo)) == echo
