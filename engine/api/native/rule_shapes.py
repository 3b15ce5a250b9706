"""What rules, findings, refusals and audit entries look like to a client of the native API, and in its document."""

from __future__ import annotations

from typing import Any

from engine.api.times import to_milliseconds
from engine.core.rulemaking import Findings
from engine.model.labels import Label
from engine.model.moderation import Kind, Rule, Severity, Verdict, WordList
from engine.model.moderation.kept import AuditEntry, Refusal


def rule_body(rule: Rule) -> dict[str, object]:
    """A rule."""
    says = rule.says
    return {
        "id": rule.id,
        "list": says.word_list.value,
        "kind": says.kind.value,
        "text": says.text,
        "label": None if says.label is None else says.label.value,
        "severity": says.severity.value,
        "allow": list(says.allow),
    }


def findings_body(findings: Findings) -> dict[str, object]:
    """What both lists find; `refused` is what imagine would do."""
    return {
        "refused": bool(findings.block.hits),
        "block": _hits_body(findings.block),
        "prefilter": _hits_body(findings.prefilter),
        "labels": [label.value for label in findings.prefilter.labels],
    }


def refusal_body(refusal: Refusal) -> dict[str, object]:
    """A refused request."""
    return {
        "id": refusal.id,
        "at": to_milliseconds(refusal.at),
        "requester": refusal.requester,
        "key_id": refusal.key_id,
        "dialect": refusal.dialect,
        "ref": refusal.ref,
        "action": refusal.action,
        "prompt": refusal.prompt,
        "list": refusal.word_list.value,
        "job_id": refusal.job_id,
        "hits": [
            {
                "words": hit.words,
                "rule": hit.rule,
                "rule_id": hit.rule_id,
                "severity": hit.severity.value,
                "label": None if hit.label is None else hit.label.value,
            }
            for hit in refusal.hits
        ],
    }


def audit_body(entry: AuditEntry) -> dict[str, object]:
    """Who changed what."""
    return {
        "id": entry.id,
        "at": to_milliseconds(entry.at),
        "who": entry.who,
        "what": entry.what,
        "before": entry.before,
        "after": entry.after,
    }


def _hits_body(verdict: Verdict) -> list[dict[str, object]]:
    return [{"words": hit.words, "rule": rule_body(hit.rule)} for hit in verdict.hits]


# --- the same for the OpenAPI document -------------------------------------------------------------------------------


def _text(*, null: bool = False, **more: object) -> dict[str, Any]:
    return {"type": ["string", "null"] if null else "string", **more}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _answer(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "Done or found.", "content": {"application/json": {"schema": schema}}}}


def _body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"openapi_extra": {"requestBody": {"required": True, "content": content}}}


_NUMBER = {"type": "integer"}
_LABEL = {"enum": [*(label.value for label in Label), None]}
_RULE = _object(
    id=_NUMBER,
    list=_text(enum=list(WordList)),
    kind=_text(enum=list(Kind)),
    text=_text(),
    label=_LABEL,
    severity=_text(enum=list(Severity)),
    allow=_array(_text()),
)
_HITS = _array(_object(words=_text(), rule=_RULE))
_KEPT = _object(
    words=_text(),
    rule=_text(),
    rule_id={"type": ["integer", "null"]},
    severity=_text(enum=list(Severity)),
    label=_LABEL,
)
_REFUSAL = _object(
    id=_NUMBER,
    at=_text(),
    requester=_text(),
    key_id={"type": ["integer", "null"]},
    dialect=_text(),
    ref=_text(null=True),
    action=_text(),
    prompt=_text(),
    list=_text(enum=list(WordList)),
    job_id=_text(null=True),
    hits=_array(_KEPT),
)
_ENTRY = _object(
    id=_NUMBER, at=_text(), who=_text(), what=_text(), before=_text(null=True), after=_text(null=True)
)  # fmt: skip

REFUSED = (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503)
RULE = _answer(_RULE)
RULES = _answer(_object(rules=_array(_RULE), next_cursor=_text(null=True)))
FINDINGS = _answer(
    _object(refused={"type": "boolean"}, block=_HITS, prefilter=_HITS, labels=_array(_text(enum=list(Label))))
)
IMPORTED = _answer(_object(added=_NUMBER, changed=_NUMBER, removed=_NUMBER, unchanged=_NUMBER))
REFUSALS = _answer(_object(refusals=_array(_REFUSAL), next_cursor=_text(null=True)))
AUDIT = _answer(_object(audit=_array(_ENTRY), next_cursor=_text(null=True)))
PAGING = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}},
    {"name": "cursor", "in": "query", "schema": {"type": "string", "pattern": "^[0-9]{1,15}$"}},
]
RULE_BODY = _body(
    {
        "type": "object",
        "properties": {name: kind for name, kind in _RULE["properties"].items() if name != "id"},
    },
    {"text": "blood", "kind": "word", "allow": ["blood orange"]},
)
TEXT_BODY = _body(_object(text=_text(minLength=1, maxLength=6000)), {"text": "a red fox"})
IMPORT_BODY = _body(
    {
        "type": "object",
        "required": ["text"],
        "properties": {"text": _text(), "replace": {"type": "boolean"}},
    },
    {"text": "gore\nphrase high: nude woman\nword: blood | blood orange\n", "replace": False},
)
