"""What people choose from when they write a prompt: values of the parameter table, the usual ones first."""

from __future__ import annotations

from engine.model.prompts.kinds import Ratio, Whole
from engine.model.prompts.models import MIDJOURNEY, NIJI, Model
from engine.model.prompts.table import BY_NAME

ASPECTS = ("1:1", "16:9", "9:16", "3:2", "2:3", "4:3", "3:4", "4:5", "5:4", "7:4", "4:7", "21:9", "2:1", "1:2")
MOST = 25
"""Discord shows no more."""


def aspects(begins: str = "", most: int = MOST) -> list[str]:
    """The usual aspects that begin so; what was typed itself, when it is one."""
    said = begins.strip()
    found = [each for each in ASPECTS if each.startswith(said)]
    if said not in found and ":" in said and not Ratio().problem((said,)):
        found.insert(0, said)
    return found[:most]


def versions(begins: str = "", most: int = MOST) -> list[str]:
    """The models as people read them (`V7`, `niji 6`), the newest first, that hold what was typed."""
    said = begins.strip().casefold()
    models = (*reversed(MIDJOURNEY), *reversed(NIJI))
    return [model.value for model in models if said in model.value.casefold()][:most]


def version_flag(said: str) -> str | None:
    """The parameter that asks for a model: `--v 7`, `--niji 6`; None: there is no such model."""
    plain = said.strip().casefold()
    for model in Model:
        if plain in {model.value.casefold(), model.number} and not (model.niji and plain == model.number):
            return f"--{'niji' if model.niji else 'v'} {model.number}"
    return None


def stylize_range() -> tuple[int, int]:
    """The least and the greatest `--stylize`."""
    kinds = [form.kind for form in BY_NAME["stylize"].forms if isinstance(form.kind, Whole)]
    return min(kind.low for kind in kinds), max(kind.high for kind in kinds)
