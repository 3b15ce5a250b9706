"""What the native API does with API keys: make, list, change, revoke; the secret is shown once."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import Caller
from engine.api.bodies import Fields, read_fields
from engine.api.native.document import Schema, array, asked, fields, moment, number, shape, text, words
from engine.api.native.reading import may_see, texts, word
from engine.api.native.rows import row
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.times import to_milliseconds
from engine.api.ways import Id, Way
from engine.core.keyring import LONGEST_NAME, Terms
from engine.model.errors import Forbidden, InvalidInput, NotFound
from engine.model.keys import Scope
from engine.ports import ApiKey

_LONGEST = 200
_DIGITS = 15
_KEY: dict[str, Schema] = {
    "id": number(),
    "name": text(),
    "prefix": text(),
    "scopes": array(words(Scope)),
    "accounts": array(number()),
    "rates": text(null=True),
    "quota": text(null=True),
    "created_at": moment(),
    "last_used_at": moment(null=True),
    "revoked_at": moment(null=True),
}
_TERMS = fields(
    name=text(null=True, maxLength=LONGEST_NAME),
    scopes={"type": ["array", "null"], "items": words(Scope)},
    accounts={
        "type": ["array", "null"],
        "items": number(minimum=1),
        "description": "The accounts that may run its jobs; empty: all.",
    },
    rates=text(null=True, description="As in `generate=10/s read=100/s`; `usual`: as the settings say; `off`."),
    quota=text(null=True, description="As in `500/month`; `none`: the workspace's."),
)
_EXAMPLE = {"name": "web shop", "scopes": ["read", "generate"], "quota": "500/month"}


def ways() -> Iterator[Way]:
    """The routes."""
    place, one = "/v1/keys", {"key_id": Id.KEY}
    listed, made = shape(keys=array(shape(**_KEY))), shape(key=text(), **_KEY)
    yield row("GET", place, _list, Scope.MANAGE, "The API keys, revoked ones too", listed)
    yield row("POST", place, _make, Scope.MANAGE, "Make an API key", made, extra=asked(_TERMS, _EXAMPLE))
    yield row("GET", f"{place}/{{key_id}}", _one, Scope.MANAGE, "An API key", shape(**_KEY), 404, ids=one)
    yield row(
        "PATCH", f"{place}/{{key_id}}", _change, Scope.MANAGE, "Change what a key may do", shape(**_KEY), 404,
        extra=asked(_TERMS, {"scopes": ["read"]}), ids=one,
    )  # fmt: skip
    yield row("DELETE", f"{place}/{{key_id}}", _revoke, Scope.MANAGE, "Revoke a key", shape(**_KEY), 404, ids=one)


async def _list(request: Request, caller: Caller) -> Response:
    keys = await premises_of(request).door.desks.keyring.keys(caller.workspace_id)
    return Json({"keys": [key_body(key) for key in keys]})


async def _one(key_id: str, request: Request, caller: Caller) -> Response:
    return Json(key_body(await _found(request, caller, key_id)))


async def _make(request: Request, caller: Caller) -> Response:
    terms = _terms(await read_fields(request))
    _within(caller, terms.account_ids or ())
    made = await premises_of(request).door.desks.keyring.make(caller.workspace_id, terms)
    return Json({"key": made.key, **key_body(made.stored)}, headers={"Cache-Control": "no-store"})


async def _change(key_id: str, request: Request, caller: Caller) -> Response:
    terms, found = _terms(await read_fields(request)), await _found(request, caller, key_id)
    _within(caller, found.account_ids)
    _within(caller, found.account_ids if terms.account_ids is None else terms.account_ids)
    keyring = premises_of(request).door.desks.keyring
    return Json(key_body(await keyring.change(caller.workspace_id, str(found.id), terms)))


async def _revoke(key_id: str, request: Request, caller: Caller) -> Response:
    found = await _found(request, caller, key_id)
    _within(caller, found.account_ids)
    keyring = premises_of(request).door.desks.keyring
    await keyring.revoke(caller.workspace_id, str(found.id))
    return Json(key_body(await _found(request, caller, key_id)))


async def _found(request: Request, caller: Caller, key_id: str) -> ApiKey:
    if key_id.isascii() and key_id.isdigit() and len(key_id) <= _DIGITS:
        for key in await premises_of(request).door.desks.keyring.keys(caller.workspace_id):
            if key.id == int(key_id):
                return key
    raise NotFound("no such key")


def _within(caller: Caller, account_ids: tuple[int, ...]) -> None:
    """A key that is limited to some accounts makes, changes and revokes no key that may do more.

    Raises:
        Forbidden: it would.
    """
    if caller.account_ids and not (account_ids and all(may_see(caller, each) for each in account_ids)):
        own = ", ".join(map(str, caller.account_ids))
        raise Forbidden(f"this key is limited to the accounts {own}, and so is every key that it makes or changes")


def _terms(said: Fields) -> Terms:
    rates, quota = said.text("rates", most=_LONGEST), said.text("quota", most=_LONGEST)
    scopes = texts(said, "scopes", _LONGEST)
    return Terms(
        name=said.text("name", most=LONGEST_NAME),
        scopes=None if scopes is None else frozenset(filter(None, (word("scopes", each, Scope) for each in scopes))),
        account_ids=_account_ids(said),
    ).limited(rates, quota)


def _account_ids(said: Fields) -> tuple[int, ...] | None:
    said.knows("accounts")
    given = said.values.get("accounts")
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(each, int) and each is not True for each in given):
        raise InvalidInput("accounts", "must be a list of numbers", value=given, allowed="[1, 2]; empty: all")
    return tuple(sorted({int(each) for each in given}))


def key_body(key: ApiKey) -> dict[str, object]:
    """A key: never the secret, only how it begins."""
    used, revoked = key.last_used_at, key.revoked_at
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": sorted(scope.value for scope in key.scopes),
        "accounts": list(key.account_ids),
        "rates": None if key.rates is None else str(key.rates),
        "quota": None if key.quota is None else str(key.quota),
        "created_at": to_milliseconds(key.created_at),
        "last_used_at": None if used is None else to_milliseconds(used),
        "revoked_at": None if revoked is None else to_milliseconds(revoked),
    }
