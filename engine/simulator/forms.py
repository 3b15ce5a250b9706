"""Which form a click opens, with which ids, and what stands in its field (protocol §6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.simulator import rewrites

if TYPE_CHECKING:
    from engine.simulator.buttons import Press
    from engine.simulator.jobs import Origin

ALWAYS = {"custom_zoom", "read", "analyze"}  # these ask back whether Remix is on or not
REMIXED = {"variation", "vary", "reroll", "pan", "zoom", "animate", "extend"}


@dataclass(frozen=True, slots=True)
class Form:
    """A modal's title, its own custom id, that of its one text field, and the text in it."""

    title: str
    custom_id: str
    field: str
    value: str


def remix(press: Press, origin: Origin, *, message_id: str, strong: bool) -> Form:
    """The form of a button that works on a finished job."""
    uuid, index, prompt = press.uuid, press.index, origin.prompt
    match press.kind:
        case "reroll":
            # the reroll of a reroll opens the form of the first one again (protocol §6)
            return imagine(origin.form or f"MJ::ImagineModal::{message_id}", prompt)
        case "pan":
            title = f"Pan {press.detail.capitalize()}"
            return Form(title, f"MJ::PanModal::{press.detail}::{uuid}::{index}", "MJ::PanModal::prompt", prompt)
        case "zoom":
            return Form("Zoom Out", f"MJ::OutpaintModal::-1::1::{uuid}::1", "MJ::OutpaintModal::new_prompt", prompt)
        case "custom_zoom":
            value = rewrites.zoomed(prompt, origin.recipe.ratio)
            name = "MJ::OutpaintCustomZoomModal"
            return Form("Zoom Out", f"{name}::{uuid}", f"{name}::prompt", value)
        case "animate" | "extend":
            name = "MJ::AnimateModal"
            custom_id = f"{name}::{uuid}::{index}::{press.detail}::{int(press.kind == 'extend')}"
            value = rewrites.filmed(prompt, origin.words, press.detail, origin.recipe.ratio)
            return Form("Animate", custom_id, f"{name}::prompt", value)
        case _:
            high = press.detail == "high" if press.kind == "vary" else strong
            custom_id = f"MJ::RemixModal::{uuid}::{index}::{int(high)}"
            return Form("Remix Prompt", custom_id, "MJ::RemixModal::new_prompt", prompt)


def imagine(custom_id: str, prompt: str) -> Form:
    """The form of a reroll and of a shortened prompt."""
    return Form("Imagine", custom_id, "MJ::ImagineModal::new_prompt", prompt)


def described(index: int, prompt: str) -> Form:
    """The form of one of /describe's four prompts."""
    return Form("Imagine", f"MJ::Picreader::Modal::{index}", "MJ::Picreader::Modal::PromptField", prompt)
