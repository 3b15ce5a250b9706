"""How nested components become a flat list with places, and which of them only a finished job carries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from engine.drivers.midjourney.content import UUID
from engine.drivers.midjourney.payloads import Part
from engine.model.jobs import Component

ROW = 1
CANCEL = "MJ::CancelJob::"
_TEXT_INPUT = 4
_UUID = re.compile(UUID, re.IGNORECASE)
_OF_A_RESULT = ("MJ::JOB::", "MJ::Outpaint::", "MJ::CustomZoom::", "MJ::Inpaint::", "MJ::BOOKMARK::")


def flatten(parts: Sequence[Part]) -> tuple[Component, ...]:
    """Buttons and selects of a message, row by row; components outside of a row count as a row of one."""
    if not parts:
        return ()
    found: list[Component] = []
    for row, cells in enumerate(_rows(parts)):
        found.extend(
            Component(
                type=cell.type,
                custom_id=cell.custom_id,
                label=cell.label,
                emoji=cell.emoji.name if cell.emoji else None,
                style=cell.style,
                url=cell.url,
                row=row,
                column=column,
                disabled=bool(cell.disabled),
            )
            for column, cell in enumerate(cells)
        )
    return tuple(found)


def _rows(parts: Iterable[Part]) -> Iterator[list[Part]]:
    for part in parts:
        if part.type == ROW:
            yield list(part.components or ())
        elif part.components is not None:
            # a container or section of COMPONENTS_V2: its rows count as the message's own
            yield from _rows(part.components)
        elif part.custom_id is not None or part.url is not None:
            yield [part]


def uuids(components: Iterable[Component]) -> frozenset[str]:
    """Job uuids in custom ids: of the message's own job, for Cancel Job that of the job being made (§5.4)."""
    found = (_UUID.search(component.custom_id or "") for component in components)
    return frozenset(match[0].lower() for match in found if match)


def of_a_result(components: Iterable[Component]) -> bool:
    """Whether a finished job's buttons are among them (§5.1-5.3); Cancel Job is none."""
    return any((component.custom_id or "").startswith(_OF_A_RESULT) for component in components)


def inputs(parts: Iterable[Part]) -> tuple[tuple[str, str], ...]:
    """(custom id, prefilled value) of a form's text inputs, in order."""
    found: list[tuple[str, str]] = []
    for part in parts:
        if part.type == _TEXT_INPUT and part.custom_id is not None:
            found.append((part.custom_id, part.value or ""))
        found.extend(inputs(part.components or ()))
        if part.component is not None:
            found.extend(inputs((part.component,)))
    return tuple(found)
