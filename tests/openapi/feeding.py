"""Known ids, addresses and masks, put where a generated case is meant to be right; what is meant to be wrong stays."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

from engine.api.postman import job_meant
from tests.openapi.throwaway import Throwaway

WEBHOOKS = ("webhookOverride", "webhook_url")
Known = Callable[[Throwaway, str], object]


def _job(place: Throwaway, path: str) -> str:
    return place.job(job_meant(path))


def _picture(place: Throwaway, path: str) -> str:
    return place.photo if path.endswith("/upload") else place.picture


def _delivery(place: Throwaway, _: str) -> int:
    return place.delivery_id


def _account(place: Throwaway, path: str) -> int:
    return place.spare_account if path.startswith("/v1/accounts/") else place.account_id


KNOWN: Mapping[str, Known] = {
    "message_id": _job,
    "messageId": _job,
    "job_id": _job,
    "hash": _job,
    "account_hash": lambda place, _: place.account_hash,
    "token_id": _account,
    "tokenId": _account,
    "account_id": _account,
    "key_id": lambda place, _: place.spare_key,
    "parent_id": _job,
    "token": lambda place, _: place.stranger["token"],
    "server": lambda place, _: place.stranger["guild_id"],
    "channel": lambda place, _: place.stranger["channel_id"],
    "rule_id": lambda place, _: place.rule_id,
    "delivery_id": _delivery,
    "guild_id": lambda place, _: place.people.guild,
    "operator_id": lambda place, _: place.people.operator,
    "member_id": lambda place, _: place.people.member,
    "strike_id": lambda place, _: place.people.strike,
    "report_id": lambda place, _: place.people.report,
    "style_id": lambda place, _: place.people.style,
    "name": lambda place, _: place.picture_key,
    "key": lambda place, _: place.picture_key,
    "number": lambda place, _: 1,
    "mask": lambda place, _: place.mask,
    "url": _picture,
    "image": _picture,
    "imageUrl": _picture,
    "startFrameUrl": _picture,
    "endFrameUrl": _picture,
    "source": _picture,
    "target": _picture,
}
IN_PATHS = {"name", "key", "number"}
"""Names that mean something else in a body."""


def feed(case: Case, place: Throwaway) -> None:
    """Every example, and three other cases of four, get what is known; no case posts to strangers."""
    _keep_webhooks_here(case, place)
    if case.path == "/v1/events" and isinstance(case.query, MutableMapping):
        case.query["follow"] = "false"  # it has no end otherwise
    meta = case.meta
    if meta is None or meta.phase.name is TestPhase.STATEFUL:
        return
    parts = {
        ParameterLocation.PATH: case.path_parameters,
        ParameterLocation.QUERY: case.query,
        ParameterLocation.BODY: case.body,
    }
    for where, values in parts.items():
        if isinstance(values, MutableMapping) and not meta.is_negative_at(where) and _is_fed(case, values):
            _fill(values, case.path, place, in_path=where is ParameterLocation.PATH)


def _is_fed(case: Case, values: Mapping[str, Any]) -> bool:
    if case.meta is not None and case.meta.phase.name is TestPhase.EXAMPLES:
        return True
    said = json.dumps([case.method, case.path, dict(values)], default=str, sort_keys=True)
    return zlib.crc32(said.encode("utf-8", "replace")) % 4 != 0


def _fill(values: MutableMapping[str, Any], path: str, place: Throwaway, *, in_path: bool) -> None:
    for name in [name for name in values if name in KNOWN and (in_path or name not in IN_PATHS)]:
        if values[name] is not None and not (path == "/v1/webhook" and name == "url"):
            known = KNOWN[name](place, path)
            values[name] = str(known) if in_path else known
    if "urls" in values:
        plain = path.startswith("/api/v1")
        values["urls"] = [place.picture if plain else {"url": place.photo, "ext": "png"} for _ in range(2)]


def _keep_webhooks_here(case: Case, place: Throwaway) -> None:
    if not isinstance(case.body, MutableMapping):
        return
    names = (*WEBHOOKS, "url") if case.path == "/v1/webhook" else WEBHOOKS
    for name in names:
        value = case.body.get(name)
        if isinstance(value, str) and value.lower().startswith("http"):
            case.body[name] = place.receiver.url()
