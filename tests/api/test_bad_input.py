"""What nobody should send: each time a clear 4xx in the dialect's shape, nothing stored, never a 500."""

from __future__ import annotations

import json
import logging

import httpx
import pytest

from engine.api.codes import Code
from engine.api.server import create_app
from tests.api.conftest import PUBLIC_URL, options
from tests.api.fake_engine import KEY, FakeEngine

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ID = "d15c1541-229a-442b-9873-d3494dede12a"


def in_shape(answer: httpx.Response) -> str:
    """Check the error shape; returns the message."""
    body = answer.json()
    if isinstance(body["error"], dict):  # the native API's
        assert set(body) == {"error"}
        assert set(body["error"]) == {"code", "message", "field", "allowed"}
        assert body["error"]["code"] in list(Code)
        return body["error"]["message"]
    assert set(body) == {"message", "error", "statusCode"}
    assert body["statusCode"] == answer.status_code
    assert isinstance(body["message"], str)
    assert body["error"].endswith(": " + body["message"])
    return body["message"]


BODIES = [
    ("no body", JSON, b"", "prompt is required"),
    ("an empty object", JSON, b"{}", "prompt is required"),
    ("null", JSON, b"null", "body must be a JSON object"),
    ("an empty prompt", JSON, b'{"prompt":""}', "prompt is required"),
    ("an invisible prompt", JSON, '{"prompt":"\u200b\u200b"}'.encode(), "prompt is required"),
    ("a null prompt", JSON, b'{"prompt":null}', "prompt is required"),
    ("a number as prompt", JSON, b'{"prompt":7}', "prompt must be text, not 7 (allowed: a string)"),
    ("a list as prompt", JSON, b'{"prompt":["x"]}', "prompt must be text, not a list"),
    ("an object as prompt", JSON, b'{"prompt":{"x":1}}', "prompt must be text, not an object"),
    ("a prompt of 6001 characters", JSON, json.dumps({"prompt": "x" * 6001}).encode(), "too long: 6001"),
    ("a prompt of 100000 characters", JSON, json.dumps({"prompt": "x" * 100_000}).encode(), "too long: 100000"),
    ("a lone surrogate", JSON, rb'{"prompt":"a \ud800 fox"}', "prompt holds a character that is none"),
    ("a NUL", JSON, rb'{"prompt":"a \u0000 fox"}', "prompt holds a character that is none"),
    ("a NUL in ref", JSON, rb'{"prompt":"x","ref":"\u0000"}', "ref holds a character that is none"),
    ("a number as ref", JSON, b'{"prompt":"x","ref":5}', "ref must be text, not 5"),
    ("broken JSON", JSON, b'{"prompt":', "body is not valid JSON"),
    ("two values", JSON, b"{} {}", "body is not valid JSON"),
    ("a raw NUL", JSON, b'{"prompt":"a\x00"}', "body is not valid JSON"),
    ("an array", JSON, b'[{"prompt":"x"}]', "body must be a JSON object, not a list"),
    ("a text", JSON, b'"x"', 'body must be a JSON object, not "x"'),
    ("deep nesting", JSON, b'{"a":' * 50_000, "body is"),
    ("deep lists", JSON, b"[" * 200_000, "body is"),
    ("no UTF-8", JSON, b'{"prompt":"\xff\xfe"}', "body is not UTF-8"),
    ("UTF-16", JSON, '{"prompt":"x"}'.encode("utf-16"), "body is not UTF-8"),
    ("NaN", JSON, b'{"prompt":"x","timeout":NaN}', "body holds a number that is none"),
    ("a huge number", JSON, b'{"prompt":"x","timeout":' + b"9" * 5000 + b"}", "body holds a number that is none"),
    ("a large time-out", JSON, b'{"prompt":"x","timeout":99999999999999999999}', "timeout is out of range"),
    (
        "a time-out of 309 digits",
        JSON,
        b'{"prompt":"x","timeout":1e308}',
        f"timeout is out of range: {int(1e308) // 10**249}... (allowed: 10 to 900)",
    ),
    ("an endless time-out", JSON, b'{"prompt":"x","timeout":1e999}', "timeout must be a whole number"),
    ("a short time-out", JSON, b'{"prompt":"x","timeout":9}', "timeout is out of range: 9 (allowed: 10 to 900)"),
    ("a long time-out", JSON, b'{"prompt":"x","timeout":901}', "timeout is out of range: 901"),
    ("half a second", JSON, b'{"prompt":"x","timeout":10.5}', "timeout must be a whole number, not 10.5"),
    ("a time-out as text", JSON, b'{"prompt":"x","timeout":"60"}', 'timeout must be a whole number, not "60"'),
    ("a time-out as truth", JSON, b'{"prompt":"x","timeout":true}', "timeout must be a whole number, not true"),
    ("a switch that is none", JSON, b'{"prompt":"x","disableCdn":"zz"}', "disableCdn must be true or false"),
    ("a webhook without scheme", JSON, b'{"prompt":"x","webhookOverride":"example.com"}', "webhookOverride is no"),
    ("a webhook to a file", JSON, b'{"prompt":"x","webhookOverride":"file:///etc/passwd"}', "webhookOverride is no"),
    ("a webhook with a password", JSON, b'{"prompt":"x","webhookOverride":"http://a:b@c/"}', "webhookOverride is no"),
    ("a webhook with a bad port", JSON, b'{"prompt":"x","webhookOverride":"http://a:99999/"}', "webhookOverride is"),
    ("a webhook with a line break", JSON, rb'{"prompt":"x","webhookOverride":"http://a/\n"}', "webhookOverride is no"),
    ("a webhook with half an address", JSON, b'{"prompt":"x","webhookOverride":"http://[::1"}', "webhookOverride is"),
    ("a webhook without a host", JSON, b'{"prompt":"x","webhookOverride":"http:///x"}', "webhookOverride is no"),
    ("a number as webhook", JSON, b'{"prompt":"x","webhookOverride":1}', "webhookOverride must be text"),
    (
        "a parameter out of range",
        JSON,
        b'{"prompt":"x --chaos 101"}',
        "--chaos 101, which is out of range (allowed: --chaos",
    ),
    ("an unknown parameter", JSON, b'{"prompt":"x --foo"}', "prompt has --foo, which is no parameter"),
    ("several jobs in one prompt", JSON, b'{"prompt":"x {a, b}"}', "prompt has braces, which make several jobs"),
    ("a form without prompt", FORM, b"ref=x", "prompt is required"),
    ("a form with a bad time-out", FORM, b"prompt=x&timeout=soon", 'timeout must be a whole number, not "soon"'),
    ("a form with an endless time-out", FORM, b"prompt=x&timeout=" + b"9" * 9000, "timeout is out of range"),
    ("a form that is no UTF-8", FORM, b"prompt=%ff%fe", "body is not UTF-8"),
    ("a form of many fields", FORM, b"&".join(b"a%d=1" % n for n in range(2000)), "body has too many fields"),
    ("a form with a NUL", FORM, b"prompt=a%00b", "prompt holds a character that is none"),
    ("a form of nothing", FORM, b"&&&===", "prompt is required"),
    ("multipart without a boundary", "multipart/form-data", b"prompt=x", "body is not a valid form"),
    ("broken multipart", "multipart/form-data; boundary=x", b"--x\r\nnonsense", "prompt is required"),
    (
        "a form in parts that is no UTF-8",
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        "body is not UTF-8 (allowed: a form in UTF-8)",
    ),
    (
        "a file as prompt",
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="prompt"; filename="a"\r\n\r\nfox\r\n--x--\r\n',
        "prompt must be text, not a list",
    ),
]


@pytest.mark.parametrize(("kind", "body", "message"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
async def test_a_bad_body_is_a_bad_request_that_names_the_field(client, engine, kind, body, message):
    answer = await client.post("/api/v1/nova/imagine", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400, answer.text
    assert message in in_shape(answer)
    assert engine.jobs == {}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "messageId is required"),
        ({"button": "U1"}, "messageId is required"),
        ({"messageId": ID}, "button is required"),
        ({"messageId": 5, "button": "U1"}, "messageId must be text, not 5"),
        ({"messageId": ID, "button": 1}, "button must be text, not 1"),
        ({"messageId": ID, "button": "U" * 101}, "button is too long"),
        ({"messageId": ID, "button": "U1", "timeout": 5}, "timeout is out of range"),
    ],
)
async def test_a_bad_button_body_is_a_bad_request(client, body, message):
    answer = await client.post("/api/v1/midjourney/button", json=body)
    assert answer.status_code == 400
    assert message in in_shape(answer)


@pytest.mark.parametrize("message_id", [ID, "nonsense", "../../etc/passwd", "\u0000"[:0] + "x" * 10_000])
async def test_a_button_of_no_job_is_not_found(client, message_id):
    answer = await client.post("/api/v1/midjourney/button", json={"messageId": message_id, "button": "U1"})
    assert answer.status_code == 404
    assert in_shape(answer) == "no such job"


async def test_of_a_repeated_key_the_last_counts(client, engine):
    answer = await client.post("/api/v1/nova/imagine", content=b'{"prompt":"one","prompt":"two"}')
    assert engine.jobs[answer.json()["messageId"]].prompt == "two"


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "application/xml"}, {"Content-Type": "\xff\xfe/x"}, {"Content-Encoding": "gzip"}],
    ids=["xml", "nonsense", "compressed"],
)
async def test_a_body_of_another_kind_is_refused(client, headers):
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await client.post("/api/v1/nova/imagine", content=b"<prompt>x</prompt>", headers=encoded)
    assert answer.status_code == 415
    in_shape(answer)


@pytest.mark.parametrize("path", ["/api/v1/nova/nothing", "/api/v1", "/nothing", "/v1/job", "/api/v1/%00/%ff?a[]=%"])
async def test_an_unknown_route_is_not_found_in_the_same_shape(client, path):
    answer = await client.get(path)
    assert answer.status_code == 404
    in_shape(answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nova/imagine"),
        ("DELETE", "/api/v1/nova/button/"),
        ("POST", f"/api/v1/message/fetch/{ID}"),
        ("PUT", f"/v1/jobs/{ID}"),
        ("POST", "/status"),
        ("BREW", "/status"),
    ],
)
async def test_a_wrong_method_is_refused_in_the_same_shape(client, method, path):
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["Allow"]
    in_shape(answer)


async def test_junk_in_the_query_changes_nothing(client):
    answer = await client.post("/api/v1/nova/imagine?prompt=no&x[]=%00&&=%ff", json={"prompt": "yes"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        KEY,
        f"Basic {KEY}",
        f"Bearer {KEY}x",
        f"Bearer {KEY} x",
        "Bearer \xff",
        "Bearer " + "x" * 9000,
    ],
    ids=["none", "empty", "no key", "blank key", "no scheme", "basic", "wrong", "two words", "no ASCII", "endless"],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/v1/nova/imagine"), ("GET", f"/api/v1/message/fetch/{ID}"), ("GET", f"/v1/jobs/{ID}/events")],
)
async def test_a_missing_or_wrong_key_is_unauthorized(engine, caplog, method, path, header):
    caplog.set_level(logging.DEBUG)
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    transport = httpx.ASGITransport(create_app(engine, options()))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as anonymous:
        answer = await anonymous.request(method, path, json={"prompt": "x"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert KEY[6:] not in in_shape(answer)
    assert KEY[6:] not in caplog.text
    assert engine.jobs == {}


@pytest.mark.parametrize("header", [f"bearer {KEY}", f"BEARER   {KEY}  ", f"\tBearer\t{KEY}"])
async def test_the_schemes_case_and_spaces_do_not_count(client, header):
    answer = await client.post("/api/v1/nova/imagine", json={"prompt": "x"}, headers={"Authorization": header})
    assert answer.status_code == 200


class BrokenEngine(FakeEngine):
    async def job(self, workspace_id, job_id):
        raise RuntimeError("token mfa.very-secret")


async def test_our_own_fault_is_a_500_with_a_number_that_the_log_has_without_values(caplog):
    transport = httpx.ASGITransport(create_app(BrokenEngine(), options()))
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
        answer = await client.get(f"/api/v1/message/fetch/{ID}")
    assert answer.status_code == 500
    number = in_shape(answer).split("number ")[1].split()[0]
    assert number in caplog.text
    assert "RuntimeError" in caplog.text
    assert "test_bad_input.py" in caplog.text
    assert "very-secret" not in caplog.text + answer.text
