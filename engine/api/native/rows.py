"""How a route of the native API is written down: its row, with every answer that it may give in the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.api.native.document import Schema, answers
from engine.api.ways import NATIVE, SMALL, Endpoint, Id, Way
from engine.model.keys import Scope
from engine.model.rates import Rate


def row(  # noqa: PLR0917 - a row of a table
    method: str,
    path: str,
    endpoint: Endpoint,
    scope: Scope,
    summary: str,
    answer: Schema,
    *others: int,
    extra: Mapping[str, Any] | None = None,
    ids: Mapping[str, Id] | None = None,
    body: int = SMALL,
    rate: Rate | None = None,
) -> Way:
    """One route.

    Args:
        method: of HTTP.
        path: each word in braces is one segment.
        endpoint: what serves it.
        scope: what the key must allow.
        summary: what it does.
        answer: the shape of its 200.
        others: statuses of further refusals.
        extra: parameters and body, as the document tells them.
        ids: what the words and fields name.
        body: the largest one, in bytes.
        rate: see `Way.rate`.
    """
    described: dict[str, Any] = {
        "responses": answers(answer, *others, body=method in {"PUT", "PATCH"}, post=method == "POST")
    }
    if extra is not None:
        described["openapi_extra"] = dict(extra)
    return Way(
        method=method,
        path=path,
        endpoint=endpoint,
        dialect=NATIVE,
        scope=scope,
        rate=rate,
        body=body,
        ids=ids or {},
        summary=summary,
        described=described,
    )
