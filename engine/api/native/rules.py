"""Which addresses the native API has for words: rules, what they find, refused requests, and who changed what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from engine.api.auth import Caller, requester
from engine.api.bodies import Fields, read_fields
from engine.api.native.document import refusals
from engine.api.native.rule_shapes import (
    AUDIT,
    FINDINGS,
    IMPORT_BODY,
    IMPORTED,
    PAGING,
    REFUSALS,
    REFUSED,
    RULE,
    RULE_BODY,
    RULES,
    TEXT_BODY,
    audit_body,
    findings_body,
    refusal_body,
    rule_body,
)
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.ways import NATIVE, Id, Way
from engine.model.errors import InvalidInput, NotFound
from engine.model.keys import Scope
from engine.model.labels import Label
from engine.model.moderation import Kind, Rule, RuleDraft, Severity, WordList
from engine.model.rates import Rate

MOST_PER_PAGE = 200
_NUMBER = re.compile(r"[0-9]{1,15}")
SHEET = {200: {"description": "One rule a line.", "content": {"text/plain": {"schema": {"type": "string"}}}}}

Word = TypeVar("Word", bound=StrEnum)


def ways() -> Iterator[Way]:
    """The routes for words under /v1."""

    def way(method: str, path: str, endpoint: Any, scope: Scope, summary: str, **more: Any) -> Way:
        answered = refusals(REFUSED) | more.pop("answers")
        described = {"responses": answered} | more.pop("described", {})
        return Way(
            method=method,
            path=path,
            endpoint=endpoint,
            dialect=NATIVE,
            scope=scope,
            summary=summary,
            described=described,
            **more,
        )

    paged = {"openapi_extra": {"parameters": PAGING}}
    one = {"ids": {"rule_id": Id.RULE}}
    yield way("GET", "/v1/rules", _list, Scope.READ, "The rules", answers=RULES, described=paged)
    yield way("POST", "/v1/rules", _add, Scope.MANAGE, "Add a rule", answers=RULE, described=RULE_BODY)
    yield way(
        "GET", "/v1/rules/export", _export, Scope.READ, "All rules as a text", answers=SHEET,
        described={"response_class": PlainTextResponse},
    )  # fmt: skip
    yield way(
        "POST", "/v1/rules/import", _import, Scope.MANAGE, "Take rules from a text", answers=IMPORTED,
        described=IMPORT_BODY,
    )  # fmt: skip
    yield way(
        "POST", "/v1/rules/test", _test, Scope.READ, "What the rules find in a text", answers=FINDINGS,
        described=TEXT_BODY, rate=Rate.READ,
    )  # fmt: skip
    yield way("GET", "/v1/rules/{rule_id}", _one, Scope.READ, "A rule", answers=RULE, **one)
    yield way(
        "PATCH", "/v1/rules/{rule_id}", _change, Scope.MANAGE, "Change a rule", answers=RULE, described=RULE_BODY, **one
    )
    yield way("DELETE", "/v1/rules/{rule_id}", _remove, Scope.MANAGE, "Remove a rule", answers=RULE, **one)
    yield way("GET", "/v1/refusals", _refusals, Scope.MANAGE, "Refused requests", answers=REFUSALS, described=paged)
    yield way("GET", "/v1/audit", _audit, Scope.MANAGE, "Who changed what", answers=AUDIT, described=paged)


async def _list(request: Request, caller: Caller) -> Response:
    limit, cursor = _page(request)
    listed = request.query_params.get("list")
    word_list = None if listed is None else _word("list", listed, WordList)
    door = premises_of(request).door
    found = await door.rules(caller.workspace_id, word_list=word_list, after=cursor or 0, limit=limit)
    return Json({"rules": [rule_body(rule) for rule in found], "next_cursor": _next(found, limit)})


async def _add(request: Request, caller: Caller) -> Response:
    draft = _draft(await read_fields(request), None)
    rule = await premises_of(request).door.add_rule(caller.workspace_id, draft, requester(caller))
    return Json(rule_body(rule))


async def _one(rule_id: str, request: Request, caller: Caller) -> Response:
    return Json(rule_body(await _found(request, caller.workspace_id, rule_id)))


async def _change(rule_id: str, request: Request, caller: Caller) -> Response:
    fields = await read_fields(request)
    old = await _found(request, caller.workspace_id, rule_id)
    draft = _draft(fields, old.says)
    rule = await premises_of(request).door.change_rule(caller.workspace_id, old.id, draft, requester(caller))
    return Json(rule_body(rule))


async def _remove(rule_id: str, request: Request, caller: Caller) -> Response:
    door = premises_of(request).door
    return Json(rule_body(await door.remove_rule(caller.workspace_id, _rule_id(rule_id), requester(caller))))


async def _export(request: Request, caller: Caller) -> Response:
    text = await premises_of(request).door.export_rules(caller.workspace_id)
    return Response(text, media_type="text/plain")


async def _import(request: Request, caller: Caller) -> Response:
    text, replace_all = await _sheet(request)
    door = premises_of(request).door
    done = await door.import_rules(caller.workspace_id, text, requester(caller), replace_all=replace_all)
    counts = {"added": done.added, "changed": done.changed, "removed": done.removed, "unchanged": done.unchanged}
    return Json(counts)


async def _test(request: Request, caller: Caller) -> Response:
    text = (await read_fields(request)).required("text")
    return Json(findings_body(await premises_of(request).door.test_rules(caller.workspace_id, text)))


async def _refusals(request: Request, caller: Caller) -> Response:
    limit, cursor = _page(request)
    found = await premises_of(request).door.refusals(caller.workspace_id, limit, cursor)
    return Json({"refusals": [refusal_body(each) for each in found], "next_cursor": _next(found, limit)})


async def _audit(request: Request, caller: Caller) -> Response:
    limit, cursor = _page(request)
    found = await premises_of(request).door.audit(caller.workspace_id, limit, cursor)
    return Json({"audit": [audit_body(each) for each in found], "next_cursor": _next(found, limit)})


# --- reading


async def _found(request: Request, workspace_id: str, text: str) -> Rule:
    wanted = _rule_id(text)
    found = await premises_of(request).door.rules(workspace_id, after=wanted - 1, limit=1)
    if not found or found[0].id != wanted:
        raise NotFound(f"no rule {wanted}")
    return found[0]


def _rule_id(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NotFound("no such rule")
    return int(text)


def _page(request: Request) -> tuple[int, int | None]:
    """How many are wanted, and behind which one they begin."""
    limit, cursor = request.query_params.get("limit", "50"), request.query_params.get("cursor")
    if not _NUMBER.fullmatch(limit) or not 1 <= int(limit) <= MOST_PER_PAGE:
        raise InvalidInput("limit", "is no number in range", value=limit, allowed=f"1 to {MOST_PER_PAGE}")
    if cursor is not None and not _NUMBER.fullmatch(cursor):
        raise InvalidInput("cursor", "is none of ours", value=cursor, allowed="next_cursor of the page before")
    return int(limit), None if cursor is None else int(cursor)


def _next(found: list[Any], limit: int) -> str | None:
    return str(found[-1].id) if len(found) == limit else None


async def _sheet(request: Request) -> tuple[str, bool]:
    """The text and whether it replaces all: as text/plain with `?replace=true`, or as fields."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        try:
            text = (await request.body()).decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidInput("body", "is not UTF-8", allowed="a text in UTF-8") from None
        return text, request.query_params.get("replace", "").lower() in {"true", "1"}
    fields = await read_fields(request)
    return fields.required("text"), bool(fields.yes_or_no("replace"))


def _draft(fields: Fields, old: RuleDraft | None) -> RuleDraft:
    """The rule that the fields describe; what they leave out stays as it is in the old one."""
    usual = old or RuleDraft(text="")
    listed, kind, label, severity = (fields.text(name) for name in ("list", "kind", "label", "severity"))
    word_list = _word("list", listed, WordList) if listed is not None else usual.word_list
    kept_label = usual.label if word_list is WordList.PREFILTER else None
    allow = _texts(fields, "allow")
    return RuleDraft(
        text=fields.required("text") if old is None or fields.values.get("text") is not None else usual.text,
        kind=_word("kind", kind, Kind) if kind is not None else usual.kind,
        word_list=word_list,
        label=_word("label", label, Label) if label is not None else kept_label,
        severity=_word("severity", severity, Severity) if severity is not None else usual.severity,
        allow=usual.allow if allow is None else allow,
    )


def _word(field: str, given: str, words: type[Word]) -> Word:
    try:
        return words(given)
    except ValueError:
        raise InvalidInput(field, "is not known", value=given, allowed=", ".join(words)) from None


def _texts(fields: Fields, name: str) -> tuple[str, ...] | None:
    given = fields.lines(name)
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise InvalidInput(name, "must be a list of texts", value=given, allowed='["blood orange"]')
    return tuple(given)
