"""What begins with /simulator is passed on while there is somewhere to pass it, and only from those who may."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network

import httpx
import pytest

from engine.api.server import create_app
from engine.model.errors import Unavailable
from tests.api.conftest import options
from tests.api.fake_engine import FakeEngine


class NextDoor:
    """The other process: remembers its calls and answers all alike."""

    def __init__(self, *, to_all=False, there=True):
        self.to_all = to_all
        self.there = there
        self.calls = []

    async def is_open_to_all(self):
        return self.to_all

    async def call(self, method, target, content_type, body):
        if not self.there:
            raise Unavailable("gone")
        self.calls.append((method, target, content_type, body))
        return 207, {"content-type": "text/x", "set-cookie": "no", "cache-control": "no-cache"}, b"told"


class Waiting(NextDoor):
    """Answers nothing."""

    def __init__(self):
        super().__init__()
        self.asked = asyncio.Event()

    async def call(self, method, target, content_type, body):
        self.asked.set()
        await asyncio.Event().wait()


def visitor(elsewhere, address="127.0.0.1", base_url="http://127.0.0.1:8000", **changes):
    app = create_app(FakeEngine(), options(elsewhere=elsewhere, **changes))
    transport = httpx.ASGITransport(app, client=(address, 5000))
    return httpx.AsyncClient(transport=transport, base_url=base_url)


async def test_a_call_is_passed_on_as_it_is_and_its_answer_comes_back():
    there = NextDoor()
    async with visitor(there) as http:
        read = await http.get("/simulator/a%2Fb?x=1&y=%20")
        sent = await http.post("/simulator/discord/forms", json={"a": 1})
    assert (read.status_code, read.text, read.headers["content-type"]) == (207, "told", "text/x")
    assert "set-cookie" not in read.headers
    assert there.calls == [
        ("GET", "/simulator/a%2Fb?x=1&y=%20", "", b""),
        ("POST", "/simulator/discord/forms", "application/json", b'{"a":1}'),
    ]
    assert sent.status_code == 207


@pytest.mark.parametrize("path", ["/simulator", "/simulator/", "/simulator/page.js"])
async def test_without_another_process_there_is_nothing(path):
    async with visitor(None) as http:
        assert (await http.get(path)).status_code == 404
    async with visitor(NextDoor(there=False)) as http:
        gone = await http.get(path)
    assert gone.status_code == 404
    assert "the simulator is off" in gone.json()["error"]


async def test_only_what_begins_with_the_whole_word_is_passed_on():
    there = NextDoor()
    async with visitor(there) as http:
        assert (await http.get("/simulators")).status_code == 404
        assert (await http.get("/healthz")).status_code == 200
    assert there.calls == []


async def test_other_machines_see_it_only_while_nothing_real_can_be_spent():
    async with visitor(NextDoor(), "192.0.2.7") as http:
        assert (await http.get("/simulator")).status_code == 404
    async with visitor(NextDoor(to_all=True), "192.0.2.7") as http:
        assert (await http.get("/simulator")).status_code == 207


@pytest.mark.parametrize(
    ("base_url", "status"),
    [("http://localhost:8000", 207), ("http://[::1]:8000", 207), ("http://evil.example:8000", 404)],
)
async def test_a_page_that_makes_its_own_name_lead_here_is_no_visitor_of_this_machine(base_url, status):
    async with visitor(NextDoor(), base_url=base_url) as http:
        answer = await http.post("/simulator/x", headers={"origin": base_url, "sec-fetch-site": "same-origin"})
        assert answer.status_code == status


async def test_who_comes_through_a_proxy_is_no_visitor_of_this_machine():
    through = {"X-Forwarded-For": "127.0.0.1"}
    async with visitor(NextDoor()) as http:
        assert (await http.get("/simulator", headers=through)).status_code == 404
    trusted = (ip_network("127.0.0.1/32"),)
    async with visitor(NextDoor(), trusted_proxies=trusted) as http:
        assert (await http.get("/simulator", headers={"X-Forwarded-For": "192.0.2.7"})).status_code == 404


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
async def test_a_page_of_another_origin_cannot_act(headers):
    there = NextDoor()
    async with visitor(there) as http:
        assert (await http.post("/simulator/discord/presses", headers=headers)).status_code == 403
        own = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
        assert (await http.post("/simulator/discord/presses", headers=own)).status_code == 207
        assert (await http.patch("/simulator")).status_code == 405
    assert len(there.calls) == 1


async def test_a_page_that_waits_does_not_keep_the_server_from_closing(serve):
    there = Waiting()
    server = await serve(elsewhere=there)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as http:
        waiting = asyncio.create_task(http.get("/simulator/discord/feed"))
        await there.asked.wait()
        async with asyncio.timeout(1.5):
            await server.stop()
        assert (await waiting).status_code == 404
