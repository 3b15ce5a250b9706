"""The page of parameters, docs/parameters.md, written from the table: `python -m engine.model.prompts.page`."""

from __future__ import annotations

from engine.model.prompts import models
from engine.model.prompts.kinds import LONGEST_NUMBER
from engine.model.prompts.links import ENDINGS, SHORTENER
from engine.model.prompts.table import PARAMETERS, STILL, VIDEO, Parameter
from engine.model.prompts.terms import MOST_PIECES, Plan, Purpose
from engine.model.prompts.text import MAX_PROMPT
from engine.model.prompts.weights import WITHOUT_WEIGHTS

_HEAD = """\
# Prompts and their parameters

This page is written from the table in `engine/model/prompts/table.py` (`python -m engine.model.prompts.page`); a test
keeps it so. Easel checks every prompt by this table before anything is sent, and never changes its words: a prompt that
passes is sent as it is. A refusal names the parameter, its value and what is allowed.
"""

_RULES = """\
- A prompt holds at most {characters} characters, counted as Discord counts them: code points.
- First links to pictures, then words, then parameters. Words behind a parameter that belong to none are refused.
- A picture is an http(s) link that ends in {endings} (a query may follow), or a short link of {shortener}.
- Words are needed, or two pictures; characters that show nothing are no words. Animate needs none.
- A parameter begins with two ASCII hyphens, and a space stands before its value: `--v5` is refused, and so is a dash
  that a phone made of two hyphens. Names and words are written in lower case:
  whether Midjourney knows `--AR` too is not known, and Easel does not change it.
- Numbers are plain ASCII decimals of at most {digits} characters: no sign, exponent, hex or separator.
- A parameter given twice with different values is refused.
- Where the prompt names no model and the account's default is not known, there must be one model that takes all of it.
- A niji model counts as the Midjourney model of its number where a range of models is named.
- `words::2` weighs the words before it (default 1; decimals and a minus are allowed); the weights must sum up to more
  than 0. Not on {unweighted}.
- A video prompt is a picture with `--video`; like animate it takes the video parameters and no other.
- `{{red, green}}` makes one job of each option; groups may nest and may stand in a parameter (`--ar {{1:1, 3:2}}`).
  `\\,` is a literal comma, `\\{{` and `\\}}` are literal braces. Fast mode only.
- Permutations and `--repeat` multiply; one prompt becomes at most {most} jobs, and by plan {plans}.
  It is refused whole when there would be more, or when one of them is wrong.
"""


def page() -> str:
    """The whole page."""
    lines = [_HEAD, "| parameter | value | models | belongs to | notes |", "|---|---|---|---|---|"]
    lines += [_row(parameter) for parameter in PARAMETERS]
    lines += ["", "## Rules", "", _rules()]
    return "\n".join(lines)


def _row(row: Parameter) -> str:
    names = " ".join(f"`--{name}`" for name in row.names)
    value = "<br>".join(
        form.kind.allowed + (f" ({models.said(form.models)})" if len(row.forms) > 1 else "") for form in row.forms
    )
    notes = [f"For example `{row.flag} {row.example}`."] if row.example else []
    if row.needs:
        notes.append(f"Only with {row.needs}." if " " in row.needs else f"Only with `--{row.needs}`.")
    notes += [f"Not with `{f'--{clash.name} {clash.value}'.rstrip()}`." for clash in row.clashes]
    if row.plans < set(Plan):
        notes.append(f"Only on {' and '.join(plan for plan in Plan if plan in row.plans)}.")
    if row.notes:
        notes.append(row.notes)
    return f"| {names} | {value} | {models.said(row.models)} | {_purposes(row.purposes)} | {' '.join(notes)} |"


def _purposes(purposes: frozenset[Purpose]) -> str:
    if purposes == STILL:
        return "pictures"
    if purposes == STILL | VIDEO:
        return "pictures, animate"
    return ", ".join(purpose for purpose in Purpose if purpose in purposes)


def _rules() -> str:
    return _RULES.format(
        characters=MAX_PROMPT,
        endings=", ".join(ENDINGS),
        shortener=SHORTENER,
        digits=LONGEST_NUMBER,
        unweighted=models.said(WITHOUT_WEIGHTS),
        plans=", ".join(f"{plan.most_pieces} on {plan}" for plan in Plan),
        most=MOST_PIECES,
    )


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - docs/parameters.md is written with it
