"""What a POST proved, as a table (midjourney-protocol §13.1, §1.6)."""

from __future__ import annotations

import httpx
import pytest

from engine.drivers.midjourney.outcomes import classify
from engine.model.sightings import Trouble
from engine.ports import AnswerKind, Refusal
from tests.drivers.captures import wire

BODIES = wire("capture-rest-errors.json")


def response(status: int, body: object = None, text: str = "", **headers: str) -> httpx.Response:
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    if body is not None:
        return httpx.Response(status, json=body, headers=headers)
    return httpx.Response(status, text=text, headers=headers)


def captured(name: str) -> httpx.Response:
    entry = BODIES[name]
    return httpx.Response(entry["status"], json=entry["body"], headers=entry.get("headers"))


@pytest.mark.parametrize(
    ("name", "refusal", "trouble", "wait"),
    [
        ("outdated_command", Refusal.AGAIN, None, None),
        ("interaction_429", Refusal.WAIT, None, 2.06),
        ("user_rate_limit_headers", Refusal.WAIT, None, 64.57),
        ("bot_not_in_guild", Refusal.ACCOUNT, Trouble.ACCESS, None),
        ("unknown_channel", Refusal.ACCOUNT, Trouble.ACCESS, None),
        ("unknown_application", Refusal.FAIL, None, None),
        ("generic_unauthorized", Refusal.ACCOUNT, Trouble.TOKEN, None),
        ("anti_abuse_block", Refusal.ACCOUNT, Trouble.BLOCKED, None),
        ("stale_component", Refusal.GONE, None, None),
        ("captcha", Refusal.ACCOUNT, Trouble.CAPTCHA, None),
    ],
)
def test_every_captured_refusal_has_its_class(name, refusal, trouble, wait):
    answer = classify(captured(name))
    assert (answer.kind, answer.refusal, answer.trouble) == (AnswerKind.REFUSED, refusal, trouble)
    assert answer.retry_after == wait
    assert str(BODIES[name]["status"]) in answer.detail


def test_a_gateway_session_that_went_away_under_the_call_fails_no_job():
    errors = {"session_id": {"_errors": [{"code": "INVALID_SESSION_ID", "message": "Session ID is invalid"}]}}
    answer = classify(response(400, {"code": 50035, "message": "Invalid Form Body", "errors": errors}))
    assert (answer.kind, answer.refusal, answer.trouble) == (AnswerKind.REFUSED, Refusal.WAIT, None)
    assert answer.retry_after


def test_no_captured_body_is_left_out():
    covered = {"outdated_command", "interaction_429", "user_rate_limit_headers", "bot_not_in_guild", "unknown_channel"}
    covered |= {"unknown_application", "generic_unauthorized", "anti_abuse_block", "stale_component", "captcha"}
    assert set(BODIES) == covered | {"_provenance", "cloudflare_block"}


@pytest.mark.parametrize(
    ("status", "code", "refusal", "trouble"),
    [
        (403, 40002, Refusal.ACCOUNT, Trouble.VERIFICATION),
        (400, 40002, Refusal.ACCOUNT, Trouble.VERIFICATION),
        (403, 50001, Refusal.ACCOUNT, Trouble.ACCESS),
        (403, 50013, Refusal.ACCOUNT, Trouble.ACCESS),
        (403, 50009, Refusal.ACCOUNT, Trouble.ACCESS),
        (403, 40007, Refusal.ACCOUNT, Trouble.ACCESS),
        (404, 10003, Refusal.ACCOUNT, Trouble.ACCESS),
        (404, 10004, Refusal.ACCOUNT, Trouble.ACCESS),
        (403, 40333, Refusal.ACCOUNT, Trouble.WIRE),
        (403, 99999, Refusal.ACCOUNT, Trouble.WIRE),
        (404, 10062, Refusal.FAIL, None),
        (404, 10063, Refusal.AGAIN, None),
        (400, 50035, Refusal.FAIL, None),
        (400, 99999, Refusal.FAIL, None),
        (400, 20016, Refusal.WAIT, None),
    ],
)
def test_codes_have_their_class(status, code, refusal, trouble):
    answer = classify(response(status, {"message": "words", "code": code}))
    assert (answer.kind, answer.refusal, answer.trouble) == (AnswerKind.REFUSED, refusal, trouble)
    assert "words" in answer.detail


def test_a_button_that_the_message_does_not_carry_is_gone():
    body = {"code": 50035, "message": "Invalid Form Body"}
    body["errors"] = {"data": {"_errors": [{"code": "COMPONENT_VALIDATION_FAILED", "message": "x"}]}}
    assert classify(response(400, body)).refusal is Refusal.GONE


def test_a_204_is_accepted():
    assert classify(httpx.Response(204)).kind is AnswerKind.ACCEPTED


@pytest.mark.parametrize(
    "odd",
    [
        response(200, {}),
        response(202, {"message": "not ready", "code": 110000, "retry_after": 1}),
        response(301, text=""),
        response(400, text="<html>"),
        response(401, text=""),
        response(403, text="<html>Access denied</html>"),
        response(404, text="not found"),
        response(400, {"error": "no code"}),
        response(400, ["a list"]),
        response(405, {"message": "405: Method Not Allowed", "code": 0}),
        response(413, text="too large"),
        response(429, text="<html>", Via="1.1 google"),
        response(500, {"message": "500: Internal Server Error", "code": 0}),
        response(502, text="bad gateway"),
        response(504, text=""),
        response(522, text="<html>"),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_any_other_answer_proves_nothing(odd):
    answer = classify(odd)
    assert (answer.kind, answer.refusal) == (AnswerKind.UNKNOWN, None)
    assert str(odd.status_code) in answer.detail


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError,
        httpx.ReadTimeout,
        httpx.WriteError,
        httpx.WriteTimeout,
        httpx.RemoteProtocolError,
        httpx.CloseError,
    ],
)
def test_a_call_that_may_have_left_is_of_unknown_outcome(error):
    assert classify(error("x")).kind is AnswerKind.UNKNOWN


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_a_call_that_found_no_connection_never_left(error):
    assert classify(error("x")).kind is AnswerKind.NEVER_LEFT


def test_a_time_out_before_the_first_byte_never_left():
    assert classify(TimeoutError(), written=False).kind is AnswerKind.NEVER_LEFT
    assert classify(TimeoutError(), written=True).kind is AnswerKind.UNKNOWN


def test_the_words_of_an_exception_are_not_quoted_because_they_may_hold_the_token():
    assert "secret" not in classify(httpx.LocalProtocolError("Illegal header value b'secret'")).detail


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (response(429, {"message": "m", "retry_after": 0.3, "global": True}), 0.3),
        (response(429, {"message": "m", "retry_after": 3000, "global": False}, Retry_After="3"), 3.0),
        (response(429, {"message": "m", "code": 0}, Retry_After="7"), 7.0),
        (response(429, {"message": "m", "code": 0}), 5.0),
        (response(429, text="<html>", Retry_After="90"), 90.0),
    ],
)
def test_a_rate_limit_says_how_long(answer, wait):
    found = classify(answer)
    assert (found.kind, found.refusal, found.retry_after) == (AnswerKind.REFUSED, Refusal.WAIT, wait)


def test_cloudflare_without_a_time_stops_the_account():
    found = classify(response(429, text="<html>"))
    assert (found.kind, found.refusal, found.trouble) == (AnswerKind.REFUSED, Refusal.ACCOUNT, Trouble.BLOCKED)
