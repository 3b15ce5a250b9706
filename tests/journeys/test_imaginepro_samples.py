"""What ImaginePro's own pages show, key by key, against a started server."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.journeys.processes import imagine, message, wait_final
from tests.seeds.samples import differences

FOLDER = Path(__file__).parents[1] / "seeds" / "imaginepro"


def sample(name: str):
    return json.loads((FOLDER / f"{name}.txt").read_text())


def test_every_key_of_the_samples_is_there_with_its_type(start_simulator, start_easel):
    easel = start_easel(start_simulator(accounts=1, job_ms=200, first_ms=20), accounts=1)
    with easel.client() as client:
        info = client.post("/api/v1/nova/commands", json={"cmd": "info"}).json()["messageId"]
        made = imagine(client, "a little cat", ref="")
        waits = client.get(f"/api/v1/message/trace/{made}").json()
        wait_final(client, [info, made])
        button = {"messageId": made, "button": "U1"}
        pressed = client.post("/api/v1/nova/button", json=button).json()["messageId"]
        wait_final(client, [pressed])
        (listed,) = client.get("/api/v1/discord/tokens").json()
        token_id = listed["id"]
        answers = {
            "progress.response": message(client, pressed),
            "trace.response": client.get(f"/api/v1/message/trace/{pressed}").json(),
            "token.response": client.get(f"/api/v1/discord/token/{token_id}").json(),
            "toggle.response": client.put(f"/api/v1/discord/token/{token_id}", json={"isActive": "true"}).json(),
        }
        found = {name: differences(sample(name), answer) for name, answer in answers.items()}
        assert found == {name: [] for name in answers}
        assert answers["token.response"] == answers["toggle.response"] == [listed]
        assert answers["progress.response"]["originatingMessageId"] == made
        assert answers["progress.response"]["createdAt"].endswith("+00:00")
        assert listed["info"]["relaxedUsuage"] == listed["info"]["relaxedUsage"]
        assert listed["token"].count("...") == 1
        assert waits["messageId"] == made
        assert (waits["tokenId"] is None) is ("tokenStatus" not in waits)
        slip = client.put(f"/api/v1/discord/token/{token_id}", json=sample("toggle.request"))
        assert (slip.status_code, slip.json()["statusCode"]) == (400, 400)
        assert slip.json()["error"].startswith("Bad Request: isActive must be true or false")


def test_account_info_tells_what_a_job_cost(start_simulator, start_easel):
    easel = start_easel(start_simulator(accounts=1, job_ms=200, first_ms=20), accounts=1)
    easel.cli("workspace", "change", "--contact", "studio@example.com", "--quota", "30/month")
    end = time.monotonic() + 5
    with easel.client() as client:
        while (before := client.get("/api/v1/subscription/account-info").json())["creditsQuota"] != 30:
            assert time.monotonic() < end, before  # what a key may is remembered for less than a second
            time.sleep(0.05)
        told = {"type": "DIY", "creditsQuota": 30, "credits": 30, "creditsExtra": 0, "email": "studio@example.com"}
        assert before == {**told, "expiredAt": before["expiredAt"]}
        assert datetime.fromisoformat(before["expiredAt"]) > datetime.now(UTC)
        wait_final(client, [imagine(client, "a fox that costs ten")])
        assert client.get("/api/v1/subscription/account-info/").json()["credits"] == 20
