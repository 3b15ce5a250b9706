"""Words over HTTP: ImaginePro's ban list and prompt check, the native API's rules, refusals and audit log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.model.labels import Label
from engine.model.moderation import WordList
from engine.model.moderation.kept import KeptHit, Refusal
from engine.ports import KeepRefusal
from tests.api.fake_engine import OTHER_KEY

FAMILIES = ["midjourney", "nova"]
OTHER = {"Authorization": f"Bearer {OTHER_KEY}"}
WORD = {
    "id": 1,
    "list": "block",
    "kind": "word",
    "text": "blood",
    "label": None,
    "severity": "medium",
    "allow": ["blood orange"],
}


async def added(client, **fields):
    answer = await client.post("/v1/rules", json=fields)
    assert answer.status_code == 200, answer.text
    assert "easel-ignored" not in answer.headers
    return answer.json()


def refused(answer, status=400):
    assert answer.status_code == status, answer.text
    told = answer.json()
    return told["error"]["message"] if isinstance(told["error"], dict) else told["message"]


# --- ImaginePro


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_ban_words_are_replaced_and_read(client, family, slash):
    path = f"/api/v1/{family}/ban-words{slash}"
    assert (await client.get(path)).json() == {"banWords": []}
    put = await client.post(path, json={"banWords": ["gore", "nude woman", " Gore "]})
    assert "easel-ignored" not in put.headers
    assert (put.status_code, put.json()) == (200, {"banWords": ["gore", "nude woman"]})
    assert (await client.get(path)).json() == put.json()
    assert (await client.post(path, json={"banWords": []})).json() == {"banWords": []}


async def test_updating_the_ban_words_leaves_other_rules_and_tells_the_audit_log(client):
    await added(client, text="blood", allow=["blood orange"])
    await added(client, text="nud", kind="prefix")
    await added(client, text="damn", list="prefilter", label="PROFANITY")
    await client.post("/api/v1/nova/ban-words", json={"banWords": ["old"]})
    await client.post("/api/v1/nova/ban-words", json={"banWords": ["new"]})
    texts = [rule["text"] for rule in (await client.get("/v1/rules")).json()["rules"]]
    assert texts == ["blood", "nud", "damn", "new"]
    entry = (await client.get("/v1/audit")).json()["audit"][0]
    assert (entry["who"], entry["what"], entry["before"], entry["after"]) == (
        "key:7", "block words replaced", "word: old\n", "word: new\n"
    )  # fmt: skip


async def test_a_form_has_one_ban_word_a_line(client):
    answer = await client.post("/api/v1/nova/ban-words", data={"banWords": "gore\nnude woman\n"})
    assert answer.json() == {"banWords": ["gore", "nude woman"]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "banWords is required"),
        ({"banWords": "gore"}, "banWords must be a list"),
        ({"banWords": ["a", 7]}, "banWords[1] must be text"),
        ({"banWords": ["--"]}, "banWords[0] holds no word"),
        ({"banWords": ["x" * 101]}, "banWords[0] is too long"),
        ({"banWords": ["a"] * 5001}, "banWords has 5001 entries"),
    ],
)
async def test_a_list_that_cannot_be_is_refused_by_name(client, body, said):
    answer = await client.post("/api/v1/midjourney/ban-words", json=body)
    assert refused(answer).startswith(said)
    assert answer.json()["error"].startswith("Bad Request: " + said)


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_prompt_check_says_what_imagine_would(client, family):
    path = f"/api/v1/{family}/prompt-check"
    await client.post(f"/api/v1/{family}/ban-words", json={"banWords": ["gore"]})
    fine = await client.post(path, json={"prompt": "a red fox --ar 16:9"})
    assert (fine.status_code, fine.json()) == (200, {"status": "SUCCESS"})
    banned = await client.post(path, json={"prompt": "some GORE"})
    assert (banned.status_code, banned.json()["status"]) == (200, "FAIL")
    assert banned.json()["message"] == 'prompt holds words that are not allowed here: "GORE"'
    wrong = (await client.post(path, json={"prompt": "a fox --ar x"})).json()
    assert wrong["status"] == "FAIL"
    assert "--ar" in wrong["message"]
    assert refused(await client.post(path, json={})) == "prompt is required"


# --- the native API


async def test_a_rule_is_added_read_changed_and_removed(client):
    assert await added(client, text="blood", allow=["blood orange"]) == WORD
    assert (await client.get("/v1/rules/1")).json() == WORD
    changed = await client.patch("/v1/rules/1", json={"severity": "high", "allow": []})
    assert changed.json() == {**WORD, "severity": "high", "allow": []}
    moved = await client.patch("/v1/rules/1", json={"list": "prefilter", "label": "THREAT"})
    assert (moved.json()["list"], moved.json()["label"]) == ("prefilter", "THREAT")
    back = await client.patch("/v1/rules/1", json={"list": "block"})
    assert (back.json()["list"], back.json()["label"]) == ("block", None)
    assert (await client.delete("/v1/rules/1")).json()["text"] == "blood"
    assert refused(await client.get("/v1/rules/1"), 404) == "no rule 1"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "text is required"),
        ({"text": "a b"}, "text has a gap"),
        ({"text": "a", "kind": "regex"}, "kind is not known"),
        ({"text": "a", "list": "grey"}, "list is not known"),
        ({"text": "a", "severity": 3}, "severity must be text"),
        ({"text": "a", "list": "prefilter"}, "label is required"),
        ({"text": "a", "label": "THREAT"}, "label is given"),
        ({"text": "a", "allow": "a b"}, "allow must be a list"),
        ({"text": "a", "allow": ["b"]}, "allow holds nothing"),
    ],
)
async def test_what_cannot_be_a_rule_is_refused_by_its_field(client, fields, said):
    assert refused(await client.post("/v1/rules", json=fields)).startswith(said)
    assert (await client.get("/v1/rules")).json() == {"rules": [], "next_cursor": None}


async def test_a_second_rule_of_one_sense_is_a_conflict(client):
    await added(client, text="blood")
    assert "rule 1" in refused(await client.post("/v1/rules", json={"text": "BLOOD"}), 409)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("rule_id", ["1", "7", "x", "-1", "9" * 40])
async def test_another_workspaces_rule_is_like_one_that_is_not_there(client, method, rule_id):
    await added(client, text="blood")
    body = {"json": {"text": "x"}} if method == "PATCH" else {}
    answer = await client.request(method, f"/v1/rules/{rule_id}", headers=OTHER, **body)
    assert answer.status_code == 404
    assert (await client.get("/v1/rules/1")).json()["text"] == "blood"


async def test_rules_are_listed_page_by_page_and_by_list(client):
    for number in range(3):
        await added(client, text=f"word{number}")
    await added(client, text="damn", list="prefilter", label="PROFANITY")
    first = (await client.get("/v1/rules", params={"limit": 2})).json()
    assert [rule["text"] for rule in first["rules"]] == ["word0", "word1"]
    second = (await client.get("/v1/rules", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert ([rule["text"] for rule in second["rules"]], second["next_cursor"]) == (["word2", "damn"], None)
    only = (await client.get("/v1/rules", params={"list": "prefilter"})).json()
    assert [rule["text"] for rule in only["rules"]] == ["damn"]


@pytest.mark.parametrize("path", ["/v1/rules", "/v1/refusals", "/v1/audit"])
@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"cursor": "x"}])
async def test_a_page_that_cannot_be_is_refused_by_name(client, path, query):
    (name,) = query
    assert refused(await client.get(path, params=query)).startswith(name)


async def test_rules_go_out_and_come_in_as_a_text(client):
    await added(client, text="blood", allow=["blood orange"])
    exported = await client.get("/v1/rules/export")
    assert exported.headers["content-type"].startswith("text/plain")
    assert exported.text == "word: blood | blood orange\n"
    plain = {"content-type": "text/plain; charset=utf-8"}
    done = await client.post("/v1/rules/import", content="gore\nword high: blood\n", headers=plain)
    assert done.json() == {"added": 1, "changed": 1, "removed": 0, "unchanged": 0}
    done = await client.post("/v1/rules/import", json={"text": exported.text, "replace": True})
    assert done.json() == {"added": 0, "changed": 1, "removed": 1, "unchanged": 0}
    assert (await client.get("/v1/rules/export")).text == exported.text
    done = await client.post("/v1/rules/import?replace=true", content="# nothing\n", headers=plain)
    assert done.json()["removed"] == 1
    assert "line 2" in refused(await client.post("/v1/rules/import", json={"text": "fine\nword: a b\n"}))
    assert refused(await client.post("/v1/rules/import", content=b"\xff", headers=plain)).startswith(
        "body is not UTF-8"
    )


async def test_a_text_is_tried_against_both_lists(client):
    await added(client, text="blood", allow=["blood orange"])
    await added(client, text="damn", list="prefilter", label="PROFANITY")
    found = (await client.post("/v1/rules/test", json={"text": "damn Blood, blood orange"})).json()
    assert (found["refused"], found["labels"]) == (True, ["PROFANITY"])
    assert found["block"] == [{"words": "Blood", "rule": WORD}]
    assert [hit["words"] for hit in found["prefilter"]] == ["damn"]
    fine = (await client.post("/v1/rules/test", json={"text": "a fox"})).json()
    assert fine == {"refused": False, "block": [], "prefilter": [], "labels": []}


async def test_refused_requests_are_read_newest_first_and_by_their_workspace_alone(client, engine):
    at = datetime(2026, 1, 15, 12, tzinfo=UTC)
    kept = [
        Refusal(
            workspace_id="ws",
            requester="key:7",
            key_id=7,
            dialect="imaginepro",
            ref=None,
            action="imagine",
            prompt=f"prompt {number}",
            word_list=WordList.PREFILTER,
            hits=(KeptHit("damn", "damn", 3, label=Label.PROFANITY),),
            job_id="job",
            at=at,
        )
        for number in range(3)
    ]
    await engine.records.apply([KeepRefusal(each) for each in kept])
    page = (await client.get("/v1/refusals", params={"limit": 2})).json()
    assert [each["prompt"] for each in page["refusals"]] == ["prompt 2", "prompt 1"]
    rest = (await client.get("/v1/refusals", params={"cursor": page["next_cursor"]})).json()
    (last,) = rest["refusals"]
    assert last == {
        "id": 1,
        "at": "2026-01-15T12:00:00.000+00:00",
        "requester": "key:7",
        "key_id": 7,
        "dialect": "imaginepro",
        "ref": None,
        "action": "imagine",
        "prompt": "prompt 0",
        "list": "prefilter",
        "job_id": "job",
        "hits": [{"words": "damn", "rule": "damn", "rule_id": 3, "severity": "medium", "label": "PROFANITY"}],
    }
    assert (await client.get("/v1/refusals", headers=OTHER)).json()["refusals"] == []
    await added(client, text="blood")
    assert (await client.get("/v1/audit", headers=OTHER)).json() == {"audit": [], "next_cursor": None}
    (entry,) = (await client.get("/v1/audit")).json()["audit"]
    assert (entry["who"], entry["what"], entry["after"]) == ("key:7", "rule added", "word: blood\n")
