"""The documents say what the table says."""

from pathlib import Path

from engine.model import actions_page
from engine.model.diagram import diagram
from engine.model.prompts.page import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_diagram_in_the_architecture_page_is_drawn_from_the_table():
    assert f"```mermaid\n{diagram()}\n```" in (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_the_page_of_parameters_is_written_from_the_table():
    assert (DOCS / "parameters.md").read_text(encoding="utf-8") == page()


def test_the_page_of_actions_is_written_from_the_catalogue():
    assert (DOCS / "actions.md").read_text(encoding="utf-8") == actions_page.page()
