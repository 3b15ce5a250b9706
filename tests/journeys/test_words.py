"""Words that a workspace does not want, over both services, and what of them reached Midjourney: nothing."""

from __future__ import annotations

import time

import pytest
import pytest_asyncio

from tests.journeys.inside import Inside
from tests.journeys.processes import imagine, wait_final
from tests.journeys.userapi import Client

pytestmark = pytest.mark.timeout(120)
SAID = 'prompt holds words that are not allowed here: "GORE"'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    inside = await Inside(tmp_path_factory.mktemp("words"), {"ours": {}, "theirs": {}, "filtered": {}}).open()
    yield inside
    await inside.close()


@pytest_asyncio.fixture(loop_scope="module")
async def client(house):
    opened = await Client(house, house["filtered"]).opened()
    yield opened
    await opened.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_updating_the_ban_words_changes_the_next_imagine_and_prompt_check_of_that_workspace_alone(house):
    ours, theirs = house["ours"], house["theirs"]
    prompt = {"prompt": "some GORE"}
    assert (await ours.http.post("/api/v1/nova/prompt-check", json=prompt)).json() == {"status": "SUCCESS"}
    put = await ours.http.post("/api/v1/midjourney/ban-words", json={"banWords": ["gore"]})
    assert put.json() == {"banWords": ["gore"]}
    refused = await ours.http.post("/api/v1/nova/imagine", json={**prompt, "ref": "mine"})
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": SAID, "error": f"Bad Request: {SAID}", "statusCode": 400},
    )
    checked = await ours.http.post("/api/v1/nova/prompt-check", json=prompt)
    assert (checked.status_code, checked.json()) == (200, {"status": "FAIL", "message": SAID})
    (kept,) = (await ours.http.get("/v1/refusals")).json()["refusals"]
    assert (kept["prompt"], kept["dialect"], kept["ref"]) == ("some GORE", "imaginepro", "mine")
    assert ours.posts() == []
    allowed = await theirs.http.post("/api/v1/nova/imagine", json=prompt)
    await theirs.done(await theirs.engine.job(theirs.origin.workspace_id, allowed.json()["messageId"]))
    assert (await theirs.http.get("/v1/refusals")).json()["refusals"] == []


@pytest.mark.asyncio(loop_scope="module")
async def test_the_ban_list_refuses_userapis_requests_too_whatever_they_say_of_the_prefilter(house, client):
    room = house["filtered"]
    await room.http.post("/v1/rules", json={"text": "gore"})
    before = len(room.posts())
    for disabled in (False, True):
        refused = await client.refused("imagine", prompt="some GORE", is_disable_prefilter=disabled)
        assert refused == (400, SAID)
    assert len(room.posts()) == before


@pytest.mark.asyncio(loop_scope="module")
async def test_what_the_prefilter_objects_to_is_a_task_that_ended_in_error(house, client):
    room = house["filtered"]
    before = len(room.posts())
    task = await client.asked("imagine", prompt="a fox in bullshit")
    body = await client.status(task)
    assert (body["status"], body["prefilter_result"]) == ("error", ["PROFANITY"])
    assert body["status_reason"] == 'the prefilter objects to "bullshit": PROFANITY'
    assert len(room.posts()) == before
    (kept, *_) = (await room.http.get("/v1/refusals")).json()["refusals"]
    assert (kept["list"], kept["job_id"]) == ("prefilter", task)


@pytest.mark.asyncio(loop_scope="module")
async def test_with_the_prefilter_off_or_through_another_service_its_words_are_sent(house, client):
    task = await client.made("imagine", prompt="a fox in bullshit", is_disable_prefilter=True)
    assert task["prefilter_result"] == []
    room = house["filtered"]
    started = await room.http.post("/api/v1/nova/imagine", json={"prompt": "another fox in bullshit"})
    await room.done(await client.job(started.json()["messageId"]))


def test_rules_outlive_a_restart_and_those_of_the_command_line_count_within_a_second(start_simulator, start_easel):
    easel = start_easel(start_simulator(), accounts=1)
    with easel.client() as http:
        assert http.post("/api/v1/nova/ban-words", json={"banWords": ["gore"]}).status_code == 200
    easel.stop()
    easel.start()
    easel.wait_live(1)
    with easel.client() as http:
        assert http.post("/api/v1/nova/imagine", json={"prompt": "gore"}).status_code == 400
        wait_final(http, [imagine(http, "a blood moon")])
        easel.cli("rule", "add", "blood")
        end = time.monotonic() + 1
        while (answer := http.post("/api/v1/nova/prompt-check", json={"prompt": "blood"}).json())["status"] != "FAIL":
            assert time.monotonic() < end, answer
            time.sleep(0.02)
        assert http.post("/api/v1/nova/imagine", json={"prompt": "a blood moon"}).status_code == 400
