"""POST /interactions and its neighbours: what is accepted, and the words of each refusal."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.simulator.raw_client import MIDJOURNEY, button, buttons

WIRE = Path(__file__).parents[1] / "wire"
REFUSALS = json.loads((WIRE / "capture-rest-errors.json").read_text())


def said(answer):
    return answer.status_code, answer.json()


def known(name):
    return REFUSALS[name]["status"], REFUSALS[name]["body"]


async def test_a_wrong_place_is_an_unknown_channel(simulate):
    async with simulate(accounts=2) as it, it.client() as client:
        other = it.accounts[1]
        for wrong in (
            {"channel_id": "1"},
            {"channel_id": other["channel_id"], "guild_id": other["guild_id"]},
            {"guild_id": "1"},
            {"guild_id": None},
            {"channel_id": client.account["dm_channel_id"]},
        ):
            assert said(await client.post(await client.imagine_body("x", **wrong))) == known("unknown_channel")


async def test_a_stale_version_is_refused_in_the_captured_words_until_it_is_looked_up_again(simulate):
    async with simulate() as it, it.client() as client:
        body = await client.imagine_body("x")
        body["data"]["version"] = "1118961510123847772"
        assert said(await client.post(body)) == known("outdated_command")
        body = await client.imagine_body("x")
        await it.control.post("/commands/redeploy")
        assert said(await client.post(body)) == known("outdated_command")
        client._index = None
        await client.imagine("x")


async def test_bad_tokens_and_applications_are_refused(simulate):
    async with simulate() as it, it.client() as client:
        body = await client.imagine_body("x")
        async with httpx.AsyncClient(base_url=client.api_url, headers={"Authorization": "no.such.token"}) as stranger:
            assert said(await stranger.post("/interactions", json=body)) == known("generic_unauthorized")
            assert said(await stranger.get("/users/@me")) == known("generic_unauthorized")
        assert said(await client.post({**body, "application_id": "1"})) == known("unknown_application")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"type": 9}, "type"),
        ({"application_id": None}, "application_id"),
        ({"session_id": "0123456789abcdef0123456789abcdef"}, "session_id"),
        ({"nonce": "1" * 26}, "nonce"),
        ({"data": None}, "data"),
    ],
)
async def test_a_malformed_body_says_where(simulate, change, place):
    async with simulate() as it, it.client() as client:
        answer = await client.post({**await client.imagine_body("x"), **change})
        assert answer.status_code == 400
        assert answer.json()["code"] == 50035
        assert place in answer.json()["errors"]


async def test_json_that_is_none_an_unknown_command_and_a_prompt_too_long_are_refused(simulate):
    async with simulate() as it, it.client() as client:
        broken = await client.http.post("/interactions", content=b"{", headers={"Content-Type": "application/json"})
        assert said(broken) == (400, {"message": "The request body contains invalid JSON.", "code": 50109})
        body = await client.imagine_body("x")
        body["data"]["id"] = "1"
        assert (await client.post(body)).json()["code"] == 10063
        assert (await client.post(await client.imagine_body("x" * 6001))).json()["code"] == 50035
        assert (await client.post(await client.imagine_body(""))).json()["code"] == 50035


async def test_a_form_with_payload_json_is_accepted_as_the_web_client_sends_it(simulate):
    async with simulate() as it, it.client() as client:
        body = await client.imagine_body("a lighthouse")
        answer = await client.http.post("/interactions", files={"payload_json": (None, json.dumps(body))})
        assert answer.status_code == 204
        await client.final_of(body["nonce"])


async def test_a_click_needs_the_message_and_its_button(simulate):
    async with simulate(accounts=2) as it, it.client() as client:
        final = await client.finished("a lighthouse")
        u1 = button(final, "U1")["custom_id"]
        body = await client.click_body(final, u1)
        assert said(await client.post({**body, "message_id": "1"})) == known("stale_component")
        assert said(await client.post({**body, "message_flags": 64})) == known("stale_component")
        wrong = await client.click_body(final, u1.replace("::1::", "::5::"))
        refused = await client.post(wrong)
        assert refused.status_code == 400
        assert refused.json()["errors"]["data"]["_errors"][0]["code"] == "COMPONENT_VALIDATION_FAILED"
        progress = client.of("MESSAGE_CREATE")[0]
        await client.frame("MESSAGE_DELETE", lambda d: d["id"] == progress["id"])
        assert said(await client.post(await client.click_body(progress, u1))) == known("stale_component")


async def test_a_modal_that_is_not_open_is_an_unknown_interaction(simulate):
    async with simulate() as it, it.client() as client:
        data = {"id": "1", "custom_id": "MJ::RemixModal::x::1::1", "components": []}
        answer = await client.post(await client.body(5, data))
        assert said(answer) == (404, {"message": "Unknown interaction", "code": 10062})


async def test_a_repeated_nonce_is_the_same_request(simulate):
    async with simulate() as it, it.client() as client:
        body = await client.imagine_body("a lighthouse")
        assert (await client.post(body)).status_code == 204
        assert (await client.post(body)).status_code == 204
        assert (await client.post({**body, "nonce": int(body["nonce"])})).status_code == 204
        await client.final_of(body["nonce"])
        assert len(await it.rows("job", state="finished")) == 1
        assert [r["decision"] for r in await it.rows("request", nonce=body["nonce"])] == [
            "accepted",
            "duplicate nonce",
            "duplicate nonce",
        ]


async def test_without_a_session_id_the_job_runs_and_no_interaction_event_is_heard(simulate):
    async with simulate() as it, it.client() as client:
        nonce = await client.imagine("a lighthouse", session_id=None)
        await client.final_of(nonce)
        assert not client.of("INTERACTION_CREATE")


async def test_the_first_events_come_before_the_204_or_after_it(simulate):
    async with simulate(early_events=1.0, timing={"first_ms": 200, "job_ms": 300}) as it, it.client() as client:
        nonce = await client.imagine("a lighthouse")
        created = await client.frame("INTERACTION_CREATE", timeout=0.1)
        assert created["d"]["nonce"] == nonce
    async with simulate(early_events=0.0, timing={"first_ms": 200, "job_ms": 300}) as it, it.client() as client:
        await client.imagine("a lighthouse")
        assert not client.of("INTERACTION_CREATE")


async def test_in_the_bot_dm_guild_id_is_left_out_everywhere(simulate):
    async with simulate() as it, it.client() as client:
        dm = client.account["dm_channel_id"]
        nonce = await client.imagine("a lighthouse", guild_id=None, channel_id=dm)
        final = await client.final_of(nonce)
        assert final["channel_id"] == dm
        assert "guild_id" not in final
        assert "member" not in final
        assert (await client.http.get(f"/channels/{dm}/messages")).json()[0]["id"] == final["id"]


async def test_the_command_index_is_that_of_the_wire(simulate):
    sample = json.loads((WIRE / "rest-application-command-index.mj.json").read_text())
    async with simulate() as it, it.client() as client:
        account = client.account
        for path in (
            f"/guilds/{account['guild_id']}",
            f"/channels/{account['dm_channel_id']}",
            "/users/@me",
            f"/applications/{MIDJOURNEY}",
        ):
            index = (await client.http.get(f"{path}/application-command-index")).json()
            assert set(index) == set(sample)
            ours = {c["id"]: c for c in index["application_commands"] if c["application_id"] == MIDJOURNEY}
            known = {c["id"]: c for c in sample["application_commands"]}
            known["1000850743479255081"]["version"] = "1493662068581077053"  # /settings moved in 2026
            assert ours == known
            assert index["application_commands"][0]["name"] != "imagine"
        assert (await client.http.get("/guilds/1/application-command-index")).status_code == 403


async def test_both_api_versions_answer(simulate):
    async with simulate() as it, it.client() as client:
        for version in ("v9", "v10"):
            base = it.simulator.api_url.replace("v9", version)
            assert (await client.http.get(f"{base}/gateway")).json() == {"url": it.simulator.gateway_url}
            assert (await client.http.get(f"{base}/users/@me")).json()["id"] == client.account["user_id"]
        channels = (await client.http.get("/users/@me/channels")).json()
        assert channels[0]["id"] == client.account["dm_channel_id"]
        opened = await client.http.post("/users/@me/channels", json={"recipients": [MIDJOURNEY]})
        assert opened.json()["id"] == client.account["dm_channel_id"]
        assert (await client.http.get("/no/such/path")).json() == {"message": "404: Not Found", "code": 0}


async def test_pressing_the_same_button_twice_answers_twice(simulate):
    async with simulate() as it, it.client() as client:
        final = await client.finished("a lighthouse")
        first = await client.final_of(await client.click(final, "U2"))
        second = await client.final_of(await client.click(final, "U2"))
        assert first["id"] != second["id"]
        assert [b["style"] for b in buttons((await client.history(limit=100))[-1])][1] == 1
