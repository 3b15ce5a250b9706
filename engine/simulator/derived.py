"""What a button makes of a finished job: the kind, the prompt, and what the new picture takes over (protocol §3.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from engine.simulator import art, rewrites
from engine.simulator.commissions import Commission
from engine.simulator.verbs import FILM, UPSCALERS, VERBS

if TYPE_CHECKING:
    from engine.simulator.buttons import Press
    from engine.simulator.grammar import Echo
    from engine.simulator.jobs import Origin, Recipe

JOBS = {
    "upscale", "variation", "vary", "reroll", "upsample", "pan", "zoom", "custom_zoom", "animate", "extend",
    "video_upscale", "inpaint",
}  # fmt: skip
_ZOOMS = ("Invalid parameter", "Invalid value provided for argument `--zoom`: it must be between 1 and 2")
_SAME = {"upscale", "upsample", "video_upscale", "animate", "extend"}
Cells = tuple[tuple[str, str], ...]


def derived(press: Press, origin: Origin, echo: Echo, seed: int, *, strong: bool, form: bool) -> Commission:
    """The commission of a press. `echo` is of the prompt to use, `form` says that a form brought it."""
    recipe = origin.recipe
    verb = _verb(press, origin, strong=strong, form=form)
    prompt, ratio = _framed(press, origin, echo)
    echo = replace(echo, prompt=prompt)
    if press.kind == "custom_zoom" and echo.complaint is None and not _zooms(echo.prompt):
        echo = replace(echo, complaint=_ZOOMS)
    motif = recipe.motif if echo.words == origin.words else art.motif_of(echo.words)
    cells = _cells(press, recipe, seed, film=VERBS[verb].result == FILM)
    wanted = Commission(verb, echo, motif, cells, seed, press.index, ratio, model=origin.model)
    if form:
        wanted = replace(wanted, remix=echo.prompt)
    # what shows the same cell again keeps the region that was painted into it
    return replace(wanted, over=recipe.over, mask=recipe.mask) if press.kind in _SAME else wanted


def painted(wanted: Commission, origin: Origin, mask: str) -> Commission:
    """The commission whose picture differs from the old one only where the mask is white."""
    old = msgspec.structs.replace(origin.recipe, cells=origin.recipe.cells[:1], caption="")
    return replace(wanted, over=old, mask=mask)


def imagined(echo: Echo, seed: int) -> Commission:
    """The commission of a prompt alone: a grid, or with --video a film of as many as --bs says."""
    if rewrites.value_of(echo.prompt, "video") is None:
        cells = tuple((f"{echo.words} {n % 2}", f"{seed} {n}") for n in range(4))
        return Commission("imagine", echo, art.motif_of(echo.words), cells, seed)
    batch = rewrites.value_of(echo.prompt, "bs")
    count = int(batch) if batch in ("1", "2", "4") else 4
    return Commission("video", echo, art.motif_of(echo.words), ((echo.words, str(seed)),) * count, seed)


def _verb(press: Press, origin: Origin, *, strong: bool, form: bool) -> str:
    again = "_remix" if form else ""
    match press.kind:
        case "variation":
            return f"variation_{'strong' if strong else 'subtle'}{again}"
        case "vary":
            return f"variation_{'strong' if press.detail == 'high' else 'subtle'}{again}"
        case "inpaint":
            return f"variation_region{again}"
        case "reroll":
            # a film is made again as it was made
            return origin.verb if VERBS[origin.verb].result == FILM else f"reroll{again}"
        case "pan" | "animate" | "extend":
            return f"{press.kind}_{press.detail}"
        case "upsample":
            return f"upsample_{press.detail if press.detail in UPSCALERS else 'v7_2x_subtle'}"
        case "custom_zoom":
            return "zoom"
        case kind:
            return kind


def _framed(press: Press, origin: Origin, echo: Echo) -> tuple[str, tuple[int, int]]:
    """Prompt and ratio of the new picture."""
    ratio = origin.recipe.ratio
    if press.kind == "pan":
        ratio = rewrites.panned(ratio, press.detail)
        return rewrites.reframed(echo.prompt, ratio), ratio
    if press.kind == "zoom" and press.detail == "100":
        return rewrites.reframed(echo.prompt, (1, 1)), (1, 1)
    if press.kind in ("animate", "extend"):
        return rewrites.filmed(echo.prompt, echo.words, press.detail, ratio), ratio
    if VERBS[origin.verb].result == FILM:
        return origin.prompt, ratio  # a film's prompt is not read again: its --aspect stays
    if press.kind in ("reroll", "variation", "vary", "inpaint", "custom_zoom"):
        return echo.prompt, echo.ratio if echo.prompt != origin.prompt else ratio
    return echo.prompt, ratio


def _zooms(prompt: str) -> bool:
    try:
        return 1 <= float(rewrites.value_of(prompt, "zoom") or "") <= 2
    except ValueError:
        return False


def _cells(press: Press, recipe: Recipe, seed: int, *, film: bool) -> Cells:
    chosen = recipe.cells[max(press.index, 1) - 1]
    if press.kind in ("upscale", "upsample", "video_upscale"):
        return (chosen,)
    if film:
        return tuple((chosen[0], chosen[1]) for _ in range(4))
    if press.kind == "reroll":
        return tuple((f"{recipe.cells[0][0]} {n % 2}", f"{seed} {n}") for n in range(4))
    palette, shapes = chosen
    return tuple((palette, f"{shapes} {seed} {n}") for n in range(4))
