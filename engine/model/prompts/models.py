"""Which Midjourney models there are, and how a rule names some of them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Model(StrEnum):
    """A model; the value is what a person reads. A new one is a new line, in the order of release."""

    V1 = "V1"
    V2 = "V2"
    V3 = "V3"
    V4 = "V4"
    V5 = "V5"
    V5_1 = "V5.1"
    V5_2 = "V5.2"
    V6 = "V6"
    V6_1 = "V6.1"
    V7 = "V7"
    V8 = "V8"
    V8_1 = "V8.1"
    NIJI_4 = "niji 4"
    NIJI_5 = "niji 5"
    NIJI_6 = "niji 6"
    NIJI_7 = "niji 7"

    @property
    def niji(self) -> bool:
        """Whether it is one of the models for anime."""
        return self.value.startswith("niji")

    @property
    def number(self) -> str:
        """`7`, `8.1`: the value of `--v` or `--niji` that asks for it."""
        return self.value.removeprefix("niji ").removeprefix("V")


ALL = frozenset(Model)
MIDJOURNEY = tuple(model for model in Model if not model.niji)
NIJI = tuple(model for model in Model if model.niji)
NEWEST_NIJI = NIJI[-1]


def between(first: str, last: str = "") -> frozenset[Model]:
    """The models whose number lies between two, both included: niji 6 counts where V6 does."""
    low, high = float(first), float(last or "inf")
    return frozenset(model for model in Model if low <= float(model.number) <= high)


def plain_number(number: str) -> str:
    """The number of a model as the reference writes it: Midjourney echoes `7` as `7.0`."""
    return number[:-2] if number.endswith(".0") and number.count(".") == 1 else number


def model_numbered(number: str, *, niji: bool) -> Model | None:
    """The model that a value of `--v` or `--niji` asks for, if there is one."""
    plain = plain_number(number)
    return next((model for model in (NIJI if niji else MIDJOURNEY) if model.number == plain), None)


def said(models: Iterable[Model]) -> str:
    """Models in words: `V5 to V6.1, niji 5`."""
    chosen = set(models)
    if chosen >= ALL:
        return "every model"
    runs: list[list[Model]] = []
    for family in (MIDJOURNEY, NIJI):
        before: Model | None = None
        for model in family:
            if model not in chosen:
                before = None
                continue
            if before is None:
                runs.append([])
            runs[-1].append(model)
            before = model
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
