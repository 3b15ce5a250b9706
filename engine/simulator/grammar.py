"""How Midjourney reads a prompt and repeats it, and the file names it makes of one (protocol §3.4, §4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_URL = re.compile(r"<?(https?://[^\s<>]+)>?")
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})
_DASHED = re.compile(r"(?:^|\s)[—–](\w+)((?:\s+[\w.:]+)?)")
_SLUG = re.compile(r"[^A-Za-z0-9-]+")
SLUG_LENGTH = 51  # counted in CAP26: both slugs are 51 characters, the trailing underscore included

# how many words a parameter takes; None = all up to the next parameter
_ALIASES = {"version": "v", "aspect": "ar", "s": "stylize", "c": "chaos", "q": "quality", "r": "repeat", "w": "weird"}
_ONE = ["ar", "v", "niji", "style", "stylize", "chaos", "quality", "seed", "weird", "iw", "sw", "cw", "ow", "sv",
        "stop", "repeat", "motion", "bs", "exp", "zoom", "end", "loop", "video"]  # fmt: skip
_NONE = ["raw", "tile", "fast", "relax", "turbo", "stealth", "public", "hd", "sd", "draft"]
_ARITY: dict[str, int | None] = {
    **dict.fromkeys(_ONE, 1),
    **dict.fromkeys(_NONE, 0),
    **dict.fromkeys(["no", "sref", "cref", "oref", "p", "profile"], None),
}
_HIDDEN = {"stealth": True, "public": False}
_MODES = {"fast": "fast", "relax": "relaxed", "turbo": "turbo"}


@dataclass(frozen=True, slots=True)
class Echo:
    """A prompt as Midjourney repeats it, and what it read out of it."""

    prompt: str
    words: str
    mode: str | None = None
    ratio: tuple[int, int] = (1, 1)
    seed: int | None = None
    stealth: bool | None = None
    complaint: tuple[str, str] | None = None  # title and description of the embed that refuses it


def read(prompt: str, shorten: Callable[[str], str]) -> Echo:
    """Rewrite a prompt the way the capture shows: links shortened, parameters normalised and moved to the end."""
    text = " ".join(prompt.translate(_CURLY).split())
    text = _URL.sub(lambda found: f"<{shorten(found[1])}>", text)
    words, given, unknown = _split(text)
    unknown += [f"{found[0].strip()[0]}{found[1]},{found[2]}" for found in _DASHED.finditer(text)]
    complaint: tuple[str, str] | None = None
    if unknown:
        complaint = ("Invalid parameter", f"Unrecognized parameter(s): {', '.join(unknown)}")
    kept: list[tuple[str, str]] = []
    mode = next((_MODES[name] for name, _ in reversed(given) if name in _MODES), None)
    stealth = next((_HIDDEN[name] for name, _ in reversed(given) if name in _HIDDEN), None)
    raw = False
    for name, value in given:
        if name in _MODES or name in _HIDDEN:
            continue
        if name == "raw" or (name, value) == ("style", "raw"):
            raw = True
        elif name == "v" and value.isdigit():
            kept.append((name, f"{value}.0"))
        else:
            kept.append((name, value))
    last = dict(kept)
    ratio, seed = (1, 1), None
    if "ar" in last:
        found = re.fullmatch(r"(\d{1,3}):(\d{1,3})", last["ar"])
        if found and int(found[1]) and int(found[2]):
            ratio = int(found[1]), int(found[2])
        else:
            complaint = complaint or ("Invalid parameter", "Invalid value provided for argument `--ar`")
    if last.get("seed", "").isdigit():
        seed = int(last["seed"]) % 2**32
    if not words and "sref" not in last:
        complaint = complaint or ("Empty prompt", "Please describe what you want to see.")
    tail = [f"--{name} {value}".rstrip() for name, value in kept] + (["--raw"] if raw else [])
    return Echo(" ".join([words, *tail]).strip(), words, mode, ratio, seed, stealth, complaint)


def _split(text: str) -> tuple[str, list[tuple[str, str]], list[str]]:
    """Words, known parameters in order, and unknown ones."""
    words: list[str] = []
    given: list[tuple[str, str]] = []
    unknown: list[str] = []
    tokens = text.split(" ") if text else []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if not (token.startswith("--") and token[2:3].isalpha()):
            words.append(token)
            continue
        name = _ALIASES.get(token[2:], token[2:])
        if name not in _ARITY:
            unknown.append(token)
            continue
        arity = _ARITY[name]
        taken = 0
        while position + taken < len(tokens) and taken != arity and not tokens[position + taken].startswith("--"):
            taken += 1
        given.append((name, " ".join(tokens[position : position + taken])))
        position += taken
    return " ".join(words), given, unknown


def slug(words: str) -> str:
    """The middle of a file name: everything but letters, digits and hyphens becomes one underscore."""
    return _SLUG.sub("_", words)[:SLUG_LENGTH]


def file_stem(username: str, words: str, uuid: str) -> str:
    """`<username>_<slug>_<uuid>`, as in CAP26."""
    return f"{_SLUG.sub('_', username)}_{slug(words)}_{uuid}"
