"""The workspace's default webhook and its posts, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.deliveries import DeliveryState
from engine.model.hooks import Hook, HookKind, WorkspaceHook
from engine.model.jobs import JobState
from engine.ports import Attempt, NewRequest
from tests.api.fake_engine import KEY, OTHER_KEY, START, job

UNKNOWN = "d15c1541-229a-442b-9873-d3494dede12a"
PORT_OF_MAIL = "http://example.com:25/"
HOOK = Hook("https://example.com/hook?token=1", HookKind.RESULT, "imaginepro")


def put_failed(engine, workspace="ws"):
    """A delivery of a failed job, given up after one try."""
    ended = engine.put(job(workspace_id=workspace, state=JobState.FAILED, hook=HOOK))
    engine.store.webhooks.write(ended, NewRequest(None, (ended,), ()).delivery)
    (post, *_) = engine.store.webhooks.listed(workspace, None, None, None, 1)
    engine.store.webhooks.claim(post.id, "me", START + timedelta(9), START + timedelta(10))
    told = Attempt(delivery_id=post.id, owner="me", at=START, state=DeliveryState.FAILED, status=410, error="gone")
    engine.store.webhooks.settle(told)
    return post


async def test_there_is_no_default_at_first(client):
    answer = await client.get("/v1/webhook")
    assert answer.json() == {"url": None, "dialect": None, "progress": False, "signed": False}


async def test_a_default_is_set_shown_and_taken_away(client, engine):
    wanted = {"url": "https://example.com/hook", "dialect": "native", "progress": True}
    answer = await client.put("/v1/webhook", json=wanted)
    assert answer.status_code == 200
    assert answer.json() == {**wanted, "signed": False} == (await client.get("/v1/webhook")).json()
    assert engine.store._workspaces["ws"].webhook == WorkspaceHook(*wanted.values())
    assert engine.store._workspaces["other"].webhook is None
    assert (await client.delete("/v1/webhook")).json()["url"] is None
    assert engine.store._workspaces["ws"].webhook is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"url": "ftp://example.com"}, "url is no address"),
        ({"url": "http://a:b@example.com"}, "url is no address"),
        ({"url": "http://127.0.0.1/"}, "url holds the address http://127.0.0.1/"),
        ({"url": "http://[::1]/"}, "url holds the address"),
        (
            {"url": "http://example.com:25/"},
            "url holds the address http://example.com:25/, whose port 25 is not called",
        ),
        ({"url": "https://example.com", "dialect": "french"}, "dialect is unknown"),
        ({"url": "https://example.com", "progress": "yes"}, "progress must be true or false"),
    ],
)
async def test_a_default_that_cannot_be_is_refused_by_its_field(client, engine, body, words):
    answer = await client.put("/v1/webhook", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(words)
    assert engine.store._workspaces["ws"].webhook is None


async def test_a_new_secret_is_shown_once(client):
    first, second = [(await client.post("/v1/webhook/secret")).json()["secret"] for _ in range(2)]
    assert first.startswith("whsec_")
    assert first != second
    shown = await client.get("/v1/webhook")
    assert shown.json()["signed"] is True
    assert second not in shown.text


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x", "http://10.1.2.3/", "http://[fd00::1]/", "http://0x7f.1/", PORT_OF_MAIL]
)
@pytest.mark.parametrize("route", ["imagine", "button"])
async def test_a_webhook_that_can_never_be_called_is_refused_at_submission(client, engine, route, address):
    asked = {"prompt": "a fox", "messageId": UNKNOWN, "button": "U1", "webhookOverride": address}
    answer = await client.post(f"/api/v1/midjourney/{route}", json=asked)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("webhookOverride holds the address")
    assert engine.jobs == {}


async def test_userapis_field_is_named_as_its_clients_know_it(client):
    asked = {"prompt": "a fox", "webhook_url": "http://10.0.0.7/hook", "webhook_type": "result"}
    answer = await client.post("/midjourney/v2/imagine", json=asked, headers={"api-key": KEY})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("webhook_url holds the address http://10.0.0.7/hook")


async def test_posts_are_listed_with_their_attempts_and_last_error(client, engine):
    post = put_failed(engine)
    answer = await client.get("/v1/deliveries")
    assert answer.json() == {
        "deliveries": [
            {
                "id": post.id,
                "webhook_id": f"msg_{post.job_id.replace('-', '')}_1",
                "job_id": post.job_id,
                "request_id": post.request_id,
                "kind": "final",
                "state": "failed",
                "url": "https://example.com/hook?token=1",
                "dialect": "imaginepro",
                "attempts": 1,
                "last_status": 410,
                "last_error": "gone",
                "created_at": "2026-01-15T12:00:02.250+00:00",
                "tried_at": "2026-01-15T12:00:00.250+00:00",
                "next_try_at": None,
                "settled_at": "2026-01-15T12:00:00.250+00:00",
            }
        ],
        "next_cursor": None,
    }
    assert (await client.get(f"/v1/deliveries/{post.id}")).json() == answer.json()["deliveries"][0]


async def test_posts_are_listed_by_page_job_and_state(client, engine):
    posts = [put_failed(engine) for _ in range(5)]
    listed, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/deliveries", params=query)).json()
        listed += [each["id"] for each in page["deliveries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert listed == [post.id for post in reversed(posts)]
    of_one = (await client.get("/v1/deliveries", params={"job_id": posts[1].job_id})).json()
    assert [each["id"] for each in of_one["deliveries"]] == [posts[1].id]
    assert (await client.get("/v1/deliveries", params={"state": "due"})).json()["deliveries"] == []


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"cursor": "-1"}, {"state": "lost"}]
)
async def test_a_query_that_makes_no_sense_is_refused_by_its_name(client, query):
    answer = await client.get("/v1/deliveries", params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(next(iter(query)))


async def test_one_post_is_replayed(client, engine):
    post = put_failed(engine)
    answer = await client.post(f"/v1/deliveries/{post.id}/replay")
    assert (answer.json()["state"], answer.json()["attempts"]) == ("due", 0)
    assert engine.store.webhooks.posts[post.id].state is DeliveryState.DUE


async def test_all_that_failed_are_replayed(client, engine):
    posts = [put_failed(engine) for _ in range(3)]
    engine.store.webhooks.posts[posts[0].id] = replace(posts[0], state=DeliveryState.DELIVERED)
    assert (await client.post("/v1/deliveries/replay")).json() == {"replayed": 2}


@pytest.mark.parametrize("number", ["1", "0", "x", "9" * 30])
async def test_another_workspaces_post_is_as_unknown_as_one_that_never_was(client, engine, number):
    put_failed(engine)
    theirs = {"Authorization": f"Bearer {OTHER_KEY}"}
    for answer in (
        await client.get(f"/v1/deliveries/{number}", headers=theirs),
        await client.post(f"/v1/deliveries/{number}/replay", headers=theirs),
    ):
        assert answer.status_code == 404
    assert (await client.get("/v1/deliveries", headers=theirs)).json()["deliveries"] == []
    assert (await client.post("/v1/deliveries/replay", headers=theirs)).json() == {"replayed": 0}
