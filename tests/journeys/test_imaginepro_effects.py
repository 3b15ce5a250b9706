"""What ImaginePro's calls really do, counted in the simulator's ledger: answers alone prove nothing."""

from __future__ import annotations

import time
from collections import Counter

from tests.journeys.processes import imagine, message, wait_final

API = "/api/v1"


def post(client, path, **body) -> dict:
    answer = client.post(f"{API}{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def get(client, path, **query):
    answer = client.get(f"{API}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def switch(client, token_id, active) -> dict:
    answer = client.put(f"{API}/discord/token/{token_id}", json={"isActive": active})
    assert answer.status_code == 200, answer.text
    (token,) = answer.json()
    return token


def accepted(simulator) -> list[dict]:
    """The submissions that Discord took, in their order."""
    rows = simulator.ledger("request")
    return [row for row in rows if row["path"].endswith("/interactions") and row["decision"] == "accepted"]


def prompts(simulator) -> list[str]:
    return [row["prompt"] for row in accepted(simulator) if row.get("prompt")]


def until(holds, seconds=20.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def test_boosts_overtake_what_waits_and_a_paused_queue_sends_nothing(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=200, first_ms=20)
    easel = start_easel(simulator, accounts=1, concurrency=1)
    with easel.client() as client:
        assert set(post(client, "/discord/queue/pause")) == {"success", "createdAt"}
        ordinary = [imagine(client, f"ordinary {n}") for n in range(20)]
        boosted = [post(client, "/nova/boost/imagine", prompt=f"boost {n}")["messageId"] for n in range(2)]
        assert get(client, "/discord/queue/count") == {"count": 22}
        assert [each["paused"] for each in get(client, "/discord/tokens/queue")] == [True]
        time.sleep(1.5)
        assert prompts(simulator) == []
        assert message(client, ordinary[0])["status"] == "QUEUED"
        post(client, "/discord/queue/resume")
        wait_final(client, ordinary + boosted)
        in_order = prompts(simulator)
        assert in_order[:2] == ["boost 0", "boost 1"]
        assert in_order[2:] == [f"ordinary {n}" for n in range(20)]
        assert get(client, "/discord/queue/count") == {"count": 0}
        assert set(post(client, "/discord/queue/reboot")) == {"success", "createdAt"}


def test_the_load_is_even_and_an_account_that_is_switched_off_gets_nothing(start_simulator, start_easel):
    simulator = start_simulator(accounts=4, job_ms=150, first_ms=10)
    easel = start_easel(simulator, accounts=4, concurrency=3)
    with easel.client() as client:
        wait_final(client, [imagine(client, f"even {n}") for n in range(100)], seconds=90)
        counts = Counter(row["account"] for row in accepted(simulator))
        assert all(22 <= counts[account["id"]] <= 28 for account in simulator.accounts), counts
        tokens = get(client, "/discord/tokens")
        off = switch(client, tokens[0]["id"], "false")
        assert (off["id"], off["isActive"]) == (tokens[0]["id"], False)
        before = len(accepted(simulator))
        job_ids = [imagine(client, f"three {n}") for n in range(12)]
        wait_final(client, job_ids)
        later = accepted(simulator)[before:]
        channels = {get(client, f"/message/trace/{job_id}")["discordChannelId"] for job_id in job_ids}
        assert len(later) == 12
        assert tokens[0]["channelId"] not in channels
        assert len(channels) == 3
        assert switch(client, tokens[0]["id"], True)["isActive"] is True
        again = client.post(f"{API}/nova/commands", json={"cmd": "info"})
        assert again.status_code == 400
        assert all(str(token["id"]) in again.json()["message"] for token in tokens)


def test_pictures_in_words_in_blends_and_in_history(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=300, first_ms=20)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:
        made = imagine(client, "a red fox", ref="mine")
        plain = imagine(client, "a plain fox", disableCdn=True)
        told = wait_final(client, [made, plain])
        uri, quarters = told[made]["uri"], told[made]["images"]
        assert len(quarters) == 4
        assert len({client.get(each).content for each in quarters}) == 4
        assert told[plain]["uri"] == told[plain]["originalUrl"]
        assert client.get(told[made]["originalUrl"]).content == client.get(uri).content
        described = post(client, "/nova/describe", url=uri)["messageId"]
        blended = post(client, "/nova/blend", urls=[uri, told[plain]["originalUrl"]])["messageId"]
        based = imagine(client, f"{uri} a fox like this")
        later = wait_final(client, [described, blended, based])
        assert {each["status"] for each in later.values()} == {"DONE"}, later
        assert len(later[described]["content"]) == 4
        assert all(text in later[described]["prompt"] for text in later[described]["content"])
        single = client.post(f"{API}/midjourney/button/", data={"message_id": made, "button": "U1"}).json()["messageId"]
        wait_final(client, [single])
        images = get(client, "/nova/images", size=2)["images"]
        assert [(each["id"], each["type"], each["button"]) for each in images][:1] == [(single, "upscale", "U1")]
        assert {each["id"] for each in get(client, "/midjourney/images")["images"]} == {
            made, plain, blended, based, single,
        }  # fmt: skip
    easel.stop()
    easel.start()
    easel.wait_live(1)
    with easel.client() as client:
        assert len(get(client, "/nova/images")["images"]) == 5
        assert len(get(client, "/nova/images", page=2, size=3)["images"]) == 2


def test_commands_are_answered_in_words_and_a_cancel_reaches_midjourney(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=8000, first_ms=20, speed=1)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:
        told = wait_final(client, [post(client, "/nova/commands", cmd="info")["messageId"]])
        (info,) = told.values()
        assert "Job Mode" in info["content"]
        (token,) = get(client, "/discord/token/")
        assert token["info"] == info["info"]
        assert token["info"]["jobMode"]
        relax = wait_final(client, [post(client, "/nova/commands", command="relax", tokenId=token["id"])["messageId"]])
        assert all(each["content"] for each in relax.values())
        job_id = imagine(client, "a fox to be stopped")
        until(lambda: message(client, job_id)["status"] == "PROCESSING" and message(client, job_id)["progress"] > 0)
        answer = post(client, "/nova/commands", cmd="cancel")
        assert set(answer) == {"success", "createdAt"}
        (stopped,) = wait_final(client, [job_id]).values()
        assert (stopped["status"], stopped["error"]) == ("FAIL", "stopped at Midjourney")
        assert [row["state"] for row in simulator.ledger("job")].count("cancelled") == 1


def test_a_timeout_withdraws_what_was_not_sent_and_keeps_the_late_picture_of_what_was(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=15000, first_ms=20, speed=1)
    easel = start_easel(simulator, accounts=1, concurrency=1)
    with easel.client() as client:
        late = imagine(client, "a late fox", timeout=10)
        never = imagine(client, "a fox that never leaves", timeout=10)
        told = wait_final(client, [late, never])
        assert [told[each]["status"] for each in (late, never)] == ["FAIL", "FAIL"]
        assert "within 10 seconds" in told[late]["error"]
        assert "never sent" in told[never]["error"]
        until(lambda: message(client, late)["status"] == "DONE")
        assert message(client, late)["uri"]
        assert prompts(simulator) == ["a late fox"]
