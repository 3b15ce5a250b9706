"""What a measurement says and how it is written down: figures with their targets, one section for each part."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `holds` is None where there is no target, or where the target was not put to the test."""

    name: str
    value: str
    target: str = ""
    holds: bool | None = None


@dataclass(slots=True)
class Section:
    """One part's outcome: figures, and texts that stand below them as they are."""

    part: str
    title: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    blocks: list[tuple[str, str]] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def figure(self, name: str, value: object, target: str = "", *, holds: bool | None = None) -> None:
        """Write a figure down, and show it at once."""
        made = Figure(name, str(value), target, holds)
        self.figures.append(made)
        print(f"  {made.name}: {made.value}{_aside(made)}", flush=True)

    def at_most(self, name: str, value: float, most: float, unit: str) -> None:
        """A figure that must not be above its target."""
        self.figure(name, f"{value:.2f} {unit}".strip(), f"≤ {most:g} {unit}".strip(), holds=value <= most)

    def at_least(self, name: str, value: float, least: float, unit: str) -> None:
        """A figure that must not be below its target."""
        self.figure(name, f"{value:.1f} {unit}".strip(), f"≥ {least:g} {unit}".strip(), holds=value >= least)

    def nothing(self, told: str, kinds: dict[str, list[str]]) -> None:
        """Kinds of wrong of which there may be nothing, in one line; what was found is told in full."""
        counts = [len(found) for found in kinds.values()]
        self.figure(f"{told}{' / '.join(kinds)}", " / ".join(map(str, counts)), "all 0", holds=not any(counts))
        for name, found in kinds.items():
            if found:
                self.defects.append(f"{told}{name}: {'; '.join(found[:5])}")
                print(f"    {name}: {'; '.join(found[:5])}", flush=True)

    def none(self, name: str, found: object, count: int | None = None) -> None:
        """Something of which there may be nothing: a count, or a collection that is shown when it is not empty."""
        number = count if count is not None else (found if isinstance(found, int) else len(found))  # type: ignore[arg-type]
        self.figure(name, number, "0", holds=number == 0)
        if number and not isinstance(found, int):
            shown = "; ".join(str(each) for each in list(found)[:5])  # type: ignore[call-overload]
            self.defects.append(f"{name}: {shown}")
            print(f"    {shown}", flush=True)


def _aside(figure: Figure) -> str:
    if not figure.target:
        return ""
    said = {True: "holds", False: "MISSED", None: "not tested"}[figure.holds]
    return f"  (target {figure.target}: {said})"


def rendered(section: Section, command: str, circumstances: str) -> str:
    """A section as Markdown."""
    lines = [f"## {section.part}: {section.title}", "", f"`{command}` · {circumstances}", ""]
    lines += ["| figure | measured | target | holds |", "|---|---|---|---|"]
    for figure in section.figures:
        holds = {True: "yes", False: "**no**", None: ""}[figure.holds]
        lines.append(f"| {figure.name} | {figure.value} | {figure.target} | {holds} |")
    lines.append("")
    for note in section.notes:
        lines += [note, ""]
    for defect in section.defects:
        lines += [f"**Found:** {_cell(defect)}", ""]
    for title, text in section.blocks:
        lines += [f"{title}:", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\n", " ")


def write(path: Path, head: str, sections: dict[str, str]) -> None:
    """Write the results; sections of parts that did not run this time stay as they are."""
    kept = _sections_of(path.read_text(encoding="utf-8")) if path.exists() else {}
    merged = {**kept, **sections}
    path.write_text(head + "\n" + "\n".join(merged[part] for part in sorted(merged, key=_order)), encoding="utf-8")


ORDER = (
    "overhead", "throughput", "peer", "accept", "bot", "profile",
    "sameness", "drops", "kills", "memory", "growth", "language",
)  # fmt: skip


def _order(part: str) -> tuple[int, str]:
    return (ORDER.index(part) if part in ORDER else len(ORDER), part)


def _sections_of(text: str) -> dict[str, str]:
    pieces = re.split(r"(?m)^(?=## [a-z]+: )", text)[1:]
    return {piece[3:].partition(":")[0]: piece for piece in pieces}
