"""The OpenAPI document shows what is answered, and the pages how to call: of every route."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_rs
import pytest

from engine.api.server import create_app
from engine.model.keys import Scope
from tests.api.conftest import options
from tests.api.desk_engine import refused
from tests.api.fake_engine import FakeEngine

APP = create_app(FakeEngine(), options())
DOCUMENT = APP.openapi()
SHOWN = [way for way in APP.ways if not way.hidden]
PAGES = Path(__file__).parents[2] / "docs" / "api"
_CURL = re.compile(r"curl\b[^|`]*?(?=`|\n```|\ncurl|\nprintf|\Z)", re.DOTALL)
_ADDRESS = re.compile(r"(?:\$EASEL|\$B|http://127\.0\.0\.1:8000)(/[^\s\"'?`|]*)")
_METHOD = re.compile(r"-X ([A-Z]+)")


def named(way):
    return f"{way.method} {way.path}"


def operation(way):
    return DOCUMENT["paths"][way.path][way.method.lower()]


def in_json(way):
    """The JSON answers of success."""
    answers = operation(way)["responses"].items()
    contents = [each.get("content", {}) for status, each in answers if status.startswith("2")]
    return [each["application/json"] for each in contents if "application/json" in each]


@pytest.mark.parametrize("way", [way for way in SHOWN if in_json(way)], ids=named)
def test_every_answer_in_json_has_an_example_that_is_valid(way):
    for content in in_json(way):
        assert "example" in content, "make docs"
        schema = {**content["schema"], "components": DOCUMENT.get("components", {})}
        jsonschema_rs.validate(schema, content["example"], validate_formats=True)


@pytest.mark.parametrize("way", SHOWN, ids=named)
def test_every_route_tells_of_the_headers_that_it_reads(way):
    told = {each["name"] for each in operation(way).get("parameters", ()) if each["in"] == "header"}
    wanted = {"X-Request-Id"}
    wanted |= {"Idempotency-Key"} if way.method == "POST" and way.scope is not None else set()
    wanted |= {"Easel-Requester"} if way.scope is Scope.GENERATE else set()
    assert told >= wanted


def calls(page):
    """The routes that the curls of a page lead to."""
    found = set()
    for curl in _CURL.findall((PAGES / page).read_text("utf-8")):
        method = _METHOD.search(curl)
        usual = "POST" if re.search(r" (?:-d|-F|--data-binary) ", curl) else "GET"
        for path in _ADDRESS.findall(curl):
            way = APP.ways.find(method[1] if method else usual, path)
            assert way is not None, f"{page}: no route for {curl}"
            found.add(either_family(way[0]))
    return found


def either_family(way):
    """A route of both families is shown in one of them."""
    return way.method, re.sub(r"^/api/v1/(midjourney|nova)/", "/api/v1/{family}/", way.path)


@pytest.mark.parametrize("page", ["imaginepro.md", "userapi.md", "native.md"])
def test_every_route_of_a_dialect_has_a_curl_on_its_page(page):
    own = {
        either_family(way) for way in SHOWN if way.dialect.name == page.removesuffix(".md") and way.scope is not None
    }
    assert sorted(own - calls(page)) == []


async def test_the_page_that_shows_the_document_loads_everything_from_easel(client):
    page = await client.get("/docs", headers={"Authorization": ""})
    assert page.status_code == 200
    sources = re.findall(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""", page.text)
    wanted = {next(filter(None, each)) for each in sources}
    assert wanted == {"/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/favicon.png", "/openapi.json"}
    assert "//" not in "".join(wanted)
    for address in wanted:
        answer = await client.get(address, headers={"Authorization": ""})
        assert (answer.status_code, bool(answer.content)) == (200, True)
    assert "default-src 'none'" in page.headers["content-security-policy"]


def bodies(way):
    """The schemas of a route's body."""
    return [each["schema"] for each in operation(way).get("requestBody", {}).get("content", {}).values()]


def may_be_null(schema):
    kinds = schema.get("type", [])
    if "enum" in schema:
        return None in schema["enum"]
    one_of = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return not (kinds or one_of) or "null" in kinds or any(may_be_null(each) for each in one_of)


def may_be_left_out(schema, path=""):
    """The fields that need not be given, at any depth."""
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *filter(None, [schema.get("items")])):
        yield from may_be_left_out(each, path)
    for name, field in schema.get("properties", {}).items():
        if name not in schema.get("required", ()):
            yield f"{path}{name}", field
        yield from may_be_left_out(field, f"{path}{name}.")


@pytest.mark.parametrize("way", [way for way in SHOWN if bodies(way)], ids=named)
def test_what_may_be_left_out_of_a_body_may_be_null_there(way):
    wrong = [name for schema in bodies(way) for name, field in may_be_left_out(schema) if not may_be_null(field)]
    assert wrong == []


LONG = [
    (way, each["name"], each["schema"]["maxLength"])
    for way in SHOWN
    for each in operation(way).get("parameters", ())
    if each["in"] == "query" and "maxLength" in each["schema"]
]


@pytest.mark.desks
@pytest.mark.parametrize(("way", "name", "most"), LONG, ids=[f"{named(way)} {name}" for way, name, _ in LONG])
async def test_a_word_of_a_query_longer_than_the_document_allows_is_refused_by_its_name(client, way, name, most):
    error = refused(await client.get(way.path, params={name: "a" * (most + 1)}), 400, "invalid_input")
    assert error["field"] == name


NO_EMPTY = [
    (way, each["name"])
    for way in SHOWN
    for each in operation(way).get("parameters", ())
    if each["in"] == "query"
    and (each["schema"]["type"] != "string" or {"enum", "format", "pattern"} & {*each["schema"]})
]


@pytest.mark.desks
@pytest.mark.parametrize(("way", "name"), NO_EMPTY, ids=[f"{named(way)} {name}" for way, name in NO_EMPTY])
async def test_an_empty_word_of_a_query_where_the_document_knows_none_is_refused_by_its_name(client, way, name):
    answer = await client.get(way.path, params={name: ""})
    assert answer.status_code == 400, answer.text
    assert name in answer.text
