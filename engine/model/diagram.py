"""The table of transitions as a picture, for docs/architecture.md."""

from __future__ import annotations

from engine.model.jobs import FINAL_STATES, JobState
from engine.model.transitions import TABLE


def diagram() -> str:
    """The table as a Mermaid state diagram, for docs/architecture.md."""
    edges = {
        (source, target, row.event.__name__)
        for row in TABLE
        for source in row.states
        for target in row.leads_to
        if source != target
    }
    merged: dict[tuple[JobState, JobState], list[str]] = {}
    for source, target, name in sorted(edges):
        merged.setdefault((source, target), []).append(name)
    lines = ["stateDiagram-v2", "    [*] --> QUEUED"]
    lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in merged.items()]
    lines += [f"    {state} --> [*]" for state in JobState if state in FINAL_STATES]
    return "\n".join(lines)


if __name__ == "__main__":
    print(diagram())  # noqa: T201 - docs/architecture.md is drawn with it
