"""Which buttons a job's card has: those that its result really offers, and Easel's own.

A button's deed is the name of an action (`upscale_2`), `press_N` for the Nth component that no action names, or one
of Easel's own: cancel, edit, quarters, upscale_all, delete, delete_yes, open.
"""

from __future__ import annotations

from bot.texts import say
from bot.values import Button, Look, Rows
from engine import Action, ActionKind, Component, Job, JobState, Makes, action_named, action_of_custom_id, entry_of

CANCEL, EDIT, QUARTERS, UPSCALE_ALL, DELETE, OPEN = "cancel", "edit", "quarters", "upscale_all", "delete", "open"
SEED = Action(ActionKind.SEED)
MOST_ROWS, MOST_IN_ROW = 5, 5
_LABEL = 80
_COLOURS = {1: Look.PRIMARY, 3: Look.SUCCESS}
_AGAIN = frozenset({ActionKind.IMAGINE, ActionKind.FLUX_IMAGINE})


def rows_of(job: Job, language: str, *, visited: bool = False) -> Rows:
    """The rows of buttons under a job's card. `visited`: a moderator only looks at somebody's private one."""
    if visited:
        return ((_quarters(language),),) if job.state is JobState.DONE and has_quarters(job) else ()
    if job.state is JobState.DONE:
        return _done(job, language)
    if job.state in {JobState.FAILED, JobState.CANCELLED}:
        return ((_edit(language),),) if job.prompt and entry_of(job.action).takes_prompt else ()
    if job.cancel_asked:
        return ()
    return ((Button(CANCEL, say(language, "button.cancel"), None, Look.DANGER),),)


def deed_of(component: Component, number: int) -> str:
    """What pressing a component of a result is called."""
    action = action_of_custom_id(component.custom_id or "")
    return f"press_{number}" if action is None else action.name


def action_of(deed: str) -> Action | None:
    """The action of a deed; None where it is Easel's own, or a component that no action names."""
    try:
        return action_named(deed)
    except KeyError:
        return None


def component_of(job: Job, deed: str) -> Component | None:
    """The component that a deed presses, if the job's result carries it."""
    listed = () if job.result is None else job.result.components
    return next((each for number, each in enumerate(listed) if deed_of(each, number) == deed), None)


def makes_words(job: Job) -> bool:
    """Whether its answer is a few words (a seed, a notice), and whatever picture comes with them is nobody's."""
    return entry_of(job.action).makes in {Makes.SEED, Makes.NOTICE, Makes.INFO, Makes.SETTINGS}


def has_quarters(job: Job) -> bool:
    """Whether its picture is a grid of four."""
    return job.result is not None and bool(job.result.pictures) and entry_of(job.action).makes is Makes.GRID


def _done(job: Job, language: str) -> Rows:
    assert job.result is not None
    if makes_words(job):
        return ()
    if not job.result.components and not job.result.pictures:
        return ()
    families: dict[int, list[Button]] = {}
    for number, component in enumerate(job.result.components):
        if component.custom_id is None or component.disabled or component.type != 2:  # noqa: PLR2004 - a button
            continue
        emoji = _standard(component.emoji)
        shown = Button(
            deed_of(component, number),
            (component.label or (component.emoji if emoji is None else "") or "")[:_LABEL] or None,
            emoji,
            _COLOURS.get(component.style or 0, Look.SECONDARY),
        )
        families.setdefault(component.row, []).append(shown)
    return _laid([*families.values(), _own(job, language)])


def _laid(families: list[list[Button]]) -> Rows:
    """A row for each family; neighbours share one where there are too many; torn only where that is not enough."""
    rows = [tuple(each[at : at + MOST_IN_ROW]) for each in families for at in range(0, len(each), MOST_IN_ROW)]
    if len(rows) > MOST_ROWS:
        rows = _shared(rows)
    if len(rows) > MOST_ROWS:
        flat = [button for row in rows for button in row][: MOST_ROWS * MOST_IN_ROW]
        rows = [tuple(flat[at : at + MOST_IN_ROW]) for at in range(0, len(flat), MOST_IN_ROW)]
    return tuple(rows)


def _shared(rows: list[tuple[Button, ...]]) -> list[tuple[Button, ...]]:
    """Neighbouring rows in one, as long as they fit."""
    found = rows[:1]
    for row in rows[1:]:
        if len(found[-1]) + len(row) <= MOST_IN_ROW:
            found[-1] += row
        else:
            found.append(row)
    return found


def _standard(emoji: str | None) -> str | None:
    """The emoji when it is Unicode's; a server's own (Midjourney's `upscale_1`) is refused from other applications."""
    return None if emoji is None or any(each.isascii() and each.isalpha() for each in emoji) else emoji


def _own(job: Job, language: str) -> list[Button]:
    found = []
    if entry_of(job.action).takes_prompt and job.action.kind in _AGAIN:
        found.append(_edit(language))
    if has_quarters(job):
        found.append(_quarters(language))
        names = {deed_of(each, number) for number, each in enumerate(job.result.components)} if job.result else set()
        if "upscale_1" in names:
            found.append(Button(UPSCALE_ALL, say(language, "button.upscale_all"), "⏫"))
    if job.result is not None and job.result.uuid is not None and job.result.pictures:
        found.append(Button(SEED.name, say(language, "button.seed"), "🌱"))
    found.append(Button(DELETE, say(language, "button.delete"), "🗑️", Look.DANGER))
    return found


def _edit(language: str) -> Button:
    return Button(EDIT, say(language, "button.edit"), "✏️", Look.PRIMARY)


def _quarters(language: str) -> Button:
    return Button(QUARTERS, say(language, "button.quarters"), "🖼️")
