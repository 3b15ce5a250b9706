"""`easel rule`: which words a workspace does not want."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.desk import FAILED, InWorkspace, Json, desk, run, show, table
from engine.core.community.minutes import OPERATOR
from engine.model.errors import InvalidInput
from engine.model.labels import Label
from engine.model.moderation import Kind, Rule, RuleDraft, Severity, Verdict, WordList
from engine.model.moderation.sheet import written

app = typer.Typer(help="Banned words, and the prefilter's.", no_args_is_help=True)

_Allow = Annotated[list[str] | None, typer.Option("--allow", help="A phrase in which it is fine; may be given again.")]


def facts(rule: Rule) -> dict[str, Any]:
    """A rule for programs."""
    says = rule.says
    return {
        "id": rule.id,
        "list": says.word_list,
        "kind": says.kind,
        "text": says.text,
        "label": says.label,
        "severity": says.severity,
        "allow": list(says.allow),
    }


@app.command()
def add(
    text: str,
    kind: Annotated[Kind, typer.Option(help="Where it has to stand.")] = Kind.WORD,
    word_list: Annotated[WordList, typer.Option("--list", help="block refuses; prefilter is UserAPI's.")] = (
        WordList.BLOCK
    ),
    label: Annotated[Label | None, typer.Option(help="Required on the prefilter list.")] = None,
    severity: Annotated[Severity, typer.Option(help="How grave a hit is.")] = Severity.MEDIUM,
    allow: _Allow = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Add a rule; a running Easel heeds it within a second."""

    async def work() -> None:
        draft = RuleDraft(
            text=text, kind=kind, word_list=word_list, label=label, severity=severity, allow=tuple(allow or ())
        )
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            rule = await ground.rulemaking.add(place.id, draft, OPERATOR)
        show(as_json, facts(rule), f"Rule {rule.id}: {_line(rule)}")

    run(work())


@app.command()
def remove(rule_id: int, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Remove a rule by its number."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            rule = await ground.rulemaking.remove(place.id, rule_id, OPERATOR)
        show(as_json, facts(rule), f"Rule {rule.id} is removed: {_line(rule)}")

    run(work())


@app.command("list")
def list_rules(
    word_list: Annotated[WordList | None, typer.Option("--list", help="Only this list.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """List the rules, oldest first."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            rules = await ground.rulemaking.rules(place.id, word_list=word_list)
        rows = table("id", "list", "kind", "text", "severity", "label", "but not in")
        for rule in rules:
            says = rule.says
            rows.add_row(
                str(rule.id),
                says.word_list,
                says.kind,
                says.text,
                says.severity,
                says.label or "-",
                ", ".join(says.allow),
            )
        show(as_json, [facts(rule) for rule in rules], rows if rules else "No rules. Add one with: easel rule add WORD")

    run(work())


@app.command("test")
def try_text(text: str, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Say what the rules find in a text; exit code 1 when the block list refuses it."""

    async def work() -> int:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.rulemaking.findings(place.id, text)
        told = {"block": _hits(found.block), "prefilter": _hits(found.prefilter)}
        lines = [
            f'{name}: "{hit["words"]}" by rule {hit["rule"]["id"]} ({_said(hit)})'
            for name, hits in told.items()
            for hit in hits
        ]
        show(as_json, told, "\n".join(lines) or "Nothing is found.")
        return FAILED if found.block.hits else 0

    run(work())


@app.command("import")
def import_rules(
    file: Annotated[str, typer.Argument(help="A text with one rule a line; - reads stdin.")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove every rule that the text does not have.")] = False,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Take rules from a text, as `easel rule export` writes it; all or none."""

    async def work() -> None:
        text = _read(file)
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            done = await ground.rulemaking.import_rules(place.id, text, OPERATOR, replace_all=replace)
        counts = {
            "added": done.added, "changed": done.changed, "removed": done.removed, "unchanged": done.unchanged
        }  # fmt: skip
        show(as_json, counts, ", ".join(f"{count} {name}" for name, count in counts.items()))

    run(work())


@app.command("export")
def export_rules(workspace: InWorkspace = "default") -> None:
    """Print all rules, one a line."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            text = await ground.rulemaking.export_rules(place.id)
        sys.stdout.write(text)

    run(work())


def _read(file: str) -> str:
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("text", "is not UTF-8", allowed="a text in UTF-8") from None


def _line(rule: Rule) -> str:
    return written([rule.says]).strip()


def _hits(verdict: Verdict) -> list[dict[str, Any]]:
    return [{"words": hit.words, "rule": facts(hit.rule)} for hit in verdict.hits]


def _said(hit: dict[str, Any]) -> str:
    rule = hit["rule"]
    return ", ".join(str(part) for part in (rule["kind"], rule["text"], rule["severity"], rule["label"]) if part)
