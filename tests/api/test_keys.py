"""Which key opens which route, where it is sent, and that nothing of a body is looked at before."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from engine.api.ways import Credential
from engine.model.keys import Scope
from tests.api.conftest import PUBLIC_URL, application
from tests.api.fake_engine import KEY, FakeEngine
from tests.api.test_listening import connected

WAYS = [way for way in application(FakeEngine()).ways if way.scope is not None]


def named(way):
    return f"{way.method} {way.path}"


def address(way):
    return re.sub(r"\{[a-z_]+\}", "d15c1541-229a-442b-9873-d3494dede12a", way.path)


def may(engine, *scopes):
    engine.keys[KEY] = replace(engine.keys[KEY], scopes=frozenset(scopes))


async def asked(engine, way, headers):
    app = application(engine)
    app.state.premises.closing.set()  # an event stream ends at once
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        return await client.request(way.method, address(way), headers=headers, content=b"{}")


@pytest.mark.parametrize("way", WAYS, ids=named)
async def test_a_key_without_the_scope_is_forbidden_and_told_which_it_needs(engine, way):
    may(engine, *(set(Scope) - {way.scope}))
    answer = await asked(engine, way, sent(way, KEY))
    assert answer.status_code == 403
    if way.method != "HEAD":
        assert f"the scope {way.scope}" in answer.text
    assert engine.jobs == {}


@pytest.mark.parametrize("way", WAYS, ids=named)
async def test_a_key_with_the_scope_alone_is_let_in(engine, way):
    may(engine, way.scope)
    assert (await asked(engine, way, sent(way, KEY))).status_code not in {401, 403}


def sent(way, key):
    if Credential.BEARER in way.dialect.credentials:
        return {"Authorization": f"Bearer {key}"}
    return {"api-key": key}


@pytest.mark.parametrize("way", WAYS, ids=named)
async def test_a_wrong_key_is_unauthorized_wherever_the_dialect_reads_it(engine, way):
    for credential in way.dialect.credentials:
        header = (
            {"Authorization": "Bearer easel_wrong"} if credential is Credential.BEARER else {"api-key": "easel_wrong"}
        )
        assert (await asked(engine, way, header)).status_code == 401
    if not way.anonymous:
        assert (await asked(engine, way, {})).status_code == 401


async def test_the_native_api_takes_the_key_in_either_header(engine, client):
    async with httpx.AsyncClient(transport=client._transport, base_url=PUBLIC_URL) as bare:
        for headers in ({"api-key": KEY}, {"Authorization": f"Bearer {KEY}"}):
            answer = await bare.get("/status", headers=headers)
            assert "workspace" in answer.json()


async def test_imaginepro_reads_no_other_header_than_its_own(engine, client):
    async with httpx.AsyncClient(transport=client._transport, base_url=PUBLIC_URL) as bare:
        answer = await bare.post("/api/v1/nova/imagine", json={"prompt": "x"}, headers={"api-key": KEY})
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.json()["message"]


async def test_a_body_is_not_read_for_a_key_that_may_not(serve, engine):
    may(engine, Scope.READ)
    server = await serve(body_seconds=0.2)
    head = f"POST /api/v1/nova/imagine HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n".encode()
    async with connected(server.port) as (reader, writer):
        writer.write(head + b"Content-Length: 2000\r\n\r\n{")
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"\r\nconnection: close\r\n" in answer.lower()


async def test_a_refused_body_that_is_there_leaves_the_connection_open(serve):
    server = await serve()
    head = b"POST /api/v1/nova/imagine HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n"
    async with connected(server.port) as (reader, writer):
        for _ in range(2):
            writer.write(head + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000)
            assert b" 401 " in await reader.readuntil(b"}")
