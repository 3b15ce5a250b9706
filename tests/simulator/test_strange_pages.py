"""Pages of other sites cannot order the simulator about through a visitor's browser."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Content-Type": "text/plain"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example:8981"},
        {"Host": "evil.example:8981", "Origin": "http://evil.example:8981", "Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/discord/commands"), ("GET", "/ledger"), ("POST", "/faults")])
async def test_a_strange_page_is_turned_away(simulate, headers, method, path):
    async with simulate() as it:
        answer = await it.control.request(method, path, headers=headers, content="{}")
    assert answer.status_code == 403
    assert answer.json() == {"error": "a page of another site may not act here"}


async def test_its_own_page_and_programs_are_not(simulate):
    async with simulate() as it:
        port = httpx.URL(it.simulator.control_url).port
        assert (await it.control.get("/healthz")).status_code == 200
        own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"}
        assert (await it.control.post("/discord/seed", headers=own)).status_code == 200
