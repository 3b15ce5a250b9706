"""Every route has its row: who may call it, what it costs, how large its body may be, which ids it takes."""

from __future__ import annotations

import re

import pytest

from engine.api.server import create_app
from engine.api.ways import NATIVE, SMALL, Id, Way, Ways
from engine.model.keys import Scope
from engine.model.rates import Rate
from tests.api.conftest import options
from tests.api.fake_engine import FakeEngine

APP = create_app(FakeEngine(), options())
DOCUMENT = APP.openapi()
FRAMEWORK = {("GET", "/openapi.json")}
"""What the framework answers itself: the document."""
NAMES_SOMETHING = re.compile(r"(^|_)(hash|id|ids)$|[a-z]Ids?$")
OF_OTHERS = {
    "/v1/refusals", "/v1/audit", "/v1/keys", "/v1/keys/{key_id}", "/v1/operators", "/v1/reports", "/v1/members",
    "/v1/members/{member_id}", "/v1/members/{member_id}/strikes",
}  # fmt: skip
"""What is read there are other people's words, deeds and keys."""
NOT_OURS = {"callback_id", "custom_id"}
"""Their clients' own names, which lead to nothing of ours."""


def named(way):
    return f"{way.method} {way.path}"


def shown(way):
    return DOCUMENT["paths"].get(way.path, {}).get(way.method.lower())


def test_the_application_has_no_route_without_a_row():
    rows = {(way.method, way.path) for way in APP.ways}
    routes = {(method, route.path) for route in APP.routes for method in route.methods}
    assert routes - rows - FRAMEWORK - {("HEAD", path) for _, path in FRAMEWORK} == set()


@pytest.mark.parametrize("way", list(APP.ways), ids=named)
def test_whoever_starts_or_changes_something_shows_a_key_that_may(way):
    if way.method in {"GET", "HEAD"}:
        assert way.scope in {None, Scope.READ} or way.path in OF_OTHERS
    else:
        assert way.scope in {Scope.GENERATE, Scope.MANAGE} or way.counted is Rate.READ
        assert way.scope is not None
    assert way.counted is (None if way.scope is None else way.counted)


@pytest.mark.parametrize("way", [way for way in APP.ways if shown(way)], ids=named)
def test_a_field_that_names_something_stands_in_its_row(way):
    told = shown(way)
    fields = {each["name"] for each in told.get("parameters", ()) if each["in"] == "query"}
    for body in told.get("requestBody", {}).get("content", {}).values():
        fields |= set(body["schema"].get("properties", {}))
    assert {name for name in fields if NAMES_SOMETHING.search(name)} - NOT_OURS <= set(way.ids)


@pytest.mark.parametrize("way", [way for way in APP.ways if not way.hidden], ids=named)
def test_every_row_stands_in_the_document_with_the_keys_it_takes(way):
    told = shown(way)
    assert told["summary"] == way.summary
    assert bool(told.get("security")) is (way.scope is not None)
    if way.body != SMALL:
        assert told["requestBody"]


async def there(**words):
    return words


def a_way(path, method="GET", **ids):
    return Way(method=method, path=path, endpoint=there, dialect=NATIVE, scope=None, summary="one", ids=ids)


def found(ways, method, path):
    way = ways.find(method, path)
    return None if way is None else (way[0].path, way[1])


def test_a_path_is_found_segment_by_segment_and_fixed_ones_win():
    ways = Ways(NATIVE)
    for path in ("/a/{one}", "/a/queue", "/a/{one}/b/{two}", "/a/queue/c", "/a/{one}/"):
        ways.add(a_way(path, one=Id.JOB, two=Id.ACCOUNT))
    assert found(ways, "GET", "/a/queue") == ("/a/queue", {})
    assert found(ways, "GET", "/a/7") == ("/a/{one}", {"one": "7"})
    assert found(ways, "GET", "/a/7/") == ("/a/{one}/", {"one": "7"})
    assert found(ways, "GET", "/a/7/b/8") == ("/a/{one}/b/{two}", {"one": "7", "two": "8"})
    assert found(ways, "GET", "/a/queue/b/8") == ("/a/{one}/b/{two}", {"one": "queue", "two": "8"})
    for path in ("/a", "/a/", "/a//b/8", "/a/7/b", "/a/7/b/8/9", "/b/7", "a/7", ""):
        assert found(ways, "GET", path) is None
    assert found(ways, "POST", "/a/7") is None


def test_a_path_tells_every_method_that_it_takes():
    ways = Ways(NATIVE)
    ways.add(a_way("/a/{one}", one=Id.JOB))
    ways.add(a_way("/a/{one}", method="POST", one=Id.JOB))
    ways.add(a_way("/a/b", method="PUT"))
    assert ways.methods("/a/7") == ["GET", "POST"]
    assert ways.methods("/a/b") == ["PUT"]
    assert ways.methods("/b") == []


def test_a_word_of_a_path_must_say_what_it_names():
    with pytest.raises(ValueError, match="what kind of id is job_id"):
        a_way("/jobs/{job_id}")
