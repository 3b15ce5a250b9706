"""The ledger links nonce, job, interaction, message and picture, and it and the world outlive the process."""

from __future__ import annotations

import asyncio
import hashlib
import json

import httpx

from engine.simulator.append import AppendFile
from engine.simulator.ledger import Ledger
from tests.simulator.raw_client import RawClient, button


async def fetch(url):
    async with httpx.AsyncClient() as http:
        return (await http.get(url)).content


async def test_a_nonce_leads_to_the_picture_for_every_kind_of_job(simulate):
    async with simulate() as it, it.client() as client:
        asked = {"imagine": await client.imagine("harbor")}
        finals = {"imagine": await client.final_of(asked["imagine"])}
        for verb, label in (("upscale", "U2"), ("variation_strong", "V3"), ("reroll", "🔄")):
            asked[verb] = await client.click(finals["imagine"], label)
            finals[verb] = await client.final_of(asked[verb])
        for verb, nonce in asked.items():
            row = (await it.rows("job", nonce=nonce, state="finished"))[0]
            final = finals[verb]
            assert row["verb"] == verb
            assert row["message"] == final["id"]
            assert row["interaction"] == final["interaction_metadata"]["id"]
            assert row["job"] in final["attachments"][0]["filename"]
            assert row["picture"] == hashlib.sha256(await fetch(final["attachments"][0]["url"])).hexdigest()
            accepted = (await it.rows("request", nonce=nonce))[0]
            assert (accepted["decision"], accepted["interaction"]) == ("accepted", row["interaction"])


async def test_every_frame_and_request_has_its_row(simulate):
    async with simulate() as it, it.client() as client:
        final = await client.finished("harbor")
        await client.frame("MESSAGE_DELETE")
        await client.history()
        await fetch(final["attachments"][0]["url"])
        rows = await it.rows()
        assert [r["n"] for r in rows] == list(range(1, len(rows) + 1))
        assert all(r["at"] > 1_600_000_000_000 and r["mono_us"] > 0 for r in rows)
        frames = [r for r in rows if r["kind"] == "frame" and r.get("t")]
        assert [(r["t"], r["s"]) for r in frames] == [(f["t"], f["s"]) for f in client.frames if f["op"] == 0]
        paths = {r["path"].split("?")[0] for r in rows if r["kind"] == "request"}
        assert f"/api/v9/channels/{client.account['channel_id']}/messages" in paths
        assert any(p.startswith("/attachments/") for p in paths)
        refused = await client.post({"type": 9})
        assert refused.status_code == 400
        assert (await it.rows("request"))[-1]["decision"] == "refused 400/50035"


async def test_the_accepted_row_is_in_the_file_when_the_204_arrives(simulate, tmp_path):
    async with simulate() as it, it.client() as client:
        nonce = await client.imagine("harbor")
        lines = (tmp_path / "state" / "ledger.jsonl").read_text().splitlines()
        assert any(f'"nonce":"{nonce}"' in line and '"accepted"' in line for line in lines)


async def test_no_token_is_written_anywhere(simulate, tmp_path):
    async with simulate() as it, it.client() as client:
        await client.finished("harbor")
        token = client.account["token"]
    for path in (tmp_path / "state").glob("*.jsonl"):
        text = path.read_text()
        assert all(token[n : n + 12] not in text for n in range(len(token) - 12))


async def test_a_restart_keeps_accounts_messages_pictures_switches_and_rows(simulate):
    async with simulate(accounts=2) as it, it.client() as client:
        accounts = it.accounts
        await it.control.put("/accounts/a1", json={"remix": True})
        final = await client.finished("harbor --ar 3:2")
        rows = await it.rows()
        picture = await fetch(final["attachments"][0]["url"])
    async with simulate(accounts=2) as it, it.client() as client:
        assert [a["token"] for a in it.accounts] == [a["token"] for a in accounts]
        assert it.accounts[0]["remix"] is True
        kept = (await client.history())[0]
        assert kept["id"] == final["id"]
        assert await fetch(kept["attachments"][0]["url"]) == picture
        assert (await it.rows())[: len(rows)] == rows
        await it.control.put("/accounts/a1", json={"remix": False})
        single = await client.final_of(await client.click(kept, "U1"))
        assert "**harbor --ar 3:2** - Image #1" in single["content"]
        new = await client.finished("harbor")
        assert int(new["id"]) > int(final["id"])
        assert new["attachments"][0]["filename"] != final["attachments"][0]["filename"]


async def test_running_and_waiting_jobs_go_on_after_a_restart_and_old_sessions_do_not(simulate):
    async with simulate(timing={"job_ms": 60_000, "first_ms": 5}) as it:
        client = it.client()
        await client.connect()
        await client.identify()
        running = [await client.imagine(f"harbor {n}") for n in range(3)]
        for nonce in running:
            await client.frame("MESSAGE_CREATE", lambda d, n=nonce: d.get("nonce") == n)
        waiting = await client.imagine("late harbor")
        await client.frame("MESSAGE_CREATE", lambda d: d["embeds"])
        account, session, seq = client.account, client.session_id, client.seq
        await client.leave(4000)
        await client.http.aclose()
    async with simulate() as it, RawClient(it.simulator.api_url, account) as client:
        await client.leave(4000)
        since = await client.resume(session=session, seq=seq)
        assert (await client.frame(op=9, since=since))["d"] is False

        async def all_done():
            while len(await it.rows("job", state="finished")) < 4:  # noqa: ASYNC110 - another process's event
                await asyncio.sleep(0.05)

        await asyncio.wait_for(all_done(), 10)
        done = {r["nonce"]: r for r in await it.rows("job", state="finished")}
        assert set(done) == {*running, waiting}
        assert done[waiting]["late"]
        ids = [m["id"] for m in await client.history()]
        assert all(row["message"] in ids for row in done.values())


def test_a_line_cut_off_by_a_crash_is_forgotten(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"n":1,"kind":"a"}\n{"n":2,"ki')
    file = AppendFile(path)
    file.append(b'{"n":2,"kind":"b"}', now=True)
    file.close()
    assert [json.loads(line)["kind"] for line in path.read_text().splitlines()] == ["a", "b"]


async def test_long_ledgers_are_read_from_the_middle(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for n in range(1, 1001):
        ledger.write("odd" if n % 2 else "even", value=n)
    rows, following = ledger.rows(700, 50)
    assert [r["value"] for r in rows] == list(range(701, 751))
    assert following == 750
    assert ledger.rows(following, 1000)[1] == 1000
    assert ledger.rows(1000, 10) == ([], 1000)
    assert ledger.rows(5000, 10) == ([], 5000)
    assert [r["value"] for r in ledger.rows(0, 3, "even")[0]] == [2, 4, 6]
    ledger.close()
    again = Ledger(tmp_path / "ledger.jsonl")
    assert again.last == 1000
    assert again.write("more") == 1001
    assert [r["n"] for r in again.rows(998, 10)[0]] == [999, 1000, 1001]
    again.close()


async def test_accounts_are_made_and_changed_by_the_control_port(simulate):
    async with simulate() as it:
        made = (
            await it.control.post("/accounts", json={"name": "ada", "plan": "pro", "queue": 2, "token": "a.b.c"})
        ).json()
        assert (made["name"], made["concurrency"], made["queue"], made["token"]) == ("ada", 12, 2, "a.b.c")
        async with RawClient(it.simulator.api_url, made) as client:
            assert button(await client.finished("harbor"), "U1")
        for wrong in ({"plan": "gold"}, {"concurrency": "many"}, {"unheard": 1}, {"user_id": made["user_id"]}):
            answer = await it.control.post("/accounts", json=wrong)
            assert answer.status_code == 400, wrong
            assert answer.json()["error"]
        assert len((await it.control.get("/accounts")).json()["accounts"]) == 2
        assert (await it.control.put("/accounts/nobody", json={})).status_code == 400


async def test_speed_and_timing_can_be_turned_while_it_runs(simulate):
    async with simulate(timing={"job_ms": None, "first_ms": None, "upscale_ms": None}, speed=1.0) as it:
        async with it.client() as client:
            nonce = await client.imagine("harbor")
            changed = (await it.control.put("/speed", json={"speed": 5000})).json()
            assert changed["speed"] == 5000
            await client.final_of(nonce, timeout=5)
        for path, wrong in (("/speed", {"speed": 0}), ("/timing", {"unheard": 1}), ("/timing", {"job_ms": -1})):
            assert (await it.control.put(path, json=wrong)).status_code == 400
        times = (await it.control.put("/timing", json={"job_ms": 5, "progress_events": 15})).json()
        assert (times["job_ms"], times["progress_events"]) == (5, 15)
        assert (await it.control.get("/healthz")).json()["ok"] is True
