"""What another service began is not asked for twice, whatever becomes of Easel meanwhile."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.timeout(120)
KEY = "bfl-0123456789abcdef-good"


def test_what_flux_began_is_followed_after_kill_9_and_asked_for_once(start_simulator, start_easel):
    simulator = start_simulator(speed=1)
    beside = simulator.api_url.removesuffix("/api/v9")
    easel = start_easel(simulator, accounts=1, FLUX_API_URL=f"{beside}/bfl", FLUX_API_KEY=KEY)
    with easel.client() as http:
        message_id = http.post("/api/v1/flux/imagine", json={"prompt": "a patient fox"}).json()["messageId"]
        end = time.monotonic() + 20
        while http.get(f"/api/v1/message/fetch/{message_id}").json()["progress"] == 0:
            assert time.monotonic() < end
            time.sleep(0.05)
    easel.kill()
    easel.start()
    with easel.client() as http:
        end = time.monotonic() + 30
        while (body := http.get(f"/api/v1/message/fetch/{message_id}").json())["status"] != "DONE":
            assert time.monotonic() < end, body
            time.sleep(0.05)
    asked = [row for row in simulator.ledger("service") if row["service"] == "flux"]
    assert len(asked) == 1
