"""Which single prompts may be sent: one job, its words unchanged; every refusal names parameter, value and range."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.model.addresses import Reach
from engine.model.errors import InvalidInput
from engine.model.prompts import models
from engine.model.prompts.braces import count_pieces, has_braces
from engine.model.prompts.kinds import Takes
from engine.model.prompts.links import ENDINGS, is_picture, read_link
from engine.model.prompts.models import Model
from engine.model.prompts.reading import Given, Prompt, read_prompt
from engine.model.prompts.refusing import refuse, shown
from engine.model.prompts.spelling import check_spelling
from engine.model.prompts.table import BY_NAME, IMAGE_PROMPT, Clash, Parameter, usage
from engine.model.prompts.terms import Purpose, Terms
from engine.model.prompts.text import check_text, has_visible
from engine.model.prompts.weights import check_weights

ENOUGH_IMAGES = 2
"""So many pictures need no words."""
ANY_TERMS = Terms()


def check(text: object, terms: Terms = ANY_TERMS) -> Prompt:
    """The prompt as it reads, when it can be sent as one job.

    Raises:
        InvalidInput: it cannot; the message names the parameter, its value and what is allowed.
    """
    words = check_text(text)
    if has_braces(words):
        count_pieces(words)  # broken ones are told first
        refuse("has braces, which make several jobs of one prompt", r"one job; a literal brace is written \{ or \}")
    prompt = read_prompt(words)
    if any(word.text.lower().startswith("data:image/") for word in prompt.words):
        refuse("holds a picture as a data: address", "such a picture handed in beside the prompt, or a link")
    check_spelling(prompt, terms.purpose)
    if prompt.video and terms.purpose is Purpose.IMAGINE:
        terms = replace(terms, purpose=Purpose.ANIMATE)
        if not prompt.images:
            refuse("has --video without a picture to begin with", "a link to a picture in front of the words")
    fitting = _check_each(prompt, terms)
    _check_together(prompt)
    _check_order(prompt)
    check_links(prompt, terms.reach)
    _check_one_job(prompt)
    if terms.purpose is Purpose.CUSTOM_ZOOM and not prompt.asks("zoom"):
        refuse("has no --zoom, which Custom Zoom needs", usage(BY_NAME["zoom"]))
    if terms.purpose is not Purpose.ANIMATE:
        _check_speech(prompt)
    check_weights(prompt, fitting)
    return prompt


def check_suffix(text: object, terms: Terms = ANY_TERMS) -> str:
    """The words and parameters, unchanged, when Midjourney may put them behind every prompt.

    Raises:
        InvalidInput: they cannot stand there, or would spoil any prompt; the message names parameter, value and range.
    """
    try:
        words = check_text(text)
        if has_braces(words):
            refuse("has braces, which would make several jobs of every prompt", "words, then parameters")
        prompt = read_prompt(words)
        check_spelling(prompt, terms.purpose)
        _check_each(prompt, terms)
        _check_together(prompt, whole=False)
        if prompt.images:
            link = shown(prompt.images[0].url)
            refuse(f"has the link {link}, which would stand behind the words of every prompt", "words, then parameters")
        _check_order(prompt)
        check_links(prompt, terms.reach)
        _check_one_job(prompt)
    except InvalidInput as refusal:
        raise InvalidInput("suffix", refusal.problem, allowed=refusal.allowed) from refusal
    return words


def _check_each(prompt: Prompt, terms: Terms) -> frozenset[Model]:
    """Check each parameter by its row; the models that take all of them, of which there is at least one."""
    model = prompt.model or terms.model
    fitting = frozenset({model}) if model else models.ALL
    fits: dict[str, frozenset[Model]] = {}
    for given in prompt.given:
        if given.row is None:
            continue  # refused before
        fits[given.text] = check_given(given, given.row, terms, model)
        if not fitting & fits[given.text]:
            other = next((text for text, on in fits.items() if not on & fits[given.text]), "what stands before it")
            on = models.said(fits[given.text])
            refuse(
                f"has {shown(given.text)}, which no model takes together with {shown(other)}", f"{given.text} on {on}"
            )
        fitting &= fits[given.text]
    return fitting


def check_given(given: Given, row: Parameter, terms: Terms, model: Model | None) -> frozenset[Model]:
    """Check one parameter by its row; the models that take its value.

    Raises:
        InvalidInput: it does not belong there, lacks its value, or the value is wrong for the model.
    """
    if given.written[2:] not in row.names:
        lower = given.written.lower()
        refuse(f"has {shown(given.written)}, and whether Midjourney knows it in upper case is not known", lower)
    if terms.purpose not in row.purposes:
        there = "a video prompt" if terms.purpose is Purpose.ANIMATE else terms.purpose
        where = ", ".join(purpose for purpose in Purpose if purpose in row.purposes)
        refuse(f"has {shown(given.text)}, which {there} does not take", f"{usage(row)}, in {where} only")
    if terms.plan is not None and terms.plan not in row.plans:
        plans = " and ".join(plan for plan in type(terms.plan) if plan in row.plans)
        refuse(f"has {given.written}, which the {terms.plan} plan does not include", f"{row.flag} on {plans}")
    if not given.values and row.takes in {Takes.ONE, Takes.SOME}:
        refuse(f"has {given.written} without a value", usage(row, model))
    if model is not None and model not in row.models:
        refuse(f"has {shown(given.text)}, which {model} does not know", f"{row.flag} on {models.said(row.models)}")
    forms = [form for form in row.forms if model is None or model in form.models]
    problems = [form.kind.problem(given.values) for form in forms]
    if all(problems):
        refuse(f"has {shown(given.text)}, which {problems[0]}", usage(row, model))
    right = [form.models for form, problem in zip(forms, problems, strict=True) if not problem]
    return frozenset().union(*right)


def _check_one_job(prompt: Prompt) -> None:
    repeat = prompt.asks("repeat")
    if repeat:
        refuse(f"has {repeat.text}, which makes several jobs of one prompt", "one job")


def _check_together(prompt: Prompt, *, whole: bool = True) -> None:
    """Refuse parameters that contradict or, in a `whole` prompt, miss one another."""
    seen: dict[str, Given] = {}
    for given in prompt.given:
        row = given.row
        if row is None:
            continue  # refused before
        before = seen.setdefault(row.name, given)
        if before.value != given.value and not row.often:
            refuse(f"has both {shown(before.text)} and {shown(given.text)}", f"{row.flag} once")
    for name, given in seen.items():
        row = BY_NAME[name]
        for clash in row.clashes:
            _check_clash(given, seen.get(clash.name), clash)
        if not whole:
            continue  # the rest stands in the prompt that it is put behind
        if row.needs == IMAGE_PROMPT and not prompt.images:
            refuse(f"has {shown(given.text)} without an image prompt", "a link to a picture in front of the words")
        if row.needs not in {"", IMAGE_PROMPT} and row.needs not in seen:
            refuse(f"has {shown(given.text)} without --{row.needs}", f"{row.flag} together with --{row.needs}")


def _check_clash(given: Given, other: Given | None, clash: Clash) -> None:
    if other is None or (clash.value and Decimal(other.value) != Decimal(clash.value)):
        return
    allowed = f"at most one of --{given.name} and --{clash.name} {clash.value}".rstrip()
    refuse(f"has both {shown(given.text)} and {shown(other.text)}", allowed)


def _check_order(prompt: Prompt) -> None:
    """Links, then words, then parameters: Midjourney takes words behind a parameter for parameters it does not know."""
    pictures = f"links in front of the words, that end in {', '.join(ENDINGS)}"
    for word in (*prompt.words, *prompt.strays):
        if read_link(word.text):
            refuse(f"has the link {shown(word.text)} behind words or parameters", pictures)
    for link in prompt.images:
        if not is_picture(link.url):
            refuse(f"has the link {shown(link.url)}, which is no picture", pictures)
    if prompt.strays:
        stray, last = prompt.strays[0], prompt.given[-1]
        for given in prompt.given:
            if given.end <= stray.start:
                last = given
        refuse(
            f"has {shown(stray.text)} behind {shown(last.text)}, where it belongs to no parameter",
            "links first, then words, then parameters",
        )


def check_links(prompt: Prompt, reach: Reach) -> None:
    """Refuse a link, wherever it stands, that nobody outside could fetch or that carries a password.

    Raises:
        InvalidInput: there is one; names the address and what is allowed.
    """
    if "://" not in prompt.text:
        return
    elsewhere = filter(None, (read_link(word.text) for word in (*prompt.words, *prompt.strays)))
    for url in (*(link.url for link in prompt.links), *(link.url for link in elsewhere)):
        reach.check(url, "prompt")


def _check_speech(prompt: Prompt) -> None:
    """Words must be there, or two pictures."""
    if any(has_visible(part.text) for part in prompt.parts):
        return
    reference = prompt.asks("sref")
    if reference:
        refuse(f"has {shown(reference.text)} and no words, which it needs", "words in front of the parameters")
    if len(prompt.images) == 1:
        refuse("has one picture and no words", "words, or a second picture")
    if len(prompt.images) < ENOUGH_IMAGES:
        refuse("has no words beside its parameters", "words in front of the parameters, or links to two pictures")
