"""What a client sees of the past, and how soon it sees the present: a day of history, status at once."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

from tests.journeys.processes import EaselProcess, imagine, wait_final

WITHIN_SECONDS = 1.0


def history(client) -> list[str]:
    answer = client.get("/api/v1/midjourney/images")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["images"]]


def aged(easel: EaselProcess, job_id: str, age: timedelta) -> None:
    """Let a finished job be so old, as its rows would be had the time passed."""
    then = (datetime.now(UTC) - age).isoformat(sep="T", timespec="microseconds")
    with closing(sqlite3.connect(easel.folder / "easel.db")) as database, database:
        changed = database.execute(
            "UPDATE jobs SET created_at = ?, finished_at = ? WHERE id = ?", (then, then, job_id)
        ).rowcount
    assert changed == 1


def test_history_survives_a_restart_and_ends_after_a_day(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=200, first_ms=20)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:
        young, old, new = jobs = [imagine(client, f"a fox of the {word}") for word in ("day", "week", "hour")]
        wait_final(client, jobs)
        assert sorted(history(client)) == sorted(jobs)
    easel.stop()
    aged(easel, young, timedelta(hours=23, minutes=55))
    aged(easel, old, timedelta(hours=24, minutes=1))
    easel.start()
    with easel.client() as client:
        assert history(client) == [new, young]
        assert client.get(f"/api/v1/message/fetch/{old}").json()["status"] == "DONE"


def test_a_stopped_account_and_its_waiting_jobs_are_seen_within_a_second(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=200, first_ms=20)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:
        simulator.order("blocked")
        asked = [imagine(client, "the fox that stops it")]
        wait_until(lambda: not simulator.orders(), seconds=20)
        asked += [imagine(client, f"a fox that waits {number}") for number in range(2)]
        begins = time.monotonic()

        def seen() -> bool:
            place = client.get("/status").json()["workspace"]
            (account,) = place["accounts"]
            (token,) = client.get("/api/v1/discord/tokens").json()
            count = client.get("/api/v1/discord/queue/count").json()["count"]
            return (account["state"], place["queued"], count, token["isActive"]) == ("stopped", 3, 3, False)

        wait_until(seen, seconds=WITHIN_SECONDS)
        assert time.monotonic() - begins <= WITHIN_SECONDS
        told = {client.get(f"/api/v1/message/fetch/{job_id}").json()["status"] for job_id in asked}
        assert told == {"QUEUED"}


def wait_until(holds, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it was not seen in time"
        time.sleep(0.02)
