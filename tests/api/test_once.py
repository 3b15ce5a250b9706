"""Calls with an Idempotency-Key: done once, answered alike, kept for a day."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from engine.api.server import create_app
from engine.core.repeats import Repeats
from engine.model.errors import Unavailable
from engine.ports import Clock
from tests.api.conftest import PUBLIC_URL, options
from tests.api.fake_engine import KEY, OTHER_KEY, FakeEngine, grid_result, job
from tests.fakes.manual_clock import ManualClock

IMAGINE = "/api/v1/nova/imagine"
TOKEN = {"Idempotency-Key": "order-7"}
FOX = {"prompt": "a red fox"}


async def test_the_same_call_again_gets_the_same_answer_and_makes_nothing(client, engine):
    first = await client.post(IMAGINE, json=FOX, headers=TOKEN)
    again = await client.post(IMAGINE, json=FOX, headers=TOKEN)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(engine.jobs) == 1
    assert engine.origins[first.json()["messageId"]].token == "order-7"


async def test_another_call_under_the_same_key_is_refused(client, engine):
    await client.post(IMAGINE, json=FOX, headers=TOKEN)
    for path, body in ((IMAGINE, {"prompt": "a blue fox"}), ("/api/v1/midjourney/imagine", FOX)):
        answer = await client.post(path, json=body, headers=TOKEN)
        assert answer.status_code == 422
        assert "order-7" in answer.json()["message"]
    assert len(engine.jobs) == 1


async def test_another_key_of_the_api_may_use_the_same_token(client, engine):
    await client.post(IMAGINE, json=FOX, headers=TOKEN)
    await client.post(IMAGINE, json=FOX, headers=TOKEN | {"Authorization": f"Bearer {OTHER_KEY}"})
    assert {made.workspace_id for made in engine.jobs.values()} == {"ws", "other"}


async def test_without_the_header_every_call_is_its_own(client, engine):
    for _ in range(2):
        await client.post(IMAGINE, json=FOX)
    assert len(engine.jobs) == 2
    assert engine.store.answers.rows == {}


async def test_a_form_that_is_sent_again_is_the_same_whatever_its_boundary(client, engine):
    for boundary in ("aaaa", "bbbb"):
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nfox\r\n--{boundary}--\r\n'
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        assert (await client.post(IMAGINE, content=body, headers=TOKEN | kind)).status_code == 200
    assert len(engine.jobs) == 1


@pytest.mark.parametrize("token", ["", "two words", "x" * 256, "é"])
async def test_a_token_that_is_none_is_refused(client, engine, token):
    answer = await client.post(IMAGINE, json=FOX, headers={"Idempotency-Key": token.encode("latin-1")})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["message"]
    assert engine.jobs == {}


async def test_a_refusal_is_an_answer_too(client, engine):
    first = await client.post(IMAGINE, json={"prompt": ""}, headers=TOKEN)
    again = await client.post(IMAGINE, json={"prompt": ""}, headers=TOKEN)
    assert (first.status_code, again.status_code) == (400, 400)
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_what_another_moment_may_change_is_not_kept(client, engine):
    engine.failure = Unavailable("the disk is full")
    engine.authenticate = lambda key: asyncio.sleep(0, engine.keys[key])
    assert (await client.post(IMAGINE, json=FOX, headers=TOKEN)).status_code == 503
    engine.failure = None
    assert (await client.post(IMAGINE, json=FOX, headers=TOKEN)).status_code == 200
    unfinished = engine.put(job())
    press = {"messageId": unfinished.id, "button": "U1"}
    assert (await client.post("/api/v1/nova/button", json=press, headers={"Idempotency-Key": "b"})).status_code == 409
    engine.jobs[unfinished.id] = replace(unfinished, result=grid_result())
    assert (await client.post("/api/v1/nova/button", json=press, headers={"Idempotency-Key": "b"})).status_code == 200


class SlowEngine(FakeEngine):
    """Takes its time over a prompt, until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def imagine(self, origin, prompt, **wishes):
        self.begun.set()
        await self.go_on.wait()
        return await super().imagine(origin, prompt, **wishes)


async def test_of_500_calls_at_once_one_makes_a_job_and_the_others_wait_or_read_its_answer():
    engine = SlowEngine()
    transport = httpx.ASGITransport(create_app(engine, options()))
    headers = {"Authorization": f"Bearer {KEY}", **TOKEN}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
        calls = [asyncio.create_task(client.post(IMAGINE, json=FOX)) for _ in range(250)]
        await asyncio.wait_for(engine.begun.wait(), 20)
        other = await client.post(IMAGINE, json={"prompt": "another"})
        engine.go_on.set()
        answers = [await call for call in calls]
        answers += await asyncio.gather(*(client.post(IMAGINE, json=FOX) for _ in range(250)))
    assert other.status_code == 422
    assert len(engine.jobs) == 1
    assert {answer.status_code for answer in answers} == {200, 409}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert {answer.status_code for answer in answers[250:]} == {200}


async def test_a_call_that_its_process_did_not_end_is_done_again_by_the_next(engine):
    clock: Clock = ManualClock()
    dead = Repeats(engine.store, clock, sole_owner=True)
    engine.repeats = Repeats(engine.store, clock, sole_owner=True)
    transport = httpx.ASGITransport(create_app(engine, options()))
    headers = {"Authorization": f"Bearer {KEY}", **TOKEN}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
        await client.post(IMAGINE, json=FOX, headers={"Idempotency-Key": "for-its-print"})
        (row,) = engine.store.answers.rows.values()
        await dead.begin(7, "order-7", row.claim.print)
        answer = await client.post(IMAGINE, json=FOX)
    assert answer.status_code == 200
    origin = engine.origins[answer.json()["messageId"]]
    assert (origin.token, origin.again) == ("order-7", True)
