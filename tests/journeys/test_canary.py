"""No piece of a token leaves the vault: not in logs, answers, files or the database."""

from __future__ import annotations

import base64
import time

import pytest

from tests.journeys import warm
from tests.journeys.canary import files_below, leaks
from tests.journeys.processes import environment, imagine, wait_final

TOKEN = "MTU3MzY1NDgzMTI3OTYzNjQ4.GcAnAr.yVq7hT2mWc9LrXb4KdPz0sNfEoUiAj1Hg3"


@pytest.mark.timeout(180)
def test_no_piece_of_a_token_is_in_any_log_answer_or_file_even_at_debug(start_simulator, start_easel):
    simulator = start_simulator(accounts=2)
    easel = start_easel(simulator, accounts=2, LOG_LEVEL="DEBUG")
    answers = {}
    with easel.client() as client:
        grid = imagine(client, "a canary")
        told = wait_final(client, [grid])
        single = client.post("/api/v1/midjourney/button", json={"messageId": grid, "button": "U1"}).json()["messageId"]
        told |= wait_final(client, [single])
        simulator.order("tcp_cut", account=simulator.accounts[0]["id"])
        simulator.order("unauthorized", account=simulator.accounts[1]["id"])
        for n in range(2):
            imagine(client, f"after the trouble {n}")
        time.sleep(2)
        for path in (
            "/status",
            f"/api/v1/midjourney/message/{grid}",
            f"/v1/jobs/{single}",
            "/openapi.json",
            "/nowhere",
        ):
            answers[path] = client.get(path).content
        answers["wrong key"] = client.get("/status", headers={"Authorization": f"Bearer {TOKEN}"}).content
    for command in (["account", "list"], ["key", "list"], ["job", "list"], ["job", "show", grid]):
        ran = warm.run("engine.cli", *command, env=environment(**easel.settings), cwd=easel.folder.parent)
        assert ran.returncode == 0, ran.stderr
        answers[" ".join(command)] = (ran.stdout + ran.stderr).encode()
    easel.kill()  # the write-ahead log stays behind as it is
    written = files_below(easel.folder, easel.log)
    assert any(name.endswith("-wal") for name in written)
    assert b"HTTP Request" in written[str(easel.log)], "only DEBUG shows the calls of the HTTP client"
    for account in simulator.accounts:
        assert leaks(account["token"], {**answers, **written}) == []


@pytest.mark.parametrize(
    "leak",
    [
        f"IDENTIFY token={TOKEN[:20]}...",
        f"Authorization: {TOKEN}",
        "X-Super: " + base64.b64encode(b'{"t":"' + TOKEN.encode()).decode(),
        f"...{TOKEN[-15:]}",
    ],
    ids=["its beginning", "the whole", "inside base64", "its end"],
)
def test_the_search_finds_a_planted_leak(leak, tmp_path):
    (tmp_path / "easel.log").write_text(f"12:00:00 DEBUG {leak}\n", encoding="utf-8")
    (tmp_path / "clean.log").write_text(f"linked MTU...{TOKEN[-4:]}\n", encoding="utf-8")
    assert leaks(TOKEN, files_below(tmp_path)) == [str(tmp_path / "easel.log")]
