"""What a request looks like as a row, and back. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.model.catalogue import action_named
from engine.model.hooks import Hook, HookKind
from engine.model.jobs import Origin, Request
from engine.store.records import Values, as_json


class Seldom(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields of an origin that few requests fill: together one column, which is NULL for the others."""

    boost: bool = False
    only_accounts: tuple[int, ...] = ()
    prefilter: bool = False
    source_links: bool = False
    private: bool = False


_USUAL = Seldom()
_seldom = msgspec.json.Decoder(Seldom)


def request_values(request: Request) -> Values:
    """A request's row."""
    origin = request.origin
    return {
        "id": request.id,
        "workspace_id": origin.workspace_id,
        "requester": origin.requester,
        "dialect": origin.dialect,
        "ref": origin.ref,
        "callback": None if origin.callback is None else origin.callback.url,
        "callback_kind": None if origin.callback is None else origin.callback.kind.value,
        "callback_id": origin.callback_id,
        "echo": origin.echo,
        "action": request.action.name,
        "prompt": request.prompt,
        "created_at": request.created_at,
        "seldom": _seldom_of(origin),
        "key_id": origin.key_id,
        "token": origin.token,
    }


def _seldom_of(origin: Origin) -> str | None:
    found = Seldom(origin.boost, origin.only_accounts, origin.prefilter, origin.source_links, origin.private)
    return None if found == _USUAL else as_json(found)


def request_of(row: Any) -> Request:
    """The request in a row."""
    seldom = _USUAL if row.seldom is None else _seldom.decode(row.seldom)
    return Request(
        id=row.id,
        origin=Origin(
            workspace_id=row.workspace_id,
            requester=row.requester,
            dialect=row.dialect,
            ref=row.ref,
            callback=_callback_of(row),
            callback_id=row.callback_id,
            echo=row.echo,
            boost=seldom.boost,
            only_accounts=seldom.only_accounts,
            source_links=seldom.source_links,
            prefilter=seldom.prefilter,
            private=seldom.private,
            key_id=row.key_id,
            token=row.token,
        ),
        action=action_named(row.action),
        prompt=row.prompt,
        created_at=row.created_at,
    )


def _callback_of(row: Any) -> Hook | None:
    return None if row.callback is None else Hook(row.callback, HookKind(row.callback_kind or HookKind.USUAL))
