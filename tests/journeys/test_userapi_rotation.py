"""Without a named account, jobs are spread evenly over those that can run them; one that is stopped gets none."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest

from tests.journeys.processes import wait_final

JOBS = 100


@pytest.mark.timeout(180)
def test_a_hundred_jobs_fall_evenly_on_four_accounts_and_none_on_a_paused_one(start_simulator, start_easel):
    simulator = start_simulator(accounts=5, speed=60, job_ms=200, first_ms=20, progress_events=2, picture_size=64)
    for account in simulator.accounts:
        simulator.change_account(account["id"], concurrency=10)
    easel = start_easel(simulator, accounts=5, concurrency=3)
    paused = easel.cli("account", "list")[-1]["id"]
    with easel.client() as client:
        assert client.post(f"/v1/accounts/{paused}/pause").json()["state"] == "paused"
        key = client.headers["Authorization"].partition(" ")[2]
        with httpx.Client(base_url=easel.url, headers={"api-key": key}, timeout=30) as userapi:
            answers = [userapi.post("/midjourney/v2/imagine", json={"prompt": f"fox {n}"}) for n in range(JOBS)]
            tasks = [answer.json()["hash"] for answer in answers]
            wait_final(client, tasks, seconds=120)
            told = [userapi.get("/midjourney/v2/status", params={"hash": task}).json() for task in tasks]
    assert {task["status"] for task in told} == {"done"}
    by_account = Counter(task["account_hash"] for task in told)
    assert len(by_account) == 4
    assert all(22 <= count <= 28 for count in by_account.values()), by_account
    assert {hash_ for (hash_,) in easel.query("SELECT hash FROM accounts WHERE state = 'paused'")}.isdisjoint(
        by_account
    )
