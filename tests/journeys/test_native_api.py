"""The native API over sockets: a whole working day through it alone, and effects that the simulator saw."""

from __future__ import annotations

import pytest

from tests.fakes.pictures import drawn
from tests.journeys.studio import Studio

IDENTIFY = 2


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    made = Studio(tmp_path_factory.mktemp("native"), {"day": {}, "other": {}})
    yield made
    made.stop()


@pytest.fixture
def room(studio):
    return studio["day"]


def asked(room, **body):
    answer = room.http.post("/v1/jobs", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def ids(room, **query):
    answer = room.http.get("/v1/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["jobs"]]


def error(answer, status, code):
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    return answer.json()["error"]


def test_a_line_of_jobs_is_made_and_found_again(studio, room):
    grid = asked(room, prompt="a red fox", ref="order 7")
    room.done([grid])
    by_action = asked(room, action="upscale_2", parent_id=grid)
    by_label = asked(room, button="🔄", parent_id=grid)
    room.done([by_action, by_label])
    assert [room.job(each)["action"] for each in (by_action, by_label)] == ["upscale_2", "reroll"]
    assert set(ids(room, parent_id=grid)) == {by_action, by_label}
    assert ids(room, ref="order 7") == [grid]
    assert ids(room, action="reroll", state="DONE") == [by_label]
    assert ids(studio["other"], ref="order 7") == []
    error(studio["other"].http.get("/v1/jobs", params={"parent_id": "x"}), 404, "not_found")
    studio.ledger().assert_nothing_sent_twice_or_by_nobody()


def test_pages_of_a_requester_come_newest_first(room):
    headers = {"Easel-Requester": "ann"}
    made = [room.http.post("/v1/jobs", json={"prompt": f"fox {n}"}, headers=headers).json()["id"] for n in range(3)]
    first = room.http.get("/v1/jobs", params={"requester": "ann", "limit": 2}).json()
    rest = room.http.get("/v1/jobs", params={"requester": "ann", "cursor": first["next_cursor"]}).json()
    assert [job["id"] for job in (*first["jobs"], *rest["jobs"])] == made[::-1]
    assert rest["next_cursor"] is None
    room.done(made)


def test_an_uploaded_picture_is_blended_and_described(room):
    names = []
    for colour in ((200, 40, 10), (10, 40, 200)):
        answer = room.http.post("/v1/uploads", files={"image": ("fox.png", drawn(colour=colour))})
        assert answer.status_code == 200, answer.text
        names.append(answer.json()["id"])
    jobs = [asked(room, action="blend", images=names), asked(room, action="describe", images=names[:1])]
    blended, described = room.done(jobs)
    assert len(blended["result"]["pictures"]) == 1
    assert len(described["result"]["details"]["texts"]) == 4
    missing = room.http.post("/v1/jobs", json={"action": "describe", "images": ["0" * 64 + ".png"]})
    assert error(missing, 400, "invalid_input")["field"] == "images"


def test_several_jobs_need_a_word_for_it(room):
    body = {"prompt": "a {red, blue} fox"}
    assert error(room.http.post("/v1/jobs", json=body), 400, "invalid_input")["field"] == "prompt"
    first = asked(room, **body, allow_several=True)
    jobs = room.job(first)["jobs"]
    assert len(jobs) == 2
    room.done([job["id"] for job in jobs])


def test_a_paused_queue_sends_nothing_and_a_job_in_it_is_taken_back(studio, room):
    assert room.http.post("/v1/queue/pause").json()["paused_at"] is not None
    stays, goes = asked(room, prompt="paused fox"), asked(room, prompt="taken back fox")
    assert room.http.post(f"/v1/jobs/{goes}/cancel").json()["state"] == "CANCELLED"
    assert room.http.get("/v1/queue").json()["count"] == 1
    assert not any("paused fox" in (row.get("prompt") or "") for row in studio.ledger().posts)
    assert room.http.post("/v1/queue/resume").json()["paused_at"] is None
    room.done([stays])
    assert not any("taken back fox" in (row.get("prompt") or "") for row in studio.ledger().posts)


def test_an_account_is_paused_resized_and_begins_a_new_session(studio, room):
    place = f"/v1/accounts/{room.account_id}"
    assert room.http.post(f"{place}/pause").json()["state"] == "paused"
    waiting = asked(room, prompt="an account pauses")
    studio.until(lambda: room.job(waiting)["waits_because"] is not None, "it waits")
    assert room.job(waiting)["state"] == "QUEUED"
    assert room.http.post(f"{place}/resume").json()["state"] == "active"
    room.done([waiting])
    identified = len(sessions(studio, room))
    assert room.http.post(f"{place}/restart").json()["restarted_at"] is not None
    studio.until(lambda: len(sessions(studio, room)) > identified, "a new session")
    studio.wait_live("day")
    assert room.http.patch(place, json={"concurrency": 1}).json()["concurrency"] == 1
    room.done([asked(room, prompt="after the new session")])
    error(studio["other"].http.get(place), 404, "not_found")
    error(studio["other"].http.post(f"{place}/restart"), 404, "not_found")


def sessions(studio, room):
    """The sessions that the account began, by the simulator's ledger."""
    rows = studio.simulator.ledger("gateway")
    own = [row for row in rows if row.get("account") == room.account["id"] and row.get("op") == IDENTIFY]
    return [row for row in own if row["decision"] == "accepted"]


def test_a_new_key_does_what_it_may_until_it_is_revoked(studio, room):
    made = room.http.post("/v1/keys", json={"name": "shop", "scopes": ["read"]}).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert room.http.get("/v1/queue", headers=headers).status_code == 200
    error(room.http.post("/v1/jobs", json={"prompt": "x"}, headers=headers), 403, "forbidden")
    assert room.http.delete(f"/v1/keys/{made['id']}").json()["revoked_at"] is not None
    studio.until(lambda: room.http.get("/v1/queue", headers=headers).status_code == 401, "it is revoked", seconds=3)


def test_a_link_is_refused_without_its_token_in_answer_or_log(studio, room):
    body = {
        "token": room.account["token"],
        "server": room.account["guild_id"],
        "channel": room.account["channel_id"],
        "accept_terms": True,
    }
    again = room.http.post("/v1/accounts", json=body)
    error(again, 409, "conflict")
    error(room.http.post("/v1/accounts", json={**body, "accept_terms": False}), 400, "refused")
    assert room.account["token"] not in again.text
    assert room.account["token"] not in studio.easel.log.read_text()


def test_an_account_is_unlinked_and_linked_again(studio):
    room = studio["other"]
    body = {"server": room.account["guild_id"], "channel": room.account["channel_id"], "accept_terms": True}
    assert room.http.delete(f"/v1/accounts/{room.account_id}").json() == {"unlinked": room.account_id}
    linked = room.http.post("/v1/accounts", json={**body, "token": room.account["token"], "name": "back"})
    assert (linked.status_code, linked.json()["name"]) == (200, "back")
    studio.wait_live("other")
    room.done([asked(room, prompt="linked again")])
    assert room.account["token"] not in studio.easel.log.read_text()


def test_the_workspace_changes_its_settings(room):
    changed = room.http.patch("/v1/workspace", json={"contact": "owner@example.com", "quota": "100000/month"}).json()
    assert (changed["contact"], changed["quota"]) == ("owner@example.com", "100000/month")
    assert room.http.patch("/v1/workspace", json={"quota": "none"}).json()["quota"] is None
