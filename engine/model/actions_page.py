"""The page of actions, docs/actions.md, written from the catalogue: `python -m engine.model.actions_page`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from engine.model.actions import CANCEL_JOB, CROSS, ENVELOPE, ActionKind
from engine.model.catalogue import CATALOGUE
from engine.model.entries import Asks, DialectName, Entry
from engine.model.naming import SHORT_UPSAMPLES

_HEAD = """\
# Actions

This page is written from the catalogue in `engine/model/catalogue.py` (`python -m engine.model.actions_page`); a test
keeps it so. Names are those of Easel's own API. ImaginePro's names are a route's last part and, for `button` and
`commands`, the label or command; UserAPI's are a task's type and choice. Which of them Easel answers to,
[each API's page](api/) says.
"""

_COLUMNS = (
    "name",
    "parents",
    "labels",
    "custom id",
    "command",
    "form",
    "result",
    "slot",
    "prompt",
    "ImaginePro",
    "UserAPI",
)

_RULES = """\
- *Parents* is where Midjourney usually shows the button. It is never a reason to refuse: an action is accepted whenever
  the finished job really offers its button.
- A custom id is taken from the message that carries it; the one here is built only where there is none to take.
- Labels are compared without U+FE0F, the mark that makes an arrow an emoji.
- *Form* is what Midjourney asks back with, and when. What says `with Remix` takes no prompt while Remix is off.
- *Slot* says whether it counts against the account's concurrent jobs.
- `press` is a button that Midjourney offers and this page does not know; it is pressed as it is.
- Cancelling is no action of its own: it ends a job by the button or message command `{cancel}`, or by the reaction
  {cross}. ImaginePro's names of it are `button` `{cancel}` and `commands` `cancel`.
- ImaginePro's `video/mj/extend` takes `high` or `low` as `animateMode` beside the number. Any label that a finished job
  lists can be sent to `button`.
- UserAPI's `upsample` {short} stand for whichever of the choices that end so the picture offers.
- `face_swap` is InsightFaceSwap's bot: `/saveid` with the face, then `/swapid` with the picture to change
  ([more](other-services.md#face-swap)).
- Niji's application has the same actions under the same names.
"""


def page() -> str:
    """The whole page."""
    lines = [_HEAD, f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS)]
    lines += [_row(family) for family in _families()]
    short = " and ".join(f"`{choice}`" for choice in sorted(SHORT_UPSAMPLES, reverse=True))
    lines += ["", "## How to read it", "", _RULES.format(cancel=CANCEL_JOB, cross=CROSS, short=short)]
    return "\n".join(lines)


def _families() -> Iterable[Sequence[Entry]]:
    """Actions that differ by the number of a picture only, together."""
    for _, family in groupby(CATALOGUE, key=lambda entry: (entry.action.kind, entry.action.choice)):
        yield tuple(family)


def _row(family: Sequence[Entry]) -> str:
    entry = family[0]
    cells = (
        _span(each.action.name for each in family),
        entry.parents,
        _labels(family),
        _custom_id(entry),
        _command(entry),
        _form(entry),
        entry.makes.value,
        "yes" if entry.takes_slot else "no",
        _prompt(entry),
        "<br>".join(_dialect([each.imaginepro[n] for each in family]) for n in range(len(entry.imaginepro))),
        "<br>".join(_dialect([each.userapi[n] for each in family]) for n in range(len(entry.userapi))),
    )
    return f"| {' | '.join(cells)} |"


def _command(entry: Entry) -> str:
    if entry.action.kind is ActionKind.SEED:
        return f"reaction {ENVELOPE}"
    return f"`/{entry.command}`" if entry.command else ""


def _span(words: Iterable[str]) -> str:
    """One word, or the first and the last of several."""
    different = list(dict.fromkeys(words))
    return " … ".join(f"`{word}`" for word in dict.fromkeys((different[0], different[-1])))


def _labels(family: Sequence[Entry]) -> str:
    return ", ".join(_span(each.labels[n] for each in family) for n in range(len(family[0].labels)))


def _custom_id(entry: Entry) -> str:
    if entry.custom_id is None:
        return ""
    index = entry.action.index
    return f"`{entry.custom_id if index is None else entry.custom_id.replace(f'::{index}', '::{number}', 1)}`"


def _form(entry: Entry) -> str:
    if entry.asks is Asks.NEVER:
        return ""
    return entry.asks.value if entry.form is None else f"{entry.asks}: `{entry.form}`"


def _prompt(entry: Entry) -> str:
    if not entry.takes_prompt:
        return "no"
    return "with Remix" if entry.asks is Asks.WITH_REMIX else "yes"


def _dialect(names: Sequence[DialectName]) -> str:
    if not names:
        return ""
    if names[0].choice is None:
        return f"`{names[0].word}`"
    return f"`{names[0].word}` {_span(str(name.choice) for name in names)}"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - docs/actions.md is written with it
