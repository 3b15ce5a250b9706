"""Routes that are served without the framework's layers answer and are documented like all others."""

from __future__ import annotations

import pytest

from engine.api.problems import encoded
from tests.api.conftest import PUBLIC_URL
from tests.api.fake_engine import job

ID = "d15c1541-229a-442b-9873-d3494dede12a"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/midjourney/imagine"),
        ("post", "/api/v1/nova/button"),
        ("get", "/api/v1/message/fetch/{message_id}"),
        ("get", "/v1/jobs/{job_id}"),
        ("get", "/v1/jobs/{job_id}/events"),
        ("get", "/status"),
    ],
)
async def test_every_route_stands_in_the_document(client, method, path):
    document = (await client.get("/openapi.json")).json()
    assert document["paths"][path][method]["responses"]["401"]


@pytest.mark.parametrize("path", ["/v1/jobs/", f"/v1/jobs/a/{ID}", f"/v1/jobs/{ID}/a/events", f"/v1/jobs/{ID}/"])
async def test_a_word_of_a_path_is_one_segment(client, path):
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, f"there is no route GET {path}")


async def test_a_word_of_a_path_may_be_percent_encoded(client, engine):
    mine = engine.put(job())
    assert (await client.get(f"/v1/jobs/{mine.id.replace('-', '%2D')}")).json()["id"] == mine.id


async def test_a_base_address_that_ends_in_a_slash_leads_to_the_same_route(client, engine):
    mine = engine.put(job())
    base = str(client.base_url).rstrip("/")
    assert (await client.get(f"{base}//v1/jobs/{mine.id}")).json()["id"] == mine.id
    answer = await client.get(f"{base}//nothing")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "there is no route GET /nothing")


@pytest.mark.parametrize("path", ["/api/v1/nova/imagine", "/api/v1/nova/imagine/", "/status", "/nothing"])
async def test_every_route_has_the_bounds_of_bodies(client, path):
    answer = await client.post(path, content=b"x" * 300_000)
    assert (answer.status_code, answer.headers["Connection"]) == (413, "close")


async def test_a_body_without_a_declared_length_is_read_too(client, engine):
    async def pieces():
        yield b'{"prompt":'
        yield b'"a red fox"}'

    answer = await client.post("/api/v1/nova/imagine", content=pieces())
    assert engine.jobs[answer.json()["messageId"]].prompt == "a red fox"


def test_what_utf_8_cannot_hold_is_still_written():
    said = {"words": 'a "fox" \u2028\x7f\x00\n ' + PUBLIC_URL, "count": 3, "none": None, "list": [True, 1.5]}
    assert encoded(said).decode() == (
        '{"words":"a \\"fox\\" \u2028\x7f\\u0000\\n http://easel.test","count":3,"none":null,"list":[true,1.5]}'
    )
    assert encoded({"note": "half \ud800 a pair"}) == b'{"note":"half ? a pair"}'
