"""What a button does to the prompt that its picture was made from (protocol §3.4)."""

from __future__ import annotations

import math
import re

Ratio = tuple[int, int]
_FILMED = ("raw", "bs", "loop", "end")  # what a video keeps of a picture's parameters (CAP26), besides its own


def without(prompt: str, *names: str) -> str:
    """The prompt with these parameters and their values taken away."""
    return re.sub(rf"(?:^|\s+)--(?:{'|'.join(names)})(?:\s+(?!--)\S+)*(?=\s|$)", "", prompt).strip()


def value_of(prompt: str, name: str) -> str | None:
    """The value of a parameter, empty for a flag; None if it is not there."""
    found = re.search(rf"(?:^|\s)--{name}((?:\s+(?!--)\S+)*)(?=\s|$)", prompt)
    return None if found is None else found[1].strip()


def panned(ratio: Ratio, side: str) -> Ratio:
    """A picture grows by half of itself to one side: 1:1 becomes 3:2 (CAP26)."""
    width, height = ratio
    return _least((3 * width, 2 * height) if side in ("left", "right") else (2 * width, 3 * height))


def reframed(prompt: str, ratio: Ratio) -> str:
    """The old ratio goes, the new one stands at the very end, behind `--raw` too (CAP26)."""
    return f"{without(prompt, 'ar', 'aspect')} --ar {ratio[0]}:{ratio[1]}".strip()


def zoomed(prompt: str, ratio: Ratio) -> str:
    """What Custom Zoom shows in its field."""
    width, height = _least(ratio)
    return f"{without(prompt, 'ar', 'zoom')} --ar {width}:{height} --zoom 2"


def filmed(prompt: str, words: str, motion: str, ratio: Ratio) -> str:
    """The words stay, of the parameters only what a video has; its own follow (CAP26)."""
    kept = [(name, value_of(prompt, name)) for name in _FILMED]
    parts = [words, *(f"--{name} {value}".strip() for name, value in kept if value is not None)]
    width, height = _least(ratio)
    parts.append(f"--motion {value_of(prompt, 'motion') or motion} --video 1 --aspect {width}:{height}")
    return " ".join(part for part in parts if part)


def _least(ratio: Ratio) -> Ratio:
    shared = math.gcd(*ratio) or 1
    return ratio[0] // shared, ratio[1] // shared
