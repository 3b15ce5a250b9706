"""Each refusal of the native API has a word for programs, and names the field that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.api.codes import Code, code_of, code_of_status
from engine.model import errors

REFUSALS = [
    (errors.InvalidInput("prompt", "is required"), Code.INVALID_INPUT),
    (errors.Banned(["gore"], '"gore"'), Code.BANNED),
    (errors.UnknownKey("unknown"), Code.UNAUTHENTICATED),
    (errors.Forbidden("no"), Code.FORBIDDEN),
    (
        errors.OverQuota("none left", frees_at=datetime(2026, 1, 1, tzinfo=UTC), retry_after=9, price=10, credits=5),
        Code.OVER_QUOTA,
    ),
    (errors.TooMany("slower", retry_after=1), Code.TOO_MANY),
    (errors.NotFound("no such job"), Code.NOT_FOUND),
    (errors.NotConfigured("Flux", "EASEL_FLUX_API_KEY"), Code.NOT_CONFIGURED),
    (errors.NotOffered("no such button"), Code.NOT_OFFERED),
    (errors.AccountStopped("stopped"), Code.ACCOUNT_STOPPED),
    (errors.Conflict("not finished"), Code.CONFLICT),
    (errors.Unavailable("later"), Code.UNAVAILABLE),
    (errors.Refused("no"), Code.REFUSED),
    (errors.NoSuchTransition("ours"), Code.INTERNAL),
]


@pytest.mark.parametrize(("error", "code"), REFUSALS, ids=lambda each: getattr(each, "value", type(each).__name__))
def test_every_error_of_the_engine_has_its_word(error, code):
    assert code_of(error) is code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "no_route"),
        (405, "method_not_allowed"),
        (408, "too_slow"),
        (413, "too_large"),
        (415, "unsupported_type"),
        (418, "refused"),
        (500, "internal"),
        (502, "internal"),
    ],
)
def test_what_the_server_itself_refuses_is_called_by_its_status(status, code):
    assert code_of_status(status) == code


async def test_a_wrong_field_is_named_with_what_it_may_be(client):
    answer = await client.get("/v1/deliveries", params={"limit": "0"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["field"], error["allowed"]) == ("invalid_input", "limit", "1 to 200")
    assert error["message"].startswith("limit is no such number")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "no_route"),
        ("POST", "/status", 405, "method_not_allowed"),
        ("GET", "/v1/jobs/no-id", 404, "not_found"),
    ],
)
async def test_other_refusals_name_no_field(client, method, path, status, code):
    answer = await client.request(method, path)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"], error["allowed"]) == (status, code, None, None)
