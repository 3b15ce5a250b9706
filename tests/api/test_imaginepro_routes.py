"""ImaginePro's calls as a client makes them."""

from __future__ import annotations

import re

import pytest

from engine.model.errors import Unavailable
from engine.model.hooks import NO_HOOK, Hook
from engine.model.jobs import JobState
from tests.api.fake_engine import OTHER_KEY, grid_result, job

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
FAMILIES = ("midjourney", "nova")
UNKNOWN = "d15c1541-229a-442b-9873-d3494dede12a"


@pytest.fixture
def finished(engine):
    return engine.put(job(state=JobState.DONE, result=grid_result()))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("family", FAMILIES)
async def test_imagine_answers_with_an_id_at_once(client, engine, family, slash):
    answer = await client.post(f"/api/v1/{family}/imagine{slash}", json={"prompt": "a red fox --ar 16:9"})
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "success": True,
        "messageId": body["messageId"],
        "createdAt": "2026-01-15T12:00:00+00:00",
    }
    assert UUID.fullmatch(body["messageId"])
    assert engine.jobs[body["messageId"]].prompt == "a red fox --ar 16:9"


async def test_all_common_fields_reach_the_engine(client, engine):
    body = {
        "prompt": "a red fox",
        "ref": "order 7",
        "webhookOverride": "https://example.com/hook?x=1",
        "timeout": 600,
        "disableCdn": True,
        "process_mode": "relax",
        "aspect_ratio": {"any": "thing"},
    }
    job_id = (await client.post("/api/v1/nova/imagine", json=body)).json()["messageId"]
    origin = engine.origins[job_id]
    assert (origin.workspace_id, origin.requester, origin.dialect) == ("ws", "key:7", "imaginepro")
    assert (origin.ref, origin.callback) == ("order 7", Hook("https://example.com/hook?x=1"))
    assert engine.timeouts[job_id] == 600


@pytest.mark.parametrize("word", ["none", "NONE"])
async def test_the_word_none_switches_webhooks_off(client, engine, word):
    answer = await client.post("/api/v1/nova/imagine", json={"prompt": "a red fox", "webhookOverride": word})
    assert engine.origins[answer.json()["messageId"]].callback == NO_HOOK


@pytest.mark.parametrize("none", [{}, {"ref": None, "webhookOverride": None, "timeout": None}, {"webhookOverride": ""}])
async def test_fields_that_are_null_or_missing_are_none(client, engine, none):
    job_id = (await client.post("/api/v1/nova/imagine", json={"prompt": "x", **none})).json()["messageId"]
    assert (engine.origins[job_id].ref, engine.origins[job_id].callback) == (None, None)
    assert engine.timeouts[job_id] is None


async def test_a_form_says_the_same_as_json(client, engine):
    body = {"prompt": "füchse & co", "timeout": "60", "ref": "r"}
    for sent in ({"data": body}, {"files": {name: (None, value) for name, value in body.items()}}):
        answer = await client.post("/api/v1/midjourney/imagine", **sent)
        assert answer.status_code == 200, answer.text
        job_id = answer.json()["messageId"]
        assert engine.jobs[job_id].prompt == "füchse & co"
        assert engine.timeouts[job_id] == 60
        assert engine.origins[job_id].ref == "r"


@pytest.mark.parametrize(
    "kind", [None, "application/x-www-form-urlencoded", "text/plain", "application/json; charset=UTF-8"]
)
async def test_json_is_read_as_json_whatever_curl_calls_it(client, engine, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await client.post("/api/v1/midjourney/imagine", content=b'{"prompt":"a red fox"}', headers=headers)
    assert answer.status_code == 200
    assert engine.jobs[answer.json()["messageId"]].prompt == "a red fox"


@pytest.mark.parametrize("path", [f"/api/v1/{family}/button{slash}" for family in FAMILIES for slash in ("", "/")])
@pytest.mark.parametrize("name", ["messageId", "message_id"])
async def test_a_button_starts_a_job_of_its_own(client, engine, finished, path, name):
    answer = await client.post(path, json={name: finished.id, "button": "U2"})
    assert answer.status_code == 200
    made = engine.jobs[answer.json()["messageId"]]
    assert (made.parent_id, made.action.name) == (finished.id, "upscale_2")


@pytest.mark.parametrize("label", ["🔄", "🔄\ufe0f"])
async def test_an_emoji_button_is_found_with_and_without_its_style(client, finished, label):
    answer = await client.post("/api/v1/nova/button", data={"messageId": finished.id.upper(), "button": label})
    assert answer.status_code == 200


async def test_cancel_job_answers_without_an_id(client, engine):
    waiting = engine.put(job())
    answer = await client.post("/api/v1/nova/button", json={"messageId": waiting.id, "button": "Cancel Job"})
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "createdAt": "2026-01-15T12:00:00+00:00"}
    assert engine.jobs[waiting.id].state is JobState.CANCELLED


async def test_cancelling_what_was_sent_is_a_conflict_that_says_so(client, engine):
    sent = engine.put(job(state=JobState.SENT))
    answer = await client.post("/api/v1/nova/button", json={"messageId": sent.id, "button": "Cancel Job"})
    assert answer.status_code == 409
    assert "SENT" in answer.json()["message"]


async def test_a_button_of_an_unfinished_job_is_a_conflict(client, engine):
    running = engine.put(job(state=JobState.RUNNING))
    answer = await client.post("/api/v1/nova/button", json={"messageId": running.id, "button": "U1"})
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("Conflict: ")


async def test_a_button_that_is_not_offered_is_a_bad_request(client, finished):
    answer = await client.post("/api/v1/nova/button", json={"messageId": finished.id, "button": "Zoom Out 2x"})
    assert answer.status_code == 400
    assert "Zoom Out 2x" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/v1/midjourney/message/{}", "/api/v1/message/fetch/{}"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_progress_is_read_under_both_addresses(client, finished, path, slash):
    answer = await client.get(path.format(finished.id) + slash)
    assert answer.status_code == 200
    assert answer.json()["messageId"] == finished.id
    assert answer.json()["status"] == "DONE"


async def test_unknown_malformed_and_another_workspaces_ids_answer_alike(client, engine, finished):
    foreign = engine.put(job(workspace_id="other"))
    bodies = []
    for message_id in (UNKNOWN, foreign.id, "nonsense", "%00", "..%2f..", "%ff", "1" * 5000):
        answer = await client.get(f"/api/v1/message/fetch/{message_id}")
        assert answer.status_code == 404
        bodies.append(answer.json())
    assert {body["message"] for body in bodies[:3]} == {"no such job"}
    answer = await client.get(f"/api/v1/message/fetch/{finished.id}", headers={"Authorization": f"Bearer {OTHER_KEY}"})
    assert answer.status_code == 404


async def test_when_nothing_can_be_stored_the_client_is_told_when_to_come_back(client, engine):
    engine.failure = Unavailable("the database is locked", retry_after=7)
    answer = await client.post("/api/v1/nova/imagine", json={"prompt": "x"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "7"
    assert answer.json() == {
        "message": "the database is locked",
        "error": "Service Unavailable: the database is locked",
        "statusCode": 503,
    }


@pytest.mark.parametrize(("said", "asked"), [({}, "allowPermutations: true"), ({"allowPermutations": True}, None)])
async def test_several_jobs_need_to_be_allowed(client, engine, said, asked):
    await client.post("/api/v1/nova/imagine", json={"prompt": "a {red, blue} fox", **said})
    assert engine.alone_unless == [asked]


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_boost_reaches_the_engine_as_one(client, engine, finished, family):
    made = await client.post(f"/api/v1/{family}/boost/imagine", json={"prompt": "a red fox"})
    pressed = await client.post(f"/api/v1/{family}/boost/button/", json={"messageId": finished.id, "button": "U1"})
    ordinary = await client.post(f"/api/v1/{family}/imagine", json={"prompt": "a red fox"})
    ids = [answer.json()["messageId"] for answer in (made, pressed, ordinary)]
    assert [engine.origins[job_id].boost for job_id in ids] == [True, True, False]


async def test_disable_cdn_reaches_the_engine(client, engine):
    for said, wanted in ((True, True), (False, False), (None, False)):
        body = {"prompt": "a red fox", "disableCdn": said}
        job_id = (await client.post("/api/v1/nova/imagine", json=body)).json()["messageId"]
        assert engine.origins[job_id].source_links is wanted


@pytest.mark.parametrize("path", ["/universal/imagine", "/universal/zimage", "/gemini/imagine"])
async def test_what_easel_has_no_back_end_for_says_so(client, path):
    answer = await client.post(f"/api/v1{path}", json={"contents": []})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"Bad Request: {path[1:]} is not configured")
