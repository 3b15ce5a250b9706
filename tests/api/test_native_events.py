"""The stream of all jobs of a workspace, as its readers see it."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from engine.api.native import events
from engine.model.errors import Unavailable
from engine.model.jobs import JobState, Progress
from engine.model.keys import Scope
from tests.api.fake_engine import KEY, grid_result, job
from tests.api.test_keys import may
from tests.api.test_native import stream as native_stream
from tests.api.test_native import until


def stream(port, query="", **headers):
    return native_stream(port, None, path=f"/v1/events{query}", **headers)


@pytest.fixture
async def server(serve):
    return await serve()


async def test_it_begins_with_the_place_where_the_reader_stands(server, engine):
    async with stream(server.port) as told:
        assert "200 ok" in told.head
        assert "text/event-stream" in told.head
        assert await told.event() == ("ready", "41", {"at": "2026-01-15T12:00:00.250+00:00"})
    assert engine.readers[0].after is None


async def test_an_update_says_what_happened_to_which_job_and_whose_it_is(server, engine):
    done = engine.put(job(state=JobState.DONE, result=grid_result(), ref="order 7", finished_at=engine.at))
    async with stream(server.port) as told:
        await told.event()
        engine.readers[0].tell(done, 44, requester="anna")
        name, place, body = await told.event()
        shown = (await whole(server.port, done.id))["result"]
    assert (name, place) == ("update", "44")
    assert list(body) == [
        "job_id", "version", "state", "at", "percent", "failure", "note", "result",
        "request_id", "action", "ref", "requester",
    ]  # fmt: skip
    assert (body["job_id"], body["state"], body["version"]) == (done.id, "DONE", 1)
    assert (body["action"], body["ref"], body["requester"]) == ("imagine", "order 7", "anna")
    assert body["result"] == shown


async def whole(port, job_id):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        return json.loads((await client.get(f"/v1/jobs/{job_id}", headers={"Authorization": f"Bearer {KEY}"})).text)


async def test_percent_has_no_id(server, engine):
    async with stream(server.port) as told:
        await told.event()
        engine.readers[0].queue.put_nowait(Progress("a job", 40, "https://cdn.discordapp.com/p.webp"))
        said = {"job_id": "a job", "percent": 40, "preview_url": "https://cdn.discordapp.com/p.webp"}
        assert await told.event() == ("progress", None, said)


@pytest.mark.parametrize(("given", "place"), [("17", 17), (" 017 ", 17), ("", None)])
async def test_who_comes_back_names_the_place_where_it_left_off(server, engine, given, place):
    async with stream(server.port, Last_Event_ID=given) as told:
        await told.event()
    assert engine.readers[0].after == place


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 19, "\u0663".encode().decode("latin-1")])
async def test_a_place_that_is_none_is_refused(client, engine, given):
    answer = await client.get("/v1/events", headers={"Last-Event-ID": given.encode("latin-1")})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "Last-Event-ID"
    assert engine.readers == []


async def test_who_does_not_follow_is_told_what_was_missed_and_no_more(server, engine):
    async with stream(server.port, "?follow=false", Last_Event_ID="17") as told:
        await told.event()
        assert await told.end()
    assert engine.readers[0].closed


async def test_states_and_an_end_user_can_be_asked_for(server, engine):
    async with stream(server.port, "?state=DONE&state=FAILED&requester=anna") as told:
        await told.event()
    wanted = engine.readers[0].wanted
    assert (wanted.states, wanted.requester) == ({JobState.DONE, JobState.FAILED}, "anna")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=DONNE", "state"),
        (f"requester={'x' * 201}", "requester"),
        ("requester=a%00b", "requester"),
        ("follow=maybe", "follow"),
    ],
)
async def test_a_state_or_a_name_that_cannot_be_is_refused(client, engine, query, field):
    answer = await client.get(f"/v1/events?{query}")
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert engine.readers == []


@pytest.mark.parametrize(("scopes", "seen"), [({Scope.READ}, False), ({Scope.READ, Scope.MANAGE}, True)])
async def test_private_jobs_are_for_keys_that_manage(server, engine, scopes, seen):
    may(engine, *scopes)
    async with stream(server.port) as told:
        await told.event()
    assert engine.readers[0].wanted.private is seen


async def test_a_reader_who_leaves_is_let_go(server, engine):
    async with stream(server.port) as told:
        await told.event()
        assert not engine.readers[0].closed
    await until(lambda: engine.readers[0].closed)


async def test_a_revoked_key_ends_it(server, engine):
    async with stream(server.port) as told:
        await told.event()
        del engine.keys[KEY]
        engine.readers[0].queue.put_nowait(Progress("a job", 40, None))
        assert await told.end()
    assert engine.readers[0].closed


async def test_a_revoked_key_ends_it_also_while_nothing_happens(server, engine, monkeypatch):
    monkeypatch.setattr(events, "KEY_SECONDS", 0.02)
    async with stream(server.port) as told:
        await told.event()
        await asyncio.sleep(0.1)
        del engine.keys[KEY]
        assert await told.end()


@pytest.mark.parametrize(
    ("had", "left"), [({Scope.READ}, {Scope.GENERATE}), ({Scope.READ, Scope.MANAGE}, {Scope.READ})]
)
async def test_a_key_that_may_not_hear_of_it_any_more_ends_it(server, engine, had, left):
    may(engine, *had)
    mine = engine.put(job())
    async with stream(server.port) as told:
        await told.event()
        may(engine, *left)
        engine.readers[0].tell(mine, 42)
        assert await told.end()


async def test_trouble_with_the_store_ends_it_so_that_the_reader_comes_back(server, engine):
    async with stream(server.port) as told:
        await told.event()
        engine.readers[0].queue.put_nowait(Unavailable("the database is away"))
        assert await told.end()
    assert engine.readers[0].closed


async def test_a_store_that_cannot_be_read_is_told_before_the_stream_begins(client, engine):
    engine.failure = Unavailable("the database is away")
    answer = await client.get("/v1/events", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
