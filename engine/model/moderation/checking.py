"""Which rules can be, and how their texts are trimmed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from engine.model.errors import InvalidInput
from engine.model.labels import Label
from engine.model.moderation.folding import has_gap, tokens_of
from engine.model.moderation.matching import Matcher
from engine.model.moderation.rules import LONGEST_TEXT, MOST_ALLOWED, Kind, Rule, RuleDraft, WordList


def plain_rule(text: str) -> RuleDraft:
    """What a bare entry of a list means: a whole word, or a phrase when it has a gap.

    Raises:
        InvalidInput: as `checked`.
    """
    return checked(RuleDraft(text=text, kind=Kind.PHRASE if has_gap(text) else Kind.WORD))


def checked(draft: RuleDraft) -> RuleDraft:
    """The rule, trimmed, when it can be one.

    Raises:
        InvalidInput: the field, and what it may be.
    """
    text = _checked_text("text", draft.text)
    tokens = tokens_of(text)
    if draft.kind is not Kind.PHRASE and has_gap(text):
        raise InvalidInput("text", f"has a gap, and the kind is {draft.kind}", value=text, allowed="kind phrase")
    if draft.kind in {Kind.PREFIX, Kind.SUFFIX} and len(tokens) != 1:
        raise InvalidInput("text", f"is several words, and the kind is {draft.kind}", value=text, allowed="one word")
    if draft.word_list is WordList.PREFILTER and draft.label is None:
        raise InvalidInput("label", "is required on the prefilter list", allowed=", ".join(Label))
    if draft.word_list is WordList.BLOCK and draft.label is not None:
        raise InvalidInput("label", "is given", value=draft.label, allowed="on the prefilter list only")
    if len(draft.allow) > MOST_ALLOWED:
        raise InvalidInput("allow", f"has {len(draft.allow)} phrases", allowed=f"at most {MOST_ALLOWED}")
    allow = tuple(dict.fromkeys(_checked_text("allow", phrase) for phrase in draft.allow))
    bare = Rule(0, replace(draft, text=text, allow=()))
    for phrase in allow:
        if not any(Matcher([bare]).found(tokens_of(phrase))):
            allowed = f"a phrase with {text!r} in it"
            raise InvalidInput("allow", "holds nothing to be allowed", value=phrase, allowed=allowed)
    return replace(draft, text=text, allow=allow)


def _checked_text(field: str, given: str) -> str:
    text = " ".join(given.split())
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput(field, "holds a character that is none", value=text, allowed="no NUL, no lone surrogate")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(field, f"is too long: {len(text)} characters", allowed=f"at most {LONGEST_TEXT}")
    if all(unicodedata.category(char)[0] == "P" for token in tokens_of(text) for char in token.bare):
        allowed = "letters, digits, or a sign that is no punctuation"
        raise InvalidInput(field, "holds no word", value=text, allowed=allowed)
    return text
