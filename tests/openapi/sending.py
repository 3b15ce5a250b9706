"""How a request of the Postman collection is sent to the throw-away workspace."""

from __future__ import annotations

import re

import httpx

from tests.fakes import pictures
from tests.openapi.throwaway import Throwaway

FOX = pictures.drawn(size=(32, 24))
VARIABLE = re.compile(r"\{\{([a-z_]+)\}\}")


def send(item: dict, place: Throwaway, client: httpx.Client) -> tuple[int, httpx.Response]:
    """The status that the request says it is answered with, and the answer."""
    asked = item["request"]
    if item["name"] == "Link your own account":
        place.unlink_spare()
    waits = "{{waiting}}" in asked["url"]["raw"]
    values = place.variables(waiting=place.job("waiting") if waits else "")
    values["account"] = str(place.spare_account) if "/v1/accounts/" in asked["url"]["raw"] else values["account"]

    def fill(text: str) -> str:
        return VARIABLE.sub(lambda found: values[found[1]], text)

    headers = {each["key"]: fill(each["value"]) for each in asked["header"]}
    body = asked.get("body", {})
    content = fill(body["raw"]).encode() if body.get("mode") == "raw" else None
    files = {each["key"]: (each["src"], FOX, "image/png") for each in body.get("formdata", ())}
    (event,) = item["event"]
    status = int(re.search(r"have\.status\((\d+)\)", event["script"]["exec"][0])[1])
    url = fill(asked["url"]["raw"])
    with client.stream(asked["method"], url, headers=headers, content=content, files=files or None) as answer:
        endless = answer.headers.get("content-type", "").startswith("text/event-stream")
        said = next(answer.iter_raw()) if endless else answer.read()
    return status, httpx.Response(answer.status_code, headers=answer.headers, content=said, request=answer.request)
