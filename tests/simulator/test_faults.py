"""Every ordered trouble is felt as ordered, as often as ordered, and nowhere else."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.simulator.raw_client import RawClient, nonce


async def lost(client, prompt):
    """POST an imagine whose answer does not come; the nonce."""
    body = await client.imagine_body(prompt)
    with pytest.raises(httpx.TransportError):
        await client.post(body)
    return body["nonce"]


def kinds(client, since=0):
    """The job's events in order, told apart: create, edit, final, delete, created, success."""
    names = []
    for frame in client.frames[since:]:
        d = frame["d"]
        if frame["t"] == "MESSAGE_CREATE":
            names.append("final" if d["attachments"] else "start")
        elif frame["t"] in ("MESSAGE_UPDATE", "MESSAGE_DELETE", "INTERACTION_CREATE", "INTERACTION_SUCCESS"):
            names.append(frame["t"].split("_", 1)[1].lower() if "INTER" not in frame["t"] else frame["t"].lower())
    return names


async def test_an_unknown_kind_is_refused_with_the_list(simulate):
    async with simulate() as it:
        answer = await it.control.post("/faults", json={"kind": "earthquake"})
        assert answer.status_code == 400
        for kind in (
            "answer_dropped",
            "tcp_cut",
            "close_4000",
            "op7",
            "op9_false",
            "heartbeat_not_acked",
            "resume_refused",
        ):
            assert kind in answer.json()["error"]
        for bad in ({"count": 0}, {"after_ms": -1}, {"account": "nobody"}):
            assert (await it.control.post("/faults", json={"kind": "op7", **bad})).status_code == 400


async def test_orders_can_be_listed_and_cancelled(simulate):
    async with simulate() as it, it.client() as client:
        first = await it.order("rate_limited", count=2, match="xyz")
        await it.order("captcha", match="xyz")
        listed = (await it.control.get("/faults")).json()["faults"]
        assert [(f["kind"], f["left"]) for f in listed] == [("rate_limited", 2), ("captcha", 1)]
        assert (await it.control.delete(f"/faults/{first['id']}")).json() == {"cancelled": 1}
        assert (await it.control.delete(f"/faults/{first['id']}")).status_code == 404
        assert (await it.control.delete("/faults")).json() == {"cancelled": 1}
        await client.imagine("xyz")


async def test_match_account_count_and_delay_decide_whom_it_hits(simulate):
    async with simulate(accounts=2) as it, it.client(0) as one, it.client(1) as two:
        await it.order("rate_limited", account="a2", match="storm", count=2)
        assert (await one.post(await one.imagine_body("storm"))).status_code == 204
        assert (await two.post(await two.imagine_body("calm"))).status_code == 204
        statuses = [(await two.post(await two.imagine_body("storm"))).status_code for _ in range(3)]
        assert statuses == [429, 429, 204]
        await it.order("rate_limited", after_ms=300)
        assert (await one.post(await one.imagine_body("x"))).status_code == 204
        await asyncio.sleep(0.35)
        assert (await one.post(await one.imagine_body("x"))).status_code == 429


async def test_answer_dropped_the_job_runs_and_only_the_204_is_lost(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("answer_dropped")
        lost_nonce = await lost(client, "harbor")
        await client.final_of(lost_nonce)
        assert [r["decision"] for r in await it.rows("request", nonce=lost_nonce)] == ["accepted"]
        await client.imagine("next")


async def test_rate_limited_says_how_long_and_accepts_nothing(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("rate_limited", retry_after=1.5)
        body = await client.imagine_body("harbor")
        answer = await client.post(body)
        assert answer.status_code == 429
        assert answer.json() == {
            "message": "The resource is being rate limited.",
            "retry_after": 1.5,
            "global": False,
        }
        assert answer.headers["retry-after"] == "2"
        assert not await it.rows("job")
        assert (await client.post(body)).status_code == 204


async def test_a_missed_final_is_in_the_history_only(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("missed_final")
        nonce = await client.imagine("harbor")
        await client.frame("MESSAGE_DELETE")
        await asyncio.sleep(0.1)
        assert not client.of("MESSAGE_CREATE", lambda d: d["attachments"])
        row = (await it.rows("job", nonce=nonce, state="finished"))[0]
        assert [m["id"] for m in await client.history()] == [row["message"]]
        assert [r["decision"] for r in await it.rows("frame", message=row["message"])] == ["dropped"]


async def test_duplicated_events_come_again_with_a_new_number(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("duplicated")
        await client.finished("harbor")
        await client.frame("MESSAGE_DELETE")
        await asyncio.sleep(0.05)
        told = [f for f in client.frames if (f["t"] or "").startswith("MESSAGE_")]
        assert len(told) % 2 == 0
        for one, again in zip(told[::2], told[1::2], strict=True):
            assert again["s"] == one["s"] + 1
            assert (again["t"], again["d"]) == (one["t"], one["d"])
        numbers = [f["s"] for f in client.frames if f["op"] == 0]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("order", "first", "second"),
    [
        ("final_before_progress", "final", "update"),
        ("delete_before_final", "delete", "final"),
        ("success_before_create", "interaction_success", "interaction_create"),
    ],
)
async def test_reordered_events_come_in_another_order_that_can_happen(simulate, order, first, second):
    async with simulate(early_events=0) as it, it.client() as client:
        await it.order("reordered", order=order)
        await client.imagine("harbor")
        await client.frame("MESSAGE_DELETE")
        await client.frame("MESSAGE_CREATE", lambda d: d["attachments"])
        names = kinds(client)
        assert len(names) - 1 - names[::-1].index(second) > names.index(first)
        assert names.index(first) < len(names) - 1 - names[::-1].index(second)
        if order == "success_before_create":
            assert names[:3] == ["interaction_success", "interaction_create", "start"]
        numbers = [f["s"] for f in client.frames if f["op"] == 0]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_with_u_the_pressed_messages_edit_comes_after_the_final(simulate):
    async with simulate() as it, it.client() as client:
        grid = await client.finished("harbor")
        await it.order("reordered", order="final_before_progress", match="upsample")
        await client.click(grid, "U1")
        single = await client.frame("MESSAGE_CREATE", lambda d: "Image #1" in d["content"] and d["attachments"])
        edited = await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == grid["id"])
        assert edited["s"] > single["s"]


async def test_the_final_can_come_before_the_204(simulate):
    async with simulate(timing={"job_ms": 60_000, "first_ms": 1000}) as it, it.client() as client:
        await it.order("reordered", order="final_before_204")
        nonce = await client.imagine("harbor")
        assert (await client.final_of(nonce, timeout=0.2))["attachments"]


async def test_without_a_named_order_each_comes_in_turn(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("reordered", count=4)
        for n in range(4):
            await client.finished(f"harbor {n}")
        rows = await it.rows("request", decision="accepted")
        assert [r["faults"] for r in rows] == [["reordered"]] * 4


@pytest.mark.parametrize("kind", ["tcp_cut", "close_4000", "op7", "op9_true"])
async def test_after_a_drop_the_session_is_resumed_and_nothing_is_missing(simulate, kind):
    async with simulate() as it, it.client() as client:
        await it.order(kind, on="MESSAGE_UPDATE", match="harbor")
        request = await client.imagine("harbor")
        if kind == "op7":
            await client.frame(op=7)
            await client.leave(4000)
        elif kind == "op9_true":
            assert (await client.frame(op=9))["d"] is True
            await client.leave(4000)
        else:
            closed = await client.frame(op="closed")
            assert closed["d"] == (4000 if kind == "close_4000" else 1006)
        before = client.seq
        since = await client.resume()
        await client.frame("RESUMED", since=since)
        await client.final_of(request)
        numbers = [f["s"] for f in client.frames if f["op"] == 0]
        assert numbers == list(range(1, len(numbers) + 1))
        assert next(f["s"] for f in client.frames[since:] if f["op"] == 0) == before + 1


async def test_op9_false_ends_the_session_but_not_the_socket(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("op9_false")
        assert (await client.frame(op=9))["d"] is False
        old, since = client.session_id, len(client.frames)
        await client.send(2, {"token": client.account["token"], "properties": {}})
        await client.frame("READY", since=since)
        assert client.session_id != old
        answer = await client.post(await client.imagine_body("harbor", session_id=old))
        assert answer.status_code == 400


async def test_heartbeats_go_unanswered_until_a_new_socket(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("heartbeat_not_acked")
        await asyncio.sleep(0.05)
        await client.send(1, client.seq)
        with pytest.raises(TimeoutError):
            await client.frame(op=11, timeout=0.15)
        await client.leave(4000)
        since = await client.resume()
        await client.frame("RESUMED", since=since)
        await client.send(1, client.seq)
        await client.frame(op=11, since=since)


async def test_a_refused_resume_gets_op9_false_and_the_next_one_too(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("resume_refused")
        await client.leave(4000)
        since = await client.resume()
        assert (await client.frame(op=9, since=since))["d"] is False
        assert [r["decision"] for r in await it.rows("gateway", op=6)] == ["refused op9"]


async def test_a_drop_can_strike_again_and_again(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("tcp_cut", count=3, after_ms=30)
        since = 0
        for _ in range(3):
            await client.frame(op="closed", since=since)
            since = await client.resume()
            await client.frame("RESUMED", since=since)
        await asyncio.sleep(0.1)
        assert [f["op"] for f in client.frames].count("closed") == 3
        assert len(await it.rows("fault", decision="tcp_cut")) == 3


@pytest.mark.parametrize("code", [4000, 4004, 4008, 4014, 1000])
async def test_any_close_code_can_be_ordered(simulate, code):
    async with simulate() as it, it.client() as client:
        await it.order(f"close_{code}")
        assert (await client.frame(op="closed"))["d"] == code


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("unauthorized", 401, 0),
        ("blocked", 403, 10008),
        ("missing_access", 403, 50001),
        ("message_gone", 404, 10008),
        ("outdated", 400, 50035),
        ("captcha", 400, None),
    ],
)
async def test_ordered_refusals_have_discords_words(simulate, kind, status, code):
    async with simulate() as it, it.client() as client:
        await it.order(kind)
        answer = await client.post(await client.imagine_body("harbor"))
        assert answer.status_code == status
        assert answer.json().get("code") == code
        assert ("captcha_key" in answer.json()) == (kind == "captcha")
        assert answer.headers.get("via")
        assert not await it.rows("job")


async def test_server_trouble_before_acceptance_starts_nothing(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("server_error", status=503)
        assert (await client.post(await client.imagine_body("harbor"))).status_code == 503
        await it.order("cloudflare")
        html = await client.post(await client.imagine_body("harbor"))
        assert (html.status_code, html.headers["content-type"].split(";")[0]) == (429, "text/html")
        assert "via" not in html.headers
        await it.order("reset")
        await lost(client, "harbor")
        await it.order("timeout")
        with pytest.raises(httpx.ReadTimeout):
            await client.http.post("/interactions", json=await client.imagine_body("harbor"), timeout=0.1)
        assert not await it.rows("job")


async def test_an_answer_can_be_late_or_a_502_although_the_job_runs(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("answer_late", delay_ms=400)
        body = await client.imagine_body("harbor")
        posting = asyncio.create_task(client.post(body))
        await client.final_of(body["nonce"])
        assert not posting.done()
        assert (await posting).status_code == 204
        await it.order("answer_5xx")
        body = await client.imagine_body("harbor")
        assert (await client.post(body)).status_code == 502
        await client.final_of(body["nonce"])


async def test_silence_is_acknowledged_and_nothing_more(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("silence")
        await client.imagine("harbor")
        await client.frame("INTERACTION_SUCCESS")
        await asyncio.sleep(0.2)
        assert not client.of("MESSAGE_CREATE")
        assert [r["decision"] for r in await it.rows("job")] == ["silence"]


async def test_embeds_words_and_failures_can_be_ordered(simulate):
    async with simulate() as it, it.client() as client:

        async def reply(prompt):
            wanted = await client.imagine(prompt)
            return (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == wanted))["d"]

        await it.order("embed", title="Banned prompt detected", description="Sorry!", color=16711680, match="bad")
        refused = await reply("bad words")
        assert refused["flags"] == 64
        embed = refused["embeds"][0]
        assert (embed["title"], embed["description"], embed["color"]) == ("Banned prompt detected", "Sorry!", 16711680)
        assert embed["footer"]["text"] == "/imagine bad words"
        await it.order("embed", title="Request cancelled due to image filters", where="update")
        start = await reply("harbor")
        edited = (await client.frame("MESSAGE_UPDATE", lambda d: d["embeds"] and d["id"] == start["id"]))["d"]
        assert edited["embeds"][0]["title"] == "Request cancelled due to image filters"
        await it.order("content", text="Failed to process your command :c")
        assert (await reply("harbor"))["content"] == "Failed to process your command :c"
        await it.order("queue_full")
        assert (await reply("harbor"))["embeds"][0]["title"] == "Queue full"
        await it.order("interaction_failure")
        wanted = await client.imagine("harbor")
        await client.frame("INTERACTION_FAILURE", lambda d: d["nonce"] == wanted)


async def test_progress_can_vanish_long_before_the_final(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("delete_first", delay_ms=300)
        await client.imagine("harbor")
        await client.frame("MESSAGE_DELETE")
        assert not client.of("MESSAGE_CREATE", lambda d: d["attachments"])
        await client.frame("MESSAGE_CREATE", lambda d: d["attachments"])


async def test_broken_deflate_is_noticed(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("corrupt_zlib")
        await client.frame(op="zlib error")


async def test_a_half_open_socket_says_nothing_and_its_session_can_be_resumed(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("half_open")
        await asyncio.sleep(0.05)
        request = await client.imagine("harbor")
        with pytest.raises(TimeoutError):
            await client.frame("INTERACTION_CREATE", timeout=0.2)
        client.socket.transport.abort()
        since = await client.resume()
        await client.frame("RESUMED", since=since)
        await client.final_of(request)


async def test_openings_can_fail_in_every_way(simulate):
    async with simulate() as it:
        client = RawClient(it.simulator.api_url, it.accounts[0])
        await it.order("gateway_refused")
        with pytest.raises(Exception, match="503"):
            await client.connect()
        await it.order("no_hello")
        await client.connect()
        with pytest.raises(TimeoutError):
            await client.frame(op=10, timeout=0.15)
        await client.leave()
        await it.order("no_ready")
        since = len(client.frames)
        await client.connect()
        await client.frame(op=10, since=since)
        await client.send(2, {"token": client.account["token"], "properties": {}})
        with pytest.raises(TimeoutError):
            await client.frame("READY", timeout=0.15)
        await client.leave()
        await it.order("big_ready", bytes=1_500_000)
        await client.connect()
        await client.identify()
        assert len(str(client.ready)) > 1_500_000
        await client.leave()
        await it.order("identify_refused")
        since = len(client.frames)
        await client.connect()
        await client.frame(op=10, since=since)
        await client.send(2, {"token": client.account["token"], "properties": {}})
        assert (await client.frame(op="closed", since=since))["d"] == 4004
        await client.http.aclose()


async def test_late_events_come_in_order_after_the_history_has_them(simulate):
    async with simulate(early_events=1) as it, it.client() as client:
        await it.order("late_events", delay_ms=400)
        wanted = await client.imagine("harbor")
        await asyncio.sleep(0.1)
        found = await client.history()
        assert found
        assert not client.of("MESSAGE_CREATE")
        assert not client.of("INTERACTION_CREATE")
        final = await client.final_of(wanted)
        await client.frame("MESSAGE_DELETE")
        assert kinds(client)[0] == "interaction_create"
        assert kinds(client).index("start") < kinds(client).index("final")
        assert found[0]["id"] in (final["id"], final["message_reference"]["message_id"])
        numbers = [f["s"] for f in client.frames if f["op"] == 0]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_nonces_can_come_as_numbers(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("integer_nonces")
        wanted = int(await client.imagine("harbor"))
        start = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == wanted))["d"]
        assert start["content"]
        assert [d["nonce"] for d in client.of("INTERACTION_CREATE")] == [wanted]


async def test_an_edit_can_hold_only_what_changed(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("partial_updates")
        await client.finished("harbor")
        edits = client.of("MESSAGE_UPDATE")
        assert len(edits) == 4
        assert all("author" not in d and "interaction_metadata" not in d and d["id"] for d in edits)
        assert all("%" in d["content"] for d in edits)


async def test_as_an_option_both_strike_a_share_of_the_jobs(simulate):
    async with simulate(integer_nonces=1.0, partial_updates=1.0) as it, it.client() as client:
        wanted = int(await client.imagine("harbor"))
        await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == wanted)
        edit = await client.frame("MESSAGE_UPDATE")
        assert "author" not in edit["d"]


async def test_a_revoked_token_is_refused_everywhere(simulate):
    async with simulate(accounts=2) as it, it.client() as client, it.client(1) as other:
        await it.order("token_revoked", account=it.accounts[0]["id"])
        assert (await client.frame(op="closed"))["d"] == 4004
        assert (await client.http.get("/users/@me")).status_code == 401
        assert (await other.http.get("/users/@me")).status_code == 200


async def test_reading_can_fail_without_harm_to_what_is_sent(simulate):
    async with simulate() as it, it.client() as client:
        await it.order("read_error", match="/messages", status=502)
        await client.imagine("harbor")
        answer = await client.http.get(f"/channels/{client.account['channel_id']}/messages")
        assert answer.status_code == 502
        assert await client.history() is not None


@pytest.mark.parametrize("kind", ["gateway_refused", "no_hello"])
async def test_a_bad_handshake_can_be_aimed_at_the_one_who_resumes(simulate, kind):
    async with simulate(accounts=2) as it, it.client() as client, it.client(1) as other:
        await it.order(kind, account=it.accounts[0]["id"])
        await other.leave(4000)
        since = await other.resume()
        await other.frame("RESUMED", since=since)
        await client.leave(4000)
        since = len(client.frames)
        if kind == "gateway_refused":
            with pytest.raises(Exception, match="503"):
                await client.connect(client.ready["resume_gateway_url"])
        else:
            await client.connect(client.ready["resume_gateway_url"])
            with pytest.raises(TimeoutError):
                await client.frame(op=10, since=since, timeout=0.15)
        assert not (await it.control.get("/faults")).json()["faults"]


async def test_nonces_of_the_test_client_differ():
    assert len({nonce() for _ in range(100)}) == 100
