"""The one catalogue of actions: names, labels, custom ids, parents, forms, verbs, results.

Nothing else in Easel writes these down: the driver asks which words a message may say of an action, the engine what a
button does, the APIs how their dialect names it, docs/actions.md is printed from it. Custom ids, labels, modals:
midjourney-protocol §5, §6; verbs: §4.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.actions import Action, ActionKind, Service
from engine.model.entries import Asks, Entry, Makes
from engine.model.naming import SHORT_UPSAMPLES, named

VARIATION_SELECTOR = "\ufe0f"
CANCEL_LABEL = "Cancel Job"
CANCEL_PREFIX = "MJ::CancelJob::"

_NUMBERS = range(1, 5)
_SOLO = "::1::{uuid}::SOLO"
_ARROWS = {"left": "⬅️", "right": "➡️", "up": "⬆️", "down": "⬇️"}
_UPSAMPLES = {
    "v5_2x": ("Upscale (2x)", "Redo Upscale (2x)"),
    "v5_4x": ("Upscale (4x)", "Redo Upscale (4x)"),
    **{
        f"{model}_2x_{how}": (f"Upscale ({how.title()})", f"Redo Upscale ({how.title()})")
        for model in ("v6", "v6r1", "v7")
        for how in ("subtle", "creative")
    },
    "max": ("Upscale (Max)",),
    "light": ("Light Upscale Redo", "Upscale (Light)"),
    "beta": ("Beta Upscale Redo", "Upscale (Beta)"),
}
_VARIATION_VERBS = frozenset(
    {"making variations for image", "variations", "variations (strong)", "variations (subtle)"}
    | {"remix", "remix (strong)", "remix (subtle)"}
)
_UPSCALING = frozenset({"upscaling image", "upscaling", "upscaled"})
_VIDEO_VERBS = frozenset({"animate", ""})
_SINGLE = "single image"
_GRID = "grid: imagine, blend, variation, vary, zoom, pan, reroll"


def _commands() -> Iterable[Entry]:
    yield Entry(
        action=Action(ActionKind.IMAGINE),
        makes=Makes.GRID,
        command="imagine",
        takes_prompt=True,
        verbs=frozenset({"", "animate"}),
    )
    yield Entry(action=Action(ActionKind.BLEND), makes=Makes.GRID, command="blend", verbs=frozenset({""}))
    yield Entry(
        action=Action(ActionKind.DESCRIBE),
        makes=Makes.TEXTS,
        command="describe",
        takes_slot=False,
        verbs=frozenset({"describe"}),
    )
    yield Entry(
        action=Action(ActionKind.SHORTEN),
        makes=Makes.TEXTS,
        command="shorten",
        takes_slot=False,
        takes_prompt=True,
        verbs=frozenset({"shorten"}),
    )
    yield Entry(
        action=Action(ActionKind.SHOW),
        makes=Makes.ANY,
        command="show",
        takes_slot=False,
        verbs=frozenset({"show", "", "image", "animate"}) | _VARIATION_VERBS | _UPSCALING,
    )


def _of_a_grid() -> Iterable[Entry]:
    for n in _NUMBERS:
        yield Entry(
            action=Action(ActionKind.UPSCALE, n),
            makes=Makes.IMAGE,
            labels=(f"U{n}",),
            custom_id=f"MJ::JOB::upsample::{n}::{{uuid}}",
            parents=_GRID,
            takes_slot=False,
            verbs=frozenset({"image", "upscaling image"}),
        )
    for n in _NUMBERS:
        yield Entry(
            action=Action(ActionKind.VARIATION, n),
            makes=Makes.GRID,
            labels=(f"V{n}",),
            custom_id=f"MJ::JOB::variation::{n}::{{uuid}}",
            parents=_GRID,
            asks=Asks.WITH_REMIX,
            takes_prompt=True,
            verbs=_VARIATION_VERBS,
        )
    yield Entry(
        action=Action(ActionKind.REROLL),
        makes=Makes.GRID,
        labels=("🔄",),
        custom_id="MJ::JOB::reroll::0::{uuid}::SOLO",
        parents="grid, video grid",
        asks=Asks.WITH_REMIX,
        takes_prompt=True,
        verbs=frozenset({"", "remix", "animate"}),
    )


def _of_a_single() -> Iterable[Entry]:
    yield Entry(
        action=Action(ActionKind.VARIATION, None, "solo"),
        makes=Makes.GRID,
        labels=("Make Variations",),
        custom_id=f"MJ::JOB::variation{_SOLO}",
        parents=f"{_SINGLE} (V5, niji 5)",
        asks=Asks.WITH_REMIX,
        takes_prompt=True,
        verbs=_VARIATION_VERBS,
    )
    for kind, word in ((ActionKind.VARY_SUBTLE, "low"), (ActionKind.VARY_STRONG, "high")):
        how = kind.value.removeprefix("vary_")
        yield Entry(
            action=Action(kind),
            makes=Makes.GRID,
            labels=(f"Vary ({how.title()})",),
            custom_id=f"MJ::JOB::{word}_variation{_SOLO}",
            parents=_SINGLE,
            asks=Asks.WITH_REMIX,
            takes_prompt=True,
            verbs=frozenset(
                {"making variations for image", "variations", f"variations ({how})", "remix", f"remix ({how})"}
            ),
        )
    yield Entry(
        action=Action(ActionKind.VARY_REGION),
        makes=Makes.GRID,
        labels=("Vary (Region)",),
        custom_id=f"MJ::Inpaint{_SOLO}",
        parents=_SINGLE,
        asks=Asks.REGION,
        takes_prompt=True,
        verbs=frozenset(
            {"making variations for image", "variations (region)", "remix (region)", "remix", "variations"}
        ),
    )
    for percent, choice in ((50, "2x"), (75, "1.5x")):
        yield Entry(
            action=Action(ActionKind.ZOOM_OUT, None, choice),
            makes=Makes.GRID,
            labels=(f"Zoom Out {choice}",),
            custom_id=f"MJ::Outpaint::{percent}{_SOLO}",
            parents=_SINGLE,
            asks=Asks.WITH_REMIX,
            takes_prompt=True,
            verbs=frozenset({"zoom out", "remix"}),
            begins_without_verb=True,
        )
    yield Entry(
        action=Action(ActionKind.CUSTOM_ZOOM),
        makes=Makes.GRID,
        labels=("Custom Zoom",),
        custom_id="MJ::CustomZoom::{uuid}",
        parents=_SINGLE,
        asks=Asks.ALWAYS,
        takes_prompt=True,
        verbs=frozenset({"zoom out", "remix"}),
        begins_without_verb=True,
    )
    yield Entry(
        action=Action(ActionKind.MAKE_SQUARE),
        makes=Makes.GRID,
        labels=("Make Square",),
        custom_id=f"MJ::Outpaint::100{_SOLO}",
        parents=f"{_SINGLE} that is not square",
        asks=Asks.WITH_REMIX,
        takes_prompt=True,
        verbs=frozenset({"zoom out", "remix", "make square"}),
        begins_without_verb=True,
    )
    for direction, arrow in _ARROWS.items():
        yield Entry(
            action=Action(ActionKind.PAN, None, direction),
            makes=Makes.GRID,
            labels=(arrow,),
            custom_id=f"MJ::JOB::pan_{direction}{_SOLO}",
            parents=_SINGLE,
            asks=Asks.WITH_REMIX,
            takes_prompt=True,
            verbs=frozenset({f"pan {direction}", "remix"}),
            begins_without_verb=True,
        )
    for choice, labels in _UPSAMPLES.items():
        how = choice.rpartition("_")[2]
        yield Entry(
            action=Action(ActionKind.UPSAMPLE, None, choice),
            makes=Makes.IMAGE,
            labels=labels,
            custom_id=f"MJ::JOB::upsample_{choice}{_SOLO}",
            parents=f"{_SINGLE}, upscaled image",
            verbs=_UPSCALING | {f"upscaled ({how})", f"upscaling ({how})", "remaster"},
        )


def _of_a_video() -> Iterable[Entry]:
    for motion in ("high", "low"):
        yield Entry(
            action=Action(ActionKind.ANIMATE, None, motion),
            makes=Makes.VIDEOS,
            labels=(f"Animate ({motion.title()} motion)",),
            custom_id=f"MJ::JOB::animate_{motion}{_SOLO}",
            parents=f"{_SINGLE} (V6.1 and later)",
            asks=Asks.WITH_REMIX,
            takes_prompt=True,
            verbs=_VIDEO_VERBS,
        )
    for motion in ("high", "low"):
        for n in _NUMBERS:
            yield Entry(
                action=Action(ActionKind.EXTEND, n, motion),
                makes=Makes.VIDEOS,
                labels=(f"Extend ({motion.title()} motion)", f"Extend ({motion.title()})"),
                custom_id=f"MJ::JOB::animate_{motion}_extend::{n}::{{uuid}}",
                parents="video",
                asks=Asks.WITH_REMIX,
                takes_prompt=True,
                verbs=_VIDEO_VERBS | {"extend"},
            )
    for n in _NUMBERS:
        yield Entry(
            action=Action(ActionKind.VIDEO_UPSCALE, n),
            makes=Makes.VIDEO,
            labels=(f"U{n}",),
            custom_id=f"MJ::JOB::video_virtual_upscale::{n}::{{uuid}}",
            parents="video grid",
            takes_slot=False,
            verbs=frozenset({"image", "video", "upscaling image", "animate"}),
        )


_DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣")


def _of_an_answer() -> Iterable[Entry]:
    for n in _NUMBERS:
        yield Entry(
            action=Action(ActionKind.DESCRIBE_IMAGINE, n),
            makes=Makes.GRID,
            labels=(_DIGITS[n - 1],),
            custom_id=f"MJ::Job::PicReader::{n}",
            parents="describe",
            asks=Asks.ALWAYS,
            takes_prompt=True,
            verbs=frozenset({""}),
        )
    yield Entry(
        action=Action(ActionKind.DESCRIBE_IMAGINE, None, "all"),
        makes=Makes.GRID,
        labels=("Imagine all", "🎉"),
        custom_id="MJ::Job::PicReader::all",
        parents="describe",
        verbs=frozenset({""}),
    )
    yield Entry(
        action=Action(ActionKind.DESCRIBE_AGAIN),
        makes=Makes.TEXTS,
        labels=("🔄",),
        custom_id="MJ::Picread::Retry",
        parents="describe",
        takes_slot=False,
        verbs=frozenset({"describe"}),
    )
    for n in range(1, 6):
        yield Entry(
            action=Action(ActionKind.SHORTEN_IMAGINE, n),
            makes=Makes.GRID,
            labels=(_DIGITS[n - 1],),
            custom_id=f"MJ::Job::PromptAnalyzer::{n}",
            parents="shorten",
            asks=Asks.ALWAYS,
            takes_prompt=True,
            verbs=frozenset({""}),
        )
    yield Entry(
        action=Action(ActionKind.FAVOURITE),
        makes=Makes.NOTICE,
        labels=("❤️",),
        custom_id="MJ::BOOKMARK::{uuid}",
        parents="every picture",
        takes_slot=False,
        verbs=frozenset({"rated"}),
    )
    yield Entry(
        action=Action(ActionKind.SEED),
        makes=Makes.SEED,
        parents="every picture, by the reaction ✉️",
        takes_slot=False,
        verbs=frozenset({"seed"}),
    )
    yield Entry(
        action=Action(ActionKind.PRESS),
        makes=Makes.ANY,
        parents="whatever carries an unknown button",
        asks=Asks.WITH_REMIX,
        takes_prompt=True,
    )


def _of_the_account() -> Iterable[Entry]:
    rows: tuple[tuple[Action, Makes, str, str], ...] = (
        (Action(ActionKind.INFO), Makes.INFO, "info", "info"),
        (Action(ActionKind.SETTINGS), Makes.SETTINGS, "settings", "settings"),
        (Action(ActionKind.REMIX), Makes.NOTICE, "prefer remix", "remix mode"),
        (Action(ActionKind.SUFFIX), Makes.NOTICE, "prefer suffix", "suffix"),
        *((Action(ActionKind.SPEED, None, how), Makes.NOTICE, how, "speed") for how in ("fast", "relax", "turbo")),
        *((Action(ActionKind.VISIBILITY, None, how), Makes.NOTICE, how, "visibility") for how in ("stealth", "public")),
    )
    for action, makes, command, verb in rows:
        yield Entry(action=action, makes=makes, command=command, takes_slot=False, verbs=frozenset({verb}))


def _of_other_services() -> Iterable[Entry]:
    yield Entry(action=Action(ActionKind.FLUX_IMAGINE), makes=Makes.IMAGE, service=Service.FLUX, takes_prompt=True)
    yield Entry(action=Action(ActionKind.FLUX_UPSCALE), makes=Makes.IMAGE, service=Service.UPSCALER)
    yield Entry(action=Action(ActionKind.REMOVE_BACKGROUND), makes=Makes.IMAGE, service=Service.BACKGROUND)
    yield Entry(
        action=Action(ActionKind.FACE_SWAP),
        makes=Makes.IMAGE,
        command="swapid",
        takes_slot=False,
        alone=True,
        verbs=frozenset({"saveid", "swapid"}),
    )


CATALOGUE: tuple[Entry, ...] = tuple(
    named(entry)
    for entry in (
        *_commands(),
        *_of_a_grid(),
        *_of_a_single(),
        *_of_a_video(),
        *_of_an_answer(),
        *_of_the_account(),
        *_of_other_services(),
    )
)
_BY_ACTION = {entry.action: entry for entry in CATALOGUE}
COMMANDS = frozenset(entry.action for entry in CATALOGUE if entry.command is not None)
"""The actions that are slash commands."""
_BY_NAME = {entry.action.name: entry.action for entry in CATALOGUE}


def entry_of(action: Action) -> Entry:
    """The catalogue's row for an action."""
    return _BY_ACTION[action]


def action_named(name: str) -> Action:
    """The action that `Action.name` spells; KeyError when there is none."""
    return _BY_NAME[name]


def same_label(left: str, right: str) -> bool:
    """Whether two button labels are the same; U+FE0F (emoji style) does not count."""
    return left.replace(VARIATION_SELECTOR, "").strip() == right.replace(VARIATION_SELECTOR, "").strip()


def action_of_custom_id(custom_id: str) -> Action | None:
    """The action that a button's custom id starts, or None when the catalogue has no such row."""
    for entry in CATALOGUE:
        if entry.pattern is not None and entry.pattern.fullmatch(custom_id):
            return entry.action
    return None


def stands_for(asked: str | int | None, choice: str | int | None) -> bool:
    """Whether a choice is meant by the one asked for: itself, or by `subtle` whichever upscaler of that name."""
    return asked == choice or (asked in SHORT_UPSAMPLES and str(choice).endswith(f"_{asked}"))


def actions_of_userapi(task: str, choice: str | int | None) -> tuple[Action, ...]:
    """The actions that UserAPI's type and choice may stand for; which one is meant, the parent's buttons decide."""
    return tuple(
        entry.action
        for entry in CATALOGUE
        if any(name.word == task and stands_for(choice, name.choice) for name in entry.userapi)
    )
