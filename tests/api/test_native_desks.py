"""Accounts, keys, workspace, queue and decisions over the native API: the operator's own desks behind it."""

from __future__ import annotations

import base64

import pytest

from engine.core.keyring import digest_of
from engine.model.accounts import AccountState
from engine.model.jobs import JobState
from tests.api.desk_engine import OTHER, refused
from tests.api.fake_engine import KEY, job

pytestmark = pytest.mark.desks

TOKEN = f"{base64.b64encode(b'123456789012345678').decode()}.G1abcd.{'x' * 38}"
LINK = {"token": TOKEN, "server": "662267976984297473", "channel": "1000000000000000001", "accept_terms": True}


async def linked(client):
    answer = await client.post("/v1/accounts", json=LINK)
    assert answer.status_code == 200, answer.text
    return answer


async def test_an_account_is_linked_and_its_token_is_never_shown(client, engine):
    answer = await linked(client)
    assert TOKEN not in answer.text
    assert answer.json()["token"] == "MTI...xxxx"
    stored = (await engine.store.accounts("ws"))[0]
    assert (stored.id, stored.concurrency) == (answer.json()["id"], 3)
    listed = await client.get("/v1/accounts")
    assert listed.json() == {"accounts": [answer.json()]}
    assert (await client.get(f"/v1/accounts/{stored.id}")).json() == answer.json()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"token": "Bot abc"}, "token"),
        ({"token": None}, "token"),
        ({"token": 7}, "token"),
        ({"server": "x"}, "server"),
        ({"channel": None}, "channel"),
        ({"concurrency": 51}, "concurrency"),
    ],
)
async def test_what_cannot_be_linked_is_refused_by_its_field_without_the_token(client, engine, change, field):
    answer = await client.post("/v1/accounts", json={**LINK, **change})
    error = refused(answer, 400, "invalid_input")
    assert error["field"] == field
    assert "abc" not in answer.text
    assert await engine.store.accounts("ws") == []


async def test_nobody_links_without_accepting_the_risk(client, engine):
    error = refused(await client.post("/v1/accounts", json={**LINK, "accept_terms": False}), 400, "refused")
    assert "at their own risk" in error["message"] or "carries that risk" in error["message"]
    assert await engine.store.accounts("ws") == []


async def test_an_account_is_paused_resumed_restarted_changed_and_unlinked(client, engine):
    number = (await linked(client)).json()["id"]
    place = f"/v1/accounts/{number}"
    assert (await client.post(f"{place}/pause")).json()["state"] == "paused"
    assert (await client.post(f"{place}/restart")).json()["state"] == "paused"
    assert (await client.post(f"{place}/resume")).json()["state"] == "active"
    assert (await client.get(place)).json()["restarted_at"] is not None
    changed = await client.patch(place, json={"name": "studio", "concurrency": 9})
    assert (changed.json()["name"], changed.json()["concurrency"]) == ("studio", 9)
    assert refused(await client.patch(place, json={"concurrency": 0}), 400, "invalid_input")["field"] == "concurrency"
    assert (await client.delete(place)).json() == {"unlinked": number}
    assert (await engine.store.account(number)).state is AccountState.UNLINKED
    refused(await client.get(place), 404, "not_found")


async def test_what_a_key_does_to_accounts_queue_and_webhook_stands_in_the_audit_log(client, engine):
    place = f"/v1/accounts/{(await linked(client)).json()['id']}"
    for path in (f"{place}/pause", f"{place}/resume", f"{place}/restart", "/v1/queue/pause", "/v1/queue/resume"):
        assert (await client.post(path)).status_code == 200
    await client.post("/v1/queue/reboot")
    await client.patch(place, json={"name": "studio"})
    assert (await client.put("/v1/webhook", json={"url": "https://example.com/s3cret"})).status_code == 200
    await client.post("/v1/webhook/secret")
    await client.delete("/v1/webhook")
    await client.delete(place)
    log = await engine.store.audit("ws", 50)
    assert [entry.what for entry in log][::-1] == [
        "account linked", "account paused", "account resumed", "account restarted", "queue paused", "queue resumed",
        "queue looked up anew", "account changed", "webhook set", "webhook secret made anew", "webhook taken away",
        "account unlinked",
    ]  # fmt: skip
    assert {entry.who for entry in log} == {"key:7"}
    assert "s3cret" not in str(log)
    assert TOKEN not in str(log)


@pytest.mark.parametrize("headers", [OTHER, {}], ids=["another workspace", "a limited key"])
async def test_an_account_of_others_is_as_unknown_as_one_that_never_was(client, engine, headers):
    number = (await linked(client)).json()["id"]
    if not headers:
        engine.limit(KEY, (number + 1,))
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/restart"),
    ):
        for which in (number, 999, "x"):
            body = {"json": {}} if method in {"PATCH", "POST"} else {}
            answer = await client.request(method, f"/v1/accounts/{which}{path}", headers=headers, **body)
            refused(answer, 404, "not_found")
    assert (await client.get("/v1/accounts", headers=headers)).json() == {"accounts": []}
    assert (await engine.store.account(number)).state is AccountState.ACTIVE


# --- keys


async def test_a_key_is_made_shown_once_changed_and_revoked(client, engine):
    answer = await client.post("/v1/keys", json={"name": "shop", "scopes": ["read"], "quota": "5/day", "rates": "off"})
    made = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (made["scopes"], made["quota"], made["rates"], made["accounts"]) == (["read"], "5/day", "off", [])
    assert (await engine.store.key_by_digest(digest_of(made["key"]))).id == made["id"]
    listed = await client.get("/v1/keys")
    assert made["key"] not in listed.text
    assert listed.json()["keys"][0]["prefix"] == made["key"][:12]
    place = f"/v1/keys/{made['id']}"
    changed = await client.patch(place, json={"scopes": ["read", "generate"], "quota": "none", "rates": "usual"})
    assert (changed.json()["scopes"], changed.json()["quota"], changed.json()["rates"]) == (
        ["generate", "read"], None, None,
    )  # fmt: skip
    assert (await client.delete(place)).json()["revoked_at"] is not None
    refused(await client.delete(place), 404, "not_found")


async def test_a_secret_is_shown_once_and_a_call_that_comes_again_makes_no_second(client, engine):
    headers = {"Idempotency-Key": "one"}
    first, second = [await client.post("/v1/keys", json={"name": "x"}, headers=headers) for _ in range(2)]
    assert "shown once" in refused(second, 409, "conflict")["message"]
    assert second.headers["idempotency-replayed"] == "true"
    assert [each["id"] for each in (await client.get("/v1/keys")).json()["keys"]] == [first.json()["id"]]
    assert first.json()["key"] not in str(engine.store.answers.rows)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["all"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"accounts": ["1"]}, "accounts"),
        ({"accounts": [77]}, "account"),
        ({"rates": "fast"}, "rates"),
        ({"quota": "5"}, "quota"),
        ({"name": "x" * 101}, "name"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_by_its_field(client, body, field):
    assert refused(await client.post("/v1/keys", json=body), 400, "invalid_input")["field"] == field


async def test_a_key_for_some_accounts_makes_none_for_more(client, engine):
    number = (await linked(client)).json()["id"]
    wide = (await client.post("/v1/keys", json={})).json()
    engine.limit(KEY, (number,))
    refused(await client.post("/v1/keys", json={}), 403, "forbidden")
    made = (await client.post("/v1/keys", json={"accounts": [number]})).json()
    for change in ({"name": "mine"}, {"accounts": [number]}):
        refused(await client.patch(f"/v1/keys/{wide['id']}", json=change), 403, "forbidden")
    refused(await client.delete(f"/v1/keys/{wide['id']}"), 403, "forbidden")
    refused(await client.patch(f"/v1/keys/{made['id']}", json={"accounts": []}), 403, "forbidden")
    refused(await client.post("/v1/accounts", json=LINK), 403, "forbidden")


async def test_another_workspaces_key_is_unknown(client):
    made = (await client.post("/v1/keys", json={})).json()
    for method in ("GET", "DELETE"):
        for which in (made["id"], "x", "9" * 20):
            refused(await client.request(method, f"/v1/keys/{which}", headers=OTHER), 404, "not_found")
    refused(await client.patch(f"/v1/keys/{made['id']}", json={}, headers=OTHER), 404, "not_found")
    assert (await client.get("/v1/keys", headers=OTHER)).json() == {"keys": []}


# --- the workspace and its queue


async def test_the_workspaces_settings_are_shown_and_changed(client, engine):
    changed = await client.patch("/v1/workspace", json={"contact": "a@b.org", "quota": "9/week"})
    assert changed.json() == (await client.get("/v1/workspace")).json()
    assert (changed.json()["contact"], changed.json()["quota"], changed.json()["name"]) == ("a@b.org", "9/week", "ws")
    assert (await client.get("/v1/workspace", headers=OTHER)).json()["contact"] == ""
    for body, field in (({"contact": "me"}, "contact"), ({"quota": "many"}, "quota")):
        assert refused(await client.patch("/v1/workspace", json=body), 400, "invalid_input")["field"] == field
    assert (await client.get("/v1/credits")).json() == {"quota": None, "left": None, "ends_at": None}


async def test_the_queue_is_counted_paused_and_goes_on(client, engine):
    number = (await linked(client)).json()["id"]
    engine.put(job())
    assert (await client.get("/v1/queue")).json() == {
        "count": 1,
        "paused_at": None,
        "accounts": [{"id": number, "queued": 0, "running": 0, "concurrency": 3, "paused": False}],
    }
    paused = (await client.post("/v1/queue/pause")).json()
    assert paused["paused_at"] is not None
    assert paused["accounts"][0]["paused"] is True
    assert (await client.post("/v1/queue/resume")).json()["paused_at"] is None
    assert (await client.post("/v1/queue/reboot")).status_code == 200
    assert (await client.get("/v1/workspace")).json()["rebooted_at"] is not None


# --- decisions


async def test_only_a_job_of_unknown_outcome_is_settled(client, engine):
    queued = engine.put(job())
    refused(await client.post(f"/v1/jobs/{queued.id}/settle", json={"outcome": "failed"}), 409, "conflict")
    unknown = engine.put(job(state=JobState.NEEDS_ATTENTION))
    place = f"/v1/jobs/{unknown.id}/settle"
    for body, field in (
        ({}, "outcome"),
        ({"outcome": "gone"}, "outcome"),
        ({"outcome": "done_as"}, "message_id"),
        ({"outcome": "send_again"}, "confirmation"),
        ({"outcome": "send_again", "confirm": "yes"}, "confirmation"),
    ):
        assert refused(await client.post(place, json=body), 400, "invalid_input")["field"] == field
    refused(await client.post(place, json={"outcome": "failed"}, headers=OTHER), 404, "not_found")
    assert (await engine.store.job("ws", unknown.id)).state is JobState.NEEDS_ATTENTION
    assert (await client.post(place, json={"outcome": "failed"})).status_code == 200
    assert (await engine.store.job("ws", unknown.id)).state is JobState.FAILED


async def test_what_offers_no_appeal_is_not_appealed(client, engine):
    failed = engine.put(job(state=JobState.FAILED))
    confirm = {"confirm": "appeal this refusal"}
    refused(await client.post(f"/v1/jobs/{failed.id}/appeal", json=confirm), 400, "not_offered")
    refused(await client.post(f"/v1/jobs/{failed.id}/appeal", json=confirm, headers=OTHER), 404, "not_found")
