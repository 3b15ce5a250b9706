"""Whether the weights of a prompt, `words::2`, can be added up to more than nothing."""

from __future__ import annotations

from decimal import Decimal

from engine.model.prompts import models
from engine.model.prompts.kinds import is_decimal
from engine.model.prompts.models import Model
from engine.model.prompts.reading import Prompt
from engine.model.prompts.refusing import refuse, shown

WITHOUT_WEIGHTS = frozenset({Model.V7})
NO = Decimal("-0.5")
"""What `--no` weighs."""


def check_weights(prompt: Prompt, fitting: frozenset[Model]) -> None:
    """Refuse weights that none of the fitting models knows, that are no numbers, or that sum up to nothing.

    Raises:
        InvalidInput: one of these.
    """
    parts = prompt.parts
    given = [part.weight for part in parts if part.weight is not None]
    given += [link.weight for link in prompt.images if link.weight]
    if not given and len(parts) <= 1 and "::" not in prompt.speech:
        return
    if fitting <= WITHOUT_WEIGHTS:
        refuse(f"has :: weights, which {models.said(fitting)} does not know", "words without ::, or another version")
    total = Decimal(0)
    for weight in given:
        if not is_decimal(weight.removeprefix("-")):
            refuse(f"has the weight ::{shown(weight)}, which is no plain decimal number", "numbers like 2, .5 or -.5")
        total += Decimal(weight)
    total += sum(1 for part in parts if part.weight is None and part.text)
    total += sum(1 for link in prompt.images if not link.weight)
    if prompt.asks("no"):
        total += NO
    if total <= 0:
        refuse(f"has weights that sum up to {total}", "a sum above 0, where --no counts as -.5")
