"""Jobs over the native API: any action goes through the right door, lists come in pages, people decide."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.actions import NIJI_APPLICATION
from engine.model.catalogue import CATALOGUE, COMMANDS, entry_of
from engine.model.hooks import NO_HOOK, Hook, HookKind
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import JobState, Mode
from engine.model.keys import Scope
from tests.api.desk_engine import OTHER, refused
from tests.api.fake_engine import KEY, START, job
from tests.fakes.pictures import drawn

pytestmark = pytest.mark.desks

PARENT = "d15c1541-229a-442b-9873-d3494dede12a"
KEPT = "a" * 64 + ".png"


async def created(client, **body):
    answer = await client.post("/v1/jobs", json=body)
    assert answer.status_code == 200, answer.text
    assert "easel-ignored" not in answer.headers
    return answer.json()


async def test_a_prompt_alone_is_imagined_and_answered_like_a_read(client, engine):
    made = await created(client, prompt="a red fox")
    assert made == (await client.get(f"/v1/jobs/{made['id']}")).json()
    ((method, said),) = engine.asked
    assert (method, said["prompt"], said["alone_unless"]) == ("imagine", "a red fox", "allow_several: true")


async def test_every_wish_reaches_the_engine(client, engine):
    made = await created(
        client, action="imagine", prompt="a fox", images=["https://example.com/a.png", KEPT], mode="relax",
        aspect="16:9", application="niji", account_id=4, timeout=60, ref="order 7", boost=True, allow_several=True,
        webhook_url="https://example.com/hook", webhook_type="progress",
    )  # fmt: skip
    ((_, said),) = engine.asked
    assert said == {
        "prompt": "a fox",
        "images": (ImageInput("https://example.com/a.png"), ImageInput(None, KEPT)),
        "mode": Mode.RELAX,
        "aspect": "16:9",
        "application_id": NIJI_APPLICATION,
        "account_id": 4,
        "timeout": 60,
        "alone_unless": None,
    }
    origin = engine.origins[made["id"]]
    assert (origin.ref, origin.boost, origin.dialect) == ("order 7", True, "native")
    assert origin.callback == Hook("https://example.com/hook", HookKind.PROGRESS)
    quiet = await created(client, prompt="a fox", webhook_url="none", webhook_type="result")
    assert engine.origins[quiet["id"]].callback == NO_HOOK


@pytest.mark.parametrize("action", [entry.action for entry in CATALOGUE], ids=lambda action: action.name)
async def test_every_action_of_the_catalogue_has_its_door(client, engine, action):
    options = {"flux_upscale": {"scale": 2}}.get(action.name, {})
    images, value = ["https://example.com/a.png"], {"value": ""} if action.name == "suffix" else {}
    asked = {"prompt": "a fox", "parent_id": PARENT, "images": images, "options": options, **value}
    await created(client, action=action.name, **asked)
    ((method, said),) = engine.asked
    if action.name == "imagine":
        assert method == "imagine"
    elif action in COMMANDS:
        assert (method, said["action"], said["given"].images) == ("command", action, (ImageInput(images[0]),))
    elif entry_of(action).service != "midjourney":
        assert (method, said["action"]) == ("service", action)
    else:
        assert (method, said["job_id"], said["actions"]) == ("act", PARENT, (action,))


async def test_a_button_is_pressed_by_its_label_with_words_and_mask(client, engine):
    content = drawn()
    await created(client, button="🔄", parent_id=PARENT, words="a blue fox", timeout=30)
    await created(client, action="vary_region", parent_id=PARENT, mask=base64.b64encode(content).decode())
    await created(client, action="vary_region", parent_id=PARENT, mask=KEPT)
    (pressed, said), (_, painted), (_, named) = engine.asked
    assert pressed == "press"
    assert said == {"job_id": PARENT, "label": "🔄", "words": "a blue fox", "mask": None, "timeout": 30}
    assert engine.pictures == [("mask", content)]
    assert (painted["mask"], named["mask"]) == ("kept-1.png", KEPT)


async def test_other_arguments_of_commands_reach_the_engine(client, engine):
    await created(client, action="blend", images=[KEPT, KEPT], dimensions="--ar 2:3")
    await created(client, action="show", value=PARENT)
    (_, blended), (_, shown) = engine.asked
    assert blended["given"] == Given(images=(ImageInput(None, KEPT),) * 2, dimensions="--ar 2:3")
    assert shown["given"].value == PARENT


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "prompt"),
        ({"prompt": 7}, 400, "prompt"),
        ({"action": "draw"}, 400, "action"),
        ({"action": "suffix"}, 400, "value"),
        ({"action": "imagine", "button": "U1"}, 400, "button"),
        ({"action": "upscale_1"}, 400, "parent_id"),
        ({"action": "upscale_1", "parent_id": "7"}, 404, None),
        ({"prompt": "a", "images": "x"}, 400, "images"),
        ({"prompt": "a", "images": [7]}, 400, "images"),
        ({"prompt": "a", "images": ["0" * 64 + ".png"]}, 400, "images"),
        ({"prompt": "a", "images": ["https://example.com/a.png"] * 21}, 400, "images"),
        ({"prompt": "a", "mode": "warp"}, 400, "mode"),
        ({"prompt": "a", "application": "dalle"}, 400, "application"),
        ({"prompt": "a", "timeout": 9}, 400, "timeout"),
        ({"prompt": "a", "account_id": 0}, 400, "account_id"),
        ({"prompt": "a", "boost": "yes"}, 400, "boost"),
        ({"prompt": "a", "webhook_url": "ftp://x"}, 400, "webhook_url"),
        ({"prompt": "a", "webhook_url": "http://10.0.0.1/"}, 400, "webhook_url"),
        ({"prompt": "a", "webhook_url": "https://example.com", "webhook_type": "some"}, 400, "webhook_type"),
        ({"action": "flux_imagine", "prompt": "a", "options": {"colour": "red"}}, 400, "options"),
        ({"action": "flux_upscale", "images": ["https://example.com/a.png"]}, 400, "options.scale"),
        ({"action": "remove_background"}, 400, "images"),
        ({"action": "vary_region", "parent_id": PARENT, "mask": "%"}, 400, "mask"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field_and_nothing_is_asked(client, engine, body, status, field):
    answer = await client.post("/v1/jobs", json=body)
    error = refused(answer, status, "not_found" if status == 404 else "invalid_input")
    assert error["field"] == field
    assert engine.asked == []


async def test_a_key_for_some_accounts_names_no_other(client, engine):
    engine.limit(KEY, (4,))
    refused(await client.post("/v1/jobs", json={"prompt": "a", "account_id": 5}), 404, "not_found")
    await created(client, prompt="a", account_id=4)


async def test_a_picture_is_handed_in_and_named(client, engine):
    answer = await client.post("/v1/uploads", files={"image": ("fox.png", drawn())})
    assert (answer.status_code, answer.json()) == (200, {"id": "kept-1.png"})
    refused(await client.post("/v1/uploads", files={"other": ("fox.png", b"x")}), 400, "invalid_input")
    refused(await client.post("/v1/uploads", json={"image": "text"}), 400, "invalid_input")


async def test_a_queued_job_is_taken_back_once(client, engine):
    mine = engine.put(job())
    assert (await client.post(f"/v1/jobs/{mine.id}/cancel")).json()["state"] == "CANCELLED"
    refused(await client.post(f"/v1/jobs/{mine.id}/cancel"), 409, "conflict")
    refused(await client.post(f"/v1/jobs/{mine.id}/cancel", headers=OTHER), 404, "not_found")


# --- lists


async def pages(client, **query):
    listed, cursor = [], None
    while True:
        answer = await client.get("/v1/jobs", params={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        listed.append([each["id"] for each in answer.json()["jobs"]])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return listed


async def test_jobs_are_listed_in_pages_newest_first(client, engine):
    made = [engine.put(job(created_at=START + timedelta(seconds=n // 2))).id for n in range(5)]
    engine.put(job(workspace_id="other"))
    got = await pages(client, limit=2)
    assert [len(page) for page in got] == [2, 2, 1]
    assert sorted(job_id for page in got for job_id in page) == sorted(made)


async def test_private_jobs_are_listed_for_keys_that_manage_alone(client, engine):
    plain, secret = engine.put(job()), engine.put(job(private=True))
    assert {each["id"] for each in (await client.get("/v1/jobs")).json()["jobs"]} == {plain.id, secret.id}
    engine.keys[KEY] = replace(engine.keys[KEY], scopes=frozenset({Scope.READ}))
    (listed,) = (await client.get("/v1/jobs")).json()["jobs"]
    assert (listed["id"], listed["private"]) == (plain.id, False)


async def test_jobs_are_listed_by_what_they_have_in_common(client, engine):
    first = engine.put(job(ref="a b"))
    second = engine.put(job(state=JobState.DONE, parent_id=first.id, created_at=START + timedelta(minutes=1)))
    later = "2026-01-15T12:00:30+00:00"
    for query, wanted in (
        ({"ref": "a b"}, first),
        ({"state": "QUEUED"}, first),
        ({"state": ["DONE", "FAILED"]}, second),
        ({"parent_id": first.id}, second),
        ({"since": later}, second),
        ({"until": "2026-01-15T13:00:30 01:00"}, first),
    ):
        assert await pages(client, **query) == [[wanted.id]], query
    assert await pages(client, action="reroll") == [[]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"cursor": "7"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": base64.urlsafe_b64encode(b"2026-01-01|x").decode()}, "cursor"),
        ({"state": "LOST"}, "state"),
        ({"action": "draw"}, "action"),
        ({"since": "yesterday"}, "since"),
        ({"until": ""}, "until"),
        ({"until": "0001-01-01T00:00:00+23:00"}, "until"),
        ({"ref": "a\0b"}, "ref"),
    ],
)
async def test_a_list_that_cannot_be_is_refused_by_its_field(client, query, field):
    assert refused(await client.get("/v1/jobs", params=query), 400, "invalid_input")["field"] == field
