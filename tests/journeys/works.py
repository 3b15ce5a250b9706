"""What is pressed in the house of buttons: one row for each, with what Midjourney must have understood by it."""

from __future__ import annotations

from typing import NamedTuple

from engine.simulator.verbs import CLIP, FILM, VERBS


class Work(NamedTuple):
    """A press: of which work, by which label, what Easel calls it, what the simulator made of it and of which cell."""

    of: str
    label: str
    action: str
    verb: str
    index: int = 1

    @property
    def makes_film(self) -> bool:
        return VERBS[self.verb].result in (FILM, CLIP)


PROMPTS = {
    "grid": "a red fox",
    "old grid": "a red fox --v 4",
    "grid of 5.1": "a red fox --v 5.1",
    "grid of 5.2": "a red fox --v 5.2",
    "grid of 6": "a red fox --v 6",
    "wide grid of 6.1": "a red fox --ar 16:9 --v 6.1",
    "grid of niji 6": "a red fox --niji 6",
}


def _upscalers(of: str, redo: str | None, *names: tuple[str, str]) -> dict[str, Work]:
    """Each upscaler of a single picture, and its redo on the first of the pictures that come of it."""
    made = {
        f"{of}, {name}": Work(of, f"Upscale ({label})", f"upsample_{name}", f"upsample_{name}") for name, label in names
    }
    if redo is not None:
        larger = next(iter(made))
        made |= {
            f"{of}, {name} again": Work(larger, f"{redo} ({label})", f"upsample_{name}", f"upsample_{name}")
            for name, label in names
        }
    return made


WORKS: dict[str, Work] = {
    **{f"U{n}": Work("grid", f"U{n}", f"upscale_{n}", "upscale", n) for n in range(1, 5)},
    **{f"V{n}": Work("grid", f"V{n}", f"variation_{n}", "variation_strong", n) for n in range(1, 5)},
    "reroll": Work("grid", "🔄", "reroll", "reroll", 0),
    "U1 of V2": Work("V2", "U1", "upscale_1", "upscale"),
    "V4 of the reroll": Work("reroll", "V4", "variation_4", "variation_strong", 4),
    "vary subtle": Work("U1", "Vary (Subtle)", "vary_subtle", "variation_subtle"),
    "vary strong": Work("U1", "Vary (Strong)", "vary_strong", "variation_strong"),
    "zoom out 2x": Work("U1", "Zoom Out 2x", "zoom_out_2x", "zoom"),
    "zoom out 1.5x": Work("U1", "Zoom Out 1.5x", "zoom_out_1.5x", "zoom"),
    "custom zoom": Work("U1", "Custom Zoom", "custom_zoom", "zoom", 0),
    **{
        f"pan {side}": Work("U1", arrow, f"pan_{side}", f"pan_{side}")
        for side, arrow in (("left", "⬅️"), ("right", "➡️"), ("up", "⬆️"), ("down", "⬇️"))
    },
    "animate high": Work("U1", "Animate (High motion)", "animate_high", "animate_high"),
    "animate low": Work("U1", "Animate (Low motion)", "animate_low", "animate_low"),
    **{f"film {n}": Work("animate low", f"U{n}", f"video_upscale_{n}", "video_upscale", n) for n in range(1, 5)},
    "film again": Work("animate low", "🔄", "reroll", "animate_low", 0),
    "extend high": Work("film 1", "Extend (High)", "extend_high_1", "extend_high"),
    "extend low": Work("film 1", "Extend (Low)", "extend_low_1", "extend_low"),
    "film 2 of an extended one": Work("extend low", "U2", "video_upscale_2", "video_upscale", 2),
    **_upscalers("U1", "Redo Upscale", ("v7_2x_subtle", "Subtle"), ("v7_2x_creative", "Creative")),
    "single of 4": Work("old grid", "U1", "upscale_1", "upscale"),
    **_upscalers("single of 4", None, ("max", "Max"), ("light", "Light"), ("beta", "Beta")),
    "single of 5.1": Work("grid of 5.1", "U2", "upscale_2", "upscale", 2),
    "make variations": Work("single of 5.1", "Make Variations", "variation_solo", "variation_strong"),
    "single of 5.2": Work("grid of 5.2", "U3", "upscale_3", "upscale", 3),
    **_upscalers("single of 5.2", "Redo Upscale", ("v5_2x", "2x"), ("v5_4x", "4x")),
    "single of 6": Work("grid of 6", "U1", "upscale_1", "upscale"),
    **_upscalers("single of 6", "Redo Upscale", ("v6_2x_subtle", "Subtle"), ("v6_2x_creative", "Creative")),
    "wide single of 6.1": Work("wide grid of 6.1", "U1", "upscale_1", "upscale"),
    **_upscalers("wide single of 6.1", "Redo Upscale", ("v6r1_2x_subtle", "Subtle"), ("v6r1_2x_creative", "Creative")),
    "make square": Work("wide single of 6.1", "Make Square", "make_square", "zoom"),
    "single of niji 6": Work("grid of niji 6", "U4", "upscale_4", "upscale", 4),
    "niji 6 upscaled": Work("single of niji 6", "Upscale (Subtle)", "upsample_v6_2x_subtle", "upsample_v6_2x_subtle"),
}
"""Name → press; each stands below the one whose button it is."""


def root_of(name: str) -> str:
    """The prompt that everything began with."""
    while name in WORKS:
        name = WORKS[name].of
    return name
