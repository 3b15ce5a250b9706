"""Where each millisecond of a job goes: samples of the engine under the load (b) of `throughput`."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

from bench.report import Section
from bench.runner import Watch, running
from bench.throughput import JOBS, LOADS

TITLE = "where each millisecond of a job goes, at 200 jobs at once"
Stack = list[list[str]]

OWN = ("engine.",)
_PURPOSES = (
    ("asyncio", "asyncio: the event loop itself"),
    ("selectors", "asyncio: the event loop itself"),
    ("uvloop", "asyncio: the event loop itself"),
    ("random", "uuid, secrets, random"),
    ("uuid", "uuid, secrets, random"),
    ("secrets", "uuid, secrets, random"),
    ("dataclasses", "dataclasses (made and replaced)"),
    ("<string>", "dataclasses (made and replaced)"),
    ("weakref", "weak references"),
    ("_weakrefset", "weak references"),
    ("uvicorn", "HTTP in: uvicorn, h11"),
    ("h11", "HTTP in: uvicorn, h11"),
    ("fastapi", "HTTP in: FastAPI, Starlette"),
    ("starlette", "HTTP in: FastAPI, Starlette"),
    ("anyio", "HTTP in: FastAPI, Starlette"),
    ("pydantic", "HTTP in: FastAPI, Starlette"),
    ("httpx", "HTTP out: httpx, httpcore"),
    ("httpcore", "HTTP out: httpx, httpcore"),
    ("websockets", "WebSocket: websockets"),
    ("sqlalchemy", "SQLAlchemy"),
    ("concurrent", "threads and queues"),
    ("threading", "threads and queues"),
    ("queue", "threads and queues"),
)


_NAMED = {"uvicorn", "h11", "fastapi", "starlette", "anyio", "httpx", "httpcore", "websockets", "sqlalchemy"}
NOTE = """\
A sample each 3 ms of the process's CPU. One of the event loop counts for the CPU that its thread used since the
sample before; of the other threads samples are counted. Milliseconds are those shares of the CPU time that the
kernel counted for the threads, so the profiler's own cost is in them (*bench*). What C code does (zlib, json, the
loop of uvloop with its system calls) counts for the Python function that called it."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("profile", TITLE)
    at_once, accounts, _ = LOADS["b"]
    samples = folder / "samples.json"
    os.environ["BENCH_SAMPLES"] = str(samples)
    command = ("-m", "bench.sampled")
    try:
        with running(folder, accounts=accounts, simulator=JOBS, command=command, COPY_PICTURES="no") as (
            outside,
            easel,
        ):
            arguments = ("--at-once", at_once, "--seconds", 10 if quick else 30, "--warm-up", 3)
            outcome = Watch(easel, outside, folder, *arguments, sampled=True).run()
    finally:
        del os.environ["BENCH_SAMPLES"]
    section.figure("throughput under the profiler", f"{outcome.rate:.1f} jobs/s")
    section.figure("engine CPU a job under the profiler", f"{outcome.engine_ms:.2f} ms")
    outcome.describe(section)
    found = json.loads(samples.read_text())
    main = outcome.threads.get(outcome.engine_pid, 0.0) / outcome.done * 1000
    others = outcome.engine_ms - main
    for name, milliseconds, words in (("main", main, "the event loop"), ("others", others, "the other threads")):
        stacks: list[tuple[Stack, int]] = [(stack, count) for stack, count in found[name]]
        section.blocks += [
            (f"{words}, ms of CPU a job by what is executing", _table(stacks, milliseconds, _executing)),
            (
                f"{words}, ms of CPU a job by the part of Easel for which it is done",
                _table(stacks, milliseconds, _purpose),
            ),
            (f"{words}, the dearest functions of Easel with all they call", _cumulative(stacks, milliseconds)),
            (f"{words}, the dearest functions by themselves", _table(stacks, milliseconds, _function, most=30)),
        ]
    for title, text in section.blocks:
        print(f"-- {title}\n{text}", flush=True)
    section.notes.append(NOTE)
    return section


def _table(stacks: list[tuple[Stack, int]], milliseconds: float, key, most: int = 45) -> str:
    counted: Counter[str] = Counter()
    for stack, count in stacks:
        counted[key(stack)] += count
    whole = counted.total() or 1
    lines = [
        f"{count / whole * milliseconds:7.3f} ms {count / whole:6.1%}  {name}"
        for name, count in counted.most_common(most)
    ]
    rest = whole - sum(count for _, count in counted.most_common(most))
    if rest:
        lines.append(f"{rest / whole * milliseconds:7.3f} ms {rest / whole:6.1%}  (the rest)")
    return "\n".join(lines)


def _executing(stack: Stack) -> str:
    module, function = stack[0]
    if module == "asyncio.selector_events" and function.endswith((".write", ".send")):
        return "system calls: send"
    if module == "asyncio.selector_events" and "_read_ready" in function:
        return "system calls: receive"
    if module.startswith(OWN):
        return ".".join(module.split(".")[:3])
    package = module.split(".")[0]
    return dict(_PURPOSES).get(package, package)


def _purpose(stack: Stack) -> str:
    """The innermost module of ours, or the library when none of ours is on the stack."""
    for module, _ in stack:
        if module.startswith(OWN) and not module.startswith("engine.cli"):
            return module
    for module, _ in stack:
        package = module.split(".")[0]
        if package in _NAMED:
            return f"({dict(_PURPOSES).get(package, package)})"
    return "(asyncio: the event loop itself)"


def _function(stack: Stack) -> str:
    return ":".join(stack[0])


def _cumulative(stacks: list[tuple[Stack, int]], milliseconds: float, most: int = 40) -> str:
    counted: Counter[str] = Counter()
    whole = 0
    for stack, count in stacks:
        whole += count
        for name in {
            ":".join(each) for each in stack if each[0].startswith(OWN) and not each[0].startswith("engine.cli")
        }:
            counted[name] += count
    whole = whole or 1
    return "\n".join(
        f"{count / whole * milliseconds:7.3f} ms {count / whole:6.1%}  {name}"
        for name, count in counted.most_common(most)
    )
