"""Numbers of requests, callers' names, ignored fields, pages of other origins, proxies, and how often one may call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace

import httpx
import pytest

from engine.api.server import create_app
from engine.api.visitors import address_of
from engine.log import RedactingFilter, Redaction
from engine.model.rates import IMAGINEPRO, read_rates
from engine.setting_kinds import NETWORKS
from tests.api.conftest import PUBLIC_URL, options
from tests.api.fake_engine import KEY, OTHER_KEY, FakeEngine, job

ID = "d15c1541-229a-442b-9873-d3494dede12a"
IMAGINE = "/api/v1/nova/imagine"


@contextlib.asynccontextmanager
async def calling(engine, *, key=KEY, client=("192.0.2.7", 1), **changes):
    transport = httpx.ASGITransport(create_app(engine, options(**changes)), client=client)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as opened:
        yield opened


# --- numbers


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/openapi.json", f"/v1/jobs/{ID}"])
async def test_every_answer_carries_the_number_that_the_request_brought(client, path):
    answer = await client.get(path, headers={"X-Request-Id": "order-7/a.b"})
    assert answer.headers["X-Request-Id"] == "order-7/a.b"


@pytest.mark.parametrize("brought", [None, "", "two words", "x" * 129, "a\tb", "é"])
async def test_without_a_number_that_is_one_it_gets_a_new_one(client, brought):
    headers = {} if brought is None else {"X-Request-Id": brought.encode("latin-1")}
    numbers = {(await client.get("/healthz", headers=headers)).headers["X-Request-Id"] for _ in range(3)}
    assert len(numbers) == 3
    assert all(len(number) == 16 for number in numbers)


class BrokenEngine(FakeEngine):
    async def job(self, workspace_id, job_id):
        raise RuntimeError


async def test_the_log_has_the_number_beside_what_is_said_about_the_request(caplog):
    caplog.handler.addFilter(RedactingFilter(Redaction()))

    async def fails():
        async with calling(BrokenEngine()) as client:
            return await client.get(f"/v1/jobs/{ID}", headers={"X-Request-Id": "order-7"})

    assert (await asyncio.create_task(fails())).status_code == 500
    assert "(request order-7)" in caplog.text
    logging.getLogger("easel.test").error("later")
    assert "later (request" not in caplog.text


# --- who asks


async def test_the_end_user_whom_the_caller_names_is_the_requester_beside_the_key(client, engine):
    answer = await client.post(IMAGINE, json={"prompt": "x"}, headers={"Easel-Requester": " Zoë ".encode()})
    origin = engine.origins[answer.json()["messageId"]]
    assert (origin.requester, origin.key_id) == ("Zoë", 7)


async def test_without_a_name_the_key_is_the_requester(client, engine):
    answer = await client.post(IMAGINE, json={"prompt": "x"})
    origin = engine.origins[answer.json()["messageId"]]
    assert (origin.requester, origin.key_id) == ("key:7", 7)


@pytest.mark.parametrize("name", ["x" * 129, "a\tb", b"\xff"])
async def test_a_name_that_is_none_is_refused(client, engine, name):
    answer = await client.post(IMAGINE, json={"prompt": "x"}, headers={"Easel-Requester": name})
    assert answer.status_code == 400
    assert "Easel-Requester" in answer.json()["message"]
    assert engine.jobs == {}


@pytest.mark.parametrize("path", ["/midjourney/v2/upload", "/v1/uploads", "/api/v1/tools/prompt-extend"])
async def test_a_name_that_is_none_is_refused_also_where_no_name_is_kept(client, path):
    answer = await client.post(
        path, json={"url": "https://x.example/a.png"}, headers={"Easel-Requester": "x" * 129, "api-key": KEY}
    )
    assert answer.status_code == 400
    assert "Easel-Requester" in answer.text


async def test_the_accounts_of_a_key_are_those_of_its_requests(client, engine):
    engine.keys[KEY] = replace(engine.keys[KEY], account_ids=(3, 5))
    answer = await client.post(IMAGINE, json={"prompt": "x"})
    assert engine.origins[answer.json()["messageId"]].only_accounts == (3, 5)


# --- ignored fields


async def test_unknown_fields_are_named_and_stay_out_of_the_prompt(client, engine):
    body = {"prompt": "a red fox", "style": "raw", "aspect_ratio": "16:9", "ref": "x", "größe, ü": 1, "": None}
    answer = await client.post(IMAGINE, json=body)
    assert answer.headers["Easel-Ignored"] == "style, aspect_ratio, gr%C3%B6%C3%9Fe%2C %C3%BC, ''"
    assert engine.jobs[answer.json()["messageId"]].prompt == "a red fox"


async def test_known_fields_are_not_named_whether_or_not_they_are_there(client):
    known = {"prompt": "x", "ref": None, "timeout": 60, "webhookOverride": "", "disableCdn": True}
    for body in (known, {"prompt": "x"}):
        assert "Easel-Ignored" not in (await client.post(IMAGINE, json=body)).headers


async def test_of_many_unknown_fields_the_first_twenty_are_named(client):
    answer = await client.post(IMAGINE, json={"prompt": "x"} | {f"x{n}": n for n in range(500)})
    assert answer.headers["Easel-Ignored"].endswith("x19, ...")


# --- pages of other origins


async def test_no_page_of_another_origin_may_call_unless_it_is_listed(engine):
    asks = {"Origin": "https://studio.example.com", "Access-Control-Request-Method": "POST"}
    async with calling(engine) as client:
        assert "access-control-allow-origin" not in (await client.options(IMAGINE, headers=asks)).headers
    async with calling(engine, cors_origins=("https://studio.example.com",)) as client:
        told = {"Access-Control-Request-Headers": "authorization, idempotency-key"}
        answer = await client.options(IMAGINE, headers=asks | told)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://studio.example.com"
        answer = await client.post(IMAGINE, json={"prompt": "x"}, headers=asks)
        assert answer.headers["access-control-allow-origin"] == "https://studio.example.com"
        assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
        other = await client.post(IMAGINE, json={"prompt": "x"}, headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


# --- proxies


@pytest.mark.parametrize(
    ("client", "passed", "address"),
    [
        ("198.51.100.9", ["203.0.113.5"], "198.51.100.9"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.2", ["1.1.1.1, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.2", ["203.0.113.5", "10.0.0.3"], "203.0.113.5"),
        ("10.0.0.2", ["nonsense"], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.5, nonsense, 10.0.0.3"], "10.0.0.3"),
        ("::ffff:10.0.0.2", ["2001:db8::7"], "2001:db8::7"),
    ],
)
def test_only_what_our_own_proxies_say_of_an_address_is_believed(client, passed, address):
    headers = [(b"x-forwarded-for", each.encode()) for each in passed]
    assert address_of({"client": (client, 1), "headers": headers}, NETWORKS.parse("10.0.0.0/8")) == address


def test_without_proxies_of_our_own_nobody_is_believed():
    scope = {"client": ("10.0.0.2", 1), "headers": [(b"x-forwarded-for", b"203.0.113.5")]}
    assert address_of(scope, ()) == "10.0.0.2"


# --- how often


async def test_a_key_that_calls_too_often_is_told_when_to_call_again(engine):
    async with calling(engine, rates=read_rates("generate=3/h read=4/h")) as client:
        answers = [await client.post(IMAGINE, json={"prompt": "x"}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 3500 < int(answers[-1].headers["Retry-After"]) <= 3600
        assert answers[-1].json()["statusCode"] == 429
        assert len(engine.jobs) == 3
        seen = [(await client.get(f"/v1/jobs/{ID}")).status_code for _ in range(5)]
        assert seen == [404, 404, 404, 404, 429]
        assert (await client.get("/status", headers={"Authorization": f"Bearer {OTHER_KEY}"})).status_code == 200
        assert (await client.get("/healthz")).status_code == 200


async def test_a_key_has_its_own_rates_before_the_settings(engine):
    engine.keys[KEY] = replace(engine.keys[KEY], rates=IMAGINEPRO)
    made = engine.put(job())
    async with calling(engine) as client:
        codes = [(await client.post(IMAGINE, json={"prompt": "x"})).status_code for _ in range(2)]
        assert codes == [200, 429]
        assert [(await client.get("/status")).status_code for _ in range(2)] == [200, 429]
        assert [(await client.get(f"/v1/jobs/{made.id}")).status_code for _ in range(2)] == [200, 200]
        seen = [(await client.get(f"/api/v1/message/fetch/{made.id}")).status_code for _ in range(9)]
        assert seen == [200] * 8 + [429]


async def test_an_address_that_shows_wrong_keys_is_told_to_wait_and_others_are_not(engine):
    networks = NETWORKS.parse("192.0.2.0/24")
    async with calling(engine, key="easel_wrong", wrong_keys=10, trusted_proxies=networks) as client:

        async def shown(address, **headers):
            answer = await client.get(f"/v1/jobs/{ID}", headers={"X-Forwarded-For": address, **headers})
            return answer.status_code

        assert [await shown("203.0.113.5") for _ in range(12)] == [401] * 10 + [429] * 2
        assert await shown("203.0.113.6") == 401
        assert await shown("203.0.113.5", Authorization=f"Bearer {KEY}") == 404
