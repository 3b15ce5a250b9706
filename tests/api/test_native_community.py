"""Servers of Discord, operators, members, reports and styles over the native API."""

from __future__ import annotations

import pytest

from engine.model.jobs import JobState, Origin, Request
from tests.api.desk_engine import OTHER, refused
from tests.api.fake_engine import KEY, PICTURE_KEY, grid_result, job

pytestmark = pytest.mark.desks

SERVER, ANN, BEN = "1" * 18, "2" * 18, "3" * 18
CHANNEL, ROLE = "4" * 18, "5" * 18


async def said(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


async def connected(client, engine):
    code = (await said(await client.post("/v1/guilds/codes")))["code"]
    return await engine.community.guilds.connect(code, guild_id=SERVER, name="a server", user_id=BEN)


async def drawn(engine, **changes):
    done = engine.put(job(state=JobState.DONE, result=grid_result(), account_id=1, **changes))
    origin = Origin(workspace_id="ws", requester=f"discord:{ANN}", dialect="discord")
    request = {"origin": origin, "action": done.action, "prompt": done.prompt, "created_at": done.created_at}
    engine.store._requests[done.id] = Request(id=done.id, **request)
    return done


async def test_a_code_is_shown_once_and_connects_a_server(client, engine):
    answer = await client.post("/v1/guilds/codes")
    assert answer.headers["cache-control"] == "no-store"
    await connected(client, engine)
    (guild,) = (await said(await client.get("/v1/guilds")))["guilds"]
    assert (guild["id"], guild["name"], guild["connected_by"]) == (SERVER, "a server", BEN)
    assert guild["settings"]["presses"] == "anyone"
    assert await said(await client.get(f"/v1/guilds/{SERVER}")) == guild
    refused(await client.get(f"/v1/guilds/{SERVER}", headers=OTHER), 404, "not_found")


async def test_a_setting_that_is_given_changes_and_the_others_stay(client, engine):
    await connected(client, engine)
    place = f"/v1/guilds/{SERVER}"
    terms = {"quota": "20/day", "speeds": ["relax", "fast"], "cooldown": 10, "most_queued": 3}
    wanted = {
        "channels": [CHANNEL],
        "moderator_roles": [ROLE],
        "usual": terms,
        "by_role": [{"role": ROLE, "unlimited": True}],
        "nsfw": "spoiler",
        "results_channel": CHANNEL,
        "language": "fr",
        "presses": "requester",
        "layout": "components",
    }
    settings = (await said(await client.patch(place, json=wanted)))["settings"]
    assert settings["usual"] == {**terms, "speeds": ["fast", "relax"], "unlimited": False}
    assert settings["by_role"][0]["unlimited"] is True
    again = (await said(await client.patch(place, json={"results_channel": "none", "spoiler": True})))["settings"]
    assert again == {**settings, "results_channel": None, "spoiler": True}
    entry = (await engine.store.audit("ws", 1))[0]
    assert (entry.who, entry.what) == ("key:7", "server settings changed")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channels": ["general"]}, "channels"),
        ({"channels": "x"}, "channels"),
        ({"nsfw": "some"}, "nsfw"),
        ({"usual": "much"}, "usual"),
        ({"usual": {"quota": "many"}}, "quota"),
        ({"usual": {"cooldown": -1}}, "cooldown"),
        ({"by_role": {"role": ROLE}}, "by_role"),
        ({"by_role": [{"quota": "1/day"}]}, "role"),
        ({"language": "klingon"}, "language"),
        ({"default_style": 4711}, "default_style"),
        ({"results_channel": "x" * 101}, "results_channel"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_by_its_field(client, engine, change, field):
    guild = await connected(client, engine)
    assert refused(await client.patch(f"/v1/guilds/{SERVER}", json=change), 400, "invalid_input")["field"] == field
    assert await engine.community.guilds.guild(SERVER) == guild


async def test_a_server_is_disconnected(client, engine):
    await connected(client, engine)
    assert (await said(await client.delete(f"/v1/guilds/{SERVER}")))["id"] == SERVER
    refused(await client.delete(f"/v1/guilds/{SERVER}"), 404, "not_found")
    assert (await said(await client.get("/v1/guilds"))) == {"guilds": []}


async def test_operators_are_added_and_removed(client):
    made = await said(await client.post("/v1/operators", json={"user": ANN}))
    assert (made["user"], made["added_by"]) == (ANN, "key:7")
    assert await said(await client.get("/v1/operators")) == {"operators": [made]}
    assert refused(await client.post("/v1/operators", json={"user": "ann"}), 400, "invalid_input")["field"] == "user"
    assert await said(await client.delete(f"/v1/operators/{ANN}")) == {"operators": []}
    refused(await client.delete(f"/v1/operators/{ANN}"), 404, "not_found")


async def test_a_key_for_some_accounts_makes_no_operator(client, engine):
    engine.limit(KEY, (1,))
    refused(await client.post("/v1/operators", json={"user": ANN}), 403, "forbidden")
    refused(await client.post("/v1/guilds/codes"), 403, "forbidden")
    assert await engine.community.guilds.operators("ws") == []


async def test_a_member_is_restrained_and_freed(client, engine):
    place = f"/v1/members/{ANN}/restraint"
    wish = {"kind": "timed_out", "seconds": 60, "reason": "spam"}
    refused(await client.post(place, json=wish), 404, "not_found")
    await engine.community.members.seen("ws", ANN, "Ann")
    held = (await said(await client.post(place, json=wish)))["restraint"]
    assert (held["kind"], held["reason"], held["by"]) == ("timed_out", "spam", "key:7")
    for wrong in ({"kind": "banned", "seconds": 5}, {"kind": "jailed"}, {"kind": "timed_out"}):
        refused(await client.post(place, json=wrong), 400, "invalid_input")
    assert (await said(await client.delete(place)))["restraint"] is None
    refused(await client.delete(place), 404, "not_found")


async def test_members_come_page_by_page(client, engine):
    for user in (ANN, BEN):
        await engine.community.members.seen("ws", user, "somebody")
    first = await said(await client.get("/v1/members?limit=1"))
    second = await said(await client.get(f"/v1/members?limit=1&cursor={first['next_cursor']}"))
    assert [page["members"][0]["user"] for page in (first, second)] == [ANN, BEN]
    assert refused(await client.get("/v1/members?cursor=eA"), 400, "invalid_input")["field"] == "cursor"


async def test_strikes_are_given_with_their_job_and_lifted(client, engine):
    done = await drawn(engine)
    await engine.community.members.seen("ws", ANN, "Ann")
    place = f"/v1/members/{ANN}/strikes"
    given = await said(await client.post(place, json={"reason": "gore", "job_id": done.id}))
    assert (given["job_id"], given["by"], given["lifted_at"]) == (done.id, "key:7", None)
    assert (await said(await client.get(f"/v1/members/{ANN}")))["strikes"] == 1
    lifted = await said(await client.delete(f"{place}/{given['id']}"))
    assert lifted["lifted_by"] == "key:7"
    assert (await said(await client.get(place)))["strikes"] == [lifted]


async def test_a_report_is_settled_by_removing_the_picture(client, engine):
    done = await drawn(engine)
    report = await engine.community.reports.report("ws", done.id, BEN, "gore", message_id="8" * 18)
    (listed,) = (await said(await client.get("/v1/reports?unsettled=true")))["reports"]
    assert (listed["id"], listed["message"], listed["settled"]) == (report.id, "8" * 18, None)
    place = f"/v1/reports/{report.id}/settle"
    assert refused(await client.post(place, json={"settled": "burnt"}), 400, "invalid_input")["field"] == "settled"
    settled = await said(await client.post(place, json={"settled": "removed", "strike": "gore"}))
    assert (settled["settled"], settled["settled_by"]) == ("removed", "key:7")
    refused(await client.post(place, json={"settled": "kept"}), 409, "conflict")
    assert (await said(await client.get("/v1/reports?unsettled=true")))["reports"] == []
    assert len((await said(await client.get("/v1/reports")))["reports"]) == 1
    assert (await engine.store.job("ws", done.id)).result.pictures == ()
    assert (await engine.community.members.member("ws", ANN)).strikes == 1
    refused(await client.get("/v1/reports?unsettled=maybe"), 400, "invalid_input")


async def test_pictures_are_removed_by_their_job(client, engine):
    done = await drawn(engine)
    await said(await client.post(f"/v1/jobs/{done.id}/remove", json={"reason": "gore"}))
    assert await engine.store.picture(PICTURE_KEY) is None
    refused(await client.post(f"/v1/jobs/{done.id}/remove"), 404, "not_found")
    waiting = engine.put(job())
    refused(await client.post(f"/v1/jobs/{waiting.id}/remove"), 409, "conflict")


async def test_styles_are_saved_shared_and_deleted(client):
    wish = {"name": "noir", "words": "film noir --s 50", "shared": True}
    made = await said(await client.post("/v1/styles", json=wish))
    assert (made["owner"], made["shared"]) == ("key:7", True)
    assert await said(await client.get("/v1/styles")) == {"styles": [made]}
    for wrong, field in (({"words": "x --nonsense"}, "words"), ({"name": ""}, "name")):
        answer = await client.post("/v1/styles", json={**wish, **wrong})
        assert refused(answer, 400, "invalid_input")["field"] == field
    refused(await client.delete(f"/v1/styles/{made['id']}", headers=OTHER), 404, "not_found")
    await said(await client.delete(f"/v1/styles/{made['id']}"))
    refused(await client.delete("/v1/styles/x"), 404, "not_found")
