"""What anyone, and what the owner of a key, may learn about the running engine."""

from __future__ import annotations

import pytest

from engine.core.status import Health
from engine.model.errors import Unavailable
from tests.api.fake_engine import OTHER_KEY

NO_KEY = {"Authorization": ""}

USERAPI = {
    *("imagine", "imagine-instant", "describe", "upload", "blend", "upscale", "upsample", "variation", "vary-subtle"),
    *("vary-strong", "inpaint", "reroll", "zoom", "pan", "animate", "seed", "info", "prefer", "speed", "status"),
}


@pytest.fixture
def anonymous(client):
    del client.headers["Authorization"]
    return client


async def test_healthz_needs_neither_key_nor_store(anonymous, engine):
    engine.failure = Unavailable("the database is locked")
    answer = await anonymous.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_readyz_is_ready_while_jobs_can_be_stored(anonymous):
    answer = await anonymous.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


@pytest.mark.parametrize(
    "trouble",
    [
        {"store_writable": False},
        {"health": Health.STOPPING},
        {"failure": Unavailable("the database is locked")},
    ],
    ids=["read-only", "stopping", "locked"],
)
async def test_readyz_is_not_ready_when_a_job_could_not_be_kept(anonymous, engine, trouble):
    for name, value in trouble.items():
        setattr(engine, name, value)
    answer = await anonymous.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False})
    assert int(answer.headers["Retry-After"]) > 0


async def test_status_without_a_key_says_four_things(anonymous):
    answer = await anonymous.get("/status")
    assert answer.status_code == 200
    assert answer.json() == {"api": 1, "state": "ok", "version": "9.9.9", "uptime_seconds": 12.3, "bot": "off"}


async def test_status_with_a_key_shows_its_own_workspace(client):
    body = (await client.get("/status")).json()
    assert body["store_writable"] is True
    assert body["workspace"] == {
        "accounts": [
            {
                "id": 1,
                "name": "account of ws",
                "state": "active",
                "live": True,
                "trouble": None,
                "reason": None,
                "running": 2,
                "concurrency": 3,
                "queued": 1,
                "demo": False,
                "remix": None,
                "warnings": [],
            }
        ],
        "queued": 4,
        "running": 2,
        "needs_attention": 1,
        "done_today": 10,
        "failed_today": 3,
        "oldest_wait_seconds": 61.3,
        "webhooks": {"waiting": 3, "failed": 1},
        "unknown_wire": [{"kind": "MESSAGE_CREATE:type 46", "count": 2, "last_at": "2026-01-15T12:00:00+00:00"}],
    }
    other = await client.get("/status", headers={"Authorization": f"Bearer {OTHER_KEY}"})
    assert other.json()["workspace"]["accounts"][0]["name"] == "account of other"


@pytest.mark.parametrize("header", ["Bearer easel_wrong", "Basic x", ""])
async def test_status_refuses_a_wrong_key(client, header):
    answer = await client.get("/status", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_the_document_lists_every_route_and_no_answer_of_the_framework(anonymous):
    assert (await anonymous.get("/docs")).status_code == 200
    document = (await anonymous.get("/openapi.json")).json()
    some = {"/api/v1/nova/imagine", "/v1/jobs/{job_id}", "/pictures/{name}", "/healthz", "/status"}
    assert some <= set(document["paths"])
    assert not any(path.endswith("/") for path in document["paths"])
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert operations
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert "ValidationError" not in document["components"].get("schemas", {})
