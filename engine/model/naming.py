"""What else an action is called: the form Midjourney asks back with, and its names in ImaginePro's and UserAPI's APIs.

The second half of the catalogue's table; `catalogue.CATALOGUE` carries it in its rows. Forms: midjourney-protocol §6.
What ImaginePro and UserAPI call an action is what their own pages and clients say; one without a name has none there.
"""

from __future__ import annotations

from dataclasses import replace

from engine.model.actions import Action, ActionKind
from engine.model.entries import DialectName, Entry

SHORT_UPSAMPLES = frozenset({"subtle", "creative"})
"""UserAPI's choices that leave the model's version to the picture: whichever of these its result offers."""

_FORMS = {
    ActionKind.VARIATION: "MJ::RemixModal::{uuid}::{number}::{strength}",
    ActionKind.VARY_SUBTLE: "MJ::RemixModal::{uuid}::{number}::{strength}",
    ActionKind.VARY_STRONG: "MJ::RemixModal::{uuid}::{number}::{strength}",
    ActionKind.REROLL: "MJ::ImagineModal::{message}",
    ActionKind.PAN: "MJ::PanModal::{choice}::{uuid}::{number}",
    ActionKind.ZOOM_OUT: "MJ::OutpaintModal::-1::1::{uuid}::1",
    ActionKind.MAKE_SQUARE: "MJ::OutpaintModal::-1::1::{uuid}::1",
    ActionKind.CUSTOM_ZOOM: "MJ::OutpaintCustomZoomModal::{uuid}",
    ActionKind.VARY_REGION: "MJ::iframe::{token}",
    ActionKind.DESCRIBE_IMAGINE: "MJ::Picreader::Modal::{number}",
    ActionKind.SHORTEN_IMAGINE: "MJ::ImagineModal::{message}",
    ActionKind.ANIMATE: "MJ::AnimateModal::{uuid}::{number}::{choice}::0",
    ActionKind.EXTEND: "MJ::AnimateModal::{uuid}::{number}::{choice}::1",
}
_IMAGINEPRO_ROUTES: dict[ActionKind, str] = {
    ActionKind.IMAGINE: "imagine",
    ActionKind.BLEND: "blend",
    ActionKind.DESCRIBE: "describe",
    ActionKind.EXTEND: "video/mj/extend",
    ActionKind.FLUX_IMAGINE: "flux/imagine",
    ActionKind.FLUX_UPSCALE: "flux/upscale",
    ActionKind.REMOVE_BACKGROUND: "tools/remove-bg",
    ActionKind.FACE_SWAP: "faceswap",
}
_IMAGINEPRO_COMMANDS = {ActionKind.INFO: "info", ActionKind.REMIX: "remix"}
_USERAPI_TYPES: dict[ActionKind, str | tuple[str, ...]] = {
    ActionKind.IMAGINE: "imagine",
    ActionKind.BLEND: "blend",
    ActionKind.DESCRIBE: "describe",
    ActionKind.UPSCALE: "upscale",
    ActionKind.VIDEO_UPSCALE: "upscale",
    ActionKind.UPSAMPLE: "upsample",
    ActionKind.VARIATION: "variation",
    ActionKind.VARY_SUBTLE: "vary_subtle",
    ActionKind.VARY_STRONG: "vary_strong",
    ActionKind.VARY_REGION: "inpaint",
    ActionKind.REROLL: "reroll",
    ActionKind.ZOOM_OUT: "zoom",
    ActionKind.CUSTOM_ZOOM: "zoom",
    ActionKind.PAN: "pan",
    ActionKind.ANIMATE: "animate",
    ActionKind.DESCRIBE_IMAGINE: ("upscale", "variation"),
    ActionKind.DESCRIBE_AGAIN: "reroll",
    ActionKind.SEED: "seed",
    ActionKind.INFO: "info",
    ActionKind.REMIX: "prefer",
    ActionKind.SPEED: "speed",
}
_USERAPI_ZOOMS = {"2x": 50, "1.5x": 75}
_USERAPI_WITHOUT = frozenset(
    {Action(ActionKind.VARIATION, None, "solo")}
    | {Action(ActionKind.UPSAMPLE, None, c) for c in ("max", "light", "beta")}
    | {Action(ActionKind.DESCRIBE_IMAGINE, None, "all")}
)
"""Buttons that its `choice` cannot name: Midjourney 4's and 5's, and all descriptions at once."""


def named(entry: Entry) -> Entry:
    """The row with its other names."""
    return replace(
        entry,
        form=_form(entry.action),
        imaginepro=_imaginepro(entry),
        userapi=_userapi(entry.action),
    )


def _form(action: Action) -> str | None:
    if action.choice == "all":  # of the describe buttons: it takes all four prompts as they are
        return None
    form = _FORMS.get(action.kind)
    return None if form is None else form.replace("{choice}", action.choice or "")


def _imaginepro(entry: Entry) -> tuple[DialectName, ...]:
    kind = entry.action.kind
    command = entry.action.choice if kind is ActionKind.SPEED else _IMAGINEPRO_COMMANDS.get(kind)
    names = [DialectName("button", label) for label in entry.labels if entry.is_button]
    if command is not None:
        names.append(DialectName("commands", command))
    if kind in _IMAGINEPRO_ROUTES:
        names.append(DialectName(_IMAGINEPRO_ROUTES[kind], entry.action.index))
    return tuple(names)


def _userapi(action: Action) -> tuple[DialectName, ...]:
    kind = action.kind
    if kind not in _USERAPI_TYPES or action in _USERAPI_WITHOUT:
        return ()
    choice = action.index if action.choice is None else action.choice
    if kind is ActionKind.ZOOM_OUT:
        choice = _USERAPI_ZOOMS[action.choice or ""]
    if kind is ActionKind.REMIX:
        choice = "remix"
    types = _USERAPI_TYPES[kind]
    return tuple(DialectName(each, choice) for each in ((types,) if isinstance(types, str) else types))
