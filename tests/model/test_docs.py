"""The documents say what the table says."""

from pathlib import Path

from engine.model.transitions import diagram

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_the_diagram_in_the_architecture_page_is_drawn_from_the_table():
    assert f"```mermaid\n{diagram()}\n```" in ARCHITECTURE.read_text(encoding="utf-8")
