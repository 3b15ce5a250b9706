"""Rules as a text that people keep in a file: one a line, read and written without loss.

    # anything behind a hash at the start of a line is a remark
    nude
    phrase high: naked woman
    word: blood | blood orange | blood moon
    prefilter PROFANITY word low: damn

In front of the colon stand, in any order, the list, the label, the kind and the severity; what is left out is `block`,
`word` (`phrase` where the text has a gap) and `medium`. Behind a bar stands an allow-phrase. A backslash makes a bar or
a backslash ordinary. A line without a colon, or with other words in front of it, is a text as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.model.errors import InvalidInput
from engine.model.labels import Label
from engine.model.moderation.checking import checked
from engine.model.moderation.folding import has_gap
from engine.model.moderation.rules import MOST_RULES, Kind, RuleDraft, Severity, WordList

_OPTIONS: dict[str, tuple[str, Any]] = {
    **{each.value: ("word_list", each) for each in WordList},
    **{each.value: ("label", each) for each in Label},
    **{each.value: ("kind", each) for each in Kind},
    **{each.value: ("severity", each) for each in Severity},
}


def written(rules: Iterable[RuleDraft]) -> str:
    """The rules as a text; `read` gives them back."""
    return "".join(f"{_line(rule)}\n" for rule in rules)


def read(text: str) -> list[RuleDraft]:
    """The rules of a text, each sense once (the last one counts).

    Raises:
        InvalidInput: a line is no rule; the error names its number. Or there are more than a workspace can have.
    """
    found: dict[object, RuleDraft] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            draft = checked(_draft(line))
        except InvalidInput as error:
            problem = f"line {number}: {error.field} {error.problem}"
            raise InvalidInput("text", problem, value=error.value, allowed=error.allowed) from error
        found[draft.sense] = draft
        if len(found) > MOST_RULES:
            raise InvalidInput("text", "has too many rules", allowed=f"at most {MOST_RULES}")
    return list(found.values())


def _line(rule: RuleDraft) -> str:
    options: list[str] = [rule.kind.value]
    if rule.severity is not Severity.MEDIUM:
        options.append(rule.severity.value)
    if rule.label is not None:
        options = [rule.word_list.value, rule.label.value, *options]
    texts = " | ".join(each.replace("\\", "\\\\").replace("|", "\\|") for each in (rule.text, *rule.allow))
    return f"{' '.join(options)}: {texts}"


def _draft(line: str) -> RuleDraft:
    text, *allow = _parts(line)
    head, colon, rest = text.partition(":")
    names = head.split()
    said: dict[str, Any] = {}
    if colon and names and all(name in _OPTIONS for name in names):
        for name in names:
            field, meant = _OPTIONS[name]
            if field in said:
                raise InvalidInput(field, "is said twice", value=head.strip())
            said[field] = meant
        text = rest
    if "kind" not in said:
        said["kind"] = Kind.PHRASE if has_gap(text) else Kind.WORD
    if "label" in said:
        said.setdefault("word_list", WordList.PREFILTER)
    return RuleDraft(text=text.strip(), allow=tuple(each.strip() for each in allow if each.strip()), **said)


def _parts(line: str) -> Iterator[str]:
    """The line cut at its bars."""
    part: list[str] = []
    signs = iter(line)
    for sign in signs:
        if sign == "\\":
            part.append(next(signs, sign))
        elif sign == "|":
            yield "".join(part)
            part = []
        else:
            part.append(sign)
    yield "".join(part)
