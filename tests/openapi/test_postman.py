"""The Postman collection: what is in docs is made from the document, and each request answers what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from engine.api.postman import VARIABLES, of_this_version
from tests.fakes import pictures
from tests.openapi.throwaway import Throwaway

pytestmark = pytest.mark.timeout(300)

STORED = Path(__file__).parents[2] / "docs" / "api" / "easel.postman_collection.json"
FOX = pictures.drawn(size=(32, 24))
_VARIABLE = re.compile(r"\{\{([a-z_]+)\}\}")


def test_the_stored_collection_is_that_of_this_version():
    assert json.loads(STORED.read_text()) == of_this_version(), "make docs"


def items():
    return [item for folder in json.loads(STORED.read_text())["item"] for item in folder["item"]]


def test_every_variable_is_declared():
    used = set(_VARIABLE.findall(STORED.read_text()))
    assert used <= set(VARIABLES)


def test_every_request_answers_what_it_says(tmp_path):
    with Throwaway(tmp_path) as place, httpx.Client(timeout=60) as client:
        wrong = []
        for item in items():
            place.restore()
            status, answer = _send(item, place, client)
            if answer.status_code != status:
                wrong.append(f"{item['name']}: {answer.request.url} {answer.status_code} {answer.text[:200]}")
            place.changed = True
    assert wrong == []


def _send(item: dict, place: Throwaway, client: httpx.Client) -> tuple[int, httpx.Response]:
    asked = item["request"]
    if item["name"] == "Link your own account":
        place.unlink_spare()
    waits = "{{waiting}}" in asked["url"]["raw"]
    values = place.variables(waiting=place.job("waiting") if waits else "")
    values["account"] = str(place.spare_account) if "/v1/accounts/" in asked["url"]["raw"] else values["account"]

    def fill(text: str) -> str:
        return _VARIABLE.sub(lambda found: values[found[1]], text)

    headers = {each["key"]: fill(each["value"]) for each in asked["header"]}
    body = asked.get("body", {})
    content = fill(body["raw"]).encode() if body.get("mode") == "raw" else None
    files = {each["key"]: (each["src"], FOX, "image/png") for each in body.get("formdata", ())}
    (event,) = item["event"]
    status = int(re.search(r"have\.status\((\d+)\)", event["script"]["exec"][0])[1])
    url = fill(asked["url"]["raw"])
    return status, client.request(asked["method"], url, headers=headers, content=content, files=files or None)
