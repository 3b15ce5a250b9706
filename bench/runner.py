"""A house under load: engine, simulator and load client as three processes, with the CPU of each over one window."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import machine
from bench.houses import Easel, Simulator
from bench.report import Section


@contextmanager
def running(
    folder: Path,
    *,
    accounts: int,
    simulator: dict[str, Any],
    concurrency: int = 3,
    command: Sequence[str] = (),
    settings_of: Callable[[Simulator], dict[str, str]] = lambda _: {},
    **settings: object,
) -> Iterator[tuple[Simulator, Easel]]:
    """A simulator with so many accounts, all linked and live in an Easel; `settings_of` adds the addresses."""
    outside = Simulator(folder / "simulator", accounts=accounts, **simulator)
    try:
        known = {"LOG_LEVEL": "WARNING", **settings_of(outside), **settings}
        easel = Easel(folder / "easel", outside, command, **known)
        easel.link_all(outside.accounts, concurrency=concurrency)
        try:
            easel.start()
            easel.wait_live(accounts, 120 + accounts)
            yield outside, easel
        finally:
            easel.stop()
    finally:
        outside.stop()


@dataclass(slots=True)
class Moment:
    """CPU seconds used so far."""

    engine: float
    simulator: float
    client: float
    machine: float
    threads: dict[int, float]


@dataclass(slots=True)
class Outcome:
    """What the load client heard, and who used how much CPU between the two ends of its window."""

    begins_us: int = 0
    ends_us: int = 0
    done: int = 0
    jobs: list[list[Any]] = field(default_factory=list)
    unheard: int = 0
    problems: list[str] = field(default_factory=list)
    used: dict[str, float] = field(default_factory=dict)
    threads: dict[int, float] = field(default_factory=dict)
    engine_pid: int = 0
    synchronous: str = ""
    """What SQLite says of itself, where somebody asked."""

    @property
    def seconds(self) -> float:
        return (self.ends_us - self.begins_us) / 1e6

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    @property
    def engine_ms(self) -> float:
        """CPU milliseconds of the engine for one job."""
        return self.used["engine"] / self.done * 1000

    def waits(self) -> list[float]:
        """Milliseconds from asking to hearing of DONE, of the jobs that were heard of within the window."""
        return [
            (done - sent) / 1000
            for _, _, state, sent, _, done in self.jobs
            if state == "DONE" and self.begins_us <= done <= self.ends_us
        ]

    def describe(self, section: Section, prefix: str = "") -> None:
        """Say who was busy: CPU seconds and the idle share of each process, and of the machine's cores."""
        cores = len(os.sched_getaffinity(0))
        parts = []
        for name in ("engine", "simulator", "client", "others"):
            used = self.used[name]
            idle = "" if name == "others" else f" (idle {max(0.0, 1 - used / self.seconds):.0%})"
            parts.append(f"{name} {used:.1f} s{idle}")
        section.figure(
            f"{prefix}CPU in {self.seconds:.0f} s",
            ", ".join(parts) + f"; {cores} cores idle {max(0.0, 1 - self.used['machine'] / self.seconds / cores):.0%}",
        )
        main = self.threads.get(self.engine_pid, 0.0)
        others = sorted((used for tid, used in self.threads.items() if tid != self.engine_pid), reverse=True)
        busiest = others[0] if others else 0.0
        if self.done:
            section.figure(
                f"{prefix}engine's threads, ms CPU a job",
                f"event loop {main / self.done * 1000:.2f}, busiest other (the writer) "
                f"{busiest / self.done * 1000:.2f}, the rest {sum(others[1:]) / self.done * 1000:.2f}",
            )


class Watch:
    """Runs the load client beside a house; `sampled` tells the engine when to note where it is (`bench.sampled`)."""

    def __init__(
        self, easel: Easel, simulator: Simulator, folder: Path, *arguments: object, sampled: bool = False
    ) -> None:
        self._sampled = sampled
        self._easel = easel
        self._simulator = simulator
        self._out = folder / "load.json"
        self._command = [sys.executable, "-m", "bench.load", "--url", easel.url, "--key", easel.key]
        self._command += ["--out", str(self._out), *map(str, arguments)]

    def run(self) -> Outcome:
        """Run it to its end."""
        client = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert client.stdout is not None
        outcome = Outcome(engine_pid=self._easel.pid)
        try:
            begins = json.loads(client.stdout.readline())
            first = self._moment(client.pid)
            self._tell(signal.SIGUSR1)
            ends = json.loads(client.stdout.readline())
            self._tell(signal.SIGUSR2)
            last = self._moment(client.pid)
            if client.wait(120):
                raise RuntimeError(f"the load client ended with {client.returncode}")
        finally:
            if client.poll() is None:
                client.kill()
                client.wait()
            client.stdout.close()
        outcome.begins_us, outcome.ends_us = begins["at_us"], ends["at_us"]
        outcome.done = ends["jobs"] - begins["jobs"]
        ours = {name: getattr(last, name) - getattr(first, name) for name in ("engine", "simulator", "client")}
        whole = last.machine - first.machine
        outcome.used = {**ours, "machine": whole, "others": max(0.0, whole - sum(ours.values()))}
        outcome.threads = {tid: used - first.threads.get(tid, 0.0) for tid, used in last.threads.items()}
        written = json.loads(self._out.read_text())
        outcome.jobs, outcome.unheard, outcome.problems = written["jobs"], written["unheard"], written["problems"]
        for problem in outcome.problems[:3]:
            print(f"  problem: {problem}", flush=True)
        return outcome

    def _tell(self, what: signal.Signals) -> None:
        if self._sampled:
            self._easel.signal(what)

    def _moment(self, client: int) -> Moment:
        engine = self._easel.pid
        return Moment(
            machine.cpu_seconds(engine),
            machine.cpu_seconds(self._simulator.pid),
            machine.cpu_seconds(client),
            machine.busy_seconds(),
            machine.thread_seconds(engine),
        )
