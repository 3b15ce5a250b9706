"""How many jobs a prompt asks for, which words each of them gets, and whether the account may run them."""

from __future__ import annotations

from engine.model.errors import InvalidInput
from engine.model.jobs import Mode
from engine.model.prompts.braces import build_pieces, count_pieces, has_braces
from engine.model.prompts.checking import ANY_TERMS, check, check_given
from engine.model.prompts.reading import Given, read_prompt
from engine.model.prompts.refusing import refuse, shown
from engine.model.prompts.terms import MOST_PIECES, Purpose, Terms
from engine.model.prompts.text import check_text

_MILLION = 10**6


def count(text: str) -> int:
    """How many jobs the prompt asks for, permutations and `--repeat` multiplied; nothing is built.

    Raises:
        InvalidInput: braces do not match, or `--repeat` has no value that counts.
    """
    return count_pieces(text) * _times(_repeats(text))


def expand(text: str, most: int = MOST_PIECES) -> list[str]:
    """The prompts that the jobs get, in the user's words, `--repeat` dropped.

    Raises:
        InvalidInput: as `count`, or there would be more than `most`.
    """
    number = count(text)
    if number > most:
        said = str(number) if number <= _MILLION else "more than a million"
        refuse(f"asks for {said} jobs, permutations and --repeat multiplied", f"at most {most}")
    repeats = _repeats(text)
    return [piece for piece in build_pieces(_without(text, repeats)) for _ in range(_times(repeats))]


def check_pieces(text: object, terms: Terms = ANY_TERMS) -> list[str]:
    """The prompts of the jobs, when every one of them can be sent.

    Raises:
        InvalidInput: the prompt is refused whole; where one piece is the reason, the message holds it.
    """
    words = check_text(text)
    repeats = _repeats(words)
    several = has_braces(words)
    count_pieces(words)  # broken braces are told before anything else
    for given in repeats:
        if given.row is not None:
            check_given(given, given.row, terms, terms.model)
    if several and terms.purpose is not Purpose.IMAGINE:
        refuse("has braces, which make several jobs of one prompt", f"one job for {terms.purpose}")
    try:
        pieces = expand(words, terms.most_pieces)
    except InvalidInput as refusal:
        if terms.plan and terms.most_pieces < terms.most and refusal.allowed == f"at most {terms.most_pieces}":
            refuse(refusal.problem, f"{refusal.allowed} on the {terms.plan} plan")
        raise
    for piece in dict.fromkeys(pieces):
        try:
            mode = check(piece, terms).mode or terms.mode
        except InvalidInput as refusal:
            if not several:
                raise
            refuse(f"{refusal.problem} (in the piece {shown(piece)!r})", refusal.allowed)
        _check_mode(mode, several=several, repeats=repeats)
    return pieces


def _check_mode(mode: Mode | None, *, several: bool, repeats: list[Given]) -> None:
    """Batches belong to fast hours; `--repeat` to turbo too."""
    if several and mode not in {None, Mode.FAST}:
        refuse(f"has permutations in {mode} mode", "fast mode: --fast")
    if repeats and mode is Mode.RELAX:
        refuse(f"has {repeats[0].text} in relax mode", "fast or turbo mode: --fast or --turbo")


def _repeats(text: str) -> list[Given]:
    """Every `--repeat` outside of braces."""
    return [given for given in read_prompt(text).given if given.row and given.name == "repeat"]


def _times(repeats: list[Given]) -> int:
    values = {given.value for given in repeats}
    if len(values) > 1:
        refuse(f"has both {shown(repeats[0].text)} and {shown(repeats[-1].text)}", "--repeat once")
    for given in repeats:
        if given.row is not None:
            check_given(given, given.row, ANY_TERMS, None)
    return int(values.pop()) if values else 1


def _without(text: str, repeats: list[Given]) -> str:
    """The text without these, and without the gap in front of each."""
    kept: list[str] = []
    end = len(text)
    for given in reversed(repeats):
        kept.append(text[given.end : end])
        end = len(text[: given.start].rstrip())
    kept.append(text[:end])
    return "".join(reversed(kept))
