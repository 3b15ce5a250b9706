"""What every text costs: the properties of prompt, grammar, commands and decoder, each with many examples, timed."""

from __future__ import annotations

import functools
import gc
import importlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from hypothesis import is_hypothesis_test

from bench.report import Section

TITLE = "20,000 examples of every property, with the CPU of each; the hand-written worst cases, once and twice as long"
MODULES = (
    "tests.model.properties_of_prompts",
    "tests.model.test_moderation_properties",
    "tests.drivers.test_content",
    "tests.drivers.test_commands",
    "tests.drivers.test_decoder_properties",
    "tests.drivers.test_capture_mutations",
    "tests.drivers.test_inflate",
    "tests.drivers.test_edits",
    "tests.drivers.test_socket",
    "tests.drivers.test_frames",
)
SHOWN = 200
MOST_GROWTH = 2.5
NOTE = """\
The CPU is the thread's while the property holds one payload against the code; making the payload does not count
(where the property draws inside, it does). A property that fails for one of its payloads is a defect and shown.
*Steps* are lines of Easel's own code that run, counted by the interpreter."""


@dataclass(slots=True)
class Cost:
    """What one property's payloads cost: how many there were, their CPU seconds, and the dearest."""

    payloads: int = 0
    seconds: float = 0.0
    worst: float = 0.0
    shown: str = ""

    def count(self, seconds: float, payload: tuple[object, ...]) -> None:
        self.payloads += 1
        self.seconds += seconds
        if seconds > self.worst:
            self.worst, self.shown = seconds, repr(payload)[:SHOWN]


def run(_folder: Path, *, quick: bool) -> Section:
    examples = 1_000 if quick else 20_000
    # the properties and the profile of the tests read it when they are imported
    os.environ["EASEL_EXAMPLES"] = str(examples)
    importlib.import_module("tests.conftest")
    section = Section("language", TITLE)
    broken: dict[str, list[str]] = {"properties that do not hold": []}
    dearest = ("", Cost())
    for module in map(importlib.import_module, MODULES):
        for name, holds in properties(module):
            cost = timed(holds)
            try:
                holds()
            except Exception as error:  # noqa: BLE001 - any way to fail is a property that does not hold
                said = "; ".join([str(error), *getattr(error, "__notes__", ())])
                broken["properties that do not hold"].append(f"{name}: {type(error).__name__}: {said}")
            mean = cost.seconds / cost.payloads * 1e6 if cost.payloads else 0.0
            told = f"{cost.payloads:,} payloads, mean {mean:.0f} µs, worst {cost.worst * 1e3:.2f} ms"
            section.figure(name, f"{told}: {cell(cost.shown)}")
            if cost.worst > dearest[1].worst:
                dearest = (name, cost)
    section.nothing("", broken)
    name, cost = dearest
    section.figure("worst payload of all", f"{cost.worst * 1e3:.2f} ms, {name}: {cell(cost.shown)}")
    for told, short, long in worst_cases():
        growth = max(double / once for once, double in zip(short.values(), long.values(), strict=True))
        where = max(short, key=lambda case: long[case] / short[case])
        most = f"{where}: {short[where]:,} to {long[where]:,}"
        section.at_most(
            f"{told}: steps at 2n over steps at n, most of {len(short)} ({most})", growth, MOST_GROWTH, "times"
        )
        lines = [f"{short[case]:>9,} {long[case]:>9,}  {case}" for case in sorted(short, key=lambda case: -long[case])]
        section.blocks.append((f"Steps at n and 2n, {told}", "\n".join(lines)))
    section.notes.append(NOTE)
    return section


def properties(module: ModuleType) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every property of the module, by name."""
    for name, found in vars(module).items():
        if is_hypothesis_test(found):
            yield name.removeprefix("test_").replace("_", " "), found


def timed(holds: Callable[[], None]) -> Cost:
    """Measures each payload of the property from now on."""
    cost, inner = Cost(), holds.hypothesis.inner_test  # type: ignore[attr-defined] # hypothesis puts it on the test

    @functools.wraps(inner)
    def held(*args: object, **named: object) -> None:
        gc.disable()  # a collection that falls into a payload is not the payload's
        begun = time.thread_time()
        try:
            inner(*args, **named)
        finally:
            cost.count(time.thread_time() - begun, (*args, *named.values()))
            gc.enable()

    holds.hypothesis.inner_test = held  # type: ignore[attr-defined] # likewise
    return cost


def worst_cases() -> Iterator[tuple[str, dict[str, int], dict[str, int]]]:
    """Which reader, and its steps for each case at n and at 2n."""
    prompts = importlib.import_module("tests.model.test_prompt_properties")
    for work in (prompts.check, prompts.check_pieces, prompts.read_prompt, prompts.count, prompts.expand):
        yield (
            f"prompts, {work.__name__}",
            {case: prompts.steps_of(work, made(200)) for case, made in prompts.WORST.items()},
            {case: prompts.steps_of(work, made(400)) for case, made in prompts.WORST.items()},
        )
    rules = importlib.import_module("tests.model.test_moderation_properties")
    yield (
        "moderation, every kind of rule at once",
        {case: prompts.steps_of(rules.judge, made(200)) for case, made in rules.WORST.items()},
        {case: prompts.steps_of(rules.judge, made(400)) for case, made in rules.WORST.items()},
    )
    decoder = importlib.import_module("tests.drivers.test_decoder_cost")
    for form in decoder.FORMS:
        yield (
            f"decoder, {form}",
            {case: decoder.steps(form, text) for case, text in decoder.WORST.items()},
            {case: decoder.steps(form, text * 2) for case, text in decoder.WORST.items()},
        )


def cell(text: str) -> str:
    """A payload as it can stand in a cell of a table."""
    return "`" + text.replace("`", "'").replace("|", "¦") + "`"
