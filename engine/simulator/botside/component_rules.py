"""Which components Discord takes where, with their limits; numbering them and finding them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.botside import part_rules
from engine.simulator.botside.part_rules import (
    ACTION_ROW,
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    LABEL,
    SECTION,
    SELECTS,
    SEPARATOR,
    TEXT,
    TEXT_INPUT,
    THUMBNAIL,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.simulator.botside.problems import Problems

_TOTAL = 40  # components of a V2 message, nested ones included
_CHARACTERS = 4000
_INSIDE = (ACTION_ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)  # of a container
_TOP = (*_INSIDE, CONTAINER)
_FORM = (ACTION_ROW, TEXT, LABEL)


def each(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All components, nested ones and accessories too, in reading order."""
    for component in components:
        yield component
        yield from each(component.get("components") or [])
        for name in ("component", "accessory"):
            if component.get(name) is not None:
                yield from each([component[name]])


def numbered(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every component without an id its number, as Discord does."""
    used = {component["id"] for component in each(components) if component.get("id")}
    free = (number for number in range(1, 10_000) if number not in used)
    for component in each(components):
        if not component.get("id"):
            component["id"] = next(free)
    return components


def check_message(components: Any, problems: Problems, *, second: bool) -> None:
    """Write down what is wrong with a message's components; `second`: Components V2."""
    if not problems.listed(components, 0, _TOTAL if second else 5):
        return
    for number, component in enumerate(components):
        at = problems.at(number)
        if at.table(component):
            _check(component, at, _TOP if second else (ACTION_ROW,))
    _check_ids(components, problems)
    if not second:
        return
    if sum(1 for _ in each(components)) > _TOTAL:
        problems.add("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"Max total components exceeded ({_TOTAL})")
    if sum(len(c.get("content") or "") for c in each(components) if c.get("type") == TEXT) > _CHARACTERS:
        words = f"The combined text of all components must be {_CHARACTERS} or fewer in length."
        problems.add("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", words)


def check_modal(modal: dict[str, Any], problems: Problems) -> None:
    """Write down what is wrong with a form."""
    problems.at("custom_id").text(modal.get("custom_id"), 1, 100)
    problems.at("title").text(modal.get("title"), 1, 45)
    at = problems.at("components")
    if at.listed(modal.get("components"), 1, 5):
        for number, component in enumerate(modal["components"]):
            if at.at(number).table(component):
                _check(component, at.at(number), _FORM, form=True)
        _check_ids(modal["components"], at)


def _check_ids(components: list[dict[str, Any]], problems: Problems) -> None:
    seen: set[str] = set()
    for component in each([c for c in components if isinstance(c, dict)]):
        custom = component.get("custom_id")
        if custom is not None and custom in seen:
            problems.add("COMPONENT_CUSTOM_ID_DUPLICATED", f"Component custom id cannot be duplicated: {custom}")
        seen.add(str(custom))


def _check(component: dict[str, Any], at: Problems, allowed: tuple[int, ...], *, form: bool = False) -> None:
    kind = component.get("type")
    if kind not in allowed:
        at.at("type").choices(f"({', '.join(map(str, allowed))},)")
        return
    if kind == ACTION_ROW:
        _check_row(component, at, form=form)
    elif kind == SECTION:
        _check_section(component, at)
    elif kind == CONTAINER:
        _check_container(component, at)
    elif kind == LABEL:
        _check_label(component, at)
    else:
        part_rules.check(component, at)


def _check_section(section: dict[str, Any], at: Problems) -> None:
    inner = at.at("components")
    if inner.listed(section.get("components"), 1, 3):
        _check_inner(section["components"], inner, (TEXT,))
    if at.at("accessory").table(section.get("accessory")):
        _check(section["accessory"], at.at("accessory"), (BUTTON, THUMBNAIL))


def _check_container(container: dict[str, Any], at: Problems) -> None:
    inner = at.at("components")
    if inner.listed(container.get("components"), 1, _TOTAL):
        _check_inner(container["components"], inner, _INSIDE)
    if container.get("accent_color") is not None:
        at.at("accent_color").whole(container["accent_color"], 0, 0xFFFFFF)


def _check_label(label: dict[str, Any], at: Problems) -> None:
    at.at("label").text(label.get("label"), 1, 45)
    if label.get("description") is not None:
        at.at("description").text(label["description"], 0, 100)
    if at.at("component").table(label.get("component")):
        _check(label["component"], at.at("component"), part_rules.IN_LABEL)


def _check_inner(components: list[dict[str, Any]], at: Problems, allowed: tuple[int, ...]) -> None:
    for number, inner in enumerate(components):
        _check(inner, at.at(number), allowed)


def _check_row(row: dict[str, Any], at: Problems, *, form: bool) -> None:
    inner = at.at("components")
    if not inner.listed(row.get("components"), 1, 5):
        return
    kinds = {component.get("type") for component in row["components"]}
    if form:
        _check_inner(row["components"], inner, (TEXT_INPUT,))
        if kinds == {TEXT_INPUT}:
            inner.at(0, "label").text(row["components"][0].get("label"), 1, 45)
        return
    _check_inner(row["components"], inner, (BUTTON, *SELECTS))
    if kinds & set(SELECTS) and len(row["components"]) > 1:
        inner.add("COMPONENT_LAYOUT_WIDTH_EXCEEDED", "Component layout width exceeded")
