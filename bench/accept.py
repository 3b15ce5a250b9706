"""How soon a request is accepted, and how soon a status is read, while the simulator is at work beside."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from bench import machine
from bench.houses import Easel, Simulator
from bench.report import Section
from bench.runner import running

IMAGINES, READS, BESIDE, CONNECTIONS = 100, 500, 20, 50
MOST_MS = 50
TITLE = f"{IMAGINES} POST imagine/s, then {READS} status reads/s, open loop over {CONNECTIONS} connections"
NOTE = f"""\
SQLite, limits off. The generator is `bench/calls.py`, the simulator and Easel are processes of their own; all three
share the machine's cores. A time runs from the moment at which the call was due, so that a call which had to wait for a
free connection counts its wait. What was accepted is really submitted and drawn; while statuses are read, {BESIDE}
imagines a second keep the simulator busy."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("accept", TITLE)
    seconds = 10 if quick else 60
    options = {"job_ms": 200, "first_ms": 35, "progress_events": 5, "picture_pool": 32, "picture_size": 256}
    with running(folder, accounts=17, simulator=options, COPY_PICTURES="no", RATES="off") as (simulator, easel):
        first, second = folder / "accept.json", folder / "read.json"
        accepted = _calls((easel, simulator), section, "imagine", first, seconds=seconds, imagine=IMAGINES)
        section.figure("jobs accepted", len(accepted["jobs"]))
        _calls((easel, simulator), section, "read", second, seconds=seconds, reads=READS, imagine=BESIDE, jobs=first)
    section.notes.append(NOTE)
    return section


def _calls(
    house: tuple[Easel, Simulator], section: Section, kind: str, out: Path, *, seconds: int, **asked: object
) -> dict:
    easel, simulator = house
    command = [sys.executable, "-m", "bench.calls", "--url", easel.url, "--key", easel.key, "--out", str(out)]
    command += ["--connections", str(CONNECTIONS), "--seconds", str(seconds)]
    for name, value in asked.items():
        command += [f"--{name}", str(value)]
    before = machine.cpu_seconds(easel.pid), machine.cpu_seconds(simulator.pid), time.monotonic()
    subprocess.run(command, check=True, timeout=seconds + 120)
    took = time.monotonic() - before[2]
    used = machine.cpu_seconds(easel.pid) - before[0], machine.cpu_seconds(simulator.pid) - before[1]
    told = json.loads(out.read_text())
    times = told["milliseconds"][kind]
    name = "POST imagine → accepted" if kind == "imagine" else "GET status → read"
    section.figure(f"{name}, p50", f"{machine.percentile(times, 0.5):.2f} ms")
    section.at_most(f"{name}, p99", machine.percentile(times, 0.99), MOST_MS, "ms")
    section.figure(f"{name}, calls", f"{len(times)} in {took:.0f} s")
    section.none(f"{name}, calls that went wrong", told["problems"])
    section.figure(f"{name}, CPU", f"engine {used[0]:.1f} s, simulator {used[1]:.1f} s")
    return told
