"""What each kind of job is: how its messages are worded, how long it takes, what it ends in (protocol §4, §10)."""

from __future__ import annotations

from dataclasses import dataclass

_VARYING = "Making variations for image #{index} with prompt **{prompt}** - <@{user}> (Waiting to start)"
_UPSCALING = "Upscaling image #{index} with **{prompt}** - <@{user}> (Waiting to start)"
_FILMING = "Creating video with prompt **{prompt}** - <@{user}> (Waiting to start)"

GRID, SINGLE, UPSCALED, FILM, CLIP = "grid", "single", "upscaled", "film", "clip"


@dataclass(frozen=True, slots=True)
class Verb:
    """One kind of job.

    `start` announces it, `by` stands before the user while it runs and `done` in its final (None: the same). `result`
    says what the final shows. `seconds` are simulated, from the first message to the final. `quick` ones take no slot
    and show no progress. `opening` is a first message before the start line, and then no Cancel Job button is there; an
    empty one is marked LOADING.
    """

    start: str = "**{prompt}** - <@{user}> (Waiting to start)"
    by: str = ""
    done: str | None = None
    result: str = GRID
    seconds: tuple[float, float] = (24, 26)
    quick: bool = False
    opening: str | None = None
    preview_from: int = 35
    scale: int = 1


def _vary(by: str) -> Verb:
    return Verb(_VARYING, by, seconds=(22, 25))


def _upscale(kind: str, scale: int = 2) -> Verb:
    """A picture made larger: `kind` is what stands in brackets after the word."""
    more = f"({kind}) " if kind else ""
    return Verb(
        _UPSCALING,
        f"Upscaling {more}by ",
        f"Upscaled {more}by ",
        UPSCALED,
        (44, 50),
        preview_from=0,
        scale=scale,
    )


_UPSCALE = Verb(_UPSCALING, result=SINGLE, seconds=(0.4, 0.9), quick=True)
_FILM = Verb(_FILMING, result=FILM, seconds=(48, 72), opening="Animating...")
_ZOOM = Verb(by="Zoom Out by ", seconds=(26, 28))
# the newest upscalers say no kind (CAP26), the older ones do (protocol §4)
UPSCALERS = {
    "v7_2x_subtle": _upscale(""),
    "v7_2x_creative": _upscale(""),
    "v6r1_2x_subtle": _upscale("Subtle"),
    "v6r1_2x_creative": _upscale("Creative"),
    "v6_2x_subtle": _upscale("Subtle"),
    "v6_2x_creative": _upscale("Creative"),
    "v5_2x": _upscale("2x"),
    "v5_4x": _upscale("4x", 4),
    "max": _upscale("Max"),
    "light": _upscale("Light"),
    "beta": _upscale("Beta"),
}
SIDES = ("left", "right", "up", "down")

VERBS: dict[str, Verb] = {
    "imagine": Verb(),
    "blend": Verb(opening=""),
    "video": Verb(result=FILM, seconds=(48, 72)),
    "reroll": Verb(),
    "reroll_remix": Verb(by="Remix by "),
    "upscale": _UPSCALE,
    "variation_strong": _vary("Variations (Strong) by "),
    "variation_subtle": _vary("Variations (Subtle) by "),
    "variation_strong_remix": _vary("Remix (Strong) by "),
    "variation_subtle_remix": _vary("Remix (Subtle) by "),
    "variation": _vary("Variations by "),
    "variation_remix": _vary("Remix by "),
    "variation_region": _vary("Variations (Region) by "),
    "variation_region_remix": _vary("Remix (Region) by "),
    "zoom": _ZOOM,
    **{f"pan_{side}": Verb(by=f"Pan {side.capitalize()} by ", seconds=(29, 31)) for side in SIDES},
    **{f"upsample_{name}": verb for name, verb in UPSCALERS.items()},
    "animate_high": _FILM,
    "animate_low": _FILM,
    "extend_high": _FILM,
    "extend_low": _FILM,
    "video_upscale": Verb(_UPSCALING, result=CLIP, seconds=(0.4, 0.9), quick=True),
}


def start_line(verb: Verb, prompt: str, user: str, index: int) -> str:
    """The content of a job's first message."""
    return verb.start.format(prompt="\0", user=user, index=index).replace("\0", prompt)


def progress_line(verb: Verb, prompt: str, user: str, percent: int, mode: str) -> str:
    """The content of a progress edit; stealth is part of `mode`."""
    return f"**{prompt}** - {verb.by}<@{user}> ({percent}%) ({mode})"


def stopped_line(verb: Verb, prompt: str, user: str) -> str:
    """The content after a cancel (protocol §5.4)."""
    return f"**{prompt}** - {verb.by}<@{user}> (Stopped)"


def final_line(verb: Verb, prompt: str, user: str, *, uuid: str, mode: str, index: int) -> str:
    """The content of a finished message."""
    by = verb.by if verb.done is None else verb.done
    if verb.result in (SINGLE, CLIP):
        return f"**{prompt}** - Image #{index} <@{user}>"  # no mode, no link
    if verb.result == UPSCALED:
        return f"**{prompt}** - {by}<@{user}> ({mode})"
    link = f"[(Open on website for full quality)](<https://midjourney.com/jobs/{uuid}>)"
    return f"**{prompt}** - {by}<@{user}> {link} ({mode})"
