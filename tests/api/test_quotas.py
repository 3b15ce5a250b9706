"""How each dialect says that a quota is used up, and what is stored then."""

from __future__ import annotations

import pytest

from engine.model.quotas import Period, Quota
from tests.api.test_tenants import Studio


@pytest.fixture
async def studio():
    opened = await Studio().furnish()
    await opened.store.set_quota(opened.places[0], Quota(10, Period.MONTH))
    await opened.clock.advance(1)  # a running engine knows within a second
    yield opened
    await opened.stop()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/nova/imagine", 401), ("/midjourney/v2/imagine", 429)],
    ids=["ImaginePro", "UserAPI"],
)
async def test_a_quota_that_is_used_up_is_said_as_the_dialect_says_it(studio, path, status):
    jobs = len(studio.store._jobs)
    assert (await studio.ask(0, "POST", path, json={"prompt": "a red fox"})).status_code == 200
    refused = await studio.ask(0, "POST", path, json={"prompt": "a red fox"})
    assert refused.status_code == status
    assert "Insufficient credits: this costs 10 of 10/month; the next month begins at " in refused.json()["error"]
    assert 0 < int(refused.headers["Retry-After"]) <= 31 * 86_400
    assert len(studio.store._jobs) == jobs + 1
    assert (await studio.ask(1, "POST", path, json={"prompt": "a red fox"})).status_code == 200


async def test_what_a_quota_refused_may_be_asked_again_under_the_same_token(studio):
    token = {"headers": {"Idempotency-Key": "order-7"}}
    fox = {"json": {"prompt": "a {red, blue} fox", "allowPermutations": True}, **token}
    headers = {"Authorization": f"Bearer {studio.keys[0]}"}
    fox["headers"] = headers | token["headers"]
    assert (await studio.ask(0, "POST", "/api/v1/nova/imagine", **fox)).status_code == 401
    await studio.store.set_quota(studio.places[0], Quota(20, Period.MONTH))
    await studio.clock.advance(1)
    answer = await studio.ask(0, "POST", "/api/v1/nova/imagine", **fox)
    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (200, False)
