"""The documentation's samples, read as JSON once their slips are set right, and what may differ from them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "userapi"
_COMMENT = re.compile(r"(?m)^((?:[^\"\n]|\"[^\"\n]*\")*?)//.*$")
_AND_SO_ON = re.compile(r"(?m)^\.\.\.$\n")
_COMMA = re.compile(r",(\s*[}\]])")
_NO_COMMA = re.compile(r'("|\d|true|false|null)([ \t]*\n\s*")')


def sample(name: str) -> dict[str, Any]:
    """The sample in that file, as it was meant."""
    text = (FOLDER / f"{name}.txt").read_text()
    text = _COMMENT.sub(r"\1", text)
    text = _AND_SO_ON.sub("", text)
    text = _NO_COMMA.sub(r"\1,\2", text)
    text = _COMMA.sub(r"\1", text)
    if name == "blend.task":
        text = text.rstrip().rstrip(",") + '\n,"created_at": "2006-01-02T15:04:05+00:00"}'
    read: dict[str, Any] = json.loads(text)
    return read


def kind_of(value: object) -> str:
    """JSON's own type."""
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", dict: "object", list: "array", type(None): "null"}
    return names[type(value)]


def differences(
    shown: object, given: object, place: str = "", *, may_differ: frozenset[str] = frozenset()
) -> list[str]:
    """Where an answer lacks a key of the sample, or has another type; `may_differ` names places that are excused.

    A null in the sample says nothing of the type; a list is held against the sample's first item.
    """
    if place in may_differ or shown is None:
        return []
    if kind_of(shown) != kind_of(given):
        return [f"{place}: {kind_of(given)} instead of {kind_of(shown)}"]
    found: list[str] = []
    if isinstance(shown, dict) and isinstance(given, dict):
        for key, value in shown.items():
            inner = f"{place}.{key}".lstrip(".")
            found += differences(value, given[key], inner, may_differ=may_differ) if key in given else [f"no {inner}"]
    if isinstance(shown, list) and isinstance(given, list):
        for number, each in enumerate(given):
            found += differences(shown[0], each, f"{place}[{number}]", may_differ=may_differ) if shown else []
    return found
