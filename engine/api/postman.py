"""The Postman collection of every call, made from the OpenAPI document: `python -m engine.api.postman`.

Ids, addresses and the key are variables of the collection, so that each request can be sent once they are filled in;
each says by a test of its own which status it is answered with.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

from engine.api.door import Door
from engine.api.options import ApiOptions
from engine.api.server import create_app
from engine.api.ways import Credential, Id, Way

Part = dict[str, Any]

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
VARIABLES: Mapping[str, str] = {
    "base": "http://127.0.0.1:8000",
    "key": "",
    "job": "",
    "single": "",
    "film": "",
    "waiting": "",
    "uncertain": "",
    "refused": "",
    "account": "1",
    "token": "",
    "server": "",
    "channel": "",
    "account_hash": "",
    "key_id": "",
    "rule": "",
    "delivery": "",
    "guild": "",
    "operator": "",
    "member": "",
    "strike": "",
    "report": "",
    "style": "",
    "spare": "",
    "picture": "",
    "picture_url": "",
    "png_url": "",
    "mask": "",
    "webhook": "none",
}
"""What is filled in before a request is sent, with what it is when nobody has."""
OTHER_JOBS: Mapping[str, str] = {
    **dict.fromkeys(("/upsample", "/vary-subtle", "/vary-strong", "/inpaint", "/zoom", "/pan", "/animate"), "single"),
    "/extend": "film",
    "/{job_id}/cancel": "waiting",
    "/{job_id}/settle": "uncertain",
    "/{job_id}/appeal": "refused",
    "/{job_id}/remove": "spare",
}
"""By the ends of paths: which job is meant where a finished grid would not do."""
_IDS = {
    Id.ACCOUNT: "account",
    Id.ACCOUNT_HASH: "account_hash",
    Id.KEY: "key_id",
    Id.RULE: "rule",
    Id.DELIVERY: "delivery",
    Id.PICTURE: "picture",
    **{kind: kind.value for kind in (Id.GUILD, Id.OPERATOR, Id.MEMBER, Id.STRIKE, Id.REPORT, Id.STYLE)},
}
_NAMED = {
    "token": "token",
    "server": "server",
    "channel": "channel",
    "webhookOverride": "webhook",
    "webhook_url": "webhook",
    "mask": "mask",
    "startFrameUrl": "picture_url",
    "endFrameUrl": "picture_url",
    "imageUrl": "picture_url",
    "image": "picture_url",
    "source": "picture_url",
    "target": "picture_url",
    "url": "picture_url",
}
_PNG_ONLY = ("/upload", "/midjourney/v2/blend")


def collection(document: Mapping[str, Any], ways: Iterable[Way], version: str) -> Part:
    """The collection, a folder for each dialect, in the order of the document."""
    folders: dict[str, list[Part]] = {}
    for way in ways:
        if not way.hidden:
            operation = document["paths"][way.path][way.method.lower()]
            folders.setdefault(operation["tags"][0], []).append(_item(way, operation))
    return {
        "info": {"name": f"Easel {version}", "description": document["info"]["description"], "schema": SCHEMA},
        "variable": [{"key": name, "value": value} for name, value in VARIABLES.items()],
        "item": [{"name": name, "item": items} for name, items in folders.items()],
    }


def _item(way: Way, operation: Mapping[str, Any]) -> Part:
    request: Part = {"method": way.method, "header": _headers(way), "url": _url(way, operation)}
    body = operation.get("requestBody", {}).get("content", {})
    if "application/json" in body:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        said = _filled(body["application/json"].get("example", {}), way)
        request["body"] = {"mode": "raw", "raw": json.dumps(said, ensure_ascii=False, indent=2)}
    elif "multipart/form-data" in body:
        files = [
            name
            for name, each in body["multipart/form-data"]["schema"]["properties"].items()
            if each.get("format") == "binary"
        ]
        request["body"] = {
            "mode": "formdata",
            "formdata": [{"key": name, "type": "file", "src": "fox.png"} for name in files],
        }
    answered = min(int(status) for status in operation["responses"])
    script = f'pm.test("answers {answered}", () => pm.response.to.have.status({answered}));'
    return {
        "id": f"{way.method} {way.path}",
        "name": operation["summary"],
        "request": request,
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": [script]}}],
        "response": [],
    }


def _headers(way: Way) -> list[Part]:
    if way.scope is None:
        return []
    if Credential.BEARER in way.dialect.credentials:
        return [{"key": "Authorization", "value": "Bearer {{key}}"}]
    return [{"key": "api-key", "value": "{{key}}"}]


def _url(way: Way, operation: Mapping[str, Any]) -> Part:
    path = [_word(part[1:-1], way) if part.startswith("{") else part for part in way.path.strip("/").split("/") if part]
    queries = [
        {"key": each["name"], "value": _word(each["name"], way)}
        for each in operation.get("parameters", ())
        if each["in"] == "query" and each.get("required")
    ]
    asked = "&".join(f"{each['key']}={each['value']}" for each in queries)
    raw = "{{base}}/" + "/".join(path) + (f"?{asked}" if asked else "")
    return {"raw": raw, "host": ["{{base}}"], "path": path, **({"query": queries} if queries else {})}


def _word(name: str, way: Way) -> str:
    kind = way.ids[name]
    if kind is Id.NUMBER:
        return "1"
    return "{{" + (job_meant(way.path) if kind is Id.JOB else _IDS[kind]) + "}}"


def job_meant(path: str) -> str:
    """The variable of the job that a path's id, or its body's, names."""
    return next((job for end, job in OTHER_JOBS.items() if path.endswith(end)), "job")


def _filled(example: Mapping[str, Any], way: Way) -> Part:
    picture = "{{png_url}}" if way.path.endswith(_PNG_ONLY) else "{{picture_url}}"
    filled: Part = {}
    for name, value in example.items():
        if name in way.ids:
            filled[name] = _word(name, way)
        elif name == "urls":
            filled[name] = [{**each, "url": picture} if isinstance(each, dict) else picture for each in value]
        elif name in _NAMED and way.path != "/v1/webhook":
            variable = _NAMED[name]
            filled[name] = picture if variable == "picture_url" else "{{" + variable + "}}"
        else:
            filled[name] = value
    return filled


def of_this_version() -> Part:
    """The collection of the routes as they are now."""
    app = create_app(cast("Door", None), ApiOptions(public_url=VARIABLES["base"], version="API"))
    return collection(app.openapi(), app.ways, "API")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(of_this_version(), ensure_ascii=False, indent=1) + "\n")
