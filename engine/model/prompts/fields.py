"""The two things that may be put into a prompt: fields of the request, at the end; uploads in the place of links."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.errors import InvalidInput
from engine.model.jobs import Mode
from engine.model.prompts.kinds import Ratio
from engine.model.prompts.links import is_picture, read_link
from engine.model.prompts.reading import Link, Prompt, read_prompt
from engine.model.prompts.refusing import shown


def with_fields(text: str, *, mode: Mode | None = None, aspect: str | None = None) -> str:
    """The prompt with the fields appended as parameters; what it says itself already is not said twice.

    Raises:
        InvalidInput: a field is wrong, or the prompt itself asks for something else.
    """
    prompt = read_prompt(text)
    added: list[str] = []
    if aspect is not None:
        ratio = Ratio()
        if not aspect.strip() or ratio.problem((aspect,)):
            raise InvalidInput("aspect", f"is {shown(aspect)!r}", allowed=ratio.allowed)
        own = prompt.asks("ar")
        if own is None:
            added.append(f"--ar {aspect}")
        elif own.value != aspect:
            raise InvalidInput("aspect", f"is {aspect}, but the prompt has {shown(own.text)}", allowed="one of them")
    if mode is not None:
        flags = [given for given in prompt.given if given.row and given.name in set(Mode)]
        other = next((flag for flag in flags if flag.name != mode), None)
        if other is not None:
            raise InvalidInput("mode", f"is {mode}, but the prompt has {other.text}", allowed="one of them")
        if not flags:
            added.append(f"--{mode}")
    return " ".join([text.rstrip(), *added]) if added else text


def fetched_links(prompt: Prompt) -> tuple[Link, ...]:
    """What Midjourney may fetch: the prompt's links, and pictures among its words (/shorten takes those too)."""
    found = list(prompt.links)
    for word in (*prompt.words, *prompt.strays):
        link = read_link(word.text)
        if link is not None and is_picture(link.url):
            found.append(Link(link.url, link.weight, word))
    return tuple(found)


def with_uploads(prompt: Prompt, uploads: Mapping[str, str]) -> str:
    """The prompt with some links replaced: Midjourney cannot fetch them, and they were uploaded under other addresses.

    Nothing else changes; a weight behind a link and the brackets around it stay.
    """
    kept: list[str] = []
    told = 0
    for link in sorted(fetched_links(prompt), key=lambda link: link.word.start):
        if link.url in uploads:
            start = link.word.start + link.word.text.index(link.url)
            kept += [prompt.text[told:start], uploads[link.url]]
            told = start + len(link.url)
    return "".join([*kept, prompt.text[told:]])
