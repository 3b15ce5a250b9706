"""The prompt: what it says, whether it can be sent, how many jobs it makes; the words themselves are never changed."""

from __future__ import annotations

from engine.model.prompts.checking import ANY_TERMS, check, check_links, check_suffix
from engine.model.prompts.fields import fetched_links, with_fields, with_uploads
from engine.model.prompts.models import Model
from engine.model.prompts.pieces import check_pieces, count, expand
from engine.model.prompts.reading import Prompt, read_prompt
from engine.model.prompts.terms import MOST_PIECES, Plan, Purpose, Terms
from engine.model.prompts.text import MAX_PROMPT

__all__ = [
    "MAX_PROMPT",
    "MOST_PIECES",
    "Model",
    "Plan",
    "Prompt",
    "Purpose",
    "Terms",
    "check",
    "check_links",
    "check_pieces",
    "check_prompt",
    "check_suffix",
    "count",
    "expand",
    "fetched_links",
    "read_prompt",
    "with_fields",
    "with_uploads",
]


def check_prompt(prompt: object, terms: Terms = ANY_TERMS) -> str:
    """The prompt, unchanged, when it can be sent as one job.

    Raises:
        InvalidInput: it cannot; the message names the parameter, its value and what is allowed.
    """
    return check(prompt, terms).text
