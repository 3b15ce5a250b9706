"""The Postman collection: what is in docs is made from the document, and each request answers what it says."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from engine.api.postman import VARIABLES, of_this_version
from tests.openapi.sending import VARIABLE, send
from tests.openapi.throwaway import Throwaway

pytestmark = pytest.mark.timeout(300)

STORED = Path(__file__).parents[2] / "docs" / "api" / "easel.postman_collection.json"


def test_the_stored_collection_is_that_of_this_version():
    assert json.loads(STORED.read_text()) == of_this_version(), "make docs"


def items():
    return [item for folder in json.loads(STORED.read_text())["item"] for item in folder["item"]]


def test_every_variable_is_declared():
    used = set(VARIABLE.findall(STORED.read_text()))
    assert used <= set(VARIABLES)


def test_every_request_answers_what_it_says(tmp_path):
    with Throwaway(tmp_path) as place, httpx.Client(timeout=60) as client:
        wrong = []
        for item in items():
            place.restore()
            status, answer = send(item, place, client)
            if answer.status_code != status:
                wrong.append(f"{item['name']}: {answer.request.url} {answer.status_code} {answer.text[:200]}")
            place.changed = True
    assert wrong == []
