"""Which buttons a finished message carries, by what it shows and by model version (CAP26, protocol §5.1 to §5.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.simulator import rewrites
from engine.simulator.components import LINK_LABEL, button, link, rows
from engine.simulator.verbs import CLIP, FILM, GRID, UPSCALED, VERBS

if TYPE_CHECKING:
    from engine.simulator.jobs import Job

Component = dict[str, Any]
_BOOST = "upscale_1"  # the server's own emoji on the upscale buttons
_ARROWS = {"left": "⬅️", "right": "➡️", "up": "⬆️", "down": "⬇️"}
_NAMES = {"subtle": "Subtle", "creative": "Creative", "2x": "2x", "4x": "4x", "max": "Max", "light": "Light",
          "beta": "Beta"}  # fmt: skip

# model → its upscalers (protocol §5.2); newer ones have none
_UPSCALERS = {
    "4": ("max", "light", "beta"),
    "5": ("v5_2x", "v5_4x"),
    "5.1": ("v5_2x", "v5_4x"),
    "5.2": ("v5_2x", "v5_4x"),
    "6": ("v6_2x_subtle", "v6_2x_creative"),
    "6.1": ("v6r1_2x_subtle", "v6r1_2x_creative"),
    "7": ("v7_2x_subtle", "v7_2x_creative"),
    "niji 5": ("v5_2x", "v5_4x"),
    "niji 6": ("v6_2x_subtle", "v6_2x_creative"),
    "niji 7": ("v7_2x_subtle", "v7_2x_creative"),
    "8": (),
}
MODELS = tuple(_UPSCALERS)
_OLD = {"4", "5", "5.1"}
_MAKE = _OLD | {"niji 5"}  # "Make Variations"
_SQUARE = {"5.2", "6", "6.1"}
_REDO = {"5.2", "6", "6.1", "7"}
_ANIMATE = {"6.1", "7", "niji 7", "8"}
_REGION = set(MODELS) - {"4", "8"}  # on 8.x it was not seen


def model_of(prompt: str, default: str) -> str:
    """The model a prompt names, as a name of MODELS; 8.1 is 8, and one that is not known is the newest below."""
    for flag, lead in (("niji", "niji "), ("v", "")):
        value = rewrites.value_of(prompt, flag)
        if value is not None and re.fullmatch(r"\d+(\.\d+)?", value):
            wanted = float(value)
            known = [m for m in MODELS if m.startswith("niji") == bool(lead) and _number(m) <= wanted]
            return max(known, key=_number, default=f"{lead}5" if lead else "4")
    return default


def _number(model: str) -> float:
    return float(model.removeprefix("niji "))


def finished(job: Job, extra: dict[str, Any] | None = None) -> list[Component]:
    """The rows of a job's final; `extra` is a button that nobody has seen before (a fault's custom_id and label)."""
    made = _finished(job)
    if extra is not None:
        custom_id = str(extra.get("custom_id", f"MJ::JOB::unheard_of::1::{job.uuid}::SOLO"))
        new = button(custom_id.replace("{uuid}", job.uuid), str(extra.get("label", "Unheard of")))
        given = [row["components"] for row in made]
        made = rows([*given, [new]] if len(given) < 5 else [*given[:-1], [*given[-1], new]])
    return made


def _finished(job: Job) -> list[Component]:
    kind = VERBS[job.verb].result
    if kind == GRID:
        return grid(job.uuid)
    if kind == FILM:
        return film(job.uuid, len(job.recipe.cells))
    if kind == CLIP:
        return clip(job.uuid)
    if kind == UPSCALED:
        return upscaled(job.uuid, job.model)
    return single(job.uuid, job.model, square=job.recipe.ratio[0] == job.recipe.ratio[1])


def grid(uuid: str) -> list[Component]:
    """The ten buttons of a finished grid: U1-U4 and reroll, V1-V4 and the link."""
    upscales = [button(f"MJ::JOB::upsample::{n}::{uuid}", f"U{n}") for n in range(1, 5)]
    reroll = button(f"MJ::JOB::reroll::0::{uuid}::SOLO", emoji="🔄")
    variations = [button(f"MJ::JOB::variation::{n}::{uuid}", f"V{n}") for n in range(1, 5)]
    return rows([[*upscales, reroll], [*variations, link(uuid, LINK_LABEL)]])


def film(uuid: str, cells: int) -> list[Component]:
    """The six buttons of a finished film of four; fewer with --bs."""
    chosen = [button(f"MJ::JOB::video_virtual_upscale::{n}::{uuid}", f"U{n}") for n in range(1, cells + 1)]
    return rows([[*chosen, button(f"MJ::JOB::reroll::0::{uuid}::SOLO", emoji="🔄")], [link(uuid, LINK_LABEL)]])


def clip(uuid: str) -> list[Component]:
    """The buttons of one film on its own."""
    more = [
        button(f"MJ::JOB::animate_{motion}_extend::1::{uuid}", f"Extend ({motion.capitalize()})", "🎞️")
        for motion in ("high", "low")
    ]
    return rows([more, _ends(uuid)])


def single(uuid: str, model: str, *, square: bool) -> list[Component]:
    """The buttons of a single picture: sixteen on version 7."""
    wide: list[Component] = []
    frames: list[Component] = []
    if model not in _OLD:
        for percent, label in ((50, "Zoom Out 2x"), (75, "Zoom Out 1.5x")):
            wide.append(button(f"MJ::Outpaint::{percent}::1::{uuid}::SOLO", label, "🔍"))
        wide.append(button(f"MJ::CustomZoom::{uuid}", "Custom Zoom", "🔍"))
        if model in _SQUARE and not square:
            wide.append(button(f"MJ::Outpaint::100::1::{uuid}::SOLO", "Make Square", "↔️"))
        frames = [button(_job(f"pan_{side}", uuid), emoji=arrow) for side, arrow in _ARROWS.items()]
    varied = _varied(uuid, model)
    if model in _REGION:
        varied.append(button(f"MJ::Inpaint::1::{uuid}::SOLO", "Vary (Region)", "🖌️"))
    return rows([_larger(uuid, model, "Upscale"), varied, wide, frames, [*_moving(uuid, model), *_ends(uuid)]])


def upscaled(uuid: str, model: str) -> list[Component]:
    """The buttons of a picture made larger: eight on version 7."""
    again = _larger(uuid, model, "Redo Upscale") if model in _REDO else []
    return rows([again, _varied(uuid, model), [*_moving(uuid, model), *_ends(uuid)]])


def _larger(uuid: str, model: str, word: str) -> list[Component]:
    return [
        button(_job(f"upsample_{name}", uuid), f"{word} ({_NAMES[name.rsplit('_', 1)[-1]]})", _BOOST)
        for name in _UPSCALERS[model]
    ]


def _varied(uuid: str, model: str) -> list[Component]:
    made = [button(f"MJ::JOB::variation::1::{uuid}::SOLO", "Make Variations", "🪄")] if model in _MAKE else []
    if model not in _OLD:
        made.append(button(_job("low_variation", uuid), "Vary (Subtle)", "🪄"))
        made.append(button(_job("high_variation", uuid), "Vary (Strong)", "🪄"))
    return made


def _moving(uuid: str, model: str) -> list[Component]:
    if model not in _ANIMATE:
        return []
    return [
        button(_job(f"animate_{motion}", uuid), f"Animate ({motion.capitalize()} motion)", "🎞️")
        for motion in ("high", "low")
    ]


def _ends(uuid: str) -> list[Component]:
    return [button(f"MJ::BOOKMARK::{uuid}", emoji="❤️"), link(uuid, "Web")]


def _job(action: str, uuid: str) -> str:
    return f"MJ::JOB::{action}::1::{uuid}::SOLO"
