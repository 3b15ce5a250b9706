"""Runs Easel's commands under a sampling profiler: `python -m bench.sampled up`, samples to $BENCH_SAMPLES at the end.

It samples from SIGUSR1 to SIGUSR2: every few milliseconds of CPU that the process uses, the main thread notes where
each thread stands. A sample of the main thread counts for the CPU that this thread used since the one before, so what
it does while it waits counts nothing; of the other threads what they do while they wait is left out. How much CPU the
work was in all, the kernel says (`/proc`).
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

EVERY_SECONDS = 0.003
ROOT = str(Path(__file__).resolve().parent.parent)
_WAITS = {
    ("selectors", "select"),
    ("threading", "wait"),
    ("threading", "_wait_for_tstate_lock"),
    ("queue", "get"),
    ("thread", "_worker"),
    ("writer", "_next_batch"),
    ("readers", "_run"),
}

_main: Counter[tuple[CodeType, ...]] = Counter()  # microseconds
_others: Counter[tuple[CodeType, ...]] = Counter()


def _stack(frame: FrameType | None) -> tuple[CodeType, ...]:
    """Innermost first."""
    found = []
    while frame is not None:
        found.append(frame.f_code)
        frame = frame.f_back
    return tuple(found)


class _Used:
    """The main thread's CPU at the last sample, its own cost left out."""

    ns = 0


def _note(_signal: int, frame: FrameType | None) -> None:
    _main[_stack(frame)] += (time.thread_time_ns() - _Used.ns) // 1000
    mine = threading.get_ident()
    for identity, other in sys._current_frames().items():  # noqa: SLF001 - what a profiler is for
        if identity != mine:
            _others[_stack(other)] += 1
    _Used.ns = time.thread_time_ns()


def _name(code: CodeType) -> tuple[str, str]:
    """A module in dots and a function."""
    path = code.co_filename
    if path.startswith(ROOT):
        path = path[len(ROOT) + 1 :]
    for mark in ("site-packages/", "/lib/python3."):
        if mark in path:
            path = path.partition(mark)[2]
            path = path.partition("/")[2] if mark.startswith("/lib") else path
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", "."), code.co_qualname if hasattr(
        code, "co_qualname"
    ) else code.co_name


def _begin(_signal: int, _frame: FrameType | None) -> None:
    _Used.ns = time.thread_time_ns()
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)


def _end(_signal: int, _frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)


def _write(path: str) -> None:
    found = {}
    for name, counted in (("main", _main), ("others", _others)):
        rows: Counter[tuple[tuple[str, str], ...]] = Counter()
        for stack, count in counted.items():
            names = tuple(_name(code) for code in stack)
            if names and (names[0][0].rpartition(".")[2], names[0][1].rpartition(".")[2]) not in _WAITS:
                rows[names] += count
        found[name] = [[list(names), count] for names, count in rows.items()]
    Path(path).write_text(json.dumps(found))


def main() -> None:
    atexit.register(_write, os.environ["BENCH_SAMPLES"])
    signal.signal(signal.SIGPROF, _note)
    signal.signal(signal.SIGUSR1, _begin)
    signal.signal(signal.SIGUSR2, _end)
    from engine.cli import main as easel  # noqa: PLC0415 - imported under the profiler

    easel()


if __name__ == "__main__":
    main()
