"""A face swap's two commands leave once each, wherever between them Easel is killed."""

from __future__ import annotations

import time

import pytest

from tests.fakes import pictures

pytestmark = pytest.mark.timeout(120)
FACE, TARGET = pictures.drawn_grid(size=(40, 40)), pictures.drawn_grid(size=(60, 30))


def swap(client) -> str:
    body = {"source": pictures.as_address(FACE), "target": pictures.as_address(TARGET)}
    answer = client.post("/api/v1/nova/faceswap", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["messageId"]


def until(client, job_id: str, holds, seconds: float = 40.0) -> dict:
    end = time.monotonic() + seconds
    while not holds(job := client.get(f"/v1/jobs/{job_id}").raise_for_status().json()):
        assert time.monotonic() < end, (job["state"], job["note"])
        time.sleep(0.02)
    return job


def commands(simulator) -> list[str]:
    """Every command that Discord took, in order."""
    rows = simulator.ledger("request")
    return [row["name"] for row in rows if row["path"].endswith("/interactions") and row["decision"] == "accepted"]


MOMENTS = {"in the first": "SENT", "between the two": "WAITING_MODAL", "in the second": "RUNNING"}


@pytest.mark.parametrize("resumed", [True, False], ids=["resumed", "from the history"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_face_swap_goes_on_after_kill_9_and_repeats_nothing(moment, resumed, start_simulator, start_easel):
    simulator = start_simulator(speed=4, accounts=1)
    easel = start_easel(simulator, accounts=1, FACE_SWAP="subjects-consented", PACE_SECONDS=5)
    with easel.client() as client:
        job_id = swap(client)
        until(client, job_id, lambda job: job["state"] == MOMENTS[moment] and commands(simulator))
    easel.kill()
    if not resumed:
        simulator.order("resume_refused")
    easel.start()
    with easel.client() as client:
        job = until(client, job_id, lambda job: job["state"] in ("DONE", "FAILED", "NEEDS_ATTENTION"))
    assert job["state"] == "DONE", job
    assert commands(simulator) == ["saveid", "swapid"]


def test_a_second_command_of_which_nobody_knows_is_not_repeated(start_simulator, start_easel):
    simulator = start_simulator(speed=20, accounts=1)
    easel = start_easel(simulator, accounts=1, FACE_SWAP="subjects-consented", LIMIT_FACE_SWAP=5)
    simulator.order("answer_dropped", match="swapid", count=1)
    simulator.order("silence", match="swapid", count=1)
    with easel.client() as client:
        job = until(client, swap(client), lambda job: job["state"] in ("DONE", "FAILED", "NEEDS_ATTENTION"))
    assert job["state"] == "NEEDS_ATTENTION", job
    assert commands(simulator) == ["saveid", "swapid"]
