"""How a person fills a form in: by field, checked as Discord's client checks it, in the shape that the bot gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.botside.part_rules import (
    ACTION_ROW,
    CHECK,
    CHECKS,
    LABEL,
    RADIO,
    SELECT,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
    bounds,
)

if TYPE_CHECKING:
    from engine.simulator.botside.arguments import Resolving


def filled(modal: dict[str, Any], given: dict[str, Any], resolving: Resolving) -> list[dict[str, Any]]:
    """The components of a submission; `given` is by custom id or label. Raises ValueError with what is wrong."""
    used: set[str] = set()
    made = []
    for component in modal["components"]:
        if component["type"] == TEXT:
            made.append({"type": TEXT, "id": component["id"]})
        elif component["type"] == ACTION_ROW:
            field = component["components"][0]
            value = _field(field, _given(given, used, field["custom_id"], field.get("label")), resolving)
            made.append({"type": ACTION_ROW, "id": component["id"], "components": [value]})
        else:
            field = component["component"]
            value = _field(field, _given(given, used, field["custom_id"], component["label"]), resolving)
            made.append({"type": LABEL, "id": component["id"], "component": value})
    extra = set(given) - used
    if extra:
        raise ValueError(f"the form has no field {', '.join(sorted(extra))}")
    return made


def _given(given: dict[str, Any], used: set[str], *names: str | None) -> Any:
    for name in names:
        if name is not None and name in given:
            used.add(name)
            return given[name]
    return None


def _field(field: dict[str, Any], given: Any, resolving: Resolving) -> dict[str, Any]:
    kind = field["type"]
    made = {"type": kind, "id": field["id"], "custom_id": field["custom_id"]}
    if kind == TEXT_INPUT:
        return {**made, "value": _words(field, given)}
    if kind == CHECK:
        return {**made, "value": bool(field.get("default")) if given is None else bool(given)}
    if kind == RADIO:
        value = _one_of(field, given) if given is not None else _default(field)
        if value is None and field.get("required", True):
            raise ValueError(f"{field['custom_id']}: one must be chosen")
        return {**made, "value": value}
    return {**made, "values": values_of(field, given, resolving)}


def _default(field: dict[str, Any]) -> str | None:
    return next((option["value"] for option in field["options"] if option.get("default")), None)


def _words(field: dict[str, Any], given: Any) -> str:
    name, value = field["custom_id"], field.get("value") or "" if given is None else given
    if not isinstance(value, str):
        raise ValueError(f"{name}: {value!r} is no text")  # noqa: TRY004 - it becomes a 400 like the others
    low, high = field.get("min_length") or 0, field.get("max_length") or 4000
    if not value and field.get("required", True):
        raise ValueError(f"{name}: this field is required")
    if value and not low <= len(value) <= high:
        raise ValueError(f"{name}: must be {low} to {high} characters long, not {len(value)}")
    return value


def values_of(field: dict[str, Any], given: Any, resolving: Resolving) -> list[str]:
    """What is chosen in a select, a group of boxes or a field for files. Raises ValueError."""
    kind, name = field["type"], field.get("custom_id")
    listed = given if isinstance(given, list) else [] if given is None else [given]
    if given is None:
        listed = [option["value"] for option in field.get("options") or () if option.get("default")]
    required = field.get("required", True) or bool(listed)
    low, high = bounds(field)
    low = low if required else 0
    if not low <= len(listed) <= high:
        raise ValueError(f"{name}: {low} to {high} must be chosen, not {len(listed)}")
    readers = {5: resolving.person, 6: resolving.role, 7: resolving.either, 8: resolving.channel}
    if kind in (SELECT, CHECKS):
        return [_one_of(field, value) for value in listed]
    if kind == UPLOAD:
        return [resolving.file(value, str(name)) for value in listed]
    return [readers[kind](value) for value in listed]


def _one_of(field: dict[str, Any], given: Any) -> str:
    for option in field["options"]:
        if given in (option["value"], option["label"]):
            return str(option["value"])
    allowed = ", ".join(option["value"] for option in field["options"])
    raise ValueError(f"{field['custom_id']}: {given!r} is none of {allowed}")
